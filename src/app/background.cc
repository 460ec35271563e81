#include "app/background.h"

#include <stdexcept>

#include "app/bridges/bridges.h"
#include "app/clock_rule.h"
#include "base/log.h"
#include "booking/store/outbox_client.h"
#include "catalogue/events.h"
#include "payments/events.h"
#include "platform/json/json.h"
#include "waitroom/events.h"
#include "waitroom/room/log_keeper.h"

namespace onsale::app {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

Task<void> reconcile(payments::Payments& payments, std::string provider) {
  co_await payments.reconcile(std::move(provider));
}

Task<void> reconcile_rest(payments::Payments& payments) { co_await payments.reconcile_rest(); }

Task<void> reconcile(booking::Booking& booking) { (void)co_await booking.reconcile(); }

Task<void> sweep(http::IdempotencyStore& store, const Clock& clock) {
  co_await store.sweep(clock.now());
}

Task<void> tick(Modules& m) {
  m.waitroom->tick();
  m.live_rooms->tick(m.clock.now());
  co_return;
}

Task<void> follow_clock(Modules& m) {
  if (may_catch_up(m.clock.behind(), m.waitroom->rooms())) m.clock.catch_up();
  co_return;
}

Task<void> publish_offers(Modules& m) {
  m.live_rooms->publish_offers(m.clock.now());
  co_return;
}

Task<void> remember_rooms(Modules& m) {
  m.waitroom->remember(*m.room_history);
  co_return;
}

constexpr Millis kKeyLife = hours(24 * 90);  // it signs for so long
constexpr Millis kKeyAhead = hours(24);      // far longer than anybody keeps a copy of the JWKS
// Tickets are checked with the key of the day they were fetched.
constexpr Millis kKeyKept = hours(24 * 360);
static_assert(kKeyKept <= kKeyLife * crypto::kPreviousKeysMax);

// The key file is written on a thread that may block.
Task<void> renew_keys(Modules& m) {
  auto renew = [&m] { return m.keys->renew(m.clock.now(), kKeyLife, kKeyAhead, kKeyKept); };
  auto task = m.password_pool->run(std::move(renew));
  const bool changed = co_await std::move(task);
  if (changed) log::info("app", "the signing keys were renewed");
}

template <class T>
T parsed(const sql::Event& event) {
  auto out = json::read<T>(event.json);
  if (!out) throw std::runtime_error("an event of " + event.topic + " cannot be read");
  return std::move(*out);
}

Task<void> publish(booking::Booking& booking) {
  booking.publish_changes();
  co_return;
}

}  // namespace

void connect_events(sql::Outbox& outbox, Modules& m) {
  booking::subscribe(outbox, *m.booking);
  outbox.subscribe("audit", std::string(payments::kRefundDecidedTopic), [&m](sql::Event event) {
    return audit_refund(*m.audit, parsed<payments::RefundDecided>(event));
  });
  outbox.subscribe("audit", std::string(payments::kReversalDecidedTopic), [&m](sql::Event event) {
    return audit_reversal(*m.audit, parsed<payments::ReversalDecided>(event));
  });
  outbox.subscribe("audit", std::string(payments::kDecidedTopic), [&m](sql::Event event) {
    return audit_payment(*m.audit, parsed<payments::Decided>(event));
  });
  outbox.subscribe("audit", std::string(booking::kPolicyChangedTopic), [&m](sql::Event event) {
    return audit_policy(*m.audit, parsed<booking::PolicyChanged>(event));
  });
  outbox.subscribe("audit", std::string(payments::kLookedUpTopic), [&m](sql::Event event) {
    return audit_look_up(*m.audit, parsed<payments::LookedUp>(event));
  });
  outbox.subscribe("audit", std::string(waitroom::kChangedTopic), [&m](sql::Event event) {
    return audit_room(*m.audit, parsed<waitroom::RoomChanged>(event));
  });
  outbox.subscribe("audit", std::string(booking::kCalledOffTopic), [&m](sql::Event event) {
    return audit_call_off(*m.audit, parsed<booking::PerformanceCalledOff>(event));
  });
  outbox.subscribe("catalogue", std::string(catalogue::kChangedTopic),
                   [&m](const sql::Event&) { return m.catalogue->refresh(); });
}

std::vector<Job> jobs(Modules& m, http::IdempotencyStore& idempotency) {
  std::vector<Job> all{
      {"clock-follow", seconds(1), [&m] { return follow_clock(m); }},
      {"waitroom-tick", Millis(100), [&m] { return tick(m); }},
      {"waitroom-offers", seconds(2), [&m] { return publish_offers(m); }},
      {"waitroom-history", waitroom::RoomHistory::kEvery, [&m] { return remember_rooms(m); }},
      {"waitroom-compact", seconds(5), [&m] { return m.waitroom->compact(); }},
      {"lottery-tick", seconds(2), [&m] { return m.lottery->lotteries().tick(); }},
      {"waitroom-log-trim", seconds(600),
       [&m] { return waitroom::keep_logs(*m.waitroom, *m.room_log, m.room_log_kept, m.clock); }},
      {"booking-publish", Millis(200), [&m] { return publish(*m.booking); }},
      {"booking-sweep", Millis(400), [&m] { return m.booking->sweep(); }},
      {"booking-reconcile", seconds(10), [&m] { return reconcile(*m.booking); }},
      {"booking-work-off", seconds(1), [&m] { return m.booking->work_off(); }},
      {"booking-forget", seconds(600), [&m] { return m.booking->forget(); }},
      {"payments-reconcile", seconds(2), [&m] { return reconcile_rest(*m.payments); }},
      {"payments-forget", seconds(600), [&m] { return m.payments->forget(); }},
      {"identity-sync", seconds(5), [&m] { return m.identity->sync_ended_sessions(); }},
      {"identity-sweep", hours(1), [&m] { return m.identity->sweep(); }},
      {"keys-renew", hours(1), [&m] { return renew_keys(m); }},
      {"idempotency-sweep", seconds(60),
       [&m, &idempotency] { return sweep(idempotency, m.clock); }},
  };
  // One that hangs holds up nobody else's payments.
  for (const std::string& provider : m.payments->providers())
    all.push_back({"payments-reconcile-" + provider, seconds(2),
                   [&m, provider] { return reconcile(*m.payments, provider); }});
  return all;
}

void schedule(exec::Scheduler& scheduler, const std::vector<Job>& jobs) {
  for (const auto& job : jobs) scheduler.every(job.period, job.name, job.run);
}

}  // namespace onsale::app
