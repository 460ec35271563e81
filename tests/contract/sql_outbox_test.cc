// Events: exactly those of committed units, in order, at least once, across restarts. On both
// dialects.
#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <thread>

#include "platform/sql/outbox.h"
#include "platform/sql/outbox_parked.h"
#include "platform/sql/worker.h"
#include "tests/contract/databases.h"

namespace onsale::sql {
namespace {

using namespace std::chrono_literals;

// Collects what a consumer was given; safe from any thread.
class Diary {
 public:
  Task<void> note(Event event) {
    {
      std::lock_guard lock(mutex_);
      events_.push_back(std::move(event));
    }
    changed_.notify_all();
    co_return;
  }
  bool has(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 20s, [&] { return events_.size() >= count; });
  }
  std::vector<std::string> keys() {
    std::lock_guard lock(mutex_);
    std::vector<std::string> keys;
    for (const auto& event : events_) keys.push_back(event.key);
    return keys;
  }
  std::vector<Event> events() {
    std::lock_guard lock(mutex_);
    return events_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Event> events_;
};

class Events : public testing::TestWithParam<Dialect> {
 protected:
  void publish(const std::string& topic, const std::string& key, const std::string& json = "{}") {
    sync_wait(database_->write([&](Tx& tx) { tx.publish(topic, key, json); }));
  }
  std::int64_t rows(const std::string& table) {
    return std::get<0>(*sync_wait(database_->read(
        [&](Tx& tx) { return tx.one<std::int64_t>("SELECT COUNT(*) FROM " + table); })));
  }
  template <class Holds>
  bool eventually(Holds holds) {
    const auto until = std::chrono::steady_clock::now() + 20s;
    while (!holds()) {
      if (std::chrono::steady_clock::now() > until) return false;
      std::this_thread::sleep_for(2ms);
    }
    return true;
  }
  static Outbox::Handler into(Diary& diary) {
    return [&diary](Event event) { return diary.note(std::move(event)); };
  }
  static OutboxOptions quick() {
    return {.attempts_max = 3,
            .retry_first = 1ms,
            .retry_max = 5ms,
            .poll = 200ms,
            .save = 5ms,
            .batch = 16};
  }

