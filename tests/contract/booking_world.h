// Booking with everything that is real around it: tables on either database, payments, the outbox.
// Only the clock, the catalogue, the waiting room and the provider are stand-ins. Booking's and the
// payments' tables can go away (`flaky`); the provider's books, and what a test looks at, are
// there.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include "app/money/money_check.h"
#include "base/fakes.h"
#include "booking/fakes.h"
#include "booking/service.h"
#include "booking/store/outbox_client.h"
#include "booking/store/sql_store.h"
#include "catalogue/fakes.h"
#include "payments/provider_fakes.h"
#include "payments/service.h"
#include "payments/store/sql_store.h"
#include "platform/ledger/ledger.h"
#include "platform/sql/outbox.h"
#include "tests/contract/databases.h"
#include "tests/contract/flaky_database.h"

namespace onsale::booking {

// Starts `count` tasks, none waiting for another, and waits until all have ended.
template <class Make>
void all_at_once(int count, Make make) {
  std::mutex mutex;
  std::condition_variable changed;
  int running = count;
  for (int i = 0; i < count; ++i) {
    start(make(i), [&](std::exception_ptr error) {
      if (error) {
        try {
          std::rethrow_exception(error);
        } catch (const std::exception& e) {
          ADD_FAILURE() << e.what();
        }
      }
      std::lock_guard lock(mutex);
      if (--running == 0) changed.notify_one();
    });
  }
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return running == 0; });
}

// For those who only want it done.
template <class T>
Task<void> discard(Task<T> task) {
  (void)co_await std::move(task);
}

class World {
 public:
  explicit World(sql::Dialect dialect, Settings settings = {}, Guards guards = {},
                 payments::SqlStoreOptions payment_options = {})
      : database(testing_support::fresh_database(dialect)),
        rooms(waitroom::PlaceId::make(clock.now(), random)),
        payment_store(payments::make_sql_store(flaky, payment_options)),
        provider({.fault =
                      [this](payments::ProviderStep step) {
                        const bool refused =
                            step == payments::ProviderStep::refund && refuses_refunds;
                        return refused ? payments::ProviderFault::refuse : provider_fault.load();
                      },
                  .deposit_until = clock.now() + std::chrono::hours(12)}),
        payments(payments::make_payments({*payment_store, {&provider}, clock, random})),
        store(flaky, guards),
        truth(*database),
        settings(leading_anywhere(std::move(settings))),
        service(parts(), this->settings) {
    performance = add_performance();
  }

  Parts parts() { return {catalogue, rooms, *payments, store, feed, signer, clock, random}; }
  // The process was killed and is there again: what was in memory is gone.
  void restart() {
    std::destroy_at(&service);
    feed.forget();
    std::construct_at(&service, parts(), settings);
    sync_wait(service.start());
  }

  // The buyers of these tests come from a shop of their own.
  static Settings leading_anywhere(Settings settings) {
    if (settings.return_origins.empty()) settings.return_origins = "*";
    return settings;
  }

  PerformanceId add_performance(const catalogue::SeatMap& map = catalogue::small_house(),
                                std::optional<std::string> room = {}) {
    const auto id = PerformanceId::make(clock.now(), random);
    auto sale = catalogue::fake_sale(id, clock.now() + std::chrono::hours(48),
                                     clock.now() - std::chrono::hours(1), map);
    sale->room = std::move(room);
    catalogue.add(sale);
    return id;
  }
  // One show of its own, with one performance after `ahead`.
  PerformanceId add_show(catalogue::ShowKind kind, Millis ahead) {
    const auto id = PerformanceId::make(clock.now(), random);
    auto sale = catalogue::fake_sale(id, clock.now() + ahead, clock.now());
    sale->show = catalogue::ShowId::make(clock.now(), random);
    sale->kind = kind;
    catalogue.add(sale);
    return id;
  }
  // The same performance with every seat at this price.
  std::shared_ptr<catalogue::PerformanceSale> priced(PerformanceId id, std::int64_t price) {
    auto sale = std::make_shared<catalogue::PerformanceSale>(*catalogue.sale(id));
    std::ranges::fill(sale->prices, price);
    return sale;
  }
  AccountId buyer() { return AccountId::make(clock.now(), random); }
  HoldId hold_id() { return HoldId::make(clock.now(), random); }

