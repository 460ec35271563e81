#include "platform/http/idempotency/idempotency_store.h"

#include <gtest/gtest.h>

#include "base/fakes.h"
#include "tests/contract/databases.h"

namespace onsale::http {
namespace {

class IdempotencySql : public testing::TestWithParam<sql::Dialect> {
 protected:
  IdempotencyRequest request(std::string key = "k", std::string hash = "h") {
    return {"account:a", "POST /x", std::move(key), std::move(hash), clock_.now()};
  }
  IdempotencyBegin begin(IdempotencyRequest r) { return sync_wait(store_.begin(std::move(r))); }
  std::string started(IdempotencyRequest r) {
    return std::get<IdempotencyStarted>(begin(std::move(r))).token;
  }

  FakeClock clock_;
  SeededRandom random_{1};
  std::unique_ptr<sql::Database> database_ = testing_support::fresh_database(GetParam());
  SqlIdempotencyStore store_{*database_, random_};
};

TEST_P(IdempotencySql, AnswerIsGivenAgainWordForWord) {
  const auto token = started(request());
  EXPECT_TRUE(std::holds_alternative<IdempotencyInProgress>(begin(request())));
  EXPECT_TRUE(std::holds_alternative<IdempotencyReused>(begin(request("k", "other"))));
  const std::string body("{\"a\":\"\0 좌석\"}", 16);
  sync_wait(
      store_.finish(request(), token, {201, "application/json", {{"Set-Cookie", "a=b; c"}}, body}));
  const auto again = std::get<StoredAnswer>(begin(request()));
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.content_type, "application/json");
  EXPECT_EQ(again.body, body);
  ASSERT_EQ(again.headers.size(), 1U);
  EXPECT_EQ(again.headers[0].second, "a=b; c");
  EXPECT_TRUE(std::holds_alternative<IdempotencyReused>(begin(request("k", "other"))));
}

TEST_P(IdempotencySql, ScopeOperationAndKeyEachMakeAnotherRequest) {
  started(request());
  started(request("k2"));
  auto other = request();
  other.scope = "account:b";
  started(other);
  other = request();
  other.operation = "POST /y";
  started(other);
}

TEST_P(IdempotencySql, CrashedAttemptMayBeRetriedAfterItsLeaseAndCannotFinishLate) {
  const auto dead = started(request());
  clock_.advance(kIdempotencyLease - Millis(1));
  EXPECT_TRUE(std::holds_alternative<IdempotencyInProgress>(begin(request())));
  clock_.advance(Millis(1));
  const auto alive = started(request());
  EXPECT_NE(dead, alive);
  sync_wait(store_.finish(request(), dead, {500, "", {}, "late"}));
  sync_wait(store_.abandon(request(), dead));
  EXPECT_TRUE(std::holds_alternative<IdempotencyInProgress>(begin(request())));
  sync_wait(store_.finish(request(), alive, {204, "", {}, ""}));
  EXPECT_EQ(std::get<StoredAnswer>(begin(request())).status, 204);
}

TEST_P(IdempotencySql, WhatARestartCutOffMayBeTriedAtOnceAndWhatWasAnsweredStays) {
  (void)started(request("cut off"));
  const auto token = started(request("answered"));
  sync_wait(store_.finish(request("answered"), token, {.status = 201}));
  ASSERT_TRUE(std::holds_alternative<IdempotencyInProgress>(begin(request("cut off"))));
  sync_wait(store_.forget_unfinished());
  EXPECT_TRUE(std::holds_alternative<IdempotencyStarted>(begin(request("cut off"))));
  EXPECT_TRUE(std::holds_alternative<StoredAnswer>(begin(request("answered"))));
}

TEST_P(IdempotencySql, AbandonedKeyIsFreeAtOnce) {
  const auto token = started(request());
  sync_wait(store_.abandon(request(), token));
  started(request("k", "another body"));
}

TEST_P(IdempotencySql, OfTwentyAtOnceOneStarts) {
  std::atomic<int> winners{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 20; ++i)
      threads.emplace_back([&] {
        if (std::holds_alternative<IdempotencyStarted>(begin(request()))) ++winners;
      });
  }
  EXPECT_EQ(winners, 1);
}

TEST_P(IdempotencySql, AfterADayTheKeyIsForgotten) {
  const auto token = started(request());
  sync_wait(store_.finish(request(), token, {201, "", {}, "a"}));
  clock_.advance(kIdempotencyKept - Millis(1));
  EXPECT_EQ(sync_wait(store_.sweep(clock_.now())), 0U);
  EXPECT_TRUE(std::holds_alternative<StoredAnswer>(begin(request())));
  clock_.advance(Millis(1));
  started(request("k", "other"));
  clock_.advance(kIdempotencyKept);
  EXPECT_EQ(sync_wait(store_.sweep(clock_.now())), 1U);
}

TEST_P(IdempotencySql, OneScopeKeepsItsNewestKeysOnly) {
  const auto rows = [&] {
    return std::get<0>(*sync_wait(database_->read(
        [](sql::Tx& tx) { return tx.one<int>("SELECT COUNT(*) FROM http_idempotency"); })));
  };
  auto other = request("theirs");
  other.scope = "account:b";
  sync_wait(store_.finish(other, started(other), {201, "", {}, "b"}));
  started(request("runs"));  // and goes on for as long as its lease
  for (int i = 0; i < kIdempotencyKeysMax + 50; ++i) {
    clock_.advance(Millis(1));
    auto mine = request("k" + std::to_string(i));
    const auto token = started(mine);
    sync_wait(store_.finish(mine, token, {201, "", {}, std::to_string(i)}));
  }
  EXPECT_LE(rows(), kIdempotencyKeysMax + 3);
  EXPECT_TRUE(std::holds_alternative<StoredAnswer>(begin(other))) << "nobody else's";
  EXPECT_TRUE(std::holds_alternative<IdempotencyInProgress>(begin(request("runs"))));
  const auto newest = request("k" + std::to_string(kIdempotencyKeysMax + 49));
  EXPECT_TRUE(std::holds_alternative<StoredAnswer>(begin(newest)));
  EXPECT_TRUE(std::holds_alternative<IdempotencyStarted>(begin(request("k0")))) << "pushed out";
}

ONSALE_ON_BOTH_DIALECTS(IdempotencySql);

}  // namespace
}  // namespace onsale::http
