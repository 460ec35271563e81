// What comes twice, and what lasts longer than any period: repeated requests, outages of the
// journal and the audit log, standstills, tokens on other devices.
#include "waitroom/room/host_fixture.h"

namespace onsale::waitroom {
namespace {

TEST_F(HostTest, ARepeatedLeaveWaitsForTheFirst) {
  const PlaceView mine = join(1);
  journal_.hold(true);
  bool first = false, second = false, completed = false;
  start(leave_quietly(host_.get(), room_, mine.token), [&](std::exception_ptr e) { first = !e; });
  start(leave_quietly(host_.get(), room_, mine.token), [&](std::exception_ptr e) { second = !e; });
  start(host_->complete(room_, mine.id), [&](std::exception_ptr e) { completed = !e; });
  EXPECT_FALSE(first || second || completed) << "acknowledged, though kill -9 undoes it";
  EXPECT_EQ(look(mine).state, PlaceState::admitted) << "told what kill -9 undoes";
  journal_.drop_held();
  journal_.hold(false);
  restart();
  EXPECT_EQ(look(mine).state, PlaceState::admitted);
  EXPECT_TRUE(leave(mine));
  EXPECT_EQ(look(mine).state, PlaceState::left);
}

TEST_F(HostTest, ARepeatedChangeWaitsForTheFirstAndNobodyReadsItBefore) {
  join(1);
  journal_.hold(true);
  SettingsPatch paused;
  paused.mode = Mode::paused;
  const auto change = [&](bool& done) {
    start(change_quietly(host_.get(), room_, paused), [&](std::exception_ptr e) { done = !e; });
  };
  bool first = false, second = false;
  change(first);
  change(second);
  EXPECT_FALSE(first || second);
  EXPECT_EQ(host_->room(room_)->settings.mode, Mode::queue);
  EXPECT_TRUE(audit_.entries.empty());
  journal_.hold(false);
  journal_.release();
  EXPECT_TRUE(first && second);
  EXPECT_EQ(host_->room(room_)->settings.mode, Mode::paused);
  EXPECT_EQ(audit_.entries.size(), 1U);
}

TEST_F(HostTest, AChangeThatWasAnswered503AndIsWrittenLaterIsAudited) {
  SettingsPatch patch;
  patch.capacity = 7;
  journal_.fail(true);
  EXPECT_THROW(configure(patch), Overloaded);
  EXPECT_EQ(host_->room(room_)->settings.capacity, 2);
  EXPECT_TRUE(audit_.entries.empty());
  journal_.fail(false);
  pass_time(10'000);
  EXPECT_EQ(host_->room(room_)->settings.capacity, 7);
  ASSERT_EQ(audit_.entries.size(), 1U);
  EXPECT_EQ(audit_.entries[0].who, "acc_admin");
  EXPECT_EQ(audit_.entries[0].changes[0].field, "capacity");
  EXPECT_EQ(audit_.entries[0].changes[0].after, "7");
}

TEST_F(HostTest, WhatTheAuditLogRefusesIsTriedAgain) {
  audit_.failing = true;
  SettingsPatch patch;
  patch.capacity = 7;
  EXPECT_ANY_THROW(configure(patch));
  pass_time(100);
  EXPECT_TRUE(audit_.entries.empty());
  audit_.failing = false;
  pass_time(100);
  EXPECT_EQ(audit_.entries.size(), 1U);
  pass_time(100);
  EXPECT_EQ(audit_.entries.size(), 1U);
}

TEST_F(HostTest, AKillBeforeTheAuditEntryLosesNothing) {
  audit_.failing = true;
  EXPECT_ANY_THROW(configure({.capacity = 7}));
  restart();
  pass_time(100);
  EXPECT_TRUE(audit_.entries.empty());
  audit_.failing = false;
  pass_time(100);
  ASSERT_EQ(audit_.entries.size(), 1U);
  EXPECT_EQ(audit_.entries[0].who, "acc_admin");
  ASSERT_EQ(audit_.entries[0].changes.size(), 1U);
  EXPECT_EQ(audit_.entries[0].changes[0].before, "2");
  EXPECT_EQ(audit_.entries[0].changes[0].after, "7");
}

TEST_F(HostTest, EveryStartTellsTheAuditLogNothingNew) {
  configure({.capacity = 7});
  configure({.message = "soon"});
  ASSERT_EQ(audit_.entries.size(), 2U);
  for (int start = 0; start < 3; ++start) {
    restart();
    pass_time(100);
    EXPECT_EQ(audit_.entries.size(), 2U);
  }
}

TEST_F(HostTest, NoSnapshotCoversAChangeThatIsNotAudited) {
  audit_.failing = true;
  EXPECT_ANY_THROW(configure({.capacity = 7}));
  host_->want_snapshot(room_);
  sync_wait(host_->compact());
  restart();
  audit_.failing = false;
  pass_time(100);
  EXPECT_EQ(audit_.entries.size(), 1U);
  host_->want_snapshot(room_);
  sync_wait(host_->compact());
  EXPECT_TRUE(sync_wait(journal_.snapshot(room_)).has_value());
}

TEST_F(HostTest, WhoProposedAndWhoApprovedOutlastsAKill) {
  configure({.mode = Mode::closed, .two_person = true});
  const ProposalId id = configure({.mode = Mode::queue}).pending->id;
  const std::size_t told = audit_.entries.size();
  audit_.failing = true;
  EXPECT_ANY_THROW((void)sync_wait(host_->approve(room_, id, "acc_other")));
  restart();
  audit_.failing = false;
  pass_time(100);
  ASSERT_EQ(audit_.entries.size(), told + 1);
  EXPECT_EQ(audit_.entries.back().who, "acc_other");
  EXPECT_EQ(audit_.entries.back().changes.at(0).before, "by acc_admin");
}

// A proposal stands, and a withdrawn one is gone, whatever the audit log did: it hears of each
// once.
TEST_F(HostTest, AProposalThatTheAuditLogRefusedIsToldLater) {
  configure({.mode = Mode::closed, .two_person = true});
  audit_.entries.clear();
  audit_.failing = true;
  EXPECT_ANY_THROW(configure({.mode = Mode::queue}));
  const auto pending = host_->room(room_)->pending;
  ASSERT_TRUE(pending);
  pass_time(100);
  audit_.failing = false;
  pass_time(100);
  ASSERT_EQ(audit_.entries.size(), 1U);
  EXPECT_EQ(audit_.entries[0].changes.at(0).field, "proposal");
  audit_.failing = true;
  EXPECT_ANY_THROW((void)sync_wait(host_->withdraw(room_, pending->id, "acc_other")));
  EXPECT_FALSE(host_->room(room_)->pending);
  audit_.failing = false;
  pass_time(100);
  pass_time(100);
  ASSERT_EQ(audit_.entries.size(), 2U);
  EXPECT_EQ(audit_.entries[1].who, "acc_other");
  EXPECT_EQ(audit_.entries[1].changes.at(0).after, "withdrawn");
}

TEST_F(HostTest, ARestartTakesNothingBackOfALengthenedSession) {
  const PlaceView inside = join(1);
  look(inside);
  clock_.advance(Millis(300'000));  // the process stands still
  host_->tick();
  restart();
  for (int s = 0; s < 590; ++s) {
    pass_time(1'000);
    ASSERT_EQ(look(inside).state, PlaceState::admitted) << s << " s of a whole session";
  }
}

TEST_F(HostTest, ARestartTakesNothingBackOfASessionThatBeganAfterAnOutage) {
  const PlaceView first = join(1);
  join(2);
  const PlaceView front = join(3);
  journal_.fail(true);
  EXPECT_THROW((void)leave(first), Overloaded);
  for (int s = 0; s < 300; ++s) {
    pass_time(1'000);
    look(front);
  }
  journal_.fail(false);
  pass_time(6'000);
  pass_time(100);  // what lengthened it is on the disk
  restart();
  for (int s = 0; s < 580; ++s) {
    pass_time(1'000);
    ASSERT_EQ(look(front).state, PlaceState::admitted) << s << " s of a whole session";
  }
}

// Whatever was too short to be recorded, or is on its way to the disk, has lengthened nothing that
// anybody was told: a pass holds as long as it says, whenever the process is killed.
TEST_F(HostTest, APassHoldsAsLongAsItSaysWhateverWasOnItsWay) {
  const auto told_until = [&](const PlaceView& place) {
    host_->admit_with(room_, look(place).pass, "acc_1", clock_.now()).value();
    return look(place).pass_expires_at;
  };
  const auto outlasts_a_kill = [&](const PlaceView& place, Timestamp until) {
    const std::string pass = look(place).pass;
    journal_.drop_held();  // kill -9
    journal_.hold(false);
    restart();
    while (clock_.now() < until - Millis(1'001)) {
      pass_time(1'000);
      if (!host_->admit_with(room_, pass, "acc_1", clock_.now())) return false;
    }
    clock_.set(until - Millis(1));
    return host_->admit_with(room_, pass, "acc_1", clock_.now()).has_value();
  };
  configure({.pass_seconds = 3'600, .session_seconds = 100});
  const PlaceView first = join(1);
  join(2);
  const PlaceView front = join(3);
  journal_.hold(true);
  start(leave_quietly(host_.get(), room_, first.token), [](std::exception_ptr) {});
  pass_time(4'500);  // the front is called, and can't be told
  journal_.hold(false);
  journal_.release();
  pass_time(100);
  EXPECT_TRUE(outlasts_a_kill(front, told_until(front)));

  const PlaceView next = join(4);
  pass_time(10'000);
  host_->sign_of_life(room_, next.id, clock_.now());
  pass_time(100);
  ASSERT_EQ(host_->room(room_)->active, 1);
  journal_.hold(true);
  clock_.advance(Millis(30'000));  // the process stands still; that this lengthens is not durable
  host_->tick();
  EXPECT_TRUE(outlasts_a_kill(next, told_until(next)));
}

TEST_F(HostTest, AnOutageOfTheJournalUsesUpNobodysTurn) {
  const PlaceView first = join(1);
  join(2);
  const PlaceView front = join(3);
  journal_.fail(true);
  EXPECT_THROW((void)leave(first), Overloaded);  // the front is called; it can't be told
  for (int s = 0; s < 120; ++s) {
    pass_time(1'000);
    EXPECT_EQ(look(front).state, PlaceState::waiting);
  }
  journal_.fail(false);
  pass_time(6'000);
  EXPECT_EQ(look(front).state, PlaceState::admitted);
  for (int s = 0; s < 590; ++s) {
    pass_time(1'000);
    ASSERT_EQ(look(front).state, PlaceState::admitted) << s << " s of a whole session";
  }
}

TEST_F(HostTest, ASlowDiskUsesUpNobodysTurn) {
  const PlaceView first = join(1);
  join(2);
  const PlaceView front = join(3);
  journal_.hold(true);
  start(leave_quietly(host_.get(), room_, first.token), [](std::exception_ptr) {});
  pass_time(100'000);  // more than a no-show has
  journal_.hold(false);
  journal_.release();
  pass_time(100);
  EXPECT_EQ(look(front).state, PlaceState::admitted);
  EXPECT_EQ(look(front).notice, Notice::none);
}

TEST_F(HostTest, AStandstillOfMinutesExpiresNobody) {
  const PlaceView inside = join(1), waiting = (join(2), join(3));
  look(inside);
  clock_.advance(Millis(180'000));
  host_->tick();
  EXPECT_EQ(look(inside).state, PlaceState::admitted);
  EXPECT_EQ(look(waiting).state, PlaceState::waiting);
  EXPECT_EQ(look(waiting).position, 1);
}

TEST_F(HostTest, AJoinLooksAtThePlaceTokenFirst) {
  join(1);
  join(2);
  const PlaceView mine = join(3);
  join(4);
  const PlaceView again = join(30, mine.token);
  EXPECT_EQ(again.id, mine.id);
  EXPECT_TRUE(again.stood_before);
  EXPECT_EQ(again.position, 1);
  restart();
  EXPECT_EQ(join(30).id, mine.id) << "the device is bound, durably";
  EXPECT_EQ(host_->room(room_)->waiting, 2);
}

TEST_F(HostTest, WhatAPersonIsKnownByIsFixedWhileAnybodyWaits) {
  join(1);
  join(2);
  const PlaceView waiting = join(3);
  SettingsPatch patch;
  patch.one_per = OnePer::account;
  const auto refused = sync_wait(host_->configure(room_, patch, "acc_admin"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().obstacles.at(0).field, "one_per");
  EXPECT_TRUE(leave(waiting));
  EXPECT_EQ(configure(patch).settings.one_per, OnePer::account);
}

TEST_F(HostTest, WhatWasRevokedStaysSo) {
  SettingsPatch patch;
  patch.pass_epoch = 3;
  configure(patch);
  patch.pass_epoch = 2;
  const auto refused = sync_wait(host_->configure(room_, patch, "acc_admin"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().obstacles.at(0).field, "pass_epoch");
}

TEST_F(HostTest, LanesWithPeopleInThemAreFixed) {
  SettingsPatch patch;
  patch.mode = Mode::prequeue;
  configure(patch);
  patch.lanes = {{.name = "VIP", .share = 400}, {.name = "Fans", .share = 200}};
  configure(patch);
  ASSERT_TRUE(sync_wait(host_->join(room_, device(1), 2)));
  SettingsPatch fewer;
  fewer.lanes = {{.name = "VIP", .share = 100}};
  const auto refused = sync_wait(host_->configure(room_, fewer, "acc_admin"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().obstacles.at(0).field, "lanes[1]");
  SettingsPatch empty_lane;
  empty_lane.lanes = {{.name = "VIP", .share = 100}, {.name = "Fans", .share = 200}};
  EXPECT_EQ(configure(empty_lane).settings.lanes[0].share, 100);
}

}  // namespace
}  // namespace onsale::waitroom
