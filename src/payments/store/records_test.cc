// The history and the list of payments, on both databases.
#include <gtest/gtest.h>

#include "base/fakes.h"
#include "payments/store/records_store.h"
#include "payments/store/sql_store.h"
#include "tests/contract/databases.h"

namespace onsale::payments {
namespace {

class PaymentRecords : public testing::TestWithParam<sql::Dialect> {
 protected:
  Payment made(const std::string& subject, const std::string& provider = "toss") {
    clock.advance(Millis(10));
    Payment payment{.id = PaymentId::make(clock.now(), random),
                    .subject = subject,
                    .owner = owner,
                    .provider = provider,
                    .amount = {1'000, "KRW"},
                    .created_at = clock.now(),
                    .updated_at = clock.now()};
    EXPECT_TRUE(
        sync_wait(store->insert({.payment = payment, .key = "key", .check_at = clock.now()})));
    return payment;
  }
  std::vector<PaymentId> found(PaymentQuery query) {
    std::vector<PaymentId> ids;
    for (const Payment& payment : sync_wait(records->search(std::move(query))))
      ids.push_back(payment.id);
    return ids;
  }

  FakeClock clock;
  SeededRandom random{5};
  AccountId owner = AccountId::make(clock.now(), random);
  std::unique_ptr<sql::Database> database = testing_support::fresh_database(GetParam());
  std::unique_ptr<Store> store = make_sql_store(*database);
  std::unique_ptr<Records> records = make_sql_records(*database);
};

INSTANTIATE_TEST_SUITE_P(Both, PaymentRecords,
                         testing::Values(sql::Dialect::sqlite, sql::Dialect::mysql));

TEST_P(PaymentRecords, TheFirstAndTheLastCallsOfAPaymentAreKept) {
  const Payment payment = made("res_1");
  std::vector<ProviderCall> calls;
  for (int i = 1; i <= 200; ++i) {
    calls.push_back({.payment = payment.id,
                     .step = ProviderStep::lookup,
                     .outcome = CallOutcome::uncertain,
                     .code = std::to_string(i),
                     .at = clock.now(),
                     .duration = Millis(i)});
  }
  sync_wait(records->record(calls));
  const auto kept = sync_wait(records->calls(payment.id));
  ASSERT_EQ(kept.size(), static_cast<std::size_t>(kCallsFirst + kCallsLast));
  EXPECT_EQ(kept.front().code, "1");
  EXPECT_EQ(kept[kCallsFirst - 1].code, std::to_string(kCallsFirst));
  EXPECT_EQ(kept[kCallsFirst].code, std::to_string(201 - kCallsLast));
  EXPECT_EQ(kept.back().code, "200");
  EXPECT_EQ(kept.back().outcome, CallOutcome::uncertain);
  EXPECT_EQ(kept.back().duration, Millis(200));
}

TEST_P(PaymentRecords, AreFoundByWhatPeopleKnowTheNewestFirst) {
  const Payment one = made("res_1");
  const Payment two = made("res_2", "kakaopay");
  const Payment three = made("res_3");
  using Ids = std::vector<PaymentId>;
  EXPECT_EQ(found({}), (Ids{three.id, two.id, one.id}));
  EXPECT_EQ(found({.limit = 2}), (Ids{three.id, two.id}));
  EXPECT_EQ(found({.before = two.id}), (Ids{one.id}));
  EXPECT_EQ(found({.provider = "kakaopay"}), (Ids{two.id}));
  EXPECT_EQ(found({.state = PaymentState::paid}), Ids{});
  EXPECT_EQ(found({.q = "res_2"}), (Ids{two.id}));
  EXPECT_EQ(found({.q = one.id.str()}), (Ids{one.id}));
  EXPECT_EQ(found({.q = owner.str()}).size(), 3U);
  EXPECT_EQ(found({.from = two.created_at, .to = three.created_at}), (Ids{two.id}));
  EXPECT_EQ(found({.q = "' OR 1=1 --"}), Ids{});
}

TEST_P(PaymentRecords, WhatMovedOnADayIsToldByPaymentWhateverBecameOfItLater) {
  const Timestamp from = clock.now();
  const Payment payment = made("res_1");
  const Payment other = made("res_2", "kakaopay");
  for (const Payment& one : {payment, other}) {
    sync_wait(store->begin({.payment = one.id}, clock.now(), clock.now()));
    sync_wait(store->claim(one.id, {}, clock.now(), clock.now()));
    ASSERT_TRUE(sync_wait(store->settle(
        {.payment = one.id, .state = PaymentState::paid, .captured = 1'000}, clock.now())));
  }
  const Timestamp to = clock.now() + Millis(1);
  clock.advance(std::chrono::hours(24));
  const Refund refund{.id = RefundId::make(clock.now(), random),
                      .payment = payment.id,
                      .amount = {400, "KRW"},
                      .created_at = clock.now()};
  ASSERT_EQ(sync_wait(store->request_refund(refund, clock.now())), RefundRequested::requested);
  ASSERT_TRUE(sync_wait(store->finish_refund(refund.id, RefundState::done, clock.now())));

  const auto first = sync_wait(records->moved({.provider = "toss", .from = from, .to = to}));
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(first[0].payment, payment.id.str());
  EXPECT_EQ(first[0].ours, (Sums{1'000, 0}));
  const Timestamp end = clock.now() + Millis(1);
  const auto second = sync_wait(records->moved({.provider = "toss", .from = to, .to = end}));
  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(second[0].ours, (Sums{0, 400}));
  EXPECT_EQ(sync_wait(records->providers_of(from, to)),
            (std::vector<std::string>{"kakaopay", "toss"}));
  EXPECT_EQ(sync_wait(records->providers_of(to, end)), (std::vector<std::string>{"toss"}));
  const auto known =
      sync_wait(records->known({payment.id, other.id, PaymentId::make(clock.now(), random)}));
  ASSERT_EQ(known.size(), 2U);
  EXPECT_EQ(known[0].ours, (Sums{1'000, 400}));
  EXPECT_EQ(known[1].provider, "kakaopay");
}

TEST_P(PaymentRecords, GoWithTheirPayment) {
  const Payment payment = made("res_1");
  sync_wait(store->cancel(payment.id, clock.now(), {}));
  sync_wait(records->record({{.payment = payment.id, .at = clock.now()}}));
  EXPECT_EQ(sync_wait(store->forget_ended({.ended_by = clock.now() + Millis(1),
                                           .of_owner_ended_by = clock.now(),
                                           .keep_of_owner = 100},
                                          10)),
            1);
  EXPECT_TRUE(sync_wait(records->calls(payment.id)).empty());
}

}  // namespace
}  // namespace onsale::payments
