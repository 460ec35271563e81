#include "sandbox/toss/toss.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sandbox/toss/toss_fakes.h"

namespace onsale::sandbox::toss {
namespace {

TEST(Toss, AnotherPairsKeyConfirmsNothing) {
  TossWorld world;
  const auto key = world.approved("order-0001");
  const auto other = world.toss.confirm("other", key, {"order-0001", 1'000});
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, Code::INVALID_API_KEY);
  EXPECT_TRUE(world.confirm(key, "order-0001"));
}

TEST(Toss, OfTwoPagesOfOneOrderOneIsPaid) {
  TossWorld world;
  const auto one = world.approved("order-0001");
  const auto two = world.approved("order-0001");
  ASSERT_NE(one, two);
  ASSERT_TRUE(world.confirm(one, "order-0001"));
  const auto second = world.confirm(two, "order-0001");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::ALREADY_PROCESSED_PAYMENT);
  // Looking the order up finds the paid one, whichever page came later.
  EXPECT_EQ(world.toss.find_order("shop", "order-0001")->payment_key, one);
  EXPECT_EQ(world.toss.sums().captured, 1'000);
}

TEST(Toss, ARepeatedDecisionGoesTheSameWayAndSaysNothingNew) {
  TossWorld world;
  const auto key = world.open("order-0001");
  const auto first = world.toss.decide(key, {.decision = Decision::approve});
  const auto again = world.toss.decide(key, {.decision = Decision::decline});
  EXPECT_TRUE(first.changed);
  EXPECT_FALSE(again.changed);
  EXPECT_EQ(again.address, first.address);
  EXPECT_NE(first.address.find("paymentKey=" + key), std::string::npos);
  EXPECT_NE(first.address.find("amount=1000"), std::string::npos);
  EXPECT_EQ(world.listener.statuses, std::vector{Status::IN_PROGRESS});
}

TEST(Toss, TimersRunWithoutAnybodyLooking) {
  TossWorld world;
  const auto key = world.open("order-0001");
  world.clock.advance(kAuthenticateWithin);
  world.toss.sweep();
  EXPECT_EQ(world.listener.statuses, std::vector{Status::EXPIRED});
  const auto late = world.toss.decide(key, {.decision = Decision::approve});
  EXPECT_NE(late.address.find("http://shop.test/failed?code=NOT_FOUND_PAYMENT_SESSION"),
            std::string::npos);
}

TEST(Toss, ADepositIsToldTwiceAsTossDoes) {
  TossWorld world;
  const auto key = world.approved("order-0001", 1'000, Method::virtual_account);
  ASSERT_TRUE(world.confirm(key, "order-0001"));
  world.toss.decide(key, {.decision = Decision::deposit});
  world.toss.decide(key, {.decision = Decision::withdraw});
  world.toss.decide(key, {.decision = Decision::withdraw});
  EXPECT_EQ(world.listener.deposits, (std::vector{Status::DONE, Status::WAITING_FOR_DEPOSIT}));
  EXPECT_EQ(world.listener.statuses, (std::vector{Status::IN_PROGRESS, Status::WAITING_FOR_DEPOSIT,
                                                  Status::DONE, Status::WAITING_FOR_DEPOSIT}));
  EXPECT_EQ(world.toss.sums(), Sums{});
}

TEST(Toss, ABillingKeyBelongsToItsCustomer) {
  TossWorld world;
  const BillingCheckout checkout{.client_key = "test_ck_shop",
                                 .customer_key = "customer-1",
                                 .success_url = "http://shop.test/back",
                                 .fail_url = "http://shop.test/failed"};
  const auto address = world.toss.decide_billing(checkout, Decision::approve);
  ASSERT_TRUE(address);
  const auto auth = address->substr(address->find("authKey=") + 8);
  EXPECT_EQ(world.toss.issue("shop", auth, "customer-2").error().code,
            Code::NOT_MATCHES_CUSTOMER_KEY);
  const auto key = world.toss.issue("shop", auth, "customer-1");
  ASSERT_TRUE(key);
  const std::string billing_key = (*key)->billing_key;
  EXPECT_FALSE(world.toss.issue("shop", auth, "customer-1"));  // good for one key
  const Toss::Charge charge{.customer_key = "customer-1",
                            .order_id = "order-0001",
                            .order_name = "Seat",
                            .amount = 5'000};
  auto wrong = charge;
  wrong.customer_key = "customer-2";
  EXPECT_EQ(world.toss.charge("shop", billing_key, wrong).error().code,
            Code::NOT_MATCHES_CUSTOMER_KEY);
  const auto paid = world.toss.charge("shop", billing_key, charge);
  ASSERT_TRUE(paid);
  EXPECT_EQ((*paid)->type, Type::BILLING);
  EXPECT_EQ((*paid)->status, Status::DONE);
  EXPECT_TRUE(world.listener.statuses.empty());  // no webhook for a billing charge
  EXPECT_EQ(world.toss.charge("shop", billing_key, charge).error().code, Code::DUPLICATED_ORDER_ID);
  EXPECT_TRUE(world.toss.remove_key("shop", billing_key));
  EXPECT_EQ(world.listener.deleted, 1);
  EXPECT_FALSE(world.toss.charge("shop", billing_key, charge));
}

TEST(Toss, TheOldestPaymentsGoAndTheirSumsStay) {
  TossWorld world(3);
  for (int i = 0; i < 5; ++i) {
    const std::string order = "order-000" + std::to_string(i);
    ASSERT_TRUE(world.confirm(world.approved(order), order));
  }
  EXPECT_EQ(world.toss.size(), 3U);
  EXPECT_EQ(world.keeper.forgotten.size(), 2U);
  EXPECT_EQ(world.keeper.forgotten_sums.captured, 2'000);
  EXPECT_EQ(world.toss.sums().captured, 5'000);
  EXPECT_EQ(world.toss.find_order("shop", "order-0000"), nullptr);
  std::int64_t from = 1;
  EXPECT_EQ(world.toss.with_money(from, 2).size(), 2U);
  EXPECT_EQ(from, 5);
  EXPECT_EQ(world.toss.with_money(from, 2).size(), 1U);
  EXPECT_EQ(from, 0);
  world.clock.advance(std::chrono::hours(24));
  world.toss.sweep();  // nothing of the forgotten is touched
}

TEST(Toss, RefusesWhatTheRealPageWould) {
  TossWorld world;
  const auto refused = [&](Checkout checkout) {
    const auto out = world.toss.open(checkout);
    return out ? std::string() : std::string(boost::describe::enum_to_string(out.error().code, ""));
  };
  const Checkout good{.client_key = "test_ck_shop",
                      .order_id = "order-0001",
                      .order_name = "Seat",
                      .success_url = "http://shop.test/back",
                      .fail_url = "http://shop.test/failed",
                      .amount = 1'000};
  EXPECT_EQ(refused(good), "");
  for (const auto* key : {"", "test_sk_shop", "live_ck_shop", "test_ck_", "test_ck_a b"}) {
    auto bad = good;
    bad.client_key = key;
    EXPECT_EQ(refused(bad), "INVALID_API_KEY") << key;
  }
  const auto invalid = [&](auto change) {
    auto bad = good;
    change(bad);
    return refused(bad) == "INVALID_REQUEST";
  };
  EXPECT_TRUE(invalid([](auto& c) { c.order_id = "short"; }));
  EXPECT_TRUE(invalid([](auto& c) { c.order_id = "with space"; }));
  EXPECT_TRUE(invalid([](auto& c) { c.order_id = std::string(65, 'a'); }));
  EXPECT_TRUE(invalid([](auto& c) { c.order_name = std::string(101, 'a'); }));
  EXPECT_TRUE(invalid([](auto& c) { c.amount = 0; }));
  EXPECT_TRUE(invalid([](auto& c) { c.success_url = "javascript:alert(1)"; }));
  EXPECT_TRUE(invalid([](auto& c) { c.fail_url = "http://a\r\nb"; }));
}

// Whatever happens in whatever order, the sums are those of the payments.
RC_GTEST_PROP(Toss, SumsAreThoseOfItsPayments, ()) {
  TossWorld world(8);
  std::vector<std::pair<std::string, std::string>> known;
  for (int i = 0; i < 60; ++i) {
    world.clock.advance(Millis(*rc::gen::inRange(0, 400'000)));
    const int what = *rc::gen::inRange(0, 6);
    if (what == 0 || known.empty()) {
      const std::string order = "order-000" + std::to_string(*rc::gen::inRange(0, 5));
      known.emplace_back(world.open(order), order);
      continue;
    }
    const auto& [key, order] = known[*rc::gen::inRange<std::size_t>(0, known.size())];
    if (what == 1) {
      world.toss.decide(key, {.decision = Decision(*rc::gen::inRange(0, 6)),
                              .method = Method(*rc::gen::inRange(0, 4))});
    } else if (what == 2 || what == 3) {
      (void)world.confirm(key, order);
    } else if (what == 4) {
      (void)world.toss.cancel("shop", key,
                              {.reason = "x",
                               .amount = *rc::gen::inRange<std::int64_t>(1, 1'200),
                               .account = RefundAccount{"20", "1", "Kim"}});
    } else {
      world.toss.sweep();
    }
    Sums sums = world.keeper.forgotten_sums;
    std::int64_t from = 1;
    for (const Payment* p : world.toss.with_money(from, 1'000))
      sums += {captured(*p) > 0 ? 1 : 0, captured(*p), refunded(*p)};
    RC_ASSERT(sums == world.toss.sums());
    RC_ASSERT(sums.refunded <= sums.captured);
  }
}

}  // namespace
}  // namespace onsale::sandbox::toss