  std::unique_ptr<Database> database_ = testing_support::fresh_database(GetParam());
};
ONSALE_ON_BOTH_DIALECTS(Events);

class EventsOfManyWriters : public Events {};
INSTANTIATE_TEST_SUITE_P(, EventsOfManyWriters, testing::Values(Dialect::mysql),
                         testing_support::dialect_name);

TEST_P(Events, AnEventExistsExactlyWhenItsUnitCommits) {
  Diary diary;
  Outbox outbox(*database_, quick());
  outbox.subscribe("reader", "topic", into(diary));
  outbox.start();
  publish("topic", "first", R"({"seats":["가-1"]})");
  EXPECT_THROW(sync_wait(database_->write([](Tx& tx) {
                 tx.publish("topic", "ghost", "{}");
                 throw std::runtime_error("no");
               })),
               std::runtime_error);
  publish("topic", "second");
  publish("other", "foreign");
  ASSERT_TRUE(diary.has(2));
  outbox.stop();
  EXPECT_EQ(diary.keys(), (std::vector<std::string>{"first", "second"}));
  EXPECT_EQ(diary.events()[0].json, R"({"seats":["가-1"]})");
  EXPECT_EQ(diary.events()[0].topic, "topic");
  EXPECT_LT(diary.events()[0].sequence, diary.events()[1].sequence);
}

TEST_P(Events, OneAfterTheOtherArriveInOrderAtEveryConsumer) {
  Diary all;
  Diary even;
  Outbox outbox(*database_, quick());
  outbox.subscribe("all", "even", into(all));
  outbox.subscribe("all", "odd", into(all));
  outbox.subscribe("even", "even", into(even));
  outbox.start();
  std::vector<std::string> expected;
  for (int i = 0; i < 300; ++i) {
    expected.push_back(std::to_string(i));
    publish(i % 2 == 0 ? "even" : "odd", expected.back());
  }
  ASSERT_TRUE(all.has(300));
  ASSERT_TRUE(even.has(150));
  EXPECT_EQ(all.keys(), expected);
  EXPECT_TRUE(eventually([&] { return outbox.statistics().delivered == 450; }));
  EXPECT_EQ(outbox.statistics().pending, 0);
  if (GetParam() == Dialect::sqlite) {
    EXPECT_TRUE(eventually([&] { return rows("platform_outbox") == 0; })) << "handled rows go";
  }
}

Task<void> publish_two(Database& database, int number) {
  auto task = database.write([number](Tx& tx) {
    tx.publish("topic", std::to_string(number) + "a", "{}");
    if (number % 10 == 3) throw std::runtime_error("leaves a gap on MySQL");
    tx.publish("topic", std::to_string(number) + "b", "{}");
  });
  co_await std::move(task);
}

TEST_P(Events, NoneIsLostWhenManyCommitAtOnce) {
  constexpr int kUnits = 600;
  Diary diary;
  Outbox outbox(*database_, quick());
  outbox.subscribe("reader", "topic", into(diary));
  outbox.start();
  std::atomic<int> ended = 0;
  for (int i = 0; i < kUnits; ++i) {
    start(publish_two(*database_, i), [&](std::exception_ptr) { ++ended; });
  }
  ASSERT_TRUE(eventually([&] { return ended == kUnits; }));
  ASSERT_TRUE(diary.has(kUnits / 10 * 9 * 2));
  outbox.stop();
  auto keys = diary.keys();
  std::ranges::sort(keys);
  EXPECT_TRUE(std::ranges::adjacent_find(keys) == keys.end()) << "nothing twice without a crash";
  EXPECT_EQ(keys.size(), kUnits / 10 * 9 * 2u);
}

// The unit with the lower number commits after the one with the higher number was delivered.
// SQLite has one writer, so nobody commits late there.
TEST_P(EventsOfManyWriters, ALateCommitIsDeliveredToo) {
  Diary diary;
  auto options = quick();
  options.save = 100ms;  // so that "zero" is written off while "late" is still open
  Outbox outbox(*database_, options);
  outbox.subscribe("reader", "topic", into(diary));
  outbox.start();
  publish("topic", "zero");
  ASSERT_TRUE(diary.has(1));
  std::promise<void> written;
  std::promise<void> go;
  std::thread late([&] {
    sync_wait(database_->write([&](Tx& tx) {
      tx.publish("topic", "late", "{}");
      written.set_value();
      go.get_future().wait();
    }));
  });
  written.get_future().wait();
  publish("topic", "early");
  EXPECT_TRUE(diary.has(2));
  EXPECT_TRUE(eventually([&] { return rows("platform_outbox_position") == 1; }))
      << "an open unit must not hold up the relay";
  publish("topic", "next");
  EXPECT_TRUE(diary.has(3));
  go.set_value();
  late.join();
  ASSERT_TRUE(diary.has(4));
  EXPECT_EQ(diary.keys(), (std::vector<std::string>{"zero", "early", "next", "late"}));
}

TEST_P(Events, AFailingHandlerIsRetriedInOrderAndHoldsUpNobodyElse) {
  Diary stubborn;
  Diary other;
  std::atomic<int> refusals = 2;
  Outbox outbox(*database_, quick());
  outbox.subscribe("stubborn", "topic", [&](Event event) -> Task<void> {
    if (event.key == "1" && refusals-- > 0) throw std::runtime_error("not yet");
    return stubborn.note(std::move(event));
  });
  outbox.subscribe("other", "topic", into(other));
  outbox.start();
  for (int i = 0; i < 4; ++i) publish("topic", std::to_string(i));
  ASSERT_TRUE(other.has(4));
  ASSERT_TRUE(stubborn.has(4));
  EXPECT_EQ(stubborn.keys(), (std::vector<std::string>{"0", "1", "2", "3"}));
  EXPECT_EQ(outbox.statistics().failed, 2u);
  EXPECT_EQ(outbox.statistics().parked, 0u);
}

Task<void> nothing() { co_return; }

// The control of the test above: only what a handler throws makes an event come again.
TEST_P(Events, AHandlerThatHidesItsFailureLosesTheEvent) {
  Diary careless;
  std::atomic<int> refusals = 1;
  Outbox outbox(*database_, quick());
  outbox.subscribe("careless", "topic", [&](Event event) -> Task<void> {
    if (event.key == "1" && refusals-- > 0) return nothing();
    return careless.note(std::move(event));
  });
  outbox.start();
  for (int i = 0; i < 4; ++i) publish("topic", std::to_string(i));
  ASSERT_TRUE(careless.has(3));
  outbox.stop();
  EXPECT_EQ(careless.keys(), (std::vector<std::string>{"0", "2", "3"}));
  EXPECT_EQ(outbox.statistics().failed, 0u);
}

// Holds one event until it is let go; the other consumer must not notice, however much comes.
class Gate {
 public:
  Task<void> pass(Event) {
    if (!open_) {
      auto waiting = go_.wait();
      co_await std::move(waiting);
    }
    ++passed_;
  }
  void open() {
    open_ = true;
    go_.set(1);
  }
  int passed() const { return passed_; }

