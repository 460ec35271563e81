#include "app/routes.h"

#include "booking/http.h"
#include "booking/seats_http.h"
#include "catalogue/http.h"
#include "identity/http.h"
#include "ops/http.h"
#include "payments/http.h"
#include "payments/sandbox_http.h"
#include "platform/http/openapi.h"
#include "waitroom/gate_http.h"
#include "waitroom/http.h"

namespace onsale::app {
void declare_routes(http::Router& router, Modules& m, const metrics::Registry& metrics) {
  identity::routes(router, *m.identity, *m.verifier);
  catalogue::routes(router, *m.catalogue, m.clock);
  waitroom::routes(router, *m.waitroom, *m.hub, *m.live_rooms);
  waitroom::gate_routes(
      router, {*m.waitroom, *m.waitroom_signer, *m.keys, std::string(kIssuer), m.public_url});
  m.live_rooms->connect(*m.waitroom);
  booking::routes(router, *m.booking, {.public_url = m.public_url});
  booking::seat_routes(router, *m.hub, *m.booking, m.clock);
  payments::routes(router, *m.payments);
  if (m.sandbox_open) payments::sandbox_routes(router, *m.sandbox);
  router.get("//.well-known/jwks.json",
             {.summary = "The public keys that verify passes offline",
              .answers = {{200, "keys"}},
              .tag = "rooms",
              .etag = true,
              .cache_control = "public, max-age=300"},
             [&m](http::Call& call) {
               return http::Raw{.content_type = "application/json",
                                .body = m.keys->jwks_json(call.started())};
             });
  ops::routes(router, *m.audit, {{"database", [&m] { return m.heartbeat->beats(); }}},
              [&metrics] { return metrics.text(); });
  http::add_documentation(router, ONSALE_VERSION);
}

}  // namespace onsale::app
