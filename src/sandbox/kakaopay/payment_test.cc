#include "sandbox/kakaopay/payment.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/fakes.h"
#include "sandbox/kakaopay/kakaopay.h"

namespace onsale::sandbox::kakaopay {
namespace {

constexpr Timestamp kStart = Timestamp(std::chrono::days(20'800));

Payment ready(std::int64_t total = 11'000, std::string_view cid = kOneTimeCid) {
  return {.tid = "T",
          .cid = std::string(cid),
          .order = "o",
          .user = "u",
          .amount = {.total = total, .vat = total / 11},
          .created_at = kStart};
}

Payment authorised(std::int64_t total = 11'000, std::string_view cid = kOneTimeCid) {
  Payment p = ready(total, cid);
  EXPECT_TRUE(decide(p, Decision::approve, Method::MONEY, "token"));
  return p;
}

Payment done(std::int64_t total = 11'000) {
  Payment p = authorised(total);
  EXPECT_TRUE(approve(p, {"o", "u", "token", "", {}}, {"A", "S"}, kStart));
  return p;
}

template <class T>
Why why(const Result<T, Refusal>& outcome) {
  return outcome ? Why::broken : outcome.error().why;
}

TEST(KakaoPayment, ApproveWantsWhatReadyAndTheBuyerSaid) {
  Payment p = ready();
  EXPECT_EQ(why(approve(p, {"o", "u", "token", "", {}}, {}, kStart)), Why::not_authorised);
  p = authorised();
  EXPECT_EQ(why(approve(p, {"x", "u", "token", "", {}}, {}, kStart)), Why::order_differs);
  EXPECT_EQ(why(approve(p, {"o", "x", "token", "", {}}, {}, kStart)), Why::user_differs);
  EXPECT_EQ(why(approve(p, {"o", "u", "other", "", {}}, {}, kStart)), Why::token_invalid);
  EXPECT_EQ(why(approve(p, {"o", "u", "token", "", 1}, {}, kStart)), Why::amount_differs);
  EXPECT_TRUE(approve(p, {"o", "u", "token", "", 11'000}, {}, kStart));
  EXPECT_EQ(captured(p), 11'000);
}

TEST(KakaoPayment, ATokenApprovesOnceAndTwiceWithoutItsGuard) {
  Payment p = done();
  EXPECT_EQ(why(approve(p, {"o", "u", "token", "", {}}, {}, kStart)), Why::already_approved);
  EXPECT_EQ(captured(p), 11'000);
  EXPECT_TRUE(approve(p, {"o", "u", "token", "", {}}, {}, kStart, {.token = false}));
  EXPECT_EQ(captured(p), 22'000);  // the negative control
}

TEST(KakaoPayment, TheFirstDecisionStands) {
  Payment p = ready();
  EXPECT_TRUE(open(p));
  EXPECT_TRUE(decide(p, Decision::leave, Method::MONEY, ""));
  EXPECT_EQ(p.status, Status::QUIT_PAYMENT);
  EXPECT_FALSE(decide(p, Decision::approve, Method::MONEY, "token"));
  EXPECT_EQ(why(approve(p, {"o", "u", "token", "", {}}, {}, kStart)), Why::ended);
  Payment refused = ready();
  EXPECT_TRUE(decide(refused, Decision::refuse, Method::MONEY, "token"));
  EXPECT_EQ(why(approve(refused, {"o", "u", "token", "", {}}, {}, kStart)), Why::approval_failure);
  EXPECT_EQ(refused.status, Status::FAIL_PAYMENT);
}

TEST(KakaoPayment, NothingIsPaidWhereOnlyASidIsIssued) {
  Payment p = authorised(0, kRecurringCid);
  EXPECT_TRUE(approve(p, {"o", "u", "token", "", {}}, {"A", "S"}, kStart));
  EXPECT_EQ(p.status, Status::ISSUED_SID);
  EXPECT_EQ(p.sid, "S");
  EXPECT_EQ(captured(p), 0);
  EXPECT_EQ(why(cancel(p, {.total = 1}, "A", kStart)), Why::not_cancelable);
}

TEST(KakaoPayment, AGreenDepositComesBackWhole) {
  Payment p = authorised();
  p.amount.green_deposit = 300;
  EXPECT_TRUE(approve(p, {"o", "u", "token", "", {}}, {}, kStart));
  EXPECT_EQ(why(cancel(p, {.total = 1'000}, "A", kStart)), Why::cancel_not_in_part);
  EXPECT_TRUE(cancel(p, {.total = 11'000}, "A", kStart));
  EXPECT_EQ(available(p), Amount{});
}

RC_GTEST_PROP(KakaoPayment, NoSequenceOfCancelsGivesBackMoreThanCame, ()) {
  const auto total = *rc::gen::inRange<std::int64_t>(1, 100'000);
  Payment p = done(total);
  p.amount.tax_free = *rc::gen::inRange<std::int64_t>(0, total + 1);
  for (int i = 0; i < 20; ++i) {
    CancelRequest request{.total = *rc::gen::inRange<std::int64_t>(-5, total + 5)};
    request.tax_free = *rc::gen::inRange<std::int64_t>(0, total + 1);
    if (*rc::gen::arbitrary<bool>())
      request.available = *rc::gen::element(available(p).total, total);
    const Amount before = available(p);
    const auto outcome = cancel(p, request, "A", kStart);
    const Amount left = available(p);
    RC_ASSERT(left.total >= 0 && left.tax_free >= 0 && left.vat >= 0);
    RC_ASSERT(p.canceled.total + left.total == total);
    if (outcome) {
      RC_ASSERT(outcome->total == before.total - left.total);
      RC_ASSERT(request.available.value_or(before.total) == before.total);
      RC_ASSERT((p.status == Status::CANCEL_PAYMENT) == (left.total == 0));
    } else {
      RC_ASSERT(left == before);
    }
    if (left.total == 0) RC_ASSERT(left == Amount{});
  }
}

TEST(KakaoPayment, NegativeControlMoreGoesBackThanCameWithoutTheBalanceGuard) {
  Payment p = done();
  EXPECT_TRUE(cancel(p, {.total = 12'000}, "A", kStart, {.balance = false}));
  EXPECT_GT(p.canceled.total, captured(p));
}

struct CountingKeeper final : Keeper {
  void keep(const Payment&) override { ++kept; }
  void forget(const Payment&) override { ++forgotten; }
  void keep(const Subscription&) override {}
  void forget(const Subscription&) override {}
  void keep(const Sums& sums) override { forgotten_sums = sums; }
  int kept = 0, forgotten = 0;
  Sums forgotten_sums;
};

struct World {
  explicit World(std::size_t most = 100) : kakaopay({clock, random, keeper}, most) {}
  FakeClock clock;
  SeededRandom random{7};
  CountingKeeper keeper;
  KakaoPay kakaopay;
  Caller caller{"DEVKEY00", std::string(kOneTimeCid)};

  ReadyRequest request(const std::string& order, std::int64_t total) {
    return {.order = order,
            .user = "u",
            .item_name = "Seat",
            .quantity = 1,
            .total = total,
            .tax_free = 0,
            .approval_url = "http://shop.test/ok?x=1",
            .cancel_url = "http://shop.test/left",
            .fail_url = "http://shop.test/bad"};
  }
  // The approved payment's tid.
  std::string paid(const std::string& order, std::int64_t total = 1'000) {
    const auto made = kakaopay.ready(caller, request(order, total));
    const std::string tid = (*made)->tid;
    kakaopay.decide(tid, Decision::approve, Method::MONEY);
    const std::string token = kakaopay.find(tid)->pg_token;
    EXPECT_TRUE(kakaopay.approve(caller, tid, {order, "u", token, "", {}}));
    return tid;
  }
};

TEST(KakaoPay, ReadyRefusesAndNamesTheField) {
  World world;
  const auto about = [&](auto change) {
    auto request = world.request("o", 1'000);
    change(request);
    const auto out = world.kakaopay.ready(world.caller, request);
    return out ? std::string() : std::string(out.error().about);
  };
  EXPECT_EQ(about([](auto&) {}), "");
  EXPECT_EQ(about([](auto& r) { r.order = ""; }), "partner_order_id");
  EXPECT_EQ(about([](auto& r) { r.user = std::string(101, 'u'); }), "partner_user_id");
  EXPECT_EQ(about([](auto& r) { r.quantity.reset(); }), "quantity");
  EXPECT_EQ(about([](auto& r) { r.total = 0; }), "total_amount");
  EXPECT_EQ(about([](auto& r) { r.tax_free = 1'001; }), "tax_free_amount");
  EXPECT_EQ(about([](auto& r) { r.vat = 1'001; }), "vat_amount");
  EXPECT_EQ(about([](auto& r) { r.approval_url = "ftp://x"; }), "approval_url");
  EXPECT_EQ(about([](auto& r) { r.cancel_url += std::string(255, 'a'); }), "cancel_url");
  EXPECT_EQ(about([](auto& r) { r.method = "GOLD"; }), "payment_method_type");
}

TEST(KakaoPay, AnotherKeyOrCidSeesNoPayment) {
  World world;
  const auto tid = world.paid("o");
  EXPECT_EQ(why(world.kakaopay.look({"OTHERKEY", std::string(kOneTimeCid)}, tid)),
            Why::tid_unknown);
  EXPECT_EQ(why(world.kakaopay.look({"DEVKEY00", std::string(kRecurringCid)}, tid)),
            Why::tid_unknown);
  EXPECT_TRUE(world.kakaopay.look(world.caller, tid));
}

TEST(KakaoPay, ASidIsChargedUntilItIsInactive) {
  World world;
  world.caller.cid = kRecurringCid;
  const auto first = world.paid("first", 0);
  const std::string sid = world.kakaopay.find(first)->sid;
  ASSERT_EQ(sid.size(), 20U);
  SubscriptionRequest request{
      .sid = sid, .order = "second", .user = "u", .quantity = 1, .total = 9'900, .tax_free = 0};
  const auto second = world.kakaopay.subscribe(world.caller, request);
  ASSERT_TRUE(second);
  EXPECT_EQ((*second)->status, Status::SUCCESS_PAYMENT);
  EXPECT_EQ(world.kakaopay.sums().captured, 9'900);
  request.user = "other";
  EXPECT_EQ(why(world.kakaopay.subscribe(world.caller, request)), Why::user_differs);
  request.user = "u";
  ASSERT_TRUE(world.kakaopay.end_subscription(world.caller, sid));
  EXPECT_EQ(why(world.kakaopay.subscribe(world.caller, request)), Why::sid_inactive);
  EXPECT_EQ((*world.kakaopay.subscription(world.caller, sid))->status, SidStatus::INACTIVE);
}

TEST(KakaoPay, TheOldestPaymentsGoAndTheirSumsStay) {
  World world(3);
  for (int i = 0; i < 5; ++i) world.paid("o" + std::to_string(i));
  EXPECT_EQ(world.kakaopay.size(), 3U);
  EXPECT_EQ(world.keeper.forgotten, 2);
  EXPECT_EQ(world.keeper.forgotten_sums.captured, 2'000);
  EXPECT_EQ(world.kakaopay.sums().captured, 5'000);
  EXPECT_EQ(world.kakaopay.find_order("o0"), nullptr);
}

// Whatever happens in whatever order, and twice, the sums are those of the payments.
RC_GTEST_PROP(KakaoPay, SumsAreThoseOfItsPayments, ()) {
  World world(6);
  std::vector<std::string> known;
  for (int i = 0; i < 60; ++i) {
    const int what = *rc::gen::inRange(0, 5);
    if (what == 0 || known.empty()) {
      const auto made = world.kakaopay.ready(world.caller, world.request("o", 1'000));
      known.push_back((*made)->tid);
      continue;
    }
    const auto& tid = known[*rc::gen::inRange<std::size_t>(0, known.size())];
    const Payment* payment = world.kakaopay.find(tid);
    if (payment == nullptr) continue;
    if (what == 1) {
      world.kakaopay.decide(tid, Decision(*rc::gen::inRange(0, 4)), Method::CARD);
    } else if (what == 2 || what == 3) {
      (void)world.kakaopay.approve(world.caller, tid, {"o", "u", payment->pg_token, "", {}});
    } else {
      (void)world.kakaopay.cancel(world.caller, tid,
                                  {.total = *rc::gen::inRange<std::int64_t>(1, 1'200)});
    }
    Sums sums = world.keeper.forgotten_sums;
    std::int64_t from = 1;
    for (const Payment* p : world.kakaopay.with_money(from, 1'000))
      sums += {1, captured(*p), p->canceled.total};
    RC_ASSERT(sums == world.kakaopay.sums());
    RC_ASSERT(sums.refunded <= sums.captured);
    RC_ASSERT(sums.captured == sums.payments * 1'000);
  }
}

TEST(KakaoPay, EachDecisionHasItsAddress) {
  World world;
  const auto decided = [&](Decision decision) {
    const auto made = world.kakaopay.ready(world.caller, world.request("o", 1'000));
    return world.kakaopay.decide((*made)->tid, decision, Method::CARD).address;
  };
  EXPECT_TRUE(decided(Decision::approve).starts_with("http://shop.test/ok?x=1&pg_token="));
  EXPECT_EQ(decided(Decision::decline), "http://shop.test/bad");
  EXPECT_EQ(decided(Decision::leave), "http://shop.test/left");
}

}  // namespace
}  // namespace onsale::sandbox::kakaopay
