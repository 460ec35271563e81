#include "waitroom/room/approvals.h"

#include <gtest/gtest.h>

#include "base/fakes.h"

namespace onsale::waitroom {
namespace {

const Timestamp kNow = from_unix_ms(1'800'000'000'000);
Timestamp in(int minutes) { return kNow + Millis(60'000) * minutes; }

bool needs(Settings before, const SettingsPatch& patch, bool drawn = false) {
  before.two_person = true;
  return needs_two(before, patched(before, patch), kNow, drawn);
}

TEST(TwoPersonRule, OneAloneStopsARoomInEveryWay) {
  for (const Mode mode : {Mode::open, Mode::queue, Mode::prequeue, Mode::paused, Mode::drain}) {
    EXPECT_FALSE(needs({.mode = mode}, {.mode = Mode::closed})) << to_string(mode);
  }
  EXPECT_FALSE(needs({.mode = Mode::queue}, {.mode = Mode::paused}));
  EXPECT_FALSE(needs({.mode = Mode::open}, {.mode = Mode::queue}));
  EXPECT_FALSE(needs({.mode = Mode::queue}, {.mode = Mode::drain}));
  EXPECT_FALSE(needs({}, {.capacity = 0}));
  EXPECT_FALSE(needs({}, {.admit_per_minute = 0}));
  const Settings announced{.mode = Mode::prequeue, .opens_at = in(10)};
  EXPECT_FALSE(needs(announced, {.opens_at = in(20)})) << "later is no opening";
  EXPECT_FALSE(needs(announced, {.opens_at = std::optional<Timestamp>()}));
  const Settings planned{.mode = Mode::paused, .schedule = {{.at = in(5), .mode = Mode::queue}}};
  EXPECT_FALSE(needs(planned, {.schedule = std::vector<PlannedChange>()}));
}

TEST(TwoPersonRule, OneAloneOpensItInNoWay) {
  EXPECT_TRUE(needs({.mode = Mode::closed}, {.mode = Mode::queue}));
  EXPECT_TRUE(needs({.mode = Mode::closed}, {.mode = Mode::prequeue}));
  EXPECT_TRUE(needs({.mode = Mode::paused}, {.mode = Mode::queue}));
  EXPECT_TRUE(needs({.mode = Mode::drain}, {.mode = Mode::queue}));
  EXPECT_TRUE(needs({.mode = Mode::queue}, {.mode = Mode::open})) << "everybody at once";
  EXPECT_TRUE(needs({.capacity = 0}, {.capacity = 50}));
  EXPECT_TRUE(needs({.admit_per_minute = 0}, {.admit_per_minute = 1}));
  EXPECT_TRUE(needs({}, {.two_person = false}));
  EXPECT_FALSE(needs({.capacity = 10}, {.capacity = 50})) << "it is open";
}

TEST(TwoPersonRule, OneAloneOpensItByNoPlanEither) {
  const Settings paused{.mode = Mode::paused};
  const std::vector<PlannedChange> open{{.at = in(5), .mode = Mode::queue}};
  EXPECT_TRUE(needs(paused, {.schedule = open}));
  const Settings announced{.mode = Mode::prequeue, .opens_at = in(10)};
  EXPECT_TRUE(needs(announced, {.opens_at = in(9)}));
  EXPECT_TRUE(needs({.mode = Mode::prequeue}, {.opens_at = in(9)}));
  // The plan that would have stopped it.
  const Settings ending{.schedule = {{.at = in(5), .mode = Mode::closed}}};
  EXPECT_TRUE(needs(ending, {.schedule = std::vector<PlannedChange>()}));
  EXPECT_TRUE(needs(ending, {.schedule = {{{.at = in(6), .mode = Mode::closed}}}}));
  EXPECT_FALSE(needs(ending, {.schedule = {{{.at = in(4), .mode = Mode::closed}}}}));
  const std::vector<PlannedChange> more{{.at = in(5), .capacity = 9}};
  EXPECT_TRUE(needs({.capacity = 0}, {.schedule = more}));
  EXPECT_FALSE(needs({}, {.schedule = more}));
}

TEST(TwoPersonRule, SwitchingALotteryOffOpensARoomWhoseTimeHasCome) {
  const Settings waits{.mode = Mode::prequeue, .lottery = true, .opens_at = in(-1)};
  EXPECT_TRUE(needs(waits, {.lottery = false}));
  const Settings later{.mode = Mode::prequeue, .lottery = true, .opens_at = in(9)};
  EXPECT_TRUE(needs(later, {.opens_at = in(8)})) << "it may be drawn by then";
  EXPECT_FALSE(needs(waits, {.mode = Mode::closed}));
}

TEST(TwoPersonRule, WhatIsApprovedIsWhatWasProposed) {
  Approvals approvals;
  SeededRandom random{7};
  const Settings before{.mode = Mode::closed, .two_person = true};
  Settings after = before;
  after.mode = Mode::queue;
  const auto propose = [&] {
    return approvals.propose(ProposalId::make(kNow, random), before, after, "a", kNow).id;
  };
  const ProposalId first = propose(), second = propose();
  EXPECT_EQ(approvals.approved(first, "b", before, kNow).error(),
            ConfigureRefusal::proposal_not_found)
      << "another took its place";
  EXPECT_EQ(approvals.approved(second, "b", before, kNow + kProposalLife).error(),
            ConfigureRefusal::proposal_not_found);
  EXPECT_EQ(approvals.approved(second, "a", before, kNow).error(),
            ConfigureRefusal::second_person_needed);
  EXPECT_EQ(approvals.approved(second, "b", before, kNow)->after, after);
  const ProposalId third = propose();
  Settings meanwhile = before;
  meanwhile.capacity += 1;
  EXPECT_EQ(approvals.approved(third, "b", meanwhile, kNow).error(),
            ConfigureRefusal::changed_meanwhile);
  EXPECT_FALSE(approvals.pending(kNow).has_value());
}

}  // namespace
}  // namespace onsale::waitroom
