#include "waitroom/line/engine.h"

#include "waitroom/line/engine_fixture.h"
#include "waitroom/line/view.h"

namespace onsale::waitroom {
namespace {

TEST_F(EngineTest, NewcomersAreAdmittedAtOnceWhileSlotsAreFreeAndNobodyWaits) {
  EXPECT_TRUE(admitted(join(1)));
  EXPECT_TRUE(admitted(join(2)));
  EXPECT_FALSE(admitted(join(3)));
  EXPECT_EQ(position(3), 1);
}

TEST_F(EngineTest, ADeviceHasOnePlaceHoweverOftenItJoins) {
  const Sequence inside = join(1);
  join(2);
  const Sequence waiting = join(3);
  EXPECT_EQ(join(1), inside);
  EXPECT_EQ(join(3), waiting);
  EXPECT_EQ(engine_.live(), 3);
}

TEST_F(EngineTest, AFreedSlotGoesToTheFrontNotToTheNewcomer) {
  const Sequence first = join(1);
  join(2);
  const Sequence third = join(3);
  settings_.mode = Mode::paused;
  configure();
  engine_.leave(first, now_, out_);  // a slot is free, but nobody is admitted
  const Sequence fourth = join(4);
  settings_.mode = Mode::queue;
  configure();
  EXPECT_TRUE(admitted(third));
  EXPECT_FALSE(admitted(fourth));
}

TEST_F(EngineTest, LeavingCompletingAndTimeFreeASlotAtOnce) {
  const Sequence first = join(1);
  const Sequence second = join(2);
  const Sequence third = join(3);
  const Sequence fourth = join(4);
  engine_.leave(first, now_, out_);
  EXPECT_TRUE(admitted(third));
  EXPECT_EQ(engine_.ending(first), Ending::left);
  pass_time(1);
  engine_.sign_of_life(third, now_, out_);
  engine_.complete(second, now_, out_);
  engine_.complete(second, now_, out_);
  EXPECT_EQ(engine_.ending(second), Ending::completed);
  EXPECT_TRUE(admitted(fourth));
  engine_.complete(first, now_, out_);
  EXPECT_EQ(engine_.ending(first), Ending::left);
}

TEST_F(EngineTest, AnAdmittedPersonWhoNeverComesIsANoShowWithinAMinute) {
  settings_.missed_seconds = 0;
  configure();
  const Sequence first = join(1);
  pass_time(60);
  EXPECT_FALSE(admitted(first));
  EXPECT_EQ(engine_.ending(first), Ending::expired);
  EXPECT_EQ(out_.back().fact, Fact::no_show);
}

TEST_F(EngineTest, AnAdmittedPersonWhoFallsSilentIsIdleWithinAMinute) {
  const Sequence first = join(1);
  live(30, {first});
  EXPECT_TRUE(admitted(first));
  pass_time(43);
  EXPECT_TRUE(admitted(first));
  pass_time(2);
  EXPECT_FALSE(admitted(first));
  EXPECT_EQ(out_.back().fact, Fact::idle);
}

TEST_F(EngineTest, ASessionEndsWhateverItsOwnerDoes) {
  const Sequence first = join(1);
  live(599, {first});
  EXPECT_TRUE(admitted(first));
  live(2, {first});
  EXPECT_FALSE(admitted(first));
  EXPECT_EQ(out_.back().fact, Fact::overtime);
}

TEST_F(EngineTest, ASilentPlaceIsKeptForTheGracePeriodAndThenReaped) {
  const Sequence a = join(1);
  const Sequence b = join(2);
  const Sequence silent = join(3);
  const Sequence lively = join(4);
  live(119, {a, b, lively});
  EXPECT_EQ(position(lively), 2);
  EXPECT_TRUE(engine_.sign_of_life(silent, now_, out_));  // back in time
  live(119, {a, b, lively});
  EXPECT_EQ(position(silent), 1);
  live(5, {a, b, lively});
  EXPECT_EQ(engine_.ending(silent), Ending::expired);
  EXPECT_EQ(position(lively), 1);
  EXPECT_FALSE(engine_.sign_of_life(silent, now_, out_));
}

TEST_F(EngineTest, AClosedPageFreesItsSlotSoonUnlessAnotherShowsLife) {
  const Sequence closed = join(1);
  const Sequence two_tabs = join(2);
  const Sequence waiting = join(3);
  live(1, {closed, two_tabs, waiting});
  engine_.page_closed(closed, now_, out_);
  engine_.page_closed(two_tabs, now_, out_);
  engine_.page_closed(waiting, now_, out_);  // keeps its grace
  engine_.page_closed(99, now_, out_);
  live(14, {two_tabs, waiting});
  EXPECT_TRUE(admitted(closed));
  pass_time(1);
  EXPECT_EQ(engine_.ending(closed), Ending::expired);
  EXPECT_TRUE(admitted(two_tabs));
  EXPECT_TRUE(admitted(waiting));
  // Nobody's session gets longer by closing a page.
  settings_.session_seconds = 60;
  configure();
  live(42, {two_tabs});
  engine_.page_closed(two_tabs, now_, out_);
  live(3, {two_tabs});
  EXPECT_FALSE(admitted(two_tabs));
}

TEST_F(EngineTest, GhostsAtTheFrontAreSkippedEvenBeforeTheyAreReaped) {
  settings_.session_seconds = 3'600;
  settings_.idle_seconds = 3'600;
  settings_.no_show_seconds = 3'600;
  configure();
  const Sequence a = join(1);
  join(2);
  const Sequence ghost = join(3);
  const Sequence lively = join(4);
  pass_without_ticks(130);
  engine_.sign_of_life(lively, now_, out_);
  engine_.leave(a, now_, out_);  // no tick in between
  EXPECT_EQ(engine_.ending(ghost), Ending::expired);
  EXPECT_TRUE(admitted(lively));
}

TEST_F(EngineTest, NoSlidingMinuteHoldsMoreAdmissionsThanTheRate) {
  settings_.capacity = 1000;
  settings_.admit_per_minute = 30;
  configure();
  // Ten at once, and when that is made up for, one every two seconds.
  for (std::uint64_t i = 0; i < 10; ++i) EXPECT_TRUE(admitted(join(100 + i)));
  EXPECT_FALSE(admitted(join(110)));
  for (std::uint64_t s = 1; s < 60; ++s) {
    join(110 + s);
    for (Sequence place = 1; place < engine_.next_sequence(); ++place) {
      engine_.sign_of_life(place, now_, out_);
    }
    pass_time(1);
  }
  const std::int64_t inside = engine_.active();
  EXPECT_EQ(inside, 30);
  now_ += Millis(1'000);
  engine_.tick(now_, out_);
  EXPECT_EQ(engine_.active(), inside) << "the window is closed at both ends";
  now_ += Millis(1);
  engine_.tick(now_, out_);
  EXPECT_GT(engine_.active(), inside);
}

TEST_F(EngineTest, ALineIsAdmittedEvenlyOverTheMinute) {
  settings_.capacity = 1000;
  settings_.admit_per_minute = 120;
  settings_.mode = Mode::paused;
  configure();
  for (std::uint64_t i = 0; i < 100; ++i) join(i);
  settings_.mode = Mode::queue;
  configure();
  EXPECT_EQ(engine_.active(), 2);
  pass_time(1);
  EXPECT_EQ(engine_.active(), 4);
  pass_time(1);
  EXPECT_EQ(engine_.active(), 6);
}

TEST_F(EngineTest, PausedKeepsTheLineAndAdmitsNobody) {
  settings_.mode = Mode::paused;
  configure();
  const Sequence place = join(1);
  live(10, {place});
  EXPECT_EQ(position(place), 1);
  EXPECT_EQ(engine_.active(), 0);
}

TEST_F(EngineTest, ClosedTakesNobodyNewButKnowsTheOld) {
  const Sequence inside = join(1);
  settings_.mode = Mode::closed;
  configure();
  EXPECT_EQ(engine_.join(device(9), kMainLane, now_, out_).error(), JoinFailure::closed);
  EXPECT_EQ(join(1), inside);
}

TEST_F(EngineTest, PrequeueOpensByItselfAndKeepsTheOrder) {
  settings_.mode = Mode::prequeue;
  settings_.opens_at = now_ + Millis(10'000);
  configure();
  const Sequence first = join(1);
  const Sequence second = join(2);
  const Sequence third = join(3);
  live(9, {first, second, third});
  EXPECT_EQ(engine_.active(), 0);
  live(3, {first, second, third});
  EXPECT_EQ(engine_.settings().mode, Mode::queue);
  EXPECT_EQ(engine_.settings().opens_at, std::nullopt);
  EXPECT_TRUE(admitted(first));
  EXPECT_TRUE(admitted(second));
  EXPECT_EQ(position(third), 1);
}

TEST_F(EngineTest, OpenHasNoLineAndNoLimits) {
  settings_.mode = Mode::open;
  settings_.admit_per_minute = 1;
  configure();
  for (std::uint64_t i = 0; i < 50; ++i) EXPECT_TRUE(admitted(join(i)));
  settings_.mode = Mode::queue;
  configure();
  EXPECT_FALSE(admitted(join(99)));  // 50 inside, room for two: nobody comes until they leave
}

TEST_F(EngineTest, NothingIsAdmittedWithoutCapacityOrRate) {
  settings_.capacity = 0;
  configure();
  EXPECT_FALSE(admitted(join(1)));
  settings_.capacity = 5;
  settings_.admit_per_minute = 0;
  configure();
  EXPECT_EQ(engine_.active(), 0);
  settings_.admit_per_minute = 5;
  settings_.per_node_capacity = 1;
  configure();
  join(2);
  EXPECT_EQ(engine_.active(), 1);
}

TEST_F(EngineTest, TheFirstAccountOwnsAllPassesOfAPlace) {
  const Sequence place = join(1);
  EXPECT_EQ(engine_.use(place, "acc_a", now_, out_), UseOutcome::accepted);
  EXPECT_EQ(out_.back().fact, Fact::bound);
  EXPECT_EQ(engine_.use(place, "acc_b", now_, out_), UseOutcome::used_by_another);
  EXPECT_EQ(engine_.use(place, "acc_a", now_, out_), UseOutcome::accepted);
  EXPECT_EQ(engine_.use(77, "acc_a", now_, out_), UseOutcome::no_slot);
  pass_without_ticks(46);  // idle, though no tick has noticed yet
  EXPECT_EQ(engine_.use(place, "acc_a", now_, out_), UseOutcome::no_slot);
}

TEST_F(EngineTest, AClockThatJumpsBackChangesNothing) {
  const Sequence a = join(1);
  join(2);
  join(3);
  now_ -= Millis(3'600'000);
  engine_.tick(now_, out_);
  engine_.leave(a, now_, out_);
  EXPECT_EQ(engine_.active(), 2);
}

TEST_F(EngineTest, AfterARestartEverybodyHasAFreshPeriod) {
  join(1);
  join(2);
  const Sequence waiting = join(3);
  Engine again{Engine::Options{}};
  for (const Record& record : out_) again.apply(record);
  now_ += Millis(3'600'000 / 10);  // the server was away for six minutes
  again.resume(now_);
  Records after;
  again.tick(now_, after);
  EXPECT_TRUE(after.empty());
  EXPECT_EQ(again.line().find(waiting).position, 1);
  EXPECT_EQ(again.active(), 2);
}

TEST_F(EngineTest, RecordsSurviveTheirStoredForm) {
  join(1);
  engine_.use(1, "acc_a", now_, out_);
  join(2);
  join(3);
  pass_time(70);
  Records read;
  EXPECT_TRUE(decode_records(encode(out_), [&](const Record& r) { read.push_back(r); }));
  EXPECT_EQ(read, out_);
  EXPECT_FALSE(decode_records(encode(out_).substr(0, 40), [](const Record&) {}));
  EXPECT_FALSE(decode_records("", [](const Record&) {}));
}

TEST_F(EngineTest, AMillionPlacesTakeAtMost64BytesEachBesideTheirKey) {
  settings_.mode = Mode::paused;
  configure();
  constexpr std::int64_t kPlaces = 1'000'000;
  for (std::int64_t i = 0; i < kPlaces; ++i) {
    Records records;
    (void)engine_.join(device(static_cast<std::uint64_t>(i)), kMainLane, now_, records);
  }
  EXPECT_LE(engine_.memory_bytes(), static_cast<std::size_t>(kPlaces) * (64 + 16));
  RecordProperty("bytes_per_place", static_cast<int>(engine_.memory_bytes() / kPlaces));
}

TEST(Settings, RangesAndPatches) {
  EXPECT_TRUE(out_of_range({}).empty());
  const Settings changed = patched({}, {.mode = Mode::paused, .capacity = -1});
  EXPECT_EQ(changed.mode, Mode::paused);
  EXPECT_EQ(changed.admit_per_minute, Settings{}.admit_per_minute);
  const auto found = out_of_range(changed);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].field, "capacity");
  EXPECT_EQ(changes({}, changed).size(), 2U);
  EXPECT_EQ(decode_settings(encode(changed)), changed);
  EXPECT_EQ(decode_settings("x"), std::nullopt);
}

TEST(RoomId, IsAShortSlug) {
  EXPECT_TRUE(RoomId::parse("film-1"));
  for (const char* bad :
       {"", "Film", "a b", "a/b", "ä", "12345678901234567890123456789012345678901"}) {
    EXPECT_FALSE(RoomId::parse(bad)) << bad;
  }
}

TEST_F(EngineTest, AMissedTurnIsKeptOnceAndCalledBeforeTheLine) {
  const Sequence a = join(1);
  const Sequence b = join(2);
  const Sequence sleeper = join(3);
  const Sequence d = join(4);
  const Sequence e = join(5);
  live(5, {a, b, sleeper, d, e});
  engine_.complete(a, now_, out_);
  ASSERT_TRUE(admitted(sleeper));
  live(47, {b, d, e});  // nobody there
  EXPECT_FALSE(admitted(sleeper));
  EXPECT_EQ(engine_.ending(sleeper), Ending::none);
  EXPECT_TRUE(admitted(d));
  engine_.sign_of_life(sleeper, now_, out_);  // back
  EXPECT_EQ(position(sleeper), 0);
  engine_.complete(d, now_, out_);
  EXPECT_TRUE(admitted(sleeper)) << "before " << e;
  EXPECT_FALSE(admitted(e));
  live(47, {b, e});
  EXPECT_EQ(engine_.ending(sleeper), Ending::expired) << "one more turn, not two";
}

TEST_F(EngineTest, AMissedTurnIsOverAfterItsTime) {
  settings_.missed_seconds = 60;
  configure();
  const Sequence sleeper = join(1);
  pass_time(46);
  EXPECT_EQ(engine_.ending(sleeper), Ending::none);
  pass_time(62);
  EXPECT_EQ(engine_.ending(sleeper), Ending::expired);
  EXPECT_EQ(out_.back().fact, Fact::forfeited);
}

TEST_F(EngineTest, LanesShareTheAdmissionsByTheirWeights) {
  settings_.lanes = {{.name = "VIP", .share = 400}};
  settings_.mode = Mode::paused;
  settings_.capacity = 50;
  settings_.admit_per_minute = 100'000;
  configure();
  for (std::uint64_t i = 0; i < 100; ++i) {
    (void)engine_.join(device(i), kMainLane, now_, out_);
    (void)engine_.join(device(1000 + i), 1, now_, out_);
    (void)engine_.join(device(2000 + i), kSlowLane, now_, out_);
  }
  for (Sequence place = 1; place <= 300; ++place) engine_.sign_of_life(place, now_, out_);
  settings_.mode = Mode::queue;
  configure();
  EXPECT_EQ(engine_.active(), 50);
  EXPECT_NEAR(static_cast<double>(100 - engine_.line().size(1)), 40, 2);
  EXPECT_NEAR(static_cast<double>(100 - engine_.line().size(kMainLane)), 10, 2);
  EXPECT_NEAR(static_cast<double>(100 - engine_.line().size(kSlowLane)), 1, 1);
}

TEST_F(EngineTest, AnUnknownLaneIsTheMainLane) {
  settings_.mode = Mode::paused;
  configure();
  (void)engine_.join(device(1), 3, now_, out_);
  (void)engine_.join(device(2), kRestoredLane, now_, out_);
  EXPECT_EQ(engine_.line().size(kMainLane), 2);
}

TEST_F(EngineTest, ALotteryRoomOpensOnlyDrawnAndInThatOrderWithTheLateAtTheEnd) {
  settings_.mode = Mode::prequeue;
  settings_.lottery = true;
  settings_.opens_at = now_ + Millis(10'000);
  configure();
  const Sequence a = join(1), b = join(2), c = join(3);
  const Sequence late = join(4);
  live(20, {a, b, c, late});
  EXPECT_EQ(engine_.settings().mode, Mode::prequeue);
  const std::vector<Sequence> ranked{c, a, b};
  engine_.draw(ranked, now_, out_);
  EXPECT_EQ(position(c), 1);
  EXPECT_EQ(position(a), 2);
  EXPECT_EQ(position(b), 3);
  EXPECT_EQ(position(late), 4);
  const Sequence later = join(5);
  EXPECT_EQ(position(later), 5);
  EXPECT_EQ(engine_.line().number_of(later), 5);
  pass_time(1);
  EXPECT_EQ(engine_.settings().mode, Mode::queue);
  EXPECT_TRUE(admitted(c));
  EXPECT_TRUE(admitted(a));
  EXPECT_FALSE(admitted(b));
}

TEST_F(EngineTest, ADrawAmongNobodyOpensTheRoomToo) {
  settings_.mode = Mode::prequeue;
  settings_.lottery = true;
  settings_.opens_at = now_ + Millis(1'000);
  configure();
  engine_.draw({}, now_, out_);
  pass_time(2);
  EXPECT_EQ(engine_.settings().mode, Mode::queue);
  EXPECT_TRUE(admitted(join(1)));
}

TEST_F(EngineTest, DrainServesTheLineAndTakesNobodyNew) {
  const Sequence a = join(1);
  join(2);
  const Sequence waiting = join(3);
  settings_.mode = Mode::drain;
  configure();
  EXPECT_EQ(engine_.join(device(9), kMainLane, now_, out_).error(), JoinFailure::closed);
  engine_.complete(a, now_, out_);
  EXPECT_TRUE(admitted(waiting));
}

TEST_F(EngineTest, APlanIsFollowedWhenItIsDue) {
  settings_.schedule = {{.at = now_ + Millis(5'000), .capacity = 7},
                        {.at = now_ + Millis(10'000), .mode = Mode::paused, .message = "soon"}};
  configure();
  pass_time(4);
  EXPECT_EQ(engine_.settings().capacity, 2);
  pass_time(1);
  EXPECT_EQ(engine_.settings().capacity, 7);
  pass_time(60);
  EXPECT_EQ(engine_.settings().mode, Mode::paused);
  EXPECT_EQ(engine_.settings().message, "soon");
  EXPECT_TRUE(engine_.settings().schedule.empty());
}

TEST_F(EngineTest, APlannedOpeningOfALotteryRoomOpensItWhenItIsDrawn) {
  settings_.mode = Mode::prequeue;
  settings_.lottery = true;
  settings_.schedule = {{.at = now_ + Millis(5'000), .mode = Mode::queue}};
  configure();
  const Sequence a = join(1);
  live(20, {a});
  EXPECT_EQ(engine_.settings().mode, Mode::prequeue);
  engine_.draw(std::vector<Sequence>{a}, now_, out_);
  pass_time(1);
  EXPECT_EQ(engine_.settings().mode, Mode::queue);
  EXPECT_TRUE(engine_.settings().schedule.empty());
}

TEST_F(EngineTest, LostPlacesComeBackByTokenInTheirOrderAndPushNobodyBack) {
  join(1);
  join(2);
  engine_.skip_lost(now_, out_);  // 3, 4 and 5 were given away, and lost
  const Sequence newcomer = join(6);
  EXPECT_GT(newcomer, kLostMax);
  EXPECT_EQ(engine_.line().number_of(newcomer), 3);
  EXPECT_TRUE(engine_.restore_lost(5, device(50), now_, out_));
  EXPECT_EQ(position(5), 3) << "3 and 4 are held for";
  EXPECT_EQ(position(newcomer), 1) << "of its own lane";
  EXPECT_TRUE(engine_.restore_lost(3, device(30), now_, out_));
  EXPECT_EQ(position(3), 1);
  EXPECT_EQ(position(5), 3);
  EXPECT_EQ(engine_.find(device(50)), 5U);
  engine_.leave(1, now_, out_);
  EXPECT_TRUE(admitted(3)) << "before the newcomer";
  EXPECT_FALSE(engine_.restore_lost(2, {}, now_, out_)) << "never lost";
}

TEST_F(EngineTest, WhoComesBackByTokenGivesUpALaterPlace) {
  join(1);
  join(2);
  engine_.skip_lost(now_, out_);
  const Sequence later = join(7);
  EXPECT_TRUE(engine_.restore_lost(3, device(7), now_, out_));
  EXPECT_EQ(engine_.ending(later), Ending::left);
  EXPECT_EQ(engine_.find(device(7)), 3U);
}

TEST_F(EngineTest, LostPlacesThatNobodyComesForMakeWayAfterTheGracePeriod) {
  const Sequence a = join(1);
  join(2);
  engine_.skip_lost(now_, out_);
  engine_.restore_lost(9, {}, now_, out_);
  EXPECT_EQ(position(9), 7);
  settings_.mode = Mode::paused;  // the two inside need not be replaced
  configure();
  for (int s = 0; s < 122; ++s) {
    engine_.sign_of_life(9, now_, out_);
    engine_.sign_of_life(a, now_, out_);
    pass_time(1);
  }
  EXPECT_EQ(position(9), 1);
  EXPECT_FALSE(engine_.restore_lost(4, {}, now_, out_)) << "too late";
}

TEST_F(EngineTest, AClockThatWasAheadBeforeTheRestartFreezesNothing) {
  now_ += Millis(3'600'000);
  const Sequence first = join(1);
  Engine again{Engine::Options{}};
  for (const Record& record : out_) again.apply(record);
  now_ -= Millis(3'600'000);
  again.resume(now_);
  for (int s = 0; s < 46; ++s) {
    now_ += Millis(1'000);
    again.tick(now_, out_);
  }
  EXPECT_EQ(again.slot(first), nullptr);
}

}  // namespace
}  // namespace onsale::waitroom
