#include "payments/payment.h"

#include <gtest/gtest.h>

namespace onsale::payments {
namespace {

using enum PaymentState;

constexpr PaymentState kAll[] = {ready,  pending,   unknown,  paid,
                                 failed, cancelled, refunded, partially_refunded};
constexpr Verdict kVerdicts[] = {Verdict::captured,   Verdict::declined, Verdict::abandoned,
                                 Verdict::authorised, Verdict::open,     Verdict::waiting,
                                 Verdict::reversed,   Verdict::unknown};

TEST(PaymentRules, MoneyCountsHoweverLateItComesButOnlyOnce) {
  for (const auto state : {ready, pending, unknown, failed, cancelled})
    EXPECT_EQ(next_state(state, Verdict::captured), paid) << to_string(state);
  for (const auto state : {paid, refunded, partially_refunded})
    EXPECT_FALSE(next_state(state, Verdict::captured)) << to_string(state);
}

TEST(PaymentRules, NothingElseMovesAPaymentThatEnded) {
  for (const auto state : {paid, failed, cancelled, refunded, partially_refunded}) {
    for (const auto verdict : kVerdicts) {
      if (verdict != Verdict::captured) {
        EXPECT_FALSE(next_state(state, verdict)) << to_string(state);
      }
    }
  }
}

TEST(PaymentRules, NotKnowingChangesNothing) {
  for (const auto state : kAll) EXPECT_FALSE(next_state(state, Verdict::unknown));
}

TEST(PaymentRules, AnUndecidedOneEndsAsTheProviderSays) {
  for (const auto state : {pending, unknown}) {
    EXPECT_EQ(next_state(state, Verdict::declined), failed);
    EXPECT_EQ(next_state(state, Verdict::abandoned), cancelled);
  }
  EXPECT_EQ(next_state(unknown, Verdict::open), pending);
  EXPECT_FALSE(next_state(pending, Verdict::open));
}

TEST(PaymentRules, ADepositIsWaitedForAndMoneyThatIsGoneIsNone) {
  EXPECT_EQ(next_state(unknown, Verdict::waiting), pending);
  EXPECT_FALSE(next_state(pending, Verdict::waiting));
  for (const auto state : {pending, unknown})
    EXPECT_EQ(next_state(state, Verdict::reversed), cancelled);
}

TEST(PaymentRules, NoticesAreLookedIntoOnceInSomeSeconds) {
  const Timestamp now = from_unix_ms(1'000'000);
  Payment payment{.state = pending, .updated_at = now};
  EXPECT_EQ(notice_look(payment, {}, now), now);
  EXPECT_EQ(notice_look(payment, now, now), now + kNoticeSpacing) << "that one may be over";
  EXPECT_EQ(notice_look(payment, now - Millis(1), now), now - Millis(1) + kNoticeSpacing);
  EXPECT_EQ(notice_look(payment, now + Millis(7), now), now + Millis(7)) << "one is coming";
  EXPECT_EQ(notice_look(payment, now - kNoticeSpacing, now), now);
  payment.state = unknown;
  EXPECT_EQ(notice_look(payment, {}, now), now + kCaptureLease) << "it is being captured";
}

TEST(PaymentRules, WhatIsRefundableTellsWhetherMoneyWentBack) {
  EXPECT_EQ(came_back(30'000, 30'000, 10'000), Came::not_yet);
  EXPECT_EQ(came_back(30'000, 20'000, 10'000), Came::back);
  EXPECT_EQ(came_back(30'000, 25'000, 10'000), Came::differently);
}

TEST(PaymentRules, ChecksBecomeRarerUpToALimit) {
  EXPECT_EQ(check_delay(unknown, 0), kFirstCheckUnknown);
  EXPECT_EQ(check_delay(unknown, 1), 2 * kFirstCheckUnknown);
  EXPECT_EQ(check_delay(pending, 0), kFirstCheckPending);
  EXPECT_EQ(check_delay(pending, 1'000'000), kCheckMax);
  EXPECT_EQ(refund_delay(1'000'000), kCheckMax);
}

TEST(PaymentRules, StatesHaveTheNamesOfTheContract) {
  EXPECT_EQ(to_string(partially_refunded), "partially_refunded");
  EXPECT_TRUE(same_key("abc", "abc"));
  EXPECT_FALSE(same_key("abc", "abd"));
  EXPECT_FALSE(same_key("abc", "ab"));
}

}  // namespace
}  // namespace onsale::payments
