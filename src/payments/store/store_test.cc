// The contract of payments::Store, run against the fake and both databases.
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "base/fakes.h"
#include "payments/events.h"
#include "platform/json/json.h"
#include "platform/sql/outbox.h"
#include "tests/contract/payment_stores.h"

namespace onsale::payments {
namespace {

using std::chrono::seconds;
using enum PaymentState;

class PaymentsStore : public testing::TestWithParam<std::string> {
 protected:
  Payment fresh(const std::string& subject, std::int64_t amount = 30'000) {
    clock_.advance(Millis(1));
    return {.id = PaymentId::make(clock_.now(), random_),
            .subject = subject,
            .owner = AccountId::make(clock_.now(), random_),
            .provider = "sandbox",
            .amount = {amount, "KRW"},
            .order_name = "오페라의 유령 외 1매",
            .created_at = clock_.now(),
            .updated_at = clock_.now()};
  }
  bool insert(const Payment& payment) {
    return sync_wait(
        store_->insert({.payment = payment, .key = "key", .check_at = clock_.now() + seconds(60)}));
  }
  PaymentId begun(const std::string& subject) {
    const Payment payment = fresh(subject);
    EXPECT_TRUE(insert(payment));
    EXPECT_TRUE(sync_wait(store_->begin({payment.id, "ref", "/pay", "/back"}, clock_.now(),
                                        clock_.now() + seconds(60))));
    return payment.id;
  }
  PaymentId paid_one(const std::string& subject) {
    const PaymentId id = begun(subject);
    EXPECT_TRUE(settle(id, paid));
    return id;
  }
  bool settle(PaymentId id, PaymentState state, std::int64_t captured = 30'000) {
    return bool(sync_wait(store_->settle({.payment = id,
                                          .state = state,
                                          .captured = state == paid ? captured : 0,
                                          .receipt = "receipt"},
                                         clock_.now())));
  }
  Stored at(PaymentId id) { return sync_wait(store_->find(id)).value(); }
  Refund fresh_refund(PaymentId id, std::int64_t amount) {
    clock_.advance(Millis(1));
    return {.id = RefundId::make(clock_.now(), random_),
            .payment = id,
            .amount = {amount, "KRW"},
            .reason = "마음이 바뀜",
            .created_at = clock_.now()};
  }
  RefundRequested request(const Refund& refund) {
    return sync_wait(store_->request_refund(refund, clock_.now() + seconds(10)));
  }

