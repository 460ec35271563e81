#include "waitroom/room/host.h"

#include <gtest/gtest.h>

#include <barrier>
#include <thread>

#include "waitroom/room/host_fixture.h"

namespace onsale::waitroom {
namespace {

TEST_F(HostTest, JoinersGetPassesWhileThereAreSlotsAndThenPositions) {
  const PlaceView first = join(1);
  EXPECT_EQ(first.state, PlaceState::admitted);
  EXPECT_FALSE(first.pass.empty());
  EXPECT_EQ(first.pass_expires_at,
            from_unix_ms(to_unix_ms(clock_.now()) / 1000 * 1000) + Millis(120'000));
  join(2);
  const PlaceView third = join(3);
  const PlaceView fourth = join(4);
  EXPECT_EQ(third.state, PlaceState::waiting);
  EXPECT_EQ(third.position, 1);
  EXPECT_EQ(fourth.position, 2);
  EXPECT_EQ(fourth.waiting, 2);
  EXPECT_TRUE(fourth.eta.has_value());
  EXPECT_GE(fourth.poll_after, Millis(1000));
  ASSERT_TRUE(leave(first).has_value());
  EXPECT_EQ(look(third).state, PlaceState::admitted);
  EXPECT_EQ(look(fourth).position, 1);
  EXPECT_EQ(look(first).state, PlaceState::left);
}

TEST_F(HostTest, CommitsRunAtHomeUntilTheDrain) {
  ManualExecutor home;
  host_->run_on(home);
  const auto first = start_join(1);
  EXPECT_FALSE(first->has_value());
  home.run();
  EXPECT_TRUE(first->has_value());
  const auto second = start_join(2);
  bool drained = false;
  start(host_->drain(), [&](std::exception_ptr) { drained = true; });
  EXPECT_FALSE(drained);
  home.run();
  EXPECT_TRUE(drained);
  EXPECT_TRUE(second->has_value());
  EXPECT_EQ(join(3).position, 1);  // home never runs again
}

TEST_F(HostTest, AtHomeACommitOutlivesTheLoopThatWokeIt) {
  ManualExecutor home;
  EXPECT_TRUE(answered_after_the_waker_stood_still(&home));
}

TEST_F(HostTest, NegativeControlWithoutAHomeACommitStandsStillWithTheLoopThatWokeIt) {
  EXPECT_FALSE(answered_after_the_waker_stood_still(nullptr));
}

TEST_F(HostTest, ASignerThatThrowsIsAnOutageThatEnds) {
  signer_.fail(true);
  EXPECT_THROW(join(1), Overloaded);
  EXPECT_THROW(join(2), Overloaded);
  signer_.fail(false);
  pass_time(10'000);
  EXPECT_EQ(join(1).state, PlaceState::admitted);
  EXPECT_EQ(join(2).state, PlaceState::admitted);
  EXPECT_EQ(join(3).position, 1);
}

TEST_F(HostTest, OnlyACallerWhoIsPresentIsAlive) {
  configure({.capacity = 0});
  const PlaceView pushed = join(1);
  const PlaceView asking = join(2);
  for (int i = 0; i < 4; ++i) {
    pass_time(60'000);
    const PlaceProof proof{.token = pushed.token, .device = {}, .present = false};
    ASSERT_TRUE(host_->look(room_, proof, clock_.now()).has_value());
    look(asking);
  }
  EXPECT_EQ(look(pushed).state, PlaceState::expired);
  EXPECT_EQ(look(asking).position, 1);
}

TEST_F(HostTest, ADeviceAloneFindsItsPlaceAndAForeignTokenFindsNone) {
  const PlaceView place = join(1);
  const auto by_device = host_->look(room_, {.token = {}, .device = device(1)}, clock_.now());
  EXPECT_EQ(by_device->id, place.id);
  const auto refused = [&](std::string token) {
    return host_->look(room_, {.token = token, .device = {}}, clock_.now()).error();
  };
  EXPECT_EQ(refused(place.token + "00"), PlaceRefusal::place_invalid);
  EXPECT_EQ(refused("x"), PlaceRefusal::place_invalid);
  const RoomId other = *RoomId::parse("film-2");
  sync_wait(host_->declare_room(other, "Another", {}));
  EXPECT_EQ(host_->look(other, {.token = place.token, .device = {}}, clock_.now()).error(),
            PlaceRefusal::place_invalid);
  const RoomId unknown = *RoomId::parse("nowhere");
  EXPECT_EQ(host_->look(unknown, {.token = place.token, .device = {}}, clock_.now()).error(),
            PlaceRefusal::room_not_found);
  EXPECT_EQ(sync_wait(host_->join(unknown, device(1))).error(), JoinRefusal::room_not_found);
  EXPECT_FALSE(host_->room(unknown).has_value());
  clock_.advance(Millis(8LL * 86'400'000));
  EXPECT_EQ(refused(place.token), PlaceRefusal::place_invalid);
}

TEST_F(HostTest, APassIsForOneRoomOneTimeAndOneAccount) {
  const PlaceView place = join(1);
  const auto admit = [&](std::string_view pass, std::string_view account) {
    return host_->admit_with(room_, pass, account, clock_.now());
  };
  EXPECT_EQ(admit(place.pass, "acc_a")->place, place.id);
  EXPECT_TRUE(admit(place.pass, "acc_a").has_value());
  EXPECT_EQ(admit(place.pass, "acc_b").error(), PassRefusal::used_by_another);
  EXPECT_EQ(admit("nonsense", "acc_a").error(), PassRefusal::forged);
  const RoomId other = *RoomId::parse("film-2");
  sync_wait(host_->declare_room(other, "Another", {}));
  EXPECT_EQ(host_->admit_with(other, place.pass, "acc_a", clock_.now()).error(),
            PassRefusal::forged);
  restart();  // the binding is remembered
  EXPECT_EQ(admit(place.pass, "acc_b").error(), PassRefusal::used_by_another);
  EXPECT_TRUE(admit(place.pass, "acc_a").has_value());
  sync_wait(host_->complete(room_, place.id));
  sync_wait(host_->complete(room_, place.id));
  EXPECT_EQ(admit(place.pass, "acc_a").error(), PassRefusal::slot_gone);
  EXPECT_EQ(look(place).state, PlaceState::completed);
  clock_.advance(Millis(121'000));
  EXPECT_EQ(admit(place.pass, "acc_a").error(), PassRefusal::not_valid_now);
}

TEST_F(HostTest, AFreshPassIsGivenWhenTheOldOneIsAboutToEnd) {
  const PlaceView place = join(1);
  pass_time(40'000);
  EXPECT_EQ(look(place).pass, place.pass);
  pass_time(42'000);
  const PlaceView later = look(place);
  EXPECT_NE(later.pass, place.pass);
  EXPECT_GT(later.pass_expires_at, place.pass_expires_at);
  EXPECT_EQ(signer_.passes(), 2U);
}

TEST_F(HostTest, KillLosesNothingAcknowledgedAndKeepsTheOrder) {
  std::vector<PlaceView> places;
  for (std::uint64_t i = 0; i < 50; ++i) places.push_back(join(i));
  ASSERT_TRUE(leave(places[10]).has_value());
  std::vector<std::int64_t> before;
  for (const PlaceView& place : places) before.push_back(look(place).position);
  restart();
  for (std::size_t i = 0; i < places.size(); ++i) {
    EXPECT_EQ(look(places[i]).position, before[i]);
    EXPECT_EQ(join(i).id == places[i].id, i != 10);
  }
  EXPECT_EQ(look(places[0]).state, PlaceState::admitted);
}

TEST_F(HostTest, WhoWasPassedIsToldSoAndStaysTheFirst) {
  const PlaceView first = join(1);
  const PlaceView second = join(2);
  const PlaceView sleeper = join(3);
  EXPECT_EQ(look(sleeper).position, 1);
  for (int i = 0; i < 4; ++i) {
    pass_time(10'000);
    for (const PlaceView& inside : {first, second}) look(inside);
  }
  ASSERT_TRUE(leave(first).has_value());
  pass_time(100);
  EXPECT_EQ(host_->room(room_)->active, 1);
  restart();  // kill -9
  const PlaceView back = look(sleeper);
  EXPECT_EQ(back.notice, Notice::passed);
  EXPECT_EQ(back.position, 1);
  EXPECT_EQ(back.waiting, 1);
  const PlaceView later = join(4);
  EXPECT_EQ(look(sleeper).state, PlaceState::admitted);
  EXPECT_EQ(look(later).state, PlaceState::waiting);
}

TEST_F(HostTest, ThatTheWaitHasGrownIsSaidToWhomItGrewFor) {
  join(1);
  join(2);
  const PlaceView early = join(3);
  pass_time(10'000);
  look(early);
  SettingsPatch patch;
  patch.mode = Mode::paused;
  configure(patch);
  pass_time(30'000);
  const PlaceView late = join(4);
  patch.mode = Mode::queue;
  configure(patch);
  pass_time(1'000);
  EXPECT_EQ(look(early).notice, Notice::paused);
  EXPECT_NE(look(late).notice, Notice::paused) << "it was when they came";
  patch.mode = Mode::prequeue;
  patch.opens_at = clock_.now() + Millis(600'000);
  configure(patch);
  EXPECT_EQ(look(early).state, PlaceState::prequeue);
  EXPECT_EQ(look(early).notice, Notice::none) << "a countdown needs no reason";
}

TEST_F(HostTest, NobodyIsToldWhatIsNotDurable) {
  const PlaceView first = join(1);
  join(2);
  const PlaceView third = join(3);
  const PlaceView fourth = join(4);
  journal_.hold(true);
  start(leave_quietly(host_.get(), room_, first.token), [](std::exception_ptr) {});
  const auto fifth = start_join(5);
  EXPECT_EQ(look(third).state, PlaceState::waiting);  // decided, but the disk hasn't it
  EXPECT_EQ(look(fourth).position, 2);
  EXPECT_FALSE(fifth->has_value());
  journal_.drop_held();  // kill -9
  journal_.hold(false);
  restart();
  EXPECT_EQ(look(third).position, 1);
  EXPECT_EQ(look(fourth).position, 2);
  EXPECT_EQ(look(first).state, PlaceState::admitted);
  EXPECT_EQ(join(5).position, 3);
}

TEST_F(HostTest, WhatTheDiskTookJustBeforeTheKillCounts) {
  const PlaceView first = join(1);
  join(2);
  const PlaceView third = join(3);
  journal_.hold(true);
  start(leave_quietly(host_.get(), room_, first.token), [](std::exception_ptr) {});
  journal_.store_held_silently();
  journal_.hold(false);
  restart();
  EXPECT_EQ(look(third).state, PlaceState::admitted);
}

TEST_F(HostTest, AFullDiskRefusesNewcomersAdmitsNobodyAndHealsByItself) {
  const PlaceView first = join(1);
  const PlaceView second = join(2);
  const PlaceView third = join(3);
  for (const PlaceView& inside : {first, second})
    EXPECT_EQ(look(inside).state, PlaceState::admitted);
  journal_.fail(true);
  EXPECT_THROW(join(4), Overloaded);
  EXPECT_THROW(join(5), Overloaded);  // at once, nothing is queued
  EXPECT_EQ(look(third).position, 1);
  pass_time(100'000);  // both slots would have run out
  EXPECT_EQ(look(third).state, PlaceState::waiting);
  EXPECT_EQ(look(first).state, PlaceState::admitted);
  journal_.fail(false);
  pass_time(6'000);
  pass_time(100);
  const PlaceId kept = join(4).id;  // the place that was decided before is kept
  pass_time(100);
  const PlaceView fourth = join(4);
  EXPECT_EQ(fourth.id, kept);
  EXPECT_EQ(fourth.state, PlaceState::admitted);
  EXPECT_EQ(look(third).state, PlaceState::admitted);
  EXPECT_EQ(look(second).state, PlaceState::expired);
  restart();
  EXPECT_EQ(join(4).id, fourth.id);
}

TEST_F(HostTest, ManyJoinsShareOneCommit) {
  join(1);
  journal_.hold(true);
  std::vector<std::shared_ptr<std::optional<PlaceView>>> answers;
  for (std::uint64_t i = 10; i < 1'010; ++i) answers.push_back(start_join(i));
  const auto again = start_join(500);  // a retry while the first is on its way
  const std::size_t before = journal_.appends();
  journal_.hold(false);
  journal_.release();
  EXPECT_LE(journal_.appends() - before, 2U);
  for (const auto& answer : answers) ASSERT_TRUE(answer->has_value());
  EXPECT_EQ((*again)->id, (*answers[490])->id);
}

TEST_F(HostTest, OperatorsChangesActAtOnceAreAuditedAndSurvive) {
  join(1);
  join(2);
  const PlaceView third = join(3);
  EXPECT_EQ(configure({.capacity = 3}).active, 3);
  EXPECT_EQ(look(third).state, PlaceState::admitted);
  ASSERT_EQ(audit_.entries.size(), 1U);
  EXPECT_EQ(audit_.entries[0].who, "acc_admin");
  ASSERT_EQ(audit_.entries[0].changes.size(), 1U);
  EXPECT_EQ(audit_.entries[0].changes[0].before, "2");
  EXPECT_EQ(audit_.entries[0].changes[0].after, "3");
  configure({.capacity = 3});
  EXPECT_EQ(audit_.entries.size(), 1U);  // nothing changed
  const auto refused = sync_wait(host_->configure(room_, {.capacity = -1}, "acc_admin"));
  EXPECT_EQ(refused.error().obstacles.at(0).field, "capacity");
  restart();
  EXPECT_EQ(host_->room(room_)->settings.capacity, 3);
}

TEST_F(HostTest, NobodyGetsAroundTheTwoPersonRuleWhicheverWayTheyComeIn) {
  configure({.mode = Mode::closed, .two_person = true});
  const RoomView opened = configure({.mode = Mode::queue});
  EXPECT_TRUE(opened.proposed);
  EXPECT_EQ(host_->room(room_)->settings.mode, Mode::closed);
  ASSERT_TRUE(opened.pending.has_value());
  const ProposalId id = opened.pending->id;
  EXPECT_EQ(sync_wait(host_->approve(room_, id, "acc_admin")).error().why,
            ConfigureRefusal::second_person_needed);
  EXPECT_EQ(sync_wait(host_->approve(room_, id, "acc_other"))->settings.mode, Mode::queue);
  EXPECT_EQ(audit_.entries.back().changes.at(0).after, "approved");
  EXPECT_FALSE(configure({.mode = Mode::paused}).proposed);
  EXPECT_EQ(host_->room(room_)->settings.mode, Mode::paused);
  EXPECT_TRUE(configure({.mode = Mode::queue}).proposed);
  const ProposalId back = host_->room(room_)->pending->id;
  EXPECT_TRUE(sync_wait(host_->withdraw(room_, back, "acc_admin")));
  EXPECT_FALSE(sync_wait(host_->withdraw(room_, back, "acc_admin")));
}

TEST(RoomTest, OfTwoOperatorsAtOnceTheSecondIsJudgedByWhatTheFirstMade) {
  FakeSigner signer;
  SeededRandom random{3};
  const Timestamp now = from_unix_ms(1'800'000'000'000);
  for (int round = 0; round < 300; ++round) {
    Room room({*RoomId::parse("film-1"), "A film", 7}, 1, signer, random);
    room.begin(now);
    ASSERT_TRUE(room.configure({.mode = Mode::prequeue}, "acc_a", now));
    // Alone each of them may; after the other neither.
    bool opened = false, drawn = false;
    std::barrier both(2);
    std::thread first([&] {
      both.arrive_and_wait();
      opened = room.configure({.mode = Mode::queue}, "acc_a", now).has_value();
    });
    std::thread second([&] {
      both.arrive_and_wait();
      drawn = room.configure({.lottery = true}, "acc_a", now).has_value();
    });
    first.join();
    second.join();
    ASSERT_NE(opened, drawn) << "round " << round;
    for (const Unwritten& batch : room.take_unwritten()) room.settle(batch, now);
    const Settings settings = room.view(now).settings;
    ASSERT_EQ(settings.mode == Mode::queue, opened);
    ASSERT_EQ(settings.lottery, drawn);
  }
}

TEST(RoomTest, SomebodyWhoseJoinIsNotDurableYetStandsInTheWayOfALottery) {
  FakeSigner signer;
  SeededRandom random{3};
  const Timestamp now = from_unix_ms(1'800'000'000'000);
  Room room({*RoomId::parse("film-1"), "A film", 7}, 1, signer, random);
  room.begin(now);
  ASSERT_TRUE(room.configure({.mode = Mode::prequeue}, "acc_a", now));
  ASSERT_TRUE(room.join(device(1), kMainLane, {}, now));
  EXPECT_EQ(room.view(now).waiting, 0);  // as far as anybody is told
  const auto refused = room.configure({.lottery = true}, "acc_a", now);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().obstacles.at(0).code, "people_wait");
  EXPECT_FALSE(room.view(now).settings.lottery);
}

TEST_F(HostTest, ASnapshotReplacesTheJournalWithoutAnyoneNoticing) {
  std::vector<PlaceView> places;
  for (std::uint64_t i = 0; i < 20; ++i) places.push_back(join(i));
  configure({.message = "Soon"});
  // Fifty thousand small batches make a room worth compacting.
  for (int i = 0; i < 50'000; ++i) {
    configure({.message = i % 2 ? "Soon" : "Very soon"});
  }
  EXPECT_GT(journal_.batch_count(room_), 50'000U);
  sync_wait(host_->compact());
  EXPECT_LT(journal_.batch_count(room_), 5U);
  const PlaceView after = join(100);
  restart();
  EXPECT_EQ(look(places[19]).position, 18);
  EXPECT_EQ(look(after).position, 19);
  EXPECT_EQ(look(places[0]).state, PlaceState::admitted);
}

TEST_F(HostTest, NewsComeAfterTheFactAndNotTooOften) {
  const PlaceView first = join(1);
  join(2);
  join(3);
  pass_time(100);
  const int rooms = announcer_.rooms;
  EXPECT_GE(rooms, 1);
  const int places = announcer_.places;
  ASSERT_TRUE(leave(first).has_value());
  EXPECT_EQ(announcer_.places, places + 1);
  pass_time(100);
  EXPECT_EQ(announcer_.rooms, rooms);  // less than two seconds
  pass_time(2'000);
  EXPECT_EQ(announcer_.rooms, rooms + 1);
  pass_time(2'100);
  EXPECT_EQ(announcer_.rooms, rooms + 1);  // nothing happened
}

TEST_F(HostTest, WhatAnOperatorChangesIsNewsAtOnce) {
  pass_time(3'000);
  join(1);
  pass_time(100);
  const int rooms = announcer_.rooms;
  configure({.offers_shown = OffersShown::none});
  pass_time(100);
  EXPECT_EQ(announcer_.rooms, rooms + 1);
}

TEST_F(HostTest, ManyThreadsJoinAndLookAndEverybodyHasTheirOwnPlace) {
  constexpr std::uint64_t kThreads = 8, kEach = 500;
  std::vector<std::vector<PlaceView>> places(kThreads);
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (std::uint64_t i = 0; i < kEach; ++i) {
        places[t].push_back(join(t * kEach + i));
        const PlaceView now = look(places[t].back());
        if (now.position > 0) {
          EXPECT_LE(now.position, places[t].back().position);
        }
        if (i % 50 == 0) host_->tick();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<PlaceId> ids;
  for (const auto& mine : places) {
    for (const PlaceView& place : mine) ids.insert(place.id);
    for (std::size_t i = 1; i < mine.size(); ++i) EXPECT_LT(mine[i - 1].id, mine[i].id);
  }
  EXPECT_EQ(ids.size(), kThreads * kEach);
  EXPECT_EQ(host_->room(room_)->waiting, static_cast<std::int64_t>(kThreads * kEach - 2));
}

TEST(PlaceToken, FitsInTwoHundredBytesAndReadsBack) {
  const std::string room(40, 'a');
  const PlaceToken token{
      .room = room, .epoch = 0xFFFFFFFF, .place = 1ULL << 40, .expires_s = 4'000'000'000};
  const std::string payload = encode(token);
  EXPECT_LE((payload.size() + 8 + 64 + 2) / 3 * 4, 200U);
  const auto read = decode_place_token(payload);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->room, room);
  EXPECT_EQ(read->epoch, token.epoch);
  EXPECT_EQ(read->place, token.place);
  EXPECT_EQ(read->expires_s, token.expires_s);
  EXPECT_FALSE(decode_place_token(payload.substr(1)).has_value());
  EXPECT_FALSE(decode_place_token(payload + "x").has_value());
}

TEST(PollAfter, IsShortAtTheFrontAndLongFarBack) {
  const Timestamp now = from_unix_ms(1'800'000'000'000);
  for (std::uint64_t place = 0; place < 100; ++place) {
    EXPECT_LE(poll_after(1, place, now), Millis(2'000));
    EXPECT_GE(poll_after(100'000, place, now), Millis(7'000));
    EXPECT_LE(poll_after(100'000, place, now), Millis(10'000));
  }
}

}  // namespace
}  // namespace onsale::waitroom
