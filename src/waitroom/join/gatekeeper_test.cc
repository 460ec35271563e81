// Who gets past the gatekeeper, with the real room behind it; and that each guard is needed.
#include "waitroom/join/gatekeeper.h"

#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "tests/long_run.h"
#include "waitroom/join/gatekeeper_fixture.h"

namespace onsale::waitroom {
namespace {

const int kCrowd = testing_support::in_long_run(1'000'000, 100'000);

Settings demanding() {
  return {.mode = Mode::queue, .capacity = 0, .proof = ProofMode::on, .proof_bits = 8};
}

DeviceKey device(std::uint32_t number) {
  DeviceKey key{};
  std::memcpy(key.data(), &number, sizeof number);
  key[15] = 1;
  return key;
}

std::string address(std::uint64_t number) {
  return std::to_string(1 + number % 223) + "." + std::to_string(number / 223 % 256) + "." +
         std::to_string(number / 223 / 256 % 256) + ".7";
}

std::int64_t resident_kb() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    std::int64_t kb = 0;
    if (word == "VmRSS:" && status >> kb) return kb;
  }
  return 0;
}

AskProof asked(const Verdict& verdict) {
  const auto* question = std::get_if<AskProof>(&verdict);
  EXPECT_NE(question, nullptr);
  return question ? *question : AskProof{};
}
Admit admitted(const Verdict& verdict) {
  const auto* admit = std::get_if<Admit>(&verdict);
  EXPECT_NE(admit, nullptr);
  return admit ? *admit : Admit{};
}

TEST(Gatekeeper, WithoutProofEverybodyMayJoinAtOnce) {
  JoinCheckWorld world({.mode = Mode::queue});
  EXPECT_EQ(admitted(world.ask(world.attempt())).device, std::nullopt);
  EXPECT_EQ(admitted(world.ask(world.attempt(device(1)))).device, device(1));
  EXPECT_EQ(world.keeper.counts().asked, 0);
}

TEST(Gatekeeper, AProofIsWorthOnePlaceHoweverOftenItIsShown) {
  JoinCheckWorld world(demanding());
  JoinAttempt attempt = world.attempt();
  attempt.proof = world.solved(asked(world.ask(attempt)));
  const Admit first = admitted(world.ask(attempt));
  ASSERT_TRUE(first.device.has_value());
  EXPECT_FALSE(first.cookie.empty());
  const PlaceView place = world.join(first);
  for (int i = 0; i < 100; ++i) {
    const Admit again = admitted(world.ask(attempt));
    EXPECT_EQ(again.device, first.device);
    EXPECT_EQ(again.cookie, first.cookie);
    EXPECT_EQ(world.join(again).id, place.id);
  }
  EXPECT_EQ(world.places(), 1);
}

TEST(Gatekeeper, NegativeControlAProofWithoutItsDeviceIsWorthManyPlaces) {
  JoinCheckWorld world(demanding(), {.same_device = false});
  JoinAttempt attempt = world.attempt();
  attempt.proof = world.solved(asked(world.ask(attempt)));
  for (int i = 0; i < 10; ++i) world.join(admitted(world.ask(attempt)));
  EXPECT_EQ(world.places(), 10);
}

TEST(Gatekeeper, ACrowdsUnprovenJoinsMakeNoPlaceAndNoMemory) {
  JoinCheckWorld world(demanding());
  JoinAttempt attempt = world.attempt();
  const auto come = [&](int from, int to) {
    for (int i = from; i < to; ++i) {
      world.clock.advance(Millis(i % 8 == 0 ? 1 : 0));
      attempt.network = prefix_of(address(static_cast<std::uint64_t>(i)));
      attempt.device.reset();
      attempt.proof.reset();
      switch (i % 16) {  // mostly nothing; nonsense, a device nobody knows, an unsolved challenge
        case 1:
          attempt.proof = Solutions{std::string(120, 'x'), {1, 2, 3, 4}};
          break;
        case 2:
          attempt.device = device(static_cast<std::uint32_t>(i));
          break;
        case 3:
          attempt.proof = Solutions{asked(world.ask(attempt)).token, {1, 2, 3, 4}};
          break;
        default:
          break;
      }
      const auto verdict = world.keeper.decide(attempt, world.clock.now());
      if (const auto* admit = std::get_if<Admit>(&*verdict)) world.join(*admit);
    }
  };
  world.host.tick();
  come(0, kCrowd / 10);
  const std::size_t batches = world.journal.batch_count(world.room);
  const std::int64_t before = resident_kb();
  const std::size_t counters = world.keeper.memory_bytes();
  come(kCrowd / 10, kCrowd);
  EXPECT_EQ(world.places(), 0);
  EXPECT_EQ(world.journal.batch_count(world.room), batches);
  EXPECT_EQ(world.keeper.memory_bytes(), counters);
#if !defined(ONSALE_SANITIZED)
  EXPECT_LT(resident_kb() - before, 1'024);
#else
  (void)before;
#endif
}

TEST(Gatekeeper, NegativeControlWhereNothingIsDemandedEachOfThemGetsAPlace) {
  Settings settings = demanding();
  settings.proof = ProofMode::off;
  JoinCheckWorld world(settings);
  for (int i = 0; i < 1'000; ++i) {
    world.join(admitted(world.ask(world.attempt({}, address(static_cast<std::uint64_t>(i))))));
  }
  EXPECT_EQ(world.places(), 1'000);
}

TEST(Gatekeeper, WhatIsWrongIsSaidWithANewChallenge) {
  JoinCheckWorld world(demanding());
  JoinAttempt attempt = world.attempt(device(1));
  const AskProof question = asked(world.ask(attempt));
  EXPECT_EQ(question.fault, std::nullopt);
  const Solutions good = world.solved(question);
  const auto fault_of = [&](JoinAttempt with, Solutions proof) {
    with.proof = std::move(proof);
    const AskProof again = asked(world.ask(with));
    EXPECT_FALSE(again.token.empty());
    return again.fault;
  };
  EXPECT_EQ(fault_of(attempt, {"nonsense", good.numbers}), ProofFault::forged);
  EXPECT_EQ(fault_of(attempt, {good.token, {1}}), ProofFault::wrong_count);
  EXPECT_EQ(fault_of(world.attempt(device(2)), good), ProofFault::foreign);
  EXPECT_EQ(fault_of(world.attempt({}, "192.0.2.1"), good), ProofFault::foreign);
  world.clock.advance(kChallengeLife);
  EXPECT_EQ(fault_of(attempt, good), ProofFault::expired);
}

TEST(Gatekeeper, NegativeControlAnOldProofCountsWhenNothingExpires) {
  JoinCheckWorld world(demanding(), {.expiry = false});
  JoinAttempt attempt = world.attempt(device(1));
  attempt.proof = world.solved(asked(world.ask(attempt)));
  world.clock.advance(kChallengeLife * 100);
  admitted(world.ask(attempt));
}

TEST(Gatekeeper, ALostAnswerIsFoundAgainHoweverLate) {
  JoinCheckWorld world(demanding());
  JoinAttempt attempt = world.attempt();
  attempt.proof = world.solved(asked(world.ask(attempt)));
  const PlaceView place = world.join(admitted(world.ask(attempt)));
  world.clock.advance(kChallengeLife * 2);
  world.host.sign_of_life(world.room, place.id, world.clock.now());
  EXPECT_EQ(world.join(admitted(world.ask(attempt))).id, place.id);
}

TEST(Gatekeeper, WhoIsInTheRoomProvesNothingAgain) {
  Settings settings = demanding();
  settings.proof = ProofMode::off;
  JoinCheckWorld world(settings);
  const PlaceView place = world.join(admitted(world.ask(world.attempt(device(1)))));
  world.set({.proof = ProofMode::on});
  EXPECT_EQ(world.join(admitted(world.ask(world.attempt(device(1))))).id, place.id);
  asked(world.ask(world.attempt(device(2))));
}

TEST(Gatekeeper, AClosedRoomAsksForNoWork) {
  JoinCheckWorld world(demanding());
  world.set({.mode = Mode::closed});
  admitted(world.ask(world.attempt()));
  EXPECT_EQ(sync_wait(world.host.join(world.room, device(1))).error(), JoinRefusal::room_closed);
}

TEST(Gatekeeper, AutomaticBeginsUnderPressureAndEndsInCalm) {
  Settings settings = demanding();
  settings.proof = ProofMode::automatic;
  JoinCheckWorld world(settings);
  int free = 0;
  for (int i = 0; i < 500; ++i) {
    world.clock.advance(Millis(2));
    const Verdict verdict = world.ask(world.attempt({}, address(static_cast<std::uint64_t>(i))));
    free += std::holds_alternative<Admit>(verdict) ? 1 : 0;
  }
  EXPECT_GT(free, 10);
  EXPECT_LE(free, 50);
  EXPECT_TRUE(world.keeper.status(*world.host.room(world.room), world.clock.now()).demanded);
  world.clock.advance(Millis(90'000));
  admitted(world.ask(world.attempt()));
}

TEST(Gatekeeper, ManyWhoWaitForTheDiskArePressure) {
  Settings settings = demanding();
  settings.proof = ProofMode::automatic;
  JoinCheckWorld world(settings, {}, {.in_flight = 3});
  admitted(world.ask(world.attempt(device(1))));
  {
    const Gatekeeper::InFlight one(&world.keeper), two(&world.keeper), three(&world.keeper);
    asked(world.ask(world.attempt(device(2))));
  }
}

TEST(Gatekeeper, ANetworkThatTakesMuchPaysMore) {
  JoinCheckWorld world(demanding());
  const std::int64_t base = asked(world.ask(world.attempt())).bits;
  for (int i = 0; i < 40; ++i) {
    JoinAttempt attempt = world.attempt({}, "198.51.100.1");
    attempt.proof = world.solved(asked(world.ask(attempt)));
    world.join(admitted(world.ask(attempt)));
  }
  EXPECT_GE(asked(world.ask(world.attempt({}, "198.51.100.77"))).bits, base + 3);
  EXPECT_EQ(asked(world.ask(world.attempt({}, "198.51.101.1"))).bits, base);
}

TEST(Gatekeeper, ANetworkOverItsShareGoesOnInTheSlowLane) {
  Settings settings = demanding();
  settings.joins_per_prefix = 10;
  JoinCheckWorld world(settings);
  const auto lane = [&](std::string_view from) {
    JoinAttempt attempt = world.attempt({}, from);
    attempt.proof = world.solved(asked(world.ask(attempt)));
    const Admit admit = admitted(world.ask(attempt));
    EXPECT_EQ(world.join(admit).lane, admit.lane);
    EXPECT_EQ(world.join(admit).notice, admit.lane == kSlowLane ? Notice::slow_lane : Notice::none);
    return admit.lane;
  };
  for (int i = 0; i < 10; ++i) EXPECT_EQ(lane("198.51.100.1"), kMainLane);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(lane("198.51.100.2"), kSlowLane);
  EXPECT_EQ(lane("198.51.101.1"), kMainLane);
  world.clock.advance(Millis(70'000));
  EXPECT_EQ(lane("198.51.100.1"), kMainLane);
}

TEST(Gatekeeper, WhoOwnsManyNetworksOfOneProviderHasFourShares) {
  Settings settings = demanding();
  settings.joins_per_prefix = 10;
  JoinCheckWorld world(settings, {.work = false});
  int main = 0;
  for (std::uint32_t i = 0; i < 200; ++i) {  // every one from a /56 of its own, all of one /48
    char address[40];
    std::snprintf(address, sizeof address, "2001:db8:7:%x00::1", i);
    JoinAttempt attempt = world.attempt(device(i), address);
    attempt.proof = Solutions{asked(world.ask(attempt)).token, {1, 2, 3, 4}};
    main += admitted(world.ask(attempt)).lane == kMainLane ? 1 : 0;
  }
  EXPECT_EQ(main, 40);
  JoinAttempt other = world.attempt(device(999), "2001:db8:8::1");
  other.proof = Solutions{asked(world.ask(other)).token, {1, 2, 3, 4}};
  EXPECT_EQ(admitted(world.ask(other)).lane, kMainLane);
}

TEST(Gatekeeper, ManyAtTheSameMomentGetNoMoreThanTheShare) {
  Settings settings = demanding();
  settings.joins_per_prefix = 25;
  JoinCheckWorld world(settings, {.work = false});
  std::atomic<int> main{0};
  std::vector<std::thread> crowd;
  for (std::uint32_t who = 0; who < 4; ++who) {
    crowd.emplace_back([&, who] {
      for (std::uint32_t i = 0; i < 50; ++i) {
        JoinAttempt attempt = world.attempt(device(who * 1'000 + i));
        const auto question = world.keeper.decide(attempt, world.clock.now());
        attempt.proof = Solutions{std::get<AskProof>(*question).token, {1, 2, 3, 4}};
        const auto verdict = world.keeper.decide(attempt, world.clock.now());
        if (std::get<Admit>(*verdict).lane == kMainLane) ++main;
      }
    });
  }
  for (auto& one : crowd) one.join();
  EXPECT_EQ(main, 25);
  EXPECT_EQ(world.keeper.counts().slow_quota, 175);
}

TEST(Gatekeeper, NegativeControlWithoutItsGuardNoNetworkIsEverSlow) {
  Settings settings = demanding();
  settings.joins_per_prefix = 1;
  JoinCheckWorld world(settings, {.quota = false});
  for (int i = 0; i < 20; ++i) {
    JoinAttempt attempt = world.attempt();
    attempt.proof = world.solved(asked(world.ask(attempt)));
    EXPECT_EQ(admitted(world.ask(attempt)).lane, kMainLane);
  }
}

TEST(Gatekeeper, AQuotaWithoutProofHoldsUnderPressureOnly) {
  Settings settings{.mode = Mode::queue, .capacity = 0, .joins_per_prefix = 5};
  JoinCheckWorld world(settings);
  const auto lane = [&] { return admitted(world.ask(world.attempt())).lane; };
  for (int i = 0; i < 10; ++i) EXPECT_EQ(lane(), kMainLane);
  for (int i = 0; i < 60; ++i) world.ask(world.attempt({}, address(static_cast<std::uint64_t>(i))));
  EXPECT_EQ(lane(), kSlowLane);
}

TEST(Gatekeeper, AStrangerFromANetworkOfForgersIsSlowAndNobodyElse) {
  JoinCheckWorld world(demanding());
  const auto forge = [&](JoinAttempt attempt) {
    attempt.proof = Solutions{"nonsense", {1, 2, 3, 4}};
    asked(world.ask(attempt));
  };
  const auto lane = [&](JoinAttempt attempt) {
    attempt.proof = world.solved(asked(world.ask(attempt)));
    return admitted(world.ask(attempt)).lane;
  };
  EXPECT_EQ(lane(world.attempt()), kMainLane);
  for (int i = 0; i < 8; ++i) forge(world.attempt());
  EXPECT_EQ(lane(world.attempt()), kSlowLane);
  EXPECT_EQ(lane(world.attempt(device(1))), kMainLane);
  EXPECT_EQ(lane(world.attempt({}, "198.51.100.1")), kMainLane);
  // With a device of its own it takes more, and counts against that device only.
  for (int i = 0; i < 30; ++i) forge(world.attempt(device(3)));
  EXPECT_EQ(lane(world.attempt(device(3))), kSlowLane);
  EXPECT_EQ(lane(world.attempt(device(4))), kMainLane);
}

class Invited : public testing::Test {
 protected:
  Invited() {
    world_.set({.lanes = std::vector<PriorityLane>{{.name = "fans"}, {.name = "press"}}});
  }
  Result<InviteBatch, InviteOrderRefusal> order(InviteOrder wanted) {
    return sync_wait(make_invites(world_.invites, *world_.host.room(world_.room), std::move(wanted),
                                  world_.clock.now()));
  }
  std::vector<std::string> tokens(std::int64_t after = 0, std::int64_t limit = 100) {
    const RoomView room = *world_.host.room(world_.room);
    const auto batches = sync_wait(world_.invites.batches(room.id, room.epoch));
    std::vector<std::string> texts;
    for (auto& one : invite_tokens(*world_.crypto, room, batches, after, limit)) {
      texts.push_back(std::move(one.token));
    }
    return texts;
  }
  Verdict use(const std::string& token, std::optional<DeviceKey> by = {}) {
    JoinAttempt attempt = world_.attempt(by);
    attempt.invite = token;
    return world_.ask(std::move(attempt));
  }
  InviteFault fault(const Verdict& verdict) {
    const auto* found = std::get_if<InviteFault>(&verdict);
    EXPECT_NE(found, nullptr);
    return found ? *found : InviteFault{};
  }

  // GCC 12 breaks down over settings in a member's default.
  static Settings before_opening() {
    return {.mode = Mode::prequeue, .capacity = 0, .proof = ProofMode::on};
  }

  JoinCheckWorld world_{before_opening()};
};

TEST_F(Invited, AnInviteLeadsIntoItsLaneWithoutProof) {
  ASSERT_TRUE(order({.count = 3, .lane = "press", .made_by = "acc_boss"}).has_value());
  const auto all = tokens();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_LE(all[0].size(), kInviteTokenMax);
  const PlaceView place = world_.join(admitted(use(all[0], device(1))));
  EXPECT_EQ(place.lane_name, "press");
  EXPECT_EQ(place.position, 1);
  EXPECT_EQ(world_.invites.told.back().changes.at(0).field, "invites");
  EXPECT_EQ(world_.invites.told.back().who, "acc_boss");
}

TEST_F(Invited, AnInviteIsGoodForOneDeviceAndForItsRetries) {
  ASSERT_TRUE(order({.count = 3, .lane = "fans"}).has_value());
  const auto all = tokens();
  const PlaceView first = world_.join(admitted(use(all[0], device(1))));
  EXPECT_EQ(world_.join(admitted(use(all[0], device(1)))).id, first.id);
  EXPECT_EQ(fault(use(all[0], device(2))), InviteFault::used);
  EXPECT_EQ(fault(use(all[0])), InviteFault::used);
  // Without a device the invite itself says which: a retry finds the same place.
  const PlaceView second = world_.join(admitted(use(all[1])));
  EXPECT_NE(second.id, first.id);
  EXPECT_EQ(world_.join(admitted(use(all[1]))).id, second.id);
  EXPECT_EQ(world_.places(), 2);
  // Who is in line without it does not spend it.
  const PlaceView third = world_.join(admitted(use(all[2], device(1))));
  EXPECT_EQ(third.id, first.id);
  EXPECT_NE(world_.join(admitted(use(all[2], device(3)))).id, first.id);
}

TEST_F(Invited, EveryInviteThatDoesNotCountSaysWhy) {
  const Timestamp soon = world_.clock.now() + Millis(60'000);
  ASSERT_TRUE(order({.count = 1, .lane = "fans", .expires_at = soon}).has_value());
  ASSERT_TRUE(order({.count = 1, .lane = "fans"}).has_value());
  const auto all = tokens();
  EXPECT_EQ(fault(use("nonsense", device(1))), InviteFault::invalid);
  std::string changed = all[0];
  changed[5] = changed[5] == 'A' ? 'B' : 'A';
  EXPECT_EQ(fault(use(changed, device(1))), InviteFault::invalid);
  const std::string elsewhere = sign(*world_.crypto, {.room = "film-2", .lane = 1, .number = 1});
  EXPECT_EQ(fault(use(elsewhere, device(1))), InviteFault::invalid);
  world_.clock.set(soon);
  EXPECT_EQ(fault(use(all[0], device(1))), InviteFault::expired);
  world_.set({.mode = Mode::queue});
  EXPECT_EQ(fault(use(all[1], device(1))), InviteFault::lanes_fixed);
}

TEST_F(Invited, WhoCameInTimeIsFoundAfterTheOpeningToo) {
  ASSERT_TRUE(order({.count = 1, .lane = "fans"}).has_value());
  const auto all = tokens();
  const PlaceView place = world_.join(admitted(use(all[0])));
  world_.set({.mode = Mode::queue});
  EXPECT_EQ(world_.join(admitted(use(all[0]))).id, place.id);
}

TEST_F(Invited, InvitesAreMadeBeforeTheOpeningForLanesThatAreThere) {
  EXPECT_EQ(order({.count = 1, .lane = "nobody"}).error(), InviteOrderRefusal::lane_unknown);
  EXPECT_EQ(order({.count = 0, .lane = "fans"}).error(), InviteOrderRefusal::out_of_range);
  EXPECT_EQ(order({.count = 1, .lane = "fans", .expires_at = world_.clock.now()}).error(),
            InviteOrderRefusal::out_of_range);
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(order({.count = kInvitesAtOnce, .lane = "fans"}).has_value());
  }
  EXPECT_EQ(order({.count = 1, .lane = "fans"}).error(), InviteOrderRefusal::too_many);
  world_.set({.mode = Mode::queue});
  EXPECT_EQ(order({.count = 1, .lane = "fans"}).error(), InviteOrderRefusal::room_opened);
}

TEST_F(Invited, TokensComeInPagesAcrossBatches) {
  ASSERT_TRUE(order({.count = 3, .lane = "fans"}).has_value());
  ASSERT_TRUE(order({.count = 3, .lane = "press"}).has_value());
  const auto all = tokens();
  ASSERT_EQ(all.size(), 6U);
  EXPECT_EQ(tokens(2, 2), (std::vector<std::string>{all[2], all[3]}));
  EXPECT_EQ(tokens(6, 2), std::vector<std::string>{});
}

TEST(External, ItsAnswerIsAsGoodAsWork) {
  JoinCheckWorld world(demanding());
  EXPECT_EQ(asked(world.ask(world.attempt())).external_url, "https://challenge.test/site");
  JoinAttempt attempt = world.attempt();
  attempt.external = "their token";
  const PlaceView place = world.join(admitted(world.ask(attempt)));
  EXPECT_EQ(world.external.last, "their token");
  // The service takes an answer once; a retry is known by its place.
  world.external.answer = ExternalAnswer::failed;
  EXPECT_EQ(world.join(admitted(world.ask(attempt))).id, place.id);
  EXPECT_EQ(world.external.calls, 1);
}

TEST(External, WhereItIsOutOfOrderWorkStillCounts) {
  JoinCheckWorld world(demanding());
  world.external.answer = ExternalAnswer::unavailable;
  JoinAttempt attempt = world.attempt();
  attempt.external = "their token";
  const AskProof question = asked(world.ask(attempt));
  EXPECT_TRUE(question.external_url.empty());
  EXPECT_FALSE(question.external_failed);
  attempt.proof = world.solved(question);
  admitted(world.ask(attempt));
}

TEST(External, NonsenseIsNotPassedOnForEver) {
  JoinCheckWorld world(demanding());
  world.external.answer = ExternalAnswer::failed;
  for (int i = 0; i < 100; ++i) {
    JoinAttempt attempt = world.attempt();
    attempt.external = "nonsense " + std::to_string(i);
    EXPECT_EQ(asked(world.ask(attempt)).external_failed, i < 20);
  }
  EXPECT_EQ(world.external.calls, 20);
}

}  // namespace
}  // namespace onsale::waitroom