  FakeClock clock_;
  SeededRandom random_{7};
  EachStore each_{GetParam()};
  Store* const store_ = each_.store.get();
};

TEST_P(PaymentsStore, OneRefundOfAPaymentHasItsTurnUntilItIsFinished) {
  const PaymentId id = paid_one("res_turn");
  std::vector<RefundId> ids;
  for (int i = 0; i < 2; ++i) {
    clock_.advance(Millis(1));
    ids.push_back(RefundId::make(clock_.now(), random_));
    const Refund refund{
        .id = ids.back(), .payment = id, .amount = {10'000, "KRW"}, .created_at = clock_.now()};
    EXPECT_EQ(sync_wait(store_->request_refund(refund, clock_.now())), RefundRequested::requested);
  }
  EXPECT_TRUE(sync_wait(store_->take_turn(ids[1])));
  EXPECT_FALSE(sync_wait(store_->take_turn(ids[0])));
  EXPECT_TRUE(sync_wait(store_->take_turn(ids[1]))) << "after a crash, too";
  EXPECT_EQ(sync_wait(store_->find_refund(ids[1]))->refundable_seen, kTurnBegan);
  EXPECT_FALSE(sync_wait(store_->note_refundable(ids[0], 30'000)));
  EXPECT_TRUE(sync_wait(store_->note_refundable(ids[1], 30'000)));
  EXPECT_FALSE(sync_wait(store_->note_refundable(ids[1], 20'000))) << "once per turn";
  EXPECT_EQ(sync_wait(store_->find_refund(ids[1]))->refundable_seen, 30'000);
  EXPECT_TRUE(sync_wait(store_->finish_refund(ids[1], RefundState::done, clock_.now())));
  EXPECT_TRUE(sync_wait(store_->take_turn(ids[0])));
  EXPECT_FALSE(sync_wait(store_->take_turn(ids[1])));
}

TEST_P(PaymentsStore, ANoticeBringsTheNextLookForwardAndAStrangersDoesNothing) {
  const PaymentId id = begun("res_notice");
  const Timestamp first = clock_.now();
  EXPECT_FALSE(sync_wait(store_->notice(PaymentId::make(first, random_), "sandbox", first)));
  EXPECT_FALSE(sync_wait(store_->notice(id, "toss", first)));
  EXPECT_TRUE(sync_wait(store_->notice(id, "sandbox", first)));
  const Stored noticed = *sync_wait(store_->find(id));
  EXPECT_EQ(noticed.check_at, first);
  EXPECT_TRUE(sync_wait(store_->put_off(noticed, first + seconds(60))));
  clock_.advance(Millis(1));
  EXPECT_TRUE(sync_wait(store_->notice(id, "sandbox", clock_.now())));
  EXPECT_EQ(sync_wait(store_->find(id))->check_at, first + kNoticeSpacing);
}

TEST_P(PaymentsStore, WhatTheProviderToldIsKept) {
  const PaymentId id = begun("res_detail");
  EXPECT_FALSE(sync_wait(store_->find(id))->payment.detail);
  const PaymentDetail told{
      .method = "가상계좌",
      .deposit = Deposit{.bank = "20", .account = "X123", .until = clock_.now()}};
  sync_wait(store_->describe(id, told));
  const auto detail = sync_wait(store_->find(id))->payment.detail;
  ASSERT_TRUE(detail && detail->deposit);
  EXPECT_EQ(detail->method, "가상계좌");
  EXPECT_EQ(detail->deposit->account, "X123");
  EXPECT_EQ(detail->deposit->until, clock_.now());
}

TEST_P(PaymentsStore, KeepsWhatItIsTold) {
  const Payment payment = fresh("res_1");
  ASSERT_TRUE(insert(payment));
  ASSERT_TRUE(sync_wait(store_->begin({payment.id, "ref", "/pay", "/back"}, clock_.now(),
                                      clock_.now() + seconds(60))));
  const ReturnData data{{"paymentKey", "tgen_1"}, {"주문", "\"값\""}};
  ASSERT_TRUE(sync_wait(store_->claim(payment.id, data, clock_.now(), clock_.now() + seconds(10))));
  const Stored stored = at(payment.id);
  EXPECT_EQ(stored.payment.subject, "res_1");
  EXPECT_EQ(stored.payment.owner, payment.owner);
  EXPECT_EQ(stored.payment.provider, "sandbox");
  EXPECT_EQ(stored.payment.state, unknown);
  EXPECT_EQ(stored.payment.amount, payment.amount);
  EXPECT_EQ(stored.payment.order_name, payment.order_name);
  EXPECT_EQ(stored.payment.redirect_url, "/pay");
  EXPECT_EQ(stored.payment.return_url, "/back");
  EXPECT_EQ(stored.payment.created_at, payment.created_at);
  EXPECT_EQ(stored.key, "key");
  EXPECT_EQ(stored.reference, "ref");
  EXPECT_EQ(stored.data, data);
  EXPECT_EQ(stored.check_at, clock_.now() + seconds(10));
}

TEST_P(PaymentsStore, ReaddressesWhatIsPendingOnly) {
  const Payment payment = fresh("res_1");
  ASSERT_TRUE(insert(payment));
  EXPECT_FALSE(sync_wait(store_->readdress(payment.id, "/new", clock_.now())));
  const PaymentId id = begun("res_2");
  EXPECT_TRUE(sync_wait(store_->readdress(id, "/new", clock_.now() + seconds(1))));
  EXPECT_EQ(at(id).payment.return_url, "/new");
  EXPECT_EQ(at(id).payment.state, pending);
  ASSERT_TRUE(sync_wait(store_->claim(id, {}, clock_.now(), clock_.now() + seconds(10))));
  EXPECT_FALSE(sync_wait(store_->readdress(id, "/late", clock_.now() + seconds(2))));
  EXPECT_EQ(at(id).payment.return_url, "/new");
}

TEST_P(PaymentsStore, ASubjectHasOneLivePayment) {
  const Payment first = fresh("res_1");
  EXPECT_TRUE(insert(first));
  EXPECT_FALSE(insert(first));
  const Payment second = fresh("res_1");
  EXPECT_FALSE(insert(second));
  EXPECT_TRUE(insert(fresh("res_2")));
  EXPECT_EQ(sync_wait(store_->find_live("res_1"))->id, first.id);
  EXPECT_TRUE(sync_wait(store_->cancel(first.id, clock_.now(), std::nullopt)));
  EXPECT_FALSE(sync_wait(store_->find_live("res_1")));
  EXPECT_TRUE(insert(second));
}

TEST_P(PaymentsStore, ComingBackTakesThePaymentWithItsKeyOnly) {
  const PaymentId id = begun("res_1");
  const auto take = [&](PaymentId which, const std::string& key) {
    return sync_wait(
        store_->take(which, key, {{"pg_token", "abc"}}, clock_.now(), clock_.now() + seconds(10)));
  };
  EXPECT_FALSE(take(PaymentId::make(clock_.now(), random_), "key"));
  const auto wrong = take(id, "another");
  ASSERT_TRUE(wrong);
  EXPECT_FALSE(wrong->mine);
  EXPECT_EQ(sync_wait(store_->find(id))->payment.state, pending);
  const auto first = take(id, "key");
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->mine);
  EXPECT_EQ(first->stored.payment.state, pending);
  const auto stored = sync_wait(store_->find(id));
  EXPECT_EQ(stored->payment.state, unknown);
  EXPECT_EQ(stored->data, (ReturnData{{"pg_token", "abc"}}));
  const auto second = take(id, "key");
  ASSERT_TRUE(second);
  EXPECT_FALSE(second->mine);
  EXPECT_EQ(second->stored.payment.state, unknown);
}

TEST_P(PaymentsStore, OnlyOneOfManyMayAskForTheCapture) {
  const PaymentId id = begun("res_1");
  std::atomic<int> claims = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        claims += sync_wait(store_->claim(id, {}, clock_.now(), clock_.now() + seconds(10)));
      });
    }
  }
  EXPECT_EQ(claims, 1);
}

TEST_P(PaymentsStore, CancellingAndCapturingExcludeEachOther) {
  for (int round = 0; round < 10; ++round) {
    const PaymentId id = begun("res_" + std::to_string(round));
    bool claimed = false;
    bool cancelled_ = false;
    {
      std::jthread one([&] {
        claimed = sync_wait(store_->claim(id, {}, clock_.now(), clock_.now() + seconds(10)));
      });
      std::jthread two(
          [&] { cancelled_ = sync_wait(store_->cancel(id, clock_.now(), std::nullopt)); });
    }
    EXPECT_NE(claimed, cancelled_);
    EXPECT_EQ(at(id).payment.state, claimed ? unknown : cancelled);
  }
}

TEST_P(PaymentsStore, APaymentIsPaidOnce) {
  const PaymentId id = begun("res_1");
  EXPECT_TRUE(settle(id, paid));
  EXPECT_FALSE(settle(id, paid));
  EXPECT_FALSE(settle(id, failed));
  EXPECT_FALSE(sync_wait(store_->cancel(id, clock_.now(), std::nullopt)));
  const Stored stored = at(id);
  EXPECT_EQ(stored.payment.state, paid);
  EXPECT_EQ(stored.payment.captured, 30'000);
  EXPECT_EQ(stored.payment.paid_at, clock_.now());
  EXPECT_EQ(stored.receipt, "receipt");
  EXPECT_FALSE(stored.check_at);
  EXPECT_EQ(sync_wait(store_->balance()).captured, 30'000);
  EXPECT_TRUE(sync_wait(store_->find_live("res_1")));
}

TEST_P(PaymentsStore, CapturedMoneyStaysOnTheListUntilItsOwnerAccountsForIt) {
  const PaymentId first = paid_one("res_1");
  settle(begun("res_2"), failed);
  const PaymentId second = paid_one("res_3");
  const auto listed = [&](Timestamp before, std::optional<PaymentId> after = {}) {
    std::vector<PaymentId> ids;
    for (const Payment& each : sync_wait(store_->unaccounted(before, after, 10)))
      ids.push_back(each.id);
    return ids;
  };
  const Timestamp now = clock_.now();
  EXPECT_EQ(listed(now), (std::vector{first, second}));
  EXPECT_EQ(listed(now, first), std::vector{second});
  EXPECT_EQ(listed(now - Millis(1)), std::vector{first});
  EXPECT_EQ(sync_wait(store_->unaccounted(now, {}, 1)).size(), 1U);
  sync_wait(store_->accounted({first}));
  EXPECT_EQ(listed(now), std::vector{second});
}

TEST_P(PaymentsStore, LateMoneyIsBookedWithoutTakingTheSubjectBack) {
  const PaymentId late = begun("res_1");
  EXPECT_TRUE(sync_wait(store_->cancel(late, clock_.now(), std::nullopt)));
  const PaymentId now_live = begun("res_1");
  EXPECT_TRUE(settle(late, paid));
  EXPECT_EQ(at(late).payment.state, paid);
  EXPECT_EQ(sync_wait(store_->find_live("res_1"))->id, now_live);
}

TEST_P(PaymentsStore, AWrongAmountIsBookedAndItsRefundRequestedAtOnce) {
  const PaymentId id = begun("res_1");
  Refund refund = fresh_refund(id, 100);
  EXPECT_TRUE(sync_wait(store_->settle({.payment = id,
                                        .state = failed,
                                        .captured = 100,
                                        .receipt = "receipt",
                                        .failure = "amount_mismatch",
                                        .give_back = refund},
                                       clock_.now())));
  EXPECT_EQ(at(id).payment.state, failed);
  EXPECT_EQ(at(id).payment.captured, 100);
  EXPECT_EQ(at(id).payment.refunding, 100);
  const auto due = sync_wait(store_->due_refunds("sandbox", clock_.now(), 10));
  ASSERT_EQ(due.size(), 1u);
  EXPECT_EQ(due[0].refund.id, refund.id);
  EXPECT_EQ(request(fresh_refund(id, 1)), RefundRequested::exceeds_captured);
}

TEST_P(PaymentsStore, RefundsNeverExceedWhatWasCaptured) {
  const PaymentId id = paid_one("res_1");
  const Refund first = fresh_refund(id, 10'000);
  EXPECT_EQ(request(first), RefundRequested::requested);
  EXPECT_EQ(request(first), RefundRequested::exists);
  EXPECT_EQ(request(fresh_refund(id, 20'001)), RefundRequested::exceeds_captured);
  const Refund second = fresh_refund(id, 20'000);
  EXPECT_EQ(request(second), RefundRequested::requested);
  EXPECT_EQ(request(fresh_refund(id, 1)), RefundRequested::exceeds_captured);
  EXPECT_TRUE(sync_wait(store_->finish_refund(first.id, RefundState::done, clock_.now())));
  EXPECT_FALSE(sync_wait(store_->finish_refund(first.id, RefundState::done, clock_.now())));
  EXPECT_EQ(at(id).payment.state, partially_refunded);
  EXPECT_EQ(at(id).payment.refunded, 10'000);
  EXPECT_TRUE(sync_wait(store_->finish_refund(second.id, RefundState::failed, clock_.now())));
  EXPECT_EQ(at(id).payment.refunding, 10'000);
  const Refund third = fresh_refund(id, 20'000);
  EXPECT_EQ(request(third), RefundRequested::requested);
  EXPECT_TRUE(sync_wait(store_->finish_refund(third.id, RefundState::done, clock_.now())));
  EXPECT_EQ(at(id).payment.state, refunded);
  EXPECT_FALSE(sync_wait(store_->find_live("res_1")));
  const auto all = sync_wait(store_->refunds(id));
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].id, first.id);
  EXPECT_EQ(all[0].reason, "마음이 바뀜");
  EXPECT_EQ(all[1].state, RefundState::failed);
}

TEST_P(PaymentsStore, RefundsAskedForAtOnceDoNotExceedIt) {
  const PaymentId id = paid_one("res_1");
  std::vector<Refund> wanted;
  for (int i = 0; i < 8; ++i) wanted.push_back(fresh_refund(id, 10'000));
  std::atomic<int> granted = 0;
  {
    std::vector<std::jthread> threads;
    for (const Refund& refund : wanted)
      threads.emplace_back([&] { granted += request(refund) == RefundRequested::requested; });
  }
  EXPECT_EQ(granted, 3);
  EXPECT_EQ(at(id).payment.refunding, 30'000);
}

TEST_P(PaymentsStore, TheSameRefundAskedForTwiceAtOnceIsThere) {
  for (int round = 0; round < 20; ++round) {
    const PaymentId id = paid_one("res_" + std::to_string(round));
    const Refund refund = fresh_refund(id, 30'000);  // all there is
    std::atomic<int> made = 0;
    std::atomic<int> there = 0;
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        const RefundRequested answer = request(refund);
        made += answer == RefundRequested::requested;
        there += answer == RefundRequested::exists;
      });
    }
    threads.clear();
    EXPECT_EQ(made, 1);
    EXPECT_EQ(there, 3) << "round " << round;
  }
}

TEST_P(PaymentsStore, MoneyThatWentBackAfterAllCorrectsAFailure) {
  const PaymentId id = paid_one("res_1");
  const Refund refund = fresh_refund(id, 10'000);
  ASSERT_EQ(request(refund), RefundRequested::requested);
  const auto finish = [&](RefundState state) {
    return sync_wait(store_->finish_refund(refund.id, state, clock_.now()));
  };
  EXPECT_TRUE(finish(RefundState::failed));
  EXPECT_FALSE(finish(RefundState::failed));
  EXPECT_EQ(at(id).payment.refunding, 0);
  EXPECT_TRUE(finish(RefundState::done)) << "two asked, and the slower one got the money back";
  EXPECT_FALSE(finish(RefundState::done));
  EXPECT_FALSE(finish(RefundState::failed)) << "what is back is back";
  EXPECT_EQ(at(id).payment.refunding, 10'000);
  EXPECT_EQ(at(id).payment.refunded, 10'000);
  EXPECT_EQ(at(id).payment.state, partially_refunded);
}

TEST_P(PaymentsStore, ThereIsNothingToRefundBeforeThereIsMoney) {
  const PaymentId id = begun("res_1");
  EXPECT_EQ(request(fresh_refund(id, 1)), RefundRequested::not_refundable);
  const PaymentId nothing = PaymentId::make(clock_.now(), random_);
  EXPECT_EQ(request(fresh_refund(nothing, 1)), RefundRequested::payment_unknown);
  const PaymentId money = paid_one("res_2");
  Refund dollars = fresh_refund(money, 1);
  dollars.amount.currency = "USD";
  EXPECT_EQ(request(dollars), RefundRequested::exceeds_captured);
}

TEST_P(PaymentsStore, WhatIsDueIsTakenByOneNode) {
  const PaymentId first = begun("res_1");
  clock_.advance(seconds(1));
  const PaymentId second = begun("res_2");
  EXPECT_TRUE(sync_wait(store_->due("sandbox", clock_.now() + seconds(58), 10)).empty());
  const auto due = sync_wait(store_->due("sandbox", clock_.now() + seconds(60), 10));
  ASSERT_EQ(due.size(), 2u);
  EXPECT_EQ(due[0].payment.id, first);
  EXPECT_EQ(due[1].payment.id, second);
  EXPECT_EQ(sync_wait(store_->due("sandbox", clock_.now() + seconds(60), 1)).size(), 1u);
  EXPECT_TRUE(sync_wait(store_->put_off(due[0], clock_.now() + seconds(90))));
  EXPECT_FALSE(sync_wait(store_->put_off(due[0], clock_.now() + seconds(90))));
  EXPECT_EQ(at(first).checks, 1);
  EXPECT_TRUE(sync_wait(store_->put_off(due[1], std::nullopt)));
  EXPECT_FALSE(at(second).check_at);
  EXPECT_TRUE(sync_wait(store_->due("sandbox", clock_.now() + seconds(60), 10)).empty());
}

TEST_P(PaymentsStore, ReopeningUndoesAClaimOnly) {
  const PaymentId id = begun("res_1");
  EXPECT_FALSE(sync_wait(store_->reopen(id, clock_.now(), clock_.now() + seconds(60))));
  EXPECT_TRUE(sync_wait(store_->claim(id, {}, clock_.now(), clock_.now() + seconds(10))));
  EXPECT_TRUE(sync_wait(store_->reopen(id, clock_.now(), clock_.now() + seconds(60))));
  EXPECT_EQ(at(id).payment.state, pending);
}

TEST_P(PaymentsStore, WhatEndedWithoutMoneyIsForgottenAndNothingElse) {
  using std::chrono::hours;
  const AccountId busy = AccountId::make(clock_.now(), random_);
  const auto ended = [&](const std::string& subject, AccountId owner) {
    Payment payment = fresh(subject);
    payment.owner = owner;
    EXPECT_TRUE(insert(payment));
    EXPECT_TRUE(sync_wait(store_->cancel(payment.id, clock_.now(), std::nullopt)));
    return payment.id;
  };
  const PaymentId first = ended("res_1", busy);
  const PaymentId second = ended("res_2", busy);
  const PaymentId third = ended("res_3", busy);
  const PaymentId other = ended("res_4", AccountId::make(clock_.now(), random_));
  const PaymentId money = paid_one("res_5");
  const PaymentId open = begun("res_6");
  const PaymentId looked_at = begun("res_7");
  EXPECT_TRUE(sync_wait(store_->cancel(looked_at, clock_.now(), clock_.now() + seconds(60))));
  const PaymentId refused = begun("res_8");
  EXPECT_TRUE(settle(refused, failed));
  const auto known = [&](PaymentId id) { return sync_wait(store_->find(id)).has_value(); };
  const auto forget = [&](Timestamp by, Timestamp of_owner) {
    return sync_wait(store_->forget_ended(
        {.ended_by = by, .of_owner_ended_by = of_owner, .keep_of_owner = 2}, 10));
  };
  const Timestamp now = clock_.now();
  EXPECT_EQ(forget(now - hours(1), now - hours(1)), 0);
  EXPECT_EQ(forget(now - hours(1), now), 1);
  EXPECT_FALSE(known(first));
  EXPECT_TRUE(known(second));
  EXPECT_EQ(forget(now, now), 4);
  for (const PaymentId gone : {second, third, other, refused}) EXPECT_FALSE(known(gone));
  for (const PaymentId kept : {money, open, looked_at}) EXPECT_TRUE(known(kept));
}

ONSALE_ON_EACH_STORE(PaymentsStore);

// ---- what only tables have

class PaymentsTables : public testing::TestWithParam<sql::Dialect> {
 protected:
  // The first `count` events of payments, as a subscriber gets them.
  std::vector<sql::Event> published(std::size_t count) {
    std::vector<sql::Event> events;
    OneShot<bool> enough;
    sql::Outbox outbox(*database_);
    for (const auto topic : {kSettledTopic, kRefundedTopic, kRefundFailedTopic}) {
      outbox.subscribe("test", std::string(topic), [&](sql::Event event) {
        events.push_back(std::move(event));
        if (events.size() == count) enough.set(true);
        return nothing();
      });
    }
    outbox.start();
    (void)sync_wait(enough.wait());
    outbox.stop();
    return events;
  }

  // A payment of 100 that was captured.
  Payment captured(Store& store) {
    const Payment payment{.id = PaymentId::make(clock_.now(), random_),
                          .subject = "res_1",
                          .owner = AccountId::make(clock_.now(), random_),
                          .provider = "sandbox",
                          .amount = {100, "KRW"},
                          .created_at = clock_.now()};
    EXPECT_TRUE(
        sync_wait(store.insert({.payment = payment, .key = "key", .check_at = clock_.now()})));
    EXPECT_TRUE(settle(store, payment));
    return payment;
  }
  bool settle(Store& store, const Payment& payment) {
    return bool(sync_wait(
        store.settle({.payment = payment.id, .state = paid, .captured = 100}, clock_.now())));
  }
  // Asked for, and not finished.
  RefundId refund(Store& store, const Payment& payment, std::int64_t amount) {
    const Refund refund{.id = RefundId::make(clock_.now(), random_),
                        .payment = payment.id,
                        .amount = {amount, "KRW"},
                        .created_at = clock_.now()};
    EXPECT_EQ(sync_wait(store.request_refund(refund, clock_.now())), RefundRequested::requested);
    return refund.id;
  }

  FakeClock clock_;
  SeededRandom random_{7};
  std::unique_ptr<sql::Database> database_ = testing_support::fresh_database(GetParam());

 private:
  static Task<void> nothing() { co_return; }
};

TEST_P(PaymentsTables, NegativeControlWithoutTheGuardMoreIsRefundedThanWasCaptured) {
  const auto store = make_sql_store(*database_, {.guard_refunds = false});
  const Payment payment = captured(*store);
  for (int i = 0; i < 2; ++i) refund(*store, payment, 100);
  const Balance balance = sync_wait(store->balance());
  EXPECT_GT(balance.refunding, balance.captured);
}

TEST_P(PaymentsTables, EndsArePublishedWithTheChangeThatMadeThem) {
  const auto store = make_sql_store(*database_);
  const Payment payment = captured(*store);
  ASSERT_FALSE(settle(*store, payment));
  const RefundId done = refund(*store, payment, 40);
  ASSERT_TRUE(sync_wait(store->finish_refund(done, RefundState::done, clock_.now())));
  const RefundId refused = refund(*store, payment, 50);
  ASSERT_TRUE(sync_wait(store->finish_refund(refused, RefundState::failed, clock_.now())));
  auto events = published(3);
  ASSERT_EQ(events.size(), 3u);
  std::ranges::sort(events, {}, &sql::Event::sequence);
  EXPECT_EQ(events[2].topic, "payments.refund_failed");
  const auto failed_event = json::read<RefundFailed>(events[2].json);
  ASSERT_TRUE(failed_event);
  EXPECT_EQ(failed_event->refund, refused);
  EXPECT_EQ(failed_event->subject, "res_1");
  EXPECT_EQ(failed_event->amount, 50);
  EXPECT_EQ(events[0].topic, "payments.settled");
  EXPECT_EQ(events[0].key, payment.id.str());
  const auto settled = json::read<Settled>(events[0].json);
  ASSERT_TRUE(settled);
  EXPECT_EQ(settled->payment, payment.id);
  EXPECT_EQ(settled->subject, "res_1");
  EXPECT_EQ(settled->owner, payment.owner);
  EXPECT_EQ(settled->state, paid);
  EXPECT_EQ(settled->amount, 100);
  EXPECT_EQ(events[1].topic, "payments.refunded");
  const auto refunded_event = json::read<Refunded>(events[1].json);
  ASSERT_TRUE(refunded_event);
  EXPECT_EQ(refunded_event->refund, done);
  EXPECT_EQ(refunded_event->state, partially_refunded);
  EXPECT_EQ(refunded_event->amount, 40);
}

ONSALE_ON_BOTH_DIALECTS(PaymentsTables);

}  // namespace
}  // namespace onsale::payments