 private:
  std::atomic<bool> open_ = false;
  std::atomic<int> passed_ = 0;
  OneShot<int> go_;
};

TEST_P(Events, ASlowConsumerFallsBehindAloneAndCatchesUp) {
  constexpr int kEvents = 200;
  Gate slow;
  Diary quick_one;
  Outbox outbox(*database_, quick());
  outbox.subscribe("slow", "topic", [&slow](Event event) { return slow.pass(std::move(event)); });
  outbox.subscribe("quick", "topic", into(quick_one));
  outbox.start();
  for (int i = 0; i < kEvents; ++i) publish("topic", std::to_string(i));
  ASSERT_TRUE(quick_one.has(kEvents));
  EXPECT_EQ(slow.passed(), 0);
  EXPECT_TRUE(eventually([&] { return outbox.statistics().pending >= kEvents; }));
  EXPECT_EQ(rows("platform_outbox"), kEvents) << "kept for the slow one";
  slow.open();
  EXPECT_TRUE(eventually([&] { return slow.passed() == kEvents; })) << slow.passed();
}

TEST_P(Events, APoisonousEventIsParkedAndTheRestGoesOn) {
  Diary diary;
  {
    Outbox outbox(*database_, quick());
    outbox.subscribe("reader", "topic", [&](Event event) -> Task<void> {
      if (event.key == "poison") throw std::runtime_error("cannot read this");
      return diary.note(std::move(event));
    });
    outbox.start();
    publish("topic", "poison", R"({"bad":1})");
    publish("topic", "good");
    ASSERT_TRUE(diary.has(1));
    EXPECT_EQ(outbox.statistics().parked, 1u);
    EXPECT_EQ(outbox.statistics().failed, 3u);
  }
  const auto parked = sync_wait(database_->read([](Tx& tx) {
    return tx.query<std::string, std::string, std::string, int, std::string>(
        "SELECT consumer, subject, body, attempts, reason FROM platform_outbox_parked");
  }));
  ASSERT_EQ(parked.size(), 1u);
  EXPECT_EQ(parked[0], (std::tuple<std::string, std::string, std::string, int, std::string>{
                           "reader", "poison", R"({"bad":1})", 3, "cannot read this"}));
  Outbox outbox(*database_, quick());
  outbox.subscribe("reader", "topic", into(diary));
  outbox.start();
  EXPECT_TRUE(eventually([&] { return outbox.statistics().parked == 1; }));
}

// Lets ten virtual minutes go by, in steps that let every retry happen; ends early when `done`.
template <class Done>
void ten_minutes(Outbox& outbox, Done done) {
  for (int second = 0; second < 600 && !done(); ++second) {
    outbox.skip(1s);
    std::this_thread::sleep_for(1ms);
  }
}

// The store, or a module, is out of order for ten minutes: that says nothing about the event.
TEST_P(Events, AnOutageOfTenMinutesParksNothing) {
  for (const bool overloaded : {false, true}) {
    Diary diary;
    std::atomic<bool> down = true;
    Outbox outbox(*database_);
    outbox.subscribe("reader", "topic", [&](Event event) -> Task<void> {
      if (down && overloaded) throw Overloaded("too much to do");
      if (down) throw Outage("the disk is full");
      return diary.note(std::move(event));
    });
    outbox.start();
    publish("topic", "money");
    EXPECT_TRUE(eventually([&] { return outbox.statistics().failed > 0; }));
    ten_minutes(outbox, [] { return false; });
    EXPECT_GT(outbox.statistics().failed, 12u);
    EXPECT_EQ(outbox.statistics().parked, 0u);
    down = false;
    ten_minutes(outbox, [&] { return diary.keys().size() == 1; });
    EXPECT_TRUE(diary.has(1));
    outbox.stop();
    EXPECT_EQ(rows("platform_outbox_parked"), 0);
  }
}

// The control of the test above: what does not pass by itself is given up.
TEST_P(Events, AFaultThatLastsIsParkedWithinTenMinutes) {
  Outbox outbox(*database_);
  outbox.subscribe("reader", "topic", [&](Event) -> Task<void> { throw Failure("wrong SQL"); });
  outbox.start();
  publish("topic", "money");
  ten_minutes(outbox, [&] { return outbox.statistics().parked == 1; });
  EXPECT_EQ(outbox.statistics().parked, 1u);
}

TEST_P(Events, AnOperatorHasAParkedEventDeliveredOnceMore) {
  Diary diary;
  Diary other;
  std::atomic<bool> broken = true;
  Outbox outbox(*database_, quick());
  outbox.subscribe("reader", "topic", [&](Event event) -> Task<void> {
    if (broken && event.key == "poison") throw std::runtime_error("cannot read this");
    return diary.note(std::move(event));
  });
  outbox.subscribe("other", "topic", into(other));
  outbox.start();
  publish("topic", "poison", R"({"bad":1})");
  ASSERT_TRUE(eventually([&] { return rows("platform_outbox_parked") == 1; }));
  const auto parked =
      sync_wait(database_->read([](Tx& tx) { return list_parked(tx, std::nullopt, 10); }));
  ASSERT_EQ(parked.size(), 1u);
  EXPECT_EQ(parked[0].reason, "cannot read this");
  const auto key = parse_parked_id(parked[0].id());
  ASSERT_TRUE(key);
  const auto replay = [&] {
    return sync_wait(
        database_->write([&](Tx& tx) { return ask_for_replay(tx, *key, from_unix_ms(7)); }));
  };
  const auto asked = [&] {
    return sync_wait(database_->read([&](Tx& tx) { return parked_to_replay(tx, 10).size(); }));
  };

  EXPECT_TRUE(replay());  // in vain: nothing was mended
  ASSERT_TRUE(eventually([&] { return asked() == 0; }));
  EXPECT_EQ(rows("platform_outbox_parked"), 1);
  EXPECT_EQ(outbox.statistics().failed, 6u);
  EXPECT_EQ(outbox.statistics().parked, 1u);

  broken = false;
  EXPECT_TRUE(replay());
  ASSERT_TRUE(diary.has(1));
  EXPECT_EQ(diary.events()[0].json, R"({"bad":1})");
  EXPECT_TRUE(eventually([&] { return rows("platform_outbox_parked") == 0; }));
  EXPECT_TRUE(eventually([&] { return outbox.statistics().parked == 0; }));
  EXPECT_FALSE(replay()) << "it is gone";
  publish("topic", "next");
  ASSERT_TRUE(diary.has(2));
  ASSERT_TRUE(other.has(2));
  outbox.stop();
  EXPECT_EQ(diary.keys(), (std::vector<std::string>{"poison", "next"}));
  EXPECT_EQ(other.keys(), (std::vector<std::string>{"poison", "next"})) << "only whom it failed";
}

TEST_P(Events, AReplayThatWasAskedForOutlivesARestart) {
  sync_wait(database_->write([](Tx& tx) {
    park_event(tx, {.consumer = "reader", .event = {7, "topic", "late", "{}", {}}, .attempts = 3});
    ask_for_replay(tx, {"reader", 7}, from_unix_ms(1));
  }));
  Diary diary;
  Outbox outbox(*database_, quick());
  outbox.subscribe("reader", "topic", into(diary));
  outbox.start();
  EXPECT_TRUE(diary.has(1));
  EXPECT_TRUE(eventually([&] { return rows("platform_outbox_parked") == 0; }));
}

TEST(ParkedId, IsReadBackOrRefused) {
  const auto key = parse_parked_id("booking.payments:17");
  ASSERT_TRUE(key);
  EXPECT_EQ(key->consumer, "booking.payments");
  EXPECT_EQ(key->sequence, 17);
  for (const auto* wrong : {"", "17", ":17", "a:", "a:x", "a:1x"}) {
    EXPECT_FALSE(parse_parked_id(wrong)) << wrong;
  }
}

TEST_P(Events, WhatWasNotHandledComesAgainAfterARestart) {
  Diary before;
  {
    Outbox outbox(*database_, quick());
    outbox.subscribe("reader", "topic", [&](Event event) -> Task<void> {
      if (event.key == "b") throw std::runtime_error("the process ends before this works");
      return before.note(std::move(event));
    });
    publish("topic", "a");
    publish("topic", "b");
    publish("topic", "c");
    outbox.start();
    ASSERT_TRUE(before.has(1));
  }
  Diary after;
  Outbox outbox(*database_, quick());
  outbox.subscribe("reader", "topic", into(after));
  outbox.start();
  ASSERT_TRUE(after.has(2));
  outbox.stop();
  auto keys = after.keys();
  if (keys.front() == "a") keys.erase(keys.begin());  // at least once, not exactly once
  EXPECT_EQ(keys, (std::vector<std::string>{"b", "c"}));
}

TEST_P(Events, StopWaitsForTheHandlerAndRemembersWhatItDid) {
  Diary second;
  std::atomic<int> first = 0;
  Outbox outbox(*database_, quick());
  Database& database = *database_;
  outbox.subscribe("reader", "topic", [&](Event) -> Task<void> {
    ++first;
    return database.write([](Tx& tx) { tx.exec("DELETE FROM platform_outbox_parked"); });
  });
  for (int i = 0; i < 50; ++i) publish("topic", std::to_string(i));
  outbox.start();
  EXPECT_TRUE(eventually([&] { return first > 3; }));
  outbox.stop();
  const int handled = first;
  outbox.start();
  EXPECT_TRUE(eventually([&] { return outbox.statistics().pending == 0 && first >= 50; }));
  outbox.stop();
  EXPECT_EQ(first, 50) << handled << " before the stop; a clean stop repeats nothing";
}

TEST_P(Events, WithoutConsumersTheTableDoesNotGrow) {
  publish("topic", "a");
  Outbox outbox(*database_, quick());
  outbox.start();
  publish("topic", "b");
  EXPECT_TRUE(eventually([&] { return rows("platform_outbox") == 0; }));
}

TEST_P(Events, ArriveWithoutWaitingForThePoll) {
  Diary diary;
  auto options = quick();
  options.poll = 1h;
  Outbox outbox(*database_, options);
  outbox.subscribe("reader", "topic", into(diary));
  outbox.start();
  std::this_thread::sleep_for(20ms);
  for (int i = 0; i < 20; ++i) {
    publish("topic", std::to_string(i));
    ASSERT_TRUE(diary.has(static_cast<std::size_t>(i) + 1));
  }
}

}  // namespace
}  // namespace onsale::sql
