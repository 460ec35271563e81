// A host on a disk that stays, for tests.
#pragma once

#include <gtest/gtest.h>

#include "base/overload.h"
#include "waitroom/line/engine_fixture.h"
#include "waitroom/room/fakes.h"
#include "waitroom/room/host.h"

namespace onsale::waitroom {

inline Task<void> leave_quietly(Host* host, RoomId room, std::string token) {
  auto left = co_await host->leave(room, std::move(token), {});
  (void)left;
}

inline Task<void> change_quietly(Host* host, RoomId room, SettingsPatch patch) {
  auto changed = co_await host->configure(room, std::move(patch), "acc_admin");
  (void)changed;
}

// A host that can be killed and started again on the same journal.
class HostTest : public testing::Test {
 protected:
  HostTest() : HostTest(Settings{.capacity = 2}) {}
  // `settings`: those that the room is declared with.
  explicit HostTest(Settings settings) : declared_(std::move(settings)) { restart(); }
  ~HostTest() override { kill(); }

  void kill() {
    if (!host_) return;
    life_->die();
    journal_.bury();
    sync_wait(host_->drain());
    host_.reset();
  }
  void restart() {
    kill();
    life_ = std::make_unique<LifeJournal>(journal_);
    host_ =
        std::make_unique<Host>(Host::Ports{clock_, random_, *life_, signer_, announcer_, audit_});
    sync_wait(host_->load());
    sync_wait(host_->declare_room(room_, "A film", declared_));
  }
  PlaceView join(std::uint64_t number) {
    return sync_wait(host_->join(room_, device(number))).value();
  }
  PlaceView join(std::uint64_t number, const std::string& token) {
    return sync_wait(host_->join(room_, device(number), kMainLane, token)).value();
  }
  // A join whose answer nobody may ever hear.
  std::shared_ptr<std::optional<PlaceView>> start_join(std::uint64_t number) {
    auto answer = std::make_shared<std::optional<PlaceView>>();
    start(join_into(host_.get(), room_, device(number), answer), [](std::exception_ptr) {});
    return answer;
  }
  static Task<void> join_into(Host* host, RoomId room, DeviceKey key,
                              std::shared_ptr<std::optional<PlaceView>> answer) {
    auto joined = co_await host->join(room, key);
    *answer = joined.value();
  }
  // One loop wakes a commit and then stands still, as at its end. Whether somebody who joins
  // afterwards is answered all the same.
  bool answered_after_the_waker_stood_still(ManualExecutor* home) {
    const auto home_runs = [home] {
      if (home) home->run();
    };
    if (home) host_->run_on(*home);
    ManualExecutor waker;
    std::shared_ptr<std::optional<PlaceView>> first;
    journal_.hold(true);
    waker.post([&] { first = start_join(1); });
    waker.run();
    home_runs();
    journal_.hold(false);
    journal_.release();  // the disk took it
    home_runs();
    const auto second = start_join(2);
    home_runs();
    const bool answered = second->has_value();
    waker.run();
    EXPECT_TRUE(first->has_value() && second->has_value()) << "at last";
    return answered;
  }
  PlaceView look(const PlaceView& place) {
    return host_->look(room_, {.token = place.token, .device = {}}, clock_.now()).value();
  }
  Result<void, PlaceRefusal> leave(const PlaceView& place) {
    return sync_wait(host_->leave(room_, place.token, {}));
  }
  RoomView configure(SettingsPatch patch) {
    return sync_wait(host_->configure(room_, patch, "acc_admin")).value();
  }
  void pass_time(std::int64_t milliseconds) {
    for (; milliseconds > 1'000; milliseconds -= 1'000) {
      clock_.advance(Millis(1'000));
      host_->tick();
    }
    clock_.advance(Millis(milliseconds));
    host_->tick();
  }

  std::uint64_t last_batch() { return sync_wait(journal_.head(room_))->batch; }

  const RoomId room_ = *RoomId::parse("film-1");
  const Settings declared_;
  FakeClock clock_;
  SeededRandom random_{1};
  FakeJournal journal_;
  FakeSigner signer_;
  FakeAnnouncer announcer_;
  FakeAuditLog audit_;
  std::unique_ptr<LifeJournal> life_;
  std::unique_ptr<Host> host_;
};

}  // namespace onsale::waitroom