  HoldRequest wish(AccountId who, std::vector<std::string> seats) {
    return {.id = hold_id(),
            .performance = performance,
            .buyer = who,
            .choice = NamedSeats{std::move(seats)}};
  }
  Result<Hold, Refused<HoldRefusal>> hold(AccountId who, std::vector<std::string> seats) {
    return sync_wait(service.hold(wish(who, std::move(seats))));
  }
  Reservation reserved(AccountId who, std::vector<std::string> seats) {
    const auto held = hold(who, std::move(seats));
    EXPECT_TRUE(held.has_value());
    const auto made = sync_wait(service.reserve({.hold = held->id, .buyer = who}));
    EXPECT_TRUE(made.has_value());
    return *made;
  }
  Result<Paying, PayRefusal> pay(const Reservation& r) {
    return sync_wait(service.pay({.reservation = r.id,
                                  .buyer = r.buyer,
                                  .provider = "sandbox",
                                  .return_url = "http://shop.test/back?x=1#end",
                                  .return_address = "/payments/{payment}/return",
                                  .locale = "ko"}));
  }
  // Presses a button on the pay page; what the browser then brings back.
  payments::ReturnData decide(const Paying& paying, payments::Decision decision) {
    const auto at = paying.redirect_url.find("key=");
    EXPECT_NE(at, std::string::npos) << paying.redirect_url;
    const auto page =
        provider.decide(*paying.payment, paying.redirect_url.substr(at + 4), decision);
    EXPECT_TRUE(page.has_value());
    payments::ReturnData data;
    const std::string& address = page->order.return_address;
    const auto back = address.find("key=");
    EXPECT_NE(back, std::string::npos) << address;
    data["key"] = address.substr(back + 4);
    return data;
  }
  Result<std::string, ReturnRefusal> come_back(const Paying& paying, payments::ReturnData data) {
    return sync_wait(service.returned(*paying.payment, std::move(data)));
  }
  Reservation bought(AccountId who, std::vector<std::string> seats) {
    const Reservation r = reserved(who, std::move(seats));
    const auto paying = pay(r);
    EXPECT_TRUE(paying.has_value());
    EXPECT_TRUE(come_back(*paying, decide(*paying, payments::Decision::approve)).has_value());
    return find(r);
  }
  Reservation find(const Reservation& r) { return *sync_wait(service.find(r.id, r.buyer)); }

  // What the store says, by seat.
  std::map<std::string, SeatState> claims(PerformanceId of) {
    std::map<std::string, SeatState> out;
    for (const LiveClaim& claim : sync_wait(truth.live()).claims) {
      if (claim.performance == of) out[claim.seat] = claim.state;
    }
    return out;
  }
  std::map<std::string, SeatState> claims() { return claims(performance); }
  // What the board says.
  std::map<std::string, SeatState> board() {
    std::map<std::string, SeatState> out;
    const auto now = service.availability(performance);
    for (std::uint32_t i = 0; i < now->seats.size(); ++i) {
      if (now->seats[i] != SeatState::free) {
        out[std::string(now->plan->seat(i).id)] = now->seats[i];
      }
    }
    return out;
  }
  std::map<std::string, SeatState> watched() {
    service.publish_changes();
    return feed.taken(performance);
  }
  std::int64_t kept_money() {
    const auto totals = provider.totals();
    return totals.captured - totals.refunded;
  }
  std::int64_t ticket_money() {
    return sync_wait(database->read([](sql::Tx& tx) {
      return std::get<0>(*tx.one<std::int64_t>(
          "SELECT COALESCE(SUM(s.price), 0) FROM booking_ticket t JOIN booking_reservation_seat s "
          "ON s.reservation_id = t.reservation_id AND s.seat_id = t.seat_id WHERE t.voided = 0"));
    }));
  }

