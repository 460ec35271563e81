#include "sandbox/toss/payment.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "base/fakes.h"

namespace onsale::sandbox::toss {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Timestamp kStart = Timestamp(std::chrono::days(20'800) + hours(3));

Payment fresh(std::int64_t total = 10'000, Method method = Method::card) {
  return {.payment_key = "p",
          .order_id = "order-1",
          .method = method,
          .total = total,
          .balance = total,
          .requested_at = kStart};
}

Payment authorised(std::int64_t total = 10'000, Method method = Method::card) {
  Payment p = fresh(total, method);
  EXPECT_TRUE(decide(p, Decision::approve, kStart, ""));
  return p;
}

Payment done(std::int64_t total = 10'000, Method method = Method::card) {
  Payment p = authorised(total, method);
  const auto out = confirm(p, {"order-1", total}, {"t", "s", "1", "X1"}, kStart);
  EXPECT_TRUE(out.has_value());
  return p;
}

Code why(const Result<void, Error>& outcome) {
  return outcome ? Code::UNKNOWN_PAYMENT_ERROR : outcome.error().code;
}

RefundAccount account() { return {"20", "1234567890", "Kim"}; }

TEST(TossPayment, BuyerHasThirtyMinutesAndShopTen) {
  Payment p = fresh();
  EXPECT_FALSE(decide(p, Decision::approve, kStart + kAuthenticateWithin, ""));
  EXPECT_EQ(p.status, Status::EXPIRED);

  p = fresh();
  EXPECT_TRUE(decide(p, Decision::approve, kStart + kAuthenticateWithin - Millis(1), ""));
  const Timestamp at = kStart + kAuthenticateWithin - Millis(1);
  Payment late = p;
  EXPECT_TRUE(confirm(p, {"order-1", 10'000}, {}, at + kConfirmWithin - Millis(1)));
  EXPECT_EQ(why(confirm(late, {"order-1", 10'000}, {}, at + kConfirmWithin)),
            Code::NOT_FOUND_PAYMENT_SESSION);
  EXPECT_EQ(late.status, Status::EXPIRED);
}

TEST(TossPayment, NegativeControlALateConfirmCapturesWithoutTheSessionGuard) {
  Payment p = authorised();
  EXPECT_TRUE(confirm(p, {"order-1", 10'000}, {}, kStart + hours(1), {.session = false}));
}

TEST(TossPayment, ConfirmWantsTheOrderAndTheAmountThatWereShown) {
  Payment p = authorised();
  EXPECT_EQ(why(confirm(p, {"order-2", 10'000}, {}, kStart)), Code::INVALID_REQUEST);
  EXPECT_EQ(why(confirm(p, {"order-1", 9'999}, {}, kStart)), Code::INVALID_REQUEST);
  EXPECT_EQ(p.status, Status::IN_PROGRESS);
  EXPECT_TRUE(confirm(p, {"order-1", 10'000}, {}, kStart));
  EXPECT_EQ(why(confirm(p, {"order-1", 10'000}, {}, kStart)), Code::ALREADY_PROCESSED_PAYMENT);
  Payment small = authorised(99);
  EXPECT_EQ(why(confirm(small, {"order-1", 99}, {}, kStart)), Code::BELOW_MINIMUM_AMOUNT);
  Payment transfer = authorised(199, Method::transfer);
  EXPECT_EQ(why(confirm(transfer, {"order-1", 199}, {}, kStart)), Code::BELOW_MINIMUM_AMOUNT);
}

TEST(TossPayment, TheFirstDecisionStandsAndARefusedOneAborts) {
  for (const auto [decision, code] : {std::pair(Decision::decline, "REJECT_CARD_PAYMENT"),
                                      std::pair(Decision::leave, "PAY_PROCESS_CANCELED")}) {
    Payment p = fresh();
    EXPECT_TRUE(decide(p, decision, kStart, ""));
    EXPECT_EQ(p.status, Status::ABORTED);
    EXPECT_EQ(p.failure, code);
    EXPECT_FALSE(decide(p, Decision::approve, kStart, ""));
    EXPECT_EQ(why(confirm(p, {"order-1", 10'000}, {}, kStart)), Code::ALREADY_PROCESSED_PAYMENT);
  }
  Payment p = fresh();
  EXPECT_TRUE(decide(p, Decision::refuse, kStart, ""));
  EXPECT_EQ(why(confirm(p, {"order-1", 10'000}, {}, kStart)), Code::REJECT_CARD_PAYMENT);
  EXPECT_EQ(p.status, Status::ABORTED);
  EXPECT_EQ(captured(p), 0);
}

TEST(TossPayment, ADepositComesIsWithdrawnAndComesAgain) {
  Payment p = done(50'000, Method::virtual_account);
  EXPECT_EQ(p.status, Status::WAITING_FOR_DEPOSIT);
  EXPECT_EQ(captured(p), 0);
  EXPECT_FALSE(decide(p, Decision::withdraw, kStart, ""));
  EXPECT_TRUE(decide(p, Decision::deposit, kStart, "t2"));
  EXPECT_EQ(captured(p), 50'000);
  EXPECT_TRUE(decide(p, Decision::withdraw, kStart, "t3"));
  EXPECT_EQ(p.status, Status::WAITING_FOR_DEPOSIT);
  EXPECT_EQ(captured(p), 0);
  EXPECT_TRUE(decide(p, Decision::deposit, kStart, "t4"));
  EXPECT_FALSE(decide(p, Decision::deposit, kStart, "t5"));

  Payment late = done(50'000, Method::virtual_account);
  EXPECT_FALSE(decide(late, Decision::deposit, kStart + kDepositWithin, "t"));
  EXPECT_EQ(late.status, Status::EXPIRED);
  EXPECT_EQ(why(cancel(late, {.reason = "x"}, "t", kStart + kDepositWithin)),
            Code::NOT_CANCELABLE_PAYMENT);
}

TEST(TossPayment, AVirtualAccountIsCancelledWholeBeforeTheDepositAndWithAnAccountAfterIt) {
  Payment p = done(50'000, Method::virtual_account);
  EXPECT_EQ(why(cancel(p, {.reason = "x", .amount = 1'000}, "t", kStart)),
            Code::NOT_ALLOWED_PARTIAL_REFUND_WAITING_DEPOSIT);
  Payment undeposited = p;
  EXPECT_TRUE(cancel(undeposited, {.reason = "x"}, "t", kStart));
  EXPECT_EQ(undeposited.status, Status::CANCELED);
  EXPECT_EQ(captured(undeposited), 0);
  EXPECT_EQ(refunded(undeposited), 0);

  EXPECT_TRUE(decide(p, Decision::deposit, kStart, "t"));
  EXPECT_EQ(why(cancel(p, {.reason = "x", .amount = 1'000}, "t", kStart)), Code::INVALID_REQUEST);
  EXPECT_TRUE(cancel(p, {.reason = "x", .amount = 1'000, .account = account()}, "t", kStart));
  EXPECT_EQ(p.status, Status::PARTIAL_CANCELED);
  EXPECT_EQ(refunded(p), 1'000);
}

TEST(TossPayment, RefundableAmountIsComparedBeforeAnythingGoesBack) {
  Payment p = done();
  EXPECT_EQ(why(cancel(p, {.reason = "x", .amount = 1, .refundable = 9'999}, "t", kStart)),
            Code::NOT_MATCHES_REFUNDABLE_AMOUNT);
  EXPECT_TRUE(cancel(p, {.reason = "x", .amount = 4'000, .refundable = 10'000}, "t", kStart));
  const Timestamp next = kStart + seconds(2);
  EXPECT_EQ(why(cancel(p, {.reason = "x", .amount = 4'000, .refundable = 10'000}, "t", next)),
            Code::NOT_MATCHES_REFUNDABLE_AMOUNT);
  EXPECT_TRUE(cancel(p, {.reason = "x", .amount = 4'000, .refundable = 10'000}, "t", next,
                     {.refundable = false}));  // the negative control: given back twice
  EXPECT_EQ(p.balance, 2'000);
}

TEST(TossPayment, ASecondCancelWithinASecondIsNotProcessed) {
  Payment p = done();
  EXPECT_TRUE(cancel(p, {.reason = "x", .amount = 1'000}, "t", kStart));
  EXPECT_EQ(why(cancel(p, {.reason = "x", .amount = 1'000}, "t", kStart + Millis(999))),
            Code::FORBIDDEN_CONSECUTIVE_REQUEST);
  EXPECT_TRUE(cancel(p, {.reason = "x", .amount = 1'000}, "t", kStart + seconds(1)));
  EXPECT_TRUE(cancel(p, {.reason = "x", .amount = 1'000}, "t", kStart + seconds(1),
                     {.pause = false}));  // the negative control
}

TEST(TossPayment, EachMethodHasItsTimeToRefund) {
  Payment transfer = done(10'000, Method::transfer);
  EXPECT_EQ(why(cancel(transfer, {.reason = "x"}, "t", kStart + kTransferRefund + Millis(1))),
            Code::EXCEED_MAX_REFUND_DUE);
  EXPECT_TRUE(cancel(transfer, {.reason = "x"}, "t", kStart + kTransferRefund));
  Payment phone = done(10'000, Method::phone);
  EXPECT_EQ(why(cancel(phone, {.reason = "x"}, "t", kStart + std::chrono::days(31))),
            Code::EXCEED_MAX_REFUND_DUE);
  EXPECT_TRUE(cancel(phone, {.reason = "x"}, "t", kStart));
  Payment card = done();
  EXPECT_TRUE(cancel(card, {.reason = "x"}, "t", kStart + std::chrono::days(1'000)));
}

RC_GTEST_PROP(TossPayment, NoSequenceOfCancelsGivesBackMoreThanCame, ()) {
  const auto total = *rc::gen::inRange<std::int64_t>(200, 100'000);
  Payment p = done(total);
  p.tax_free = *rc::gen::inRange<std::int64_t>(0, total + 1);
  Timestamp now = kStart;
  for (int i = 0; i < 20; ++i) {
    now += Millis(*rc::gen::inRange(0, 3'000));
    CancelRequest request{.reason = "x"};
    if (*rc::gen::arbitrary<bool>())
      request.amount = *rc::gen::inRange<std::int64_t>(-10, total + 10);
    if (*rc::gen::arbitrary<bool>())
      request.refundable = *rc::gen::inRange(p.balance, p.balance + 2);
    request.tax_free = *rc::gen::inRange<std::int64_t>(0, total + 1);
    const Payment before = p;
    const auto outcome = cancel(p, request, "t", now);
    RC_ASSERT(p.balance >= 0);
    RC_ASSERT(refunded(p) + p.balance == total);
    RC_ASSERT(captured(p) == total);
    std::int64_t tax_free = 0;
    for (const Cancel& c : p.cancels) tax_free += c.tax_free;
    RC_ASSERT(tax_free <= p.tax_free);
    if (outcome) {
      RC_ASSERT(p.cancels.back().refundable == p.balance);
      RC_ASSERT((p.status == Status::CANCELED) == (p.balance == 0));
    } else {
      RC_ASSERT(p.balance == before.balance);
      RC_ASSERT(p.status == before.status);
      RC_ASSERT(p.cancels.size() == before.cancels.size());
    }
    if (p.balance == 0) RC_ASSERT(tax_free == p.tax_free);
  }
}

TEST(TossPayment, NegativeControlMoreGoesBackThanCameWithoutTheBalanceGuard) {
  Payment p = done();
  EXPECT_TRUE(cancel(p, {.reason = "x", .amount = 10'001}, "t", kStart, {.balance = false}));
  EXPECT_GT(refunded(p), captured(p));
}

TEST(TossErrors, EveryCodeHasAStatusAndBothTexts) {
  std::set<std::string_view> names;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<Code>>([&](auto each) {
    const auto& text = text_of(each.value);
    EXPECT_GE(text.status, 400) << each.name;
    EXPECT_FALSE(text.ko.empty() || text.en.empty()) << each.name;
    names.insert(each.name);
  });
  EXPECT_EQ(text_of(Code::UNAUTHORIZED_KEY).status, 401);
  EXPECT_EQ(text_of(Code::NOT_FOUND_PAYMENT).status, 404);
  EXPECT_EQ(text_of(Code::IDEMPOTENT_REQUEST_PROCESSING).status, 409);
  EXPECT_EQ(text_of(Code::NOT_CANCELABLE_AMOUNT).status, 403);
  EXPECT_EQ(text_of(Code::COMMON_ERROR).status, 500);
  EXPECT_EQ(names.size(), 45U);
}

}  // namespace
}  // namespace onsale::sandbox::toss
