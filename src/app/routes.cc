#include "app/routes.h"

#include "app/money/money_check.h"
#include "app/pages.h"
#include "app/pay_pages.h"
#include "booking/api/http.h"
#include "booking/api/seats_http.h"
#include "catalogue/http.h"
#include "identity/http.h"
#include "ops/http.h"
#include "ops/ledger_http.h"
#include "ops/outbox_http.h"
#include "ops/settlement_http.h"
#include "payments/api/http.h"
#include "payments/api/office_http.h"
#include "payments/api/refund_tasks_http.h"
#include "payments/api/toss_http.h"
#include "platform/http/openapi.h"
#include "platform/web/web.h"
#include "waitroom/api/gate_http.h"
#include "waitroom/api/http.h"
#include "waitroom/api/operator_http.h"
#include "waitroom/api/receipt_http.h"
#include "waitroom/api/room_history_http.h"
#include "waitroom/join/invite_http.h"
#include "waitroom/join/join_http.h"
#include "waitroom/lottery/lottery_http.h"
#include "waitroom/page/page_http.h"

namespace onsale::app {

// A JSON Web Key Set (RFC 7517) of Ed25519 keys (RFC 8037).
struct Jwk {
  std::string kty, crv, alg, use, kid, x;
};
BOOST_DESCRIBE_STRUCT(Jwk, (), (kty, crv, alg, use, kid, x))
struct Jwks {
  std::vector<Jwk> keys;
};
BOOST_DESCRIBE_STRUCT(Jwks, (), (keys))

namespace {

// The address of a file of the web app whose name holds a hash; empty when it is not in the binary.
std::string built(std::string_view start, std::string_view end) {
  for (const auto& file : web::web_files())
    if (file.path.starts_with(start) && file.path.ends_with(end)) return std::string(file.path);
  return {};
}

std::vector<ops::HealthNumber> health_numbers(Modules& m, const sql::Outbox& outbox) {
  return {
      {"clock_behind_ms", [&m] { return m.clock.behind().count(); }},
      {"outbox_parked",
       [&outbox] { return static_cast<std::int64_t>(outbox.statistics().parked); }},
      {"outbox_lag_ms", [&outbox] { return outbox.statistics().lag_ms; }},
      {"money_adrift", [&m] { return m.booking->reconciliation().adrift; }},
      {"refunds_waiting", [&m] { return m.booking->reconciliation().waiting; }},
      {"refund_tasks", [&m] { return m.payments->refund_tasks_waiting(); }},
  };
}

}  // namespace

void declare_routes(http::Router& router, Modules& m, const sql::Outbox& outbox,
                    const metrics::Registry& metrics) {
  identity::routes(router, *m.identity, *m.verifier);
  catalogue::routes(router, *m.catalogue, m.clock);
  waitroom::routes(router, *m.waitroom, *m.hub, *m.live_rooms, m.gatekeeper.get());
  waitroom::operator_routes(router, *m.waitroom);
  waitroom::join_status_routes(router, *m.waitroom, *m.gatekeeper);
  waitroom::invite_routes(router, {*m.waitroom, *m.invites, *m.proof_crypto, m.random});
  waitroom::gate_routes(
      router, {*m.waitroom, *m.waitroom_signer, *m.keys, std::string(kIssuer), m.public_url});
  waitroom::lottery::routes(router, m.lottery->lotteries());
  waitroom::history_routes(router, *m.waitroom, *m.room_history);
  waitroom::receipt_routes(router, *m.waitroom, *m.room_log);
  m.live_rooms->connect(*m.waitroom);
  waitroom::page_routes(router, {.rooms = *m.waitroom,
                                 .keeper = m.gatekeeper.get(),
                                 .offers = m.room_goods.get(),
                                 .destinations = m.room_goods.get(),
                                 .return_origins = m.waitroom_return_origins,
                                 .assets = {.style = built("/assets/wait-", ".css"),
                                            .script = built("/assets/wait-", ".js"),
                                            .icon = built("/assets/icon-", ".svg")}});
  booking::routes(router, *m.booking, {.public_url = m.public_url});
  booking::seat_routes(router, *m.hub, *m.booking, m.clock, m.seats_per_account);
  payments::routes(router, *m.payments);
  payments::refund_task_routes(router, *m.payments);
  payments::office_routes(router, *m.payments, m.payment_parts->guards());
  payments::toss_routes(router, *m.payments,
                        m.payment_parts->toss_page() ? m.payment_parts->toss_client_key() : "");
  if (!m.stand_in.empty()) pay_page_routes(router, m.payment_parts->client(), m.stand_in);
  router.get("//.well-known/jwks.json",
             {.summary = "The public keys that verify passes offline",
              .answers = {{200, "keys"}},
              .tag = "rooms",
              .etag = true,
              .cache_control = "public, max-age=300"},
             [&m](http::Call& call) {
               json::RawOf<Jwks> keys;
               keys.text = m.keys->jwks_json(call.started());
               return http::Answer<json::RawOf<Jwks>>(std::move(keys));
             });
  ops::outbox_routes(router, {*m.database, m.clock, m.random});
  ops::ledger_routes(router, {*m.database, m.clock, [](sql::Tx& tx) {
                                MoneyCheck check = check_money(tx);
                                return ops::BooksChecked{std::move(check.wrong),
                                                         std::move(check.summary)};
                              }});
  ops::settlement_routes(
      router, {*m.payments, *m.booking, *m.catalogue, m.clock, m.payment_parts->fee_rates()});
  ops::routes(router, *m.audit, *m.account_names,
              {.checks = {{"database", [&m] { return m.heartbeat->beats(); }}},
               .numbers = health_numbers(m, outbox),
               .metrics = [&metrics] { return metrics.text(); }});
  declare_pages(router, m);
  http::add_documentation(router, ONSALE_VERSION);
}

}  // namespace onsale::app