  // What `onsale money check` finds wrong; empty: nothing.
  std::string money_wrong() {
    return sync_wait(database->read([](sql::Tx& tx) { return app::check_money(tx).wrong; }));
  }
  // Owed on these accounts of the ledger: what begins with a name counts.
  std::int64_t owed(std::initializer_list<std::string_view> accounts) {
    std::int64_t owed = 0;
    auto read = [](sql::Tx& tx) { return ledger::balances(tx); };
    for (const ledger::Balance& balance : sync_wait(database->read(std::move(read)))) {
      for (const std::string_view account : accounts) {
        if (balance.account.starts_with(account)) owed += balance.credits - balance.debits;
      }
    }
    return owed;
  }
  // Captured, and neither bought with nor given back yet; less what the provider took back of what
  // was bought with.
  std::int64_t owed_to_buyers() {
    return owed(
        {payments::kBuyersAccount, payments::kRefundsAccount, payments::kChargebacksAccount});
  }
  // The provider says that the payment moved, and it is looked up.
  void notice(PaymentId id) {
    clock.advance(payments::kNoticeSpacing);
    sync_wait(payments->noticed(id, "sandbox"));
    sync_wait(payments->reconcile());
  }

  // Every event that was published and that nobody has taken yet, the oldest first. Nothing else
  // removes events here: run_events() is for those who want the outbox itself.
  std::vector<sql::Event> news() {
    auto take = [](sql::Tx& tx) {
      std::vector<sql::Event> out;
      for (auto& [sequence, topic, key, body, at] :
           tx.query<std::int64_t, std::string, std::string, std::string, Timestamp>(
               "SELECT sequence, topic, subject, body, created_at FROM platform_outbox "
               "ORDER BY sequence")) {
        out.push_back({sequence, std::move(topic), std::move(key), std::move(body), at});
      }
      tx.exec("DELETE FROM platform_outbox");
      return out;
    };
    return sync_wait(database->write(std::move(take)));
  }
  // The same, brought to booking at once, with what comes of them. Returns them all, in order.
  std::vector<sql::Event> run_news() {
    std::vector<sql::Event> all;
    for (auto fresh = news(); !fresh.empty(); fresh = news()) {
      for (sql::Event& event : fresh) {
        sync_wait(deliver(service, event));
        all.push_back(std::move(event));
      }
    }
    return all;
  }

  // Runs every event that was published so far, as the server would.
  void run_events() {
    sql::Outbox outbox(*database, {.retry_first = Millis(1), .poll = Millis(20)});
    subscribe(outbox, service);
    outbox.start();
    // The relay looks first and waits then: quiet twice in a row is the end.
    for (int quiet = 0, rounds = 0; quiet < 3 && rounds < 1000; ++rounds) {
      const auto before = outbox.statistics();
      std::this_thread::sleep_for(Millis(30));
      const auto after = outbox.statistics();
      quiet = after.pending == 0 && before.delivered == after.delivered ? quiet + 1 : 0;
    }
    EXPECT_EQ(outbox.statistics().parked, 0U);
    outbox.stop();
  }

  FakeClock clock;
  SeededRandom random{11};
  std::unique_ptr<sql::Database> database;
  testing_support::FlakyDatabase flaky{*database};
  catalogue::FakeCatalogue catalogue;
  FakeWaitroom rooms;
  std::unique_ptr<payments::Store> payment_store;
  std::atomic<bool> refuses_refunds = false;  // what the provider says to them
  std::atomic<payments::ProviderFault> provider_fault = payments::ProviderFault::none;  // else
  payments::ProviderWithBooks provider;
  std::unique_ptr<payments::Payments> payments;
  SqlStore store;
  SqlStore truth;  // for whoever looks; its stamps are no one's
  RecordingFeed feed;
  PlainSigner signer;
  const Settings settings;
  Service service;
  PerformanceId performance;
};

}  // namespace onsale::booking
