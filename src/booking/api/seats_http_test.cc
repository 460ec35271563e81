#include "booking/api/seats_http.h"

#include <gtest/gtest.h>

#include "platform/http/http_fixture.h"
#include "tests/contract/booking_world.h"

namespace onsale::booking {
namespace {

// The web obeys what it reads here: it is the limit that holds are refused by.
TEST(SeatsHttp, SayHowManySeatsAnAccountMayHave) {
  World world(sql::Dialect::sqlite, {.seats_per_account = 3});
  exec::Loops loops{1};
  http::Hub hub(loops);
  http::TestServer server;
  seat_routes(server.router, hub, world.service, world.clock, world.settings.seats_per_account);
  server.start();
  const auto answer =
      http::TestClient(server.port())
          .request("GET", "/api/v1/performances/" + world.performance.str() + "/availability");
  EXPECT_EQ(answer.status, 200);
  EXPECT_NE(answer.body.find("\"seats_per_account\":3"), std::string::npos) << answer.body;
  EXPECT_FALSE(world.hold(world.buyer(), {"A-1", "A-2", "A-3", "A-4"}));
  EXPECT_TRUE(world.hold(world.buyer(), {"A-1", "A-2", "A-3"}));
}

}  // namespace
}  // namespace onsale::booking
