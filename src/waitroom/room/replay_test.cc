// A log tells everything again, and nobody can change it unnoticed.
#include "waitroom/log/replay.h"

#include <gtest/gtest.h>

#include "platform/crypto/bytes.h"
#include "waitroom/room/host_fixture.h"

namespace onsale::waitroom {
namespace {

std::string sha(std::string_view text) { return crypto::sha256(text); }

class ReplayTest : public HostTest {
 protected:
  ReplayTest() : HostTest(Settings{.capacity = 3, .admit_per_minute = 30}) {}

  void pass(std::int64_t seconds) {
    for (std::int64_t i = 0; i < seconds; ++i) {
      clock_.advance(Millis(1'000));
      host_->tick();
      for (std::size_t n = 0; n < places_.size(); n += 2) seen(n);  // every other one is there
    }
  }
  void arrive(int count) {
    for (int i = 0; i < count; ++i) {
      places_.push_back(sync_wait(host_->join(room_, device(places_.size() + 1))).value());
    }
  }
  std::optional<PlaceView> seen(std::size_t n) {
    auto view = host_->look(room_, {.token = places_[n].token, .device = {}}, clock_.now());
    if (!view) return {};
    return *view;
  }
  // An evening with everything in it.
  void evening() {
    arrive(40);
    pass(20);
    (void)sync_wait(host_->leave(room_, places_[30].token, {}));
    sync_wait(host_->complete(room_, places_[0].id));
    configure({.capacity = 6, .lanes = {}});
    pass(50);
    configure({.mode = Mode::paused});
    pass(10);
    configure({.mode = Mode::queue, .admit_per_minute = 60});
    arrive(20);
    pass(120);
  }
  Replay replay(std::optional<Timestamp> until = std::nullopt) {
    const auto start = sync_wait(journal_.start(room_)).value();
    Replay replay(room_, start, sha, until);
    std::uint64_t after = start.after;
    for (;;) {
      const auto batches = sync_wait(journal_.read(room_, after));
      if (batches.empty()) return replay;
      for (const LoggedBatch& batch : batches) {
        if (!replay.take(batch)) return replay;
        after = batch.number;
      }
    }
  }
  // Everybody's position, as they are told it and by the log.
  void expect_the_same(const Replay& replay) {
    ASSERT_FALSE(replay.fault()) << replay.fault()->batch << " " << replay.fault()->what;
    std::map<std::int64_t, std::int64_t> by_log;
    for (const Waiting& each : waiting_in(replay.engine())) by_log[each.number] = each.position;
    for (std::size_t n = 0; n < places_.size(); ++n) {
      const auto view = seen(n);
      ASSERT_TRUE(view.has_value());
      if (view->state == PlaceState::waiting) {
        EXPECT_EQ(view->position, by_log[view->number]) << n;
      }
    }
    const auto room = host_->room(room_);
    EXPECT_EQ(room->waiting, replay.engine().line().size());
    EXPECT_EQ(room->active, replay.engine().active());
    EXPECT_EQ(room->settings, replay.engine().settings());
  }

  std::vector<PlaceView> places_;
};

TEST_F(ReplayTest, EveryPositionComesFromTheLogAlone) {
  evening();
  const Replay all = replay();
  expect_the_same(all);
  const Counts& counts = all.tally().counts();
  EXPECT_EQ(counts.joins, 60);
  EXPECT_EQ(counts.left, 1);
  EXPECT_EQ(counts.completed, 1);
  EXPECT_EQ(counts.settings_changes, 4);
  EXPECT_GT(counts.ghosts, 0);
  EXPECT_GT(counts.missed, 0);
  EXPECT_EQ(all.tally().drop_outs().count, counts.left + counts.ghosts);
  EXPECT_EQ(all.last(), last_batch());
}

TEST_F(ReplayTest, AlsoThroughCrashesAndPlacesThatComeBack) {
  arrive(10);
  restart();
  arrive(5);
  pass(30);
  restart();
  pass(100);
  expect_the_same(replay());
  EXPECT_GE(replay().tally().counts().unclean_ends, 2);
}

TEST_F(ReplayTest, UntilATimeIsHowItWasThen) {
  arrive(10);
  const Timestamp then = clock_.now();
  const std::int64_t waiting = host_->room(room_)->waiting;
  pass(200);
  const Replay early = replay(then);
  ASSERT_FALSE(early.fault());
  EXPECT_EQ(early.engine().line().size(), waiting);
}

TEST_F(ReplayTest, AnAlteredRecordIsFound) {
  evening();
  const std::uint64_t victim = last_batch() / 2;
  std::string records = sync_wait(journal_.read(room_, victim - 1)).front().records;
  records.back() = static_cast<char>(records.back() ^ 1);
  journal_.tamper(room_, victim, records);
  const Replay broken = replay();
  ASSERT_TRUE(broken.fault());
  EXPECT_EQ(broken.fault()->batch, victim);
  EXPECT_EQ(broken.fault()->wrong, LogWrong::chain);
}

TEST_F(ReplayTest, ARemovedBatchIsFoundWhereverItWas) {
  evening();
  const std::uint64_t victim = last_batch() / 3;
  journal_.remove(room_, victim);
  const Replay broken = replay();
  ASSERT_TRUE(broken.fault());
  EXPECT_EQ(broken.fault()->batch, victim);
  EXPECT_EQ(broken.fault()->wrong, LogWrong::gap);
}

TEST_F(ReplayTest, ARemovedFrontIsFound) {
  evening();
  journal_.remove(room_, 1);
  EXPECT_EQ(replay().fault()->wrong, LogWrong::gap);
}

TEST_F(ReplayTest, ARoomThatIsNotWhatItsLogSaysIsFound) {
  arrive(5);
  const Replay before = replay();
  EXPECT_EQ(difference(before.engine(), replay().engine()), "");
  arrive(1);
  EXPECT_NE(difference(before.engine(), replay().engine()), "");
  const Replay waiting = replay();
  (void)sync_wait(host_->leave(room_, places_[5].token, {}));
  EXPECT_EQ(difference(waiting.engine(), replay().engine()),
            "place 6 is over in the room, not by the log");
}

// The negative control: without looking at the links, an altered log passes for a good one.
TEST_F(ReplayTest, NegativeControlWithoutLinksAnAlterationPasses) {
  arrive(8);
  const std::uint64_t victim = last_batch();
  const auto batch = sync_wait(journal_.read(room_, victim - 1)).front();
  Records records;
  decode_records(batch.records, [&](const Record& record) { records.push_back(record); });
  ASSERT_EQ(records.back().fact, Fact::joined);
  records.back().device = device(4711);  // somebody else has that place now
  journal_.tamper(room_, victim, encode(records));
  EXPECT_EQ(replay().fault()->wrong, LogWrong::chain);
  Replay blind(room_, {}, [&](std::string_view) { return std::string("?"); });
  std::uint64_t after = 0;
  for (;;) {
    const auto batches = sync_wait(journal_.read(room_, after));
    if (batches.empty()) break;
    for (LoggedBatch each : batches) {
      each.link = "?";
      EXPECT_TRUE(blind.take(each));
      after = each.number;
    }
  }
  EXPECT_FALSE(blind.fault());
}

// Whoever can write the whole log can chain it anew; what can't be still can't be.
class Forged : public testing::Test {
 protected:
  Forged() {
    add({configured({.capacity = 1, .admit_per_minute = 1})});
    add({joined(1), joined(2), joined(3)});
  }
  static Record configured(const Settings& settings) {
    return {.fact = Fact::configured, .at = at(0), .text = encode(settings)};
  }
  static Timestamp at(std::int64_t s) { return from_unix_ms(1'000'000 + s * 1'000); }
  static Record fact(Fact what, Sequence place, std::int64_t s = 1) {
    return {.fact = what, .place = place, .at = at(s)};
  }
  static Record joined(Sequence place) {
    return {.fact = Fact::joined, .place = place, .at = at(1), .device = device(place)};
  }
  bool add(const Records& records) {
    const std::string bytes = encode(records);
    link_ = sha(link_text(link_, "film-1", ++number_, bytes));
    return replay_.take({.number = number_, .records = bytes, .link = link_});
  }
  std::string wrong_after(const Records& records) {
    EXPECT_FALSE(add(records));
    if (!replay_.fault()) return "";
    EXPECT_EQ(replay_.fault()->wrong, LogWrong::impossible);
    return replay_.fault()->what;
  }

  std::string link_ = kNoLink;
  std::uint64_t number_ = 0;
  Replay replay_{*RoomId::parse("film-1"), {}, sha};
};

TEST_F(Forged, AnAdmissionOutOfOrder) {
  EXPECT_NE(wrong_after({fact(Fact::admitted, 2)}).find("I4"), std::string::npos);
}
TEST_F(Forged, MoreInsideThanTheCapacity) {
  EXPECT_TRUE(add({fact(Fact::admitted, 1)}));
  EXPECT_NE(wrong_after({fact(Fact::admitted, 2, 100)}).find("I5"), std::string::npos);
}
TEST_F(Forged, MoreAdmissionsThanTheRate) {
  EXPECT_TRUE(add({fact(Fact::admitted, 1), fact(Fact::completed, 1)}));
  EXPECT_NE(wrong_after({fact(Fact::admitted, 2, 61)}).find("I5"), std::string::npos);
}
TEST_F(Forged, ASecondLaterItIsNoMore) {
  EXPECT_TRUE(add({fact(Fact::admitted, 1), fact(Fact::completed, 1)}));
  EXPECT_TRUE(add({fact(Fact::admitted, 2, 62)}));
}
TEST_F(Forged, ANumberTwice) { EXPECT_NE(wrong_after({joined(3)}), ""); }
TEST_F(Forged, ANumberLeftOut) { EXPECT_NE(wrong_after({joined(5)}), ""); }
TEST_F(Forged, OneDeviceTwice) {
  Record again = joined(4);
  again.device = device(1);
  EXPECT_NE(wrong_after({again}), "");
}
TEST_F(Forged, ASlotOfNobody) { EXPECT_NE(wrong_after({fact(Fact::idle, 1)}), ""); }
TEST_F(Forged, SomebodyWhoNeverCame) { EXPECT_NE(wrong_after({fact(Fact::left, 9)}), ""); }
TEST_F(Forged, ARestorationOfWhatWasNeverLost) {
  EXPECT_NE(wrong_after({fact(Fact::restored, 2)}), "");
}
TEST_F(Forged, MoreNumbersSkippedThanMayBeLost) {
  EXPECT_NE(wrong_after({fact(Fact::skipped, 4 + kLostMax + 1)}).find("more numbers"),
            std::string::npos);
}
TEST_F(Forged, AsManyAsMayBeLostIsNoForgery) {
  EXPECT_TRUE(add({fact(Fact::skipped, 4 + kLostMax)}));
  EXPECT_TRUE(add({fact(Fact::restored, 10)}));
}
TEST_F(Forged, NumbersSkippedBackwards) { EXPECT_NE(wrong_after({fact(Fact::skipped, 3)}), ""); }
TEST_F(Forged, ADrawOfStrangers) {
  Record draw = fact(Fact::draw, 1);
  draw.text = std::string(1, 100);
  EXPECT_NE(wrong_after({draw}), "");
}
TEST_F(Forged, BytesThatAreNoRecords) {
  const std::string bytes = "\x01\x63nonsense";
  const std::string link = sha(link_text(link_, "film-1", ++number_, bytes));
  EXPECT_FALSE(replay_.take({.number = number_, .records = bytes, .link = link}));
  EXPECT_EQ(replay_.fault()->wrong, LogWrong::unreadable);
}

TEST_F(ReplayTest, ALogThatWasCutBeginsWithItsBase) {
  journal_.base_spacing(Millis(1));
  arrive(40);
  pass(30);
  host_->want_snapshot(room_);
  sync_wait(host_->compact());
  const std::uint64_t covered = last_batch();
  clock_.advance(Millis(1'000));
  evening();
  while (sync_wait(journal_.trim(room_, clock_.now() - Millis(100'000)))) {
  }
  const Replay rest = replay();
  EXPECT_EQ(rest.first(), covered + 1);
  expect_the_same(rest);
}

}  // namespace
}  // namespace onsale::waitroom
