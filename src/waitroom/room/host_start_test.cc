// What a start makes of a disk that does not hold what was written: the room as it was, or one line
// that says what is wrong; never another line of people.
#include <gtest/gtest.h>

#include "waitroom/room/host_fixture.h"

namespace onsale::waitroom {
namespace {

class HostStartTest : public HostTest {
 protected:
  HostStartTest() {
    for (std::uint64_t i = 0; i < 12; ++i) places_.push_back(join(i));
  }
  void compact() {
    host_->want_snapshot(room_);
    sync_wait(host_->compact());
  }
  std::string refusal() {
    try {
      restart();
    } catch (const BrokenLog& refused) {
      return refused.what();
    }
    return {};
  }
  void expect_the_same_line() {
    for (std::size_t i = 2; i < places_.size(); ++i) {
      const auto now = host_->look(room_, {.token = places_[i].token, .device = {}}, clock_.now());
      ASSERT_TRUE(now.has_value()) << i;
      EXPECT_EQ(now->position, static_cast<std::int64_t>(i) - 1);
    }
  }

  std::vector<PlaceView> places_;
};

TEST_F(HostStartTest, ABatchThatWasChangedIsNamedBeforeAnythingIsApplied) {
  std::string records = sync_wait(journal_.batches(room_, 4)).front().records;
  records[20] = static_cast<char>(records[20] ^ 1);  // another device, perhaps
  journal_.tamper(room_, 5, records);
  EXPECT_EQ(
      refusal(),
      "the log of room film-1 is broken at batch 5: its link does not fit its records and the "
      "batch before, so one of them is not what was written; look at it with `onsale room "
      "replay film-1`");
}

TEST_F(HostStartTest, NegativeControlTheSameStartWithTheLogAsItWasWritten) {
  const std::string records = sync_wait(journal_.batches(room_, 4)).front().records;
  journal_.tamper(room_, 5, records);
  EXPECT_EQ(refusal(), "");
  expect_the_same_line();
}

TEST_F(HostStartTest, ABatchThatIsGoneIsNamed) {
  journal_.remove(room_, 7);
  const std::string said = refusal();
  EXPECT_TRUE(
      said.starts_with("the log of room film-1 is broken at batch 7: it is missing, the "
                       "next one there is 8"))
      << said;
}

TEST_F(HostStartTest, ARoomWithoutItsFirstBatchIsNoEmptyRoom) {
  for (std::uint64_t batch = last_batch(); batch > 0; --batch) journal_.remove(room_, batch);
  EXPECT_TRUE(refusal().starts_with("the log of room film-1 is broken at batch 1: it is gone"));
}

TEST_F(HostStartTest, WithABrokenSnapshotTheLogBringsTheRoomBackAndANewOneIsMade) {
  compact();
  const auto snapshot = sync_wait(journal_.snapshot(room_));
  places_.push_back(join(100));
  journal_.damage_snapshot(room_);
  EXPECT_EQ(refusal(), "");
  expect_the_same_line();
  EXPECT_FALSE(Engine().restore(sync_wait(journal_.snapshot(room_))->bytes));
  sync_wait(host_->compact());
  EXPECT_GT(sync_wait(journal_.snapshot(room_))->covers, snapshot->covers);
  EXPECT_TRUE(Engine().restore(sync_wait(journal_.snapshot(room_))->bytes));
  EXPECT_EQ(refusal(), "");
  expect_the_same_line();
}

TEST_F(HostStartTest, OrAnOlderSnapshotDoesWithTheLogAfterIt) {
  journal_.base_spacing(Millis(0));  // all are kept
  compact();
  clock_.advance(Millis(1'000));
  places_.push_back(join(100));
  sync_wait(journal_.trim(room_, clock_.now()));
  while (sync_wait(journal_.trim(room_, clock_.now()))) {
  }
  compact();
  places_.push_back(join(101));
  journal_.damage_snapshot(room_);
  ASSERT_EQ(sync_wait(journal_.start(room_))->after, 13U) << "the log begins with the older one";
  EXPECT_EQ(refusal(), "");
  expect_the_same_line();
}

TEST_F(HostStartTest, WithoutASnapshotAndALogThatReachesBackNothingStarts) {
  compact();
  clock_.advance(Millis(1'000));
  while (sync_wait(journal_.trim(room_, clock_.now()))) {
  }
  places_.push_back(join(100));
  EXPECT_EQ(refusal(), "") << "the control: the snapshot is whole";
  expect_the_same_line();
  journal_.damage_snapshot(room_);
  const std::string said = refusal();
  EXPECT_TRUE(said.starts_with("the log of room film-1 is broken at batch 1: it is missing"))
      << said;
}

TEST_F(HostStartTest, NorWhenTheSnapshotWasAllThereWas) {
  compact();
  kill();
  for (std::uint64_t batch = last_batch(); batch > 0; --batch) journal_.remove(room_, batch);
  EXPECT_EQ(refusal(), "") << "the control: the snapshot is whole";
  kill();
  while (last_batch() > 13) journal_.remove(room_, last_batch());
  journal_.damage_snapshot(room_);
  EXPECT_TRUE(refusal().starts_with("the log of room film-1 is broken at batch 1: it is gone"));
}

}  // namespace
}  // namespace onsale::waitroom
