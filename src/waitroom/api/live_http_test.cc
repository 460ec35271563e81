// Who an open connection keeps inside, and whom it no longer does.
#include "waitroom/api/live_http.h"

#include <gtest/gtest.h>

#include "base/fakes.h"
#include "platform/exec/loop.h"
#include "waitroom/room/fakes.h"
#include "waitroom/room/host.h"

namespace onsale::waitroom {
namespace {

class LivePlaces : public testing::Test {
 protected:
  LivePlaces() {
    sync_wait(host_.declare_room(room_, "A film", {.capacity = 1, .idle_seconds = 60}));
    live_.connect(host_);
    place_ = sync_wait(host_.join(room_, DeviceKey{1})).value();
  }
  http::UserSubscription open() { return live_.watch(room_, place_.token).value(); }
  void close() { host_.page_closed(room_, place_.id, clock_.now()); }
  // Time goes by with the connections as they are; whether the person is still inside.
  bool inside_after(int seconds) {
    for (int i = 0; i < seconds; ++i) {
      clock_.advance(Millis(1000));
      live_.tick(clock_.now());
      host_.tick();
    }
    return host_.room(room_)->active == 1;
  }

  const RoomId room_ = *RoomId::parse("film-1");
  FakeClock clock_;
  SystemRandom random_;
  FakeJournal journal_;
  FakeSigner signer_;
  FakeAuditLog audit_;
  exec::Loops loops_{1};
  http::Hub hub_{loops_};
  LiveRooms live_{hub_, clock_};
  Host host_{{clock_, random_, journal_, signer_, live_, audit_}};
  PlaceView place_;
};

TEST_F(LivePlaces, AnOpenConnectionKeepsItsPersonInside) {
  const auto page = open();
  EXPECT_TRUE(inside_after(300));
}

TEST_F(LivePlaces, APageSaidToBeClosedOutweighsItsOpenConnection) {
  const auto frozen = open();
  close();
  EXPECT_TRUE(inside_after(12)) << "another page may come";
  EXPECT_FALSE(inside_after(10));
}

TEST_F(LivePlaces, AnotherPageThatSpeaksKeepsThePersonInside) {
  const auto closed = open(), other = open();
  close();
  other.on_word();
  EXPECT_TRUE(inside_after(300));
}

TEST_F(LivePlaces, APageOpenedAfterwardsKeepsThePersonInside) {
  const auto closed = open();
  close();
  const auto next = open();
  EXPECT_TRUE(inside_after(300));
}

}  // namespace
}  // namespace onsale::waitroom
