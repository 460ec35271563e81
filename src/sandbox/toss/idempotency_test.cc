#include "sandbox/toss/idempotency.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "base/fakes.h"
#include "sandbox/toss/webhooks.h"

namespace onsale::sandbox::toss {
namespace {

constexpr Timestamp kStart = Timestamp(std::chrono::days(20'800));

TEST(Idempotency, TheScopeIsKeyApiKeyMethodAndUrl) {
  const auto scope = Idempotency::scope_of("k", "test_sk_a", "POST", "/v1/x");
  EXPECT_NE(scope, Idempotency::scope_of("k2", "test_sk_a", "POST", "/v1/x"));
  EXPECT_NE(scope, Idempotency::scope_of("k", "test_sk_b", "POST", "/v1/x"));
  EXPECT_NE(scope, Idempotency::scope_of("k", "test_sk_a", "POST", "/v1/y"));
  EXPECT_NE(scope, Idempotency::scope_of("k", "test_sk_a", "PUT", "/v1/x"));
}

TEST(Idempotency, TheFirstAnswerStandsForFifteenDays) {
  Idempotency answers;
  EXPECT_EQ(answers.begin("s", kStart), nullptr);
  ASSERT_NE(answers.begin("s", kStart), nullptr);
  EXPECT_EQ(answers.begin("s", kStart)->status, 0);  // in flight
  answers.finish("s", {.status = 400, .body = "no", .at = kStart + Millis(5)});
  const auto* kept = answers.begin("s", kStart + kIdempotencyKept - Millis(1));
  ASSERT_NE(kept, nullptr);
  EXPECT_EQ(kept->body, "no");
  EXPECT_EQ(answers.begin("s", kStart + kIdempotencyKept), nullptr);
}

TEST(Idempotency, IsBoundedAndSaysWhatItForgets) {
  std::size_t forgotten = 0;
  Idempotency answers([&](const std::string&) { ++forgotten; });
  for (std::size_t i = 0; i < Idempotency::kMost + 10; ++i) {
    const std::string scope = std::to_string(i);
    EXPECT_EQ(answers.begin(scope, kStart), nullptr);
    answers.finish(scope, {.status = 200, .at = kStart});
  }
  EXPECT_LE(answers.size(), Idempotency::kMost);
  EXPECT_EQ(answers.size() + forgotten, Idempotency::kMost + 10);
  EXPECT_NE(answers.begin(std::to_string(Idempotency::kMost + 9), kStart), nullptr);
}

RC_GTEST_PROP(Idempotency, AgreesWithAModelOfFirstAnswers, ()) {
  Idempotency answers;
  std::map<std::string, std::pair<Timestamp, std::string>> model;
  Timestamp now = kStart;
  for (int i = 0; i < 100; ++i) {
    now += std::chrono::hours(*rc::gen::inRange(0, 100));
    const std::string scope(1, static_cast<char>('a' + *rc::gen::inRange(0, 5)));
    const auto known = model.find(scope);
    const bool live = known != model.end() && now - known->second.first < kIdempotencyKept;
    const FirstAnswer* found = answers.begin(scope, now);
    RC_ASSERT((found != nullptr) == live);
    if (live) {
      RC_ASSERT(found->body == known->second.second);
      continue;
    }
    const std::string body = std::to_string(i);
    answers.finish(scope, {.status = 200, .body = body, .at = now});
    model[scope] = {now, body};
  }
}

TEST(Webhooks, ClimbTheLadderAndAreGivenUpAfterSevenRetries) {
  Webhooks webhooks;
  const auto number = webhooks.add({.id = "w", .next_at = kStart});
  Timestamp now = kStart;
  for (const auto wait : kRetryAfter) {
    ASSERT_EQ(webhooks.take_due(now, 9).size(), 1U);
    EXPECT_TRUE(webhooks.take_due(now, 9).empty());  // under way
    EXPECT_TRUE(webhooks.failed(number, now));
    EXPECT_TRUE(webhooks.take_due(now + wait - Millis(1), 9).empty());
    now += wait;
  }
  ASSERT_EQ(webhooks.take_due(now, 9).size(), 1U);
  EXPECT_FALSE(webhooks.failed(number, now));
  EXPECT_EQ(webhooks.given_up(), 1);
  EXPECT_TRUE(webhooks.waiting().empty());
}

TEST(Webhooks, TheMostOverdueGoesFirst) {
  Webhooks webhooks;
  webhooks.add({.id = "later", .next_at = kStart + Millis(2)});
  webhooks.add({.id = "sooner", .next_at = kStart});
  const auto due = webhooks.take_due(kStart + Millis(5), 1);
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].id, "sooner");
}

}  // namespace
}  // namespace onsale::sandbox::toss
