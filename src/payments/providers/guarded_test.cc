// The guard around a provider, in virtual time.
#include <gtest/gtest.h>

#include "base/fakes.h"
#include "base/log_fakes.h"
#include "base/overload.h"
#include "payments/fakes.h"
#include "payments/providers/guarded_client.h"
#include "payments/service.h"

namespace onsale::payments {
namespace {

using std::chrono::seconds;

// Answers when it is told to.
class HangingProvider final : public Provider {
 public:
  std::string_view name() const override { return "hanging"; }
  Task<Result<Started, BeginRefused>> begin(Order) override {
    co_return std::unexpected(BeginFailure::unavailable);
  }
  Task<ProviderAnswer> settle(Charge) override {
    ++asked;
    OneShot<bool> until = waiting.emplace_back();
    auto wait = until.wait();
    co_await std::move(wait);
    co_return ProviderAnswer{.verdict = Verdict::open};
  }
  Task<ProviderAnswer> lookup(Charge charge) override { return settle(std::move(charge)); }
  Task<RefundAnswer> refund(GiveBack) override { co_return RefundVerdict::done; }
  Task<void> close(Charge) override { co_return; }

  int asked = 0;
  std::vector<OneShot<bool>> waiting;
};

class Guarded : public testing::Test {
 protected:
  ProviderAnswer lookup() { return sync_wait(guard.lookup({})); }
  void fail_until_open() {
    for (int i = 0; i < 3; ++i) EXPECT_THROW(lookup(), std::runtime_error);
    EXPECT_EQ(guard.health().state, net::BreakerState::open);
  }

  QuietLog quiet;
  FakeClock clock;
  SeededRandom random{1};
  FakeProvider inner;
  GuardedProvider guard{
      inner, clock, {.breaker = {.window = 10, .failures_max = 3, .rest = seconds(5)}}};
};

TEST_F(Guarded, ABeginningThatAsksNobodyTellsNothingOfWhetherItAnswers) {
  inner.has_to_be_asked = false;
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(sync_wait(guard.begin({})));
  fail_until_open();
  EXPECT_THROW(sync_wait(guard.begin({})), NotAsked) << "nobody new is sent there";
  clock.advance(seconds(5));
  EXPECT_TRUE(sync_wait(guard.begin({})));
  EXPECT_EQ(guard.health().state, net::BreakerState::half_open);
  EXPECT_THROW(lookup(), std::runtime_error);
  EXPECT_EQ(guard.health().state, net::BreakerState::open)
      << "the next call was the one that tries";
  EXPECT_EQ(guard.health().calls[0][0], 0u);
}

TEST_F(Guarded, OneThatFailsIsLeftAloneForAWhile) {
  fail_until_open();
  const auto asked = inner.lookups.size();
  EXPECT_THROW(lookup(), NotAsked);
  EXPECT_THROW(sync_wait(guard.settle({})), NotAsked);
  EXPECT_THROW(sync_wait(guard.refund({})), NotAsked);
  EXPECT_THROW(sync_wait(guard.begin({})), NotAsked);
  EXPECT_EQ(inner.lookups.size(), asked);
  EXPECT_EQ(guard.health().refused_open, 4U);
  clock.advance(seconds(5));
  inner.lookup_answers = {{.verdict = Verdict::open}};
  EXPECT_EQ(lookup().verdict, Verdict::open);
  EXPECT_EQ(guard.health().state, net::BreakerState::closed);
}

TEST_F(Guarded, AnAnswerThatSettlesNothingIsAnAnswer) {
  for (int i = 0; i < 20; ++i) {
    inner.lookup_answers = {ProviderAnswer{}};
    EXPECT_EQ(lookup().verdict, Verdict::unknown);
  }
  EXPECT_EQ(guard.health().state, net::BreakerState::closed);
}

TEST_F(Guarded, OneThatHangsHoldsItsPlacesAndNobodyElse) {
  HangingProvider hanging;
  GuardedProvider narrow(hanging, clock, {.places = 4});
  int ended = 0;
  for (int i = 0; i < 10; ++i) {
    auto call = [](GuardedProvider& guarded, int& count) -> Task<void> {
      try {
        auto asking = guarded.settle({});
        (void)co_await std::move(asking);
      } catch (const NotAsked&) {
      }
      ++count;
    };
    start(call(narrow, ended), [](std::exception_ptr) {});
  }
  EXPECT_EQ(hanging.asked, 4);
  EXPECT_EQ(ended, 6) << "the others know at once";
  EXPECT_EQ(narrow.health().refused_full, 6U);
  inner.lookup_answers = {{.verdict = Verdict::open}};
  EXPECT_EQ(lookup().verdict, Verdict::open) << "another provider";
  for (auto& one : hanging.waiting) one.set(true);
  EXPECT_EQ(ended, 10);
  EXPECT_EQ(narrow.health().inside, 0);
}

TEST_F(Guarded, WhatWasNotAskedChangesNothingAndIsInTheHistory) {
  FakeStore store;
  FakeRecords records;
  const auto payments = make_payments({store, {&guard}, clock, random, &records});
  const auto made = sync_wait(payments->create({.id = PaymentId::make(clock.now(), random),
                                                .subject = "res_1",
                                                .owner = AccountId::make(clock.now(), random),
                                                .provider = "fake",
                                                .amount = {30'000, "KRW"}}));
  ASSERT_TRUE(made);
  ASSERT_TRUE(sync_wait(payments->begin({.payment = made->id, .return_address = "/return"})));
  fail_until_open();
  ReturnData data{{"key", sync_wait(store.find(made->id))->key}};
  EXPECT_EQ(sync_wait(payments->settle(made->id, data))->state, PaymentState::unknown);
  EXPECT_TRUE(inner.settles.empty());
  const auto history = sync_wait(payments->history(made->id));
  ASSERT_EQ(history->calls.size(), 3U);
  EXPECT_EQ(history->calls[1].outcome, CallOutcome::not_asked);
  EXPECT_EQ(history->calls[1].code, "breaker_open");
  // It answers again: the reconciler finds the approval and captures it.
  clock.advance(seconds(10));
  inner.lookup_answers = {{.verdict = Verdict::authorised}};
  inner.settle_answers = {{.verdict = Verdict::captured, .captured = 30'000, .receipt = "r"}};
  sync_wait(payments->reconcile());
  EXPECT_EQ(sync_wait(payments->find(made->id))->state, PaymentState::paid);
}

TEST_F(Guarded, NewOnesAreRefusedWhileItRests) {
  FakeStore store;
  const auto payments = make_payments({store, {&guard}, clock, random});
  const auto made = sync_wait(payments->create({.id = PaymentId::make(clock.now(), random),
                                                .subject = "res_1",
                                                .owner = AccountId::make(clock.now(), random),
                                                .provider = "fake",
                                                .amount = {30'000, "KRW"}}));
  fail_until_open();
  const auto begun = sync_wait(payments->begin({.payment = made->id, .return_address = "/r"}));
  EXPECT_EQ(begun.error(), BeginRefusal::provider_unavailable);
  EXPECT_TRUE(inner.orders.empty());
}

}  // namespace
}  // namespace onsale::payments
