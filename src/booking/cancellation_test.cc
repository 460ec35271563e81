// What a cancellation costs: steps, days of Korea, rounding, and when the amount changes next.
#include "booking/cancellation.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace onsale::booking {
namespace {

using catalogue::ShowKind;

Timestamp at(std::string_view text) { return *parse_rfc3339(text); }

// 25 December 2026, 19:30 in Seoul; bought on 1 November at noon there.
const Occurrence kShow{.bought_at = at("2026-11-01T03:00:00Z"),
                       .starts_at = at("2026-12-25T10:30:00Z")};

std::optional<std::int64_t> percent(ShowKind kind, std::string_view now,
                                    const Occurrence& of = kShow) {
  const auto step = step_at(default_policy(kind), of, at(now));
  if (!step) return {};
  return step->fee_percent;
}

TEST(CancellationOfAStageShow, CostsMoreTheCloserItIs) {
  const auto cost = [](std::string_view now) { return percent(ShowKind::musical, now); };
  // Midnight in Seoul is 15:00 UTC of the day before.
  EXPECT_EQ(cost("2026-12-15T14:59:59.999Z"), 0) << "10 days before";
  EXPECT_EQ(cost("2026-12-15T15:00:00Z"), 10) << "9 days before";
  EXPECT_EQ(cost("2026-12-18T14:59:59.999Z"), 10) << "7 days before";
  EXPECT_EQ(cost("2026-12-18T15:00:00Z"), 20) << "6 days before";
  EXPECT_EQ(cost("2026-12-22T14:59:59.999Z"), 20) << "3 days before";
  EXPECT_EQ(cost("2026-12-22T15:00:00Z"), 30) << "2 days before";
  EXPECT_EQ(cost("2026-12-24T14:59:59.999Z"), 30) << "the day before";
  EXPECT_EQ(cost("2026-12-24T15:00:00Z"), std::nullopt) << "the day itself";
  EXPECT_EQ(cost("2026-12-25T10:30:00Z"), std::nullopt);
}

TEST(CancellationOfAStageShow, IsFreeWithinSevenDaysOfBuyingButNotOnTheDay) {
  const Occurrence late{.bought_at = at("2026-12-20T14:00:00Z"),  // the 20th, 23:00 in Seoul
                        .starts_at = kShow.starts_at};
  EXPECT_EQ(percent(ShowKind::concert, "2026-12-24T14:59:00Z", late), 0);
  EXPECT_EQ(percent(ShowKind::concert, "2026-12-24T15:00:00Z", late), std::nullopt);
  const Occurrence early{.bought_at = at("2026-12-10T14:00:00Z"), .starts_at = kShow.starts_at};
  EXPECT_EQ(percent(ShowKind::play, "2026-12-17T14:59:59.999Z", early), 0) << "the seventh day";
  EXPECT_EQ(percent(ShowKind::play, "2026-12-17T15:00:00Z", early), 10) << "the eighth";
}

TEST(CancellationOfAFilm, IsFreeUntilTwentyMinutesBefore) {
  EXPECT_EQ(percent(ShowKind::film, "2026-12-25T10:10:00Z"), 0);
  EXPECT_EQ(percent(ShowKind::film, "2026-12-25T10:10:00.001Z"), std::nullopt);
}

TEST(CancellationOfOldReservations, GivesEverythingBackUntilTheStart) {
  const auto step = [](std::string_view now) {
    return step_at(full_refund_policy(), kShow, at(now));
  };
  EXPECT_EQ(step("2026-12-25T10:29:59.999Z"), CancellationStep{});
  EXPECT_EQ(step("2026-12-25T10:30:00Z"), std::nullopt);
}

TEST(CancellationOfAPerformance, JustAfterMidnightCountsTheDaysOfKorea) {
  const Occurrence night{.bought_at = at("2026-11-01T03:00:00Z"),
                         .starts_at = at("2026-12-24T15:10:00Z")};  // 25th, 00:10 in Seoul
  EXPECT_EQ(percent(ShowKind::musical, "2026-12-24T14:59:00Z", night), 30);
  EXPECT_EQ(percent(ShowKind::musical, "2026-12-24T15:00:00Z", night), std::nullopt);
}

TEST(CancellationCost, IsToldWithTheMomentAtWhichItChanges) {
  const auto until = [](ShowKind kind, std::string_view now, const Occurrence& of = kShow) {
    return to_rfc3339(costs_until(default_policy(kind), of, at(now)));
  };
  // Free because of buying, and then because of the days before: no change in between.
  EXPECT_EQ(until(ShowKind::musical, "2026-11-02T00:00:00Z"), "2026-12-15T15:00:00.000Z");
  EXPECT_EQ(until(ShowKind::musical, "2026-12-16T00:00:00Z"), "2026-12-18T15:00:00.000Z");
  EXPECT_EQ(until(ShowKind::musical, "2026-12-24T00:00:00Z"), "2026-12-24T15:00:00.000Z");
  EXPECT_EQ(until(ShowKind::film, "2026-12-24T00:00:00Z"), "2026-12-25T10:10:00.001Z");
  EXPECT_EQ(to_rfc3339(costs_until(full_refund_policy(), kShow, at("2026-12-24T00:00:00Z"))),
            "2026-12-25T10:30:00.000Z");
}

RC_GTEST_PROP(CancellationCost, StaysTheSameUntilThenAndIsAnotherOneAfterwards, ()) {
  CancellationPolicy policy;
  for (int i = *rc::gen::inRange(1, 5); i > 0; --i) {
    CancellationStep step{.days_before = *rc::gen::inRange(0, 12),
                          .minutes_before = *rc::gen::inRange(0, 3000),
                          .fee_percent = *rc::gen::element(0, 10, 20)};
    if (*rc::gen::arbitrary<bool>()) step.within_days = *rc::gen::inRange(0, 9);
    policy.push_back(step);
  }
  const auto minute = [](int n) { return Timestamp(std::chrono::minutes(n)); };
  const Occurrence of{.bought_at = minute(*rc::gen::inRange(0, 20'000)),
                      .starts_at = minute(*rc::gen::inRange(0, 20'000))};
  const Timestamp now = minute(*rc::gen::inRange(0, 20'000));
  const auto cost = [&](Timestamp when) -> std::int64_t {
    const auto step = step_at(policy, of, when);
    return step ? step->fee_percent : 100;
  };
  const Timestamp until = costs_until(policy, of, now);
  if (!step_at(policy, of, now)) {
    RC_ASSERT(until == now);
    return;
  }
  RC_ASSERT(until > now);
  RC_ASSERT(cost(until - Millis(1)) == cost(now));
  RC_ASSERT(cost(until) != cost(now));
}

RC_GTEST_PROP(CancellationFee, OfPartsIsNeverMoreThanOfTheWhole, ()) {
  const auto a = *rc::gen::inRange<std::int64_t>(0, 1'000'000);
  const auto b = *rc::gen::inRange<std::int64_t>(0, 1'000'000);
  const auto p = *rc::gen::inRange<std::int64_t>(0, 101);
  RC_ASSERT(fee_of(a, p) + fee_of(b, p) <= fee_of(a + b, p));
  RC_ASSERT(fee_of(a, p) * 100 <= a * p);
  RC_ASSERT(fee_of(a, p) * 100 > a * p - 100);
  RC_ASSERT(fee_of(a, 100) == a);
}

TEST(CancellationPolicies, AreCheckedStepByStep) {
  EXPECT_TRUE(policy_obstacles(default_policy(ShowKind::musical)).empty());
  EXPECT_TRUE(policy_obstacles({}).empty()) << "nothing comes back, ever";
  const auto wrong = policy_obstacles(
      {{.fee_percent = 101}, {.within_days = -1}, {.days_before = 1001}, {.minutes_before = -1}});
  ASSERT_EQ(wrong.size(), 4U);
  EXPECT_EQ(wrong[0].field, "steps[0].fee_percent");
  EXPECT_EQ(wrong[1].field, "steps[1].within_days");
  EXPECT_FALSE(policy_obstacles(CancellationPolicy(21)).empty());
}

TEST(CancellationPolicy, ItsCourseIsWhatEveryMomentFromBuyingToTheStartCosts) {
  const Occurrence of{.bought_at = *parse_rfc3339("2026-12-01T03:00:00Z"),
                      .starts_at = *parse_rfc3339("2026-12-31T10:00:00Z")};
  const auto& stage = default_policy(catalogue::ShowKind::musical);
  const auto course = course_of(stage, of);
  ASSERT_EQ(course.size(), 5U);
  EXPECT_EQ(course.front().from, of.bought_at);
  EXPECT_EQ(course.front().fee_percent, 0);
  EXPECT_EQ(course.front().until, *parse_rfc3339("2026-12-21T15:00:00Z")) << "ten days before";
  EXPECT_EQ(course[1].fee_percent, 10);
  EXPECT_EQ(course[3].fee_percent, 30);
  EXPECT_FALSE(course.back().fee_percent) << "on the day";
  EXPECT_EQ(course.back().until, of.starts_at);
  for (std::size_t i = 0; i < course.size(); ++i) {
    if (i > 0) {
      EXPECT_EQ(course[i].from, course[i - 1].until);
    }
    for (const Timestamp at : {course[i].from, course[i].until - Millis(1)}) {
      const auto step = step_at(stage, of, at);
      EXPECT_EQ(step.has_value(), course[i].fee_percent.has_value());
      if (step) {
        EXPECT_EQ(step->fee_percent, *course[i].fee_percent);
      }
    }
  }
  EXPECT_EQ(course_of({}, of).size(), 1U) << "never";
}

}  // namespace
}  // namespace onsale::booking
