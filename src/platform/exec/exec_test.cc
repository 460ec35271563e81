#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <thread>

#include "base/overload.h"
#include "platform/exec/blocking_pool.h"
#include "platform/exec/loop.h"
#include "platform/exec/scheduler.h"

namespace onsale::exec {
namespace {

// Runs `task` on the loop and waits for it here.
template <class T>
T run_on(Loop& loop, std::function<Task<T>()> make) {
  OneShot<int> done;
  std::optional<T> out;
  auto body = [](std::function<Task<T>()> f, std::optional<T>& slot) -> Task<void> {
    slot.emplace(co_await f());
  };
  loop.post([&] {
    start(body(make, out),
          [done](std::exception_ptr error) mutable { error ? done.fail(error) : done.set(0); });
  });
  sync_wait(done.wait());
  return std::move(*out);
}

TEST(Loop, WorkPostedFromManyThreadsRunsOnTheLoopsOwnThread) {
  Loops loops(1);
  loops.start();
  std::atomic<int> count{0};
  std::atomic<int> elsewhere{0};
  {
    std::vector<std::jthread> posters;
    for (int t = 0; t < 4; ++t) {
      posters.emplace_back([&] {
        for (int i = 0; i < 1'000; ++i) {
          loops.at(0).post([&] {
            if (Loop::current() != &loops.at(0)) ++elsewhere;
            ++count;
          });
        }
      });
    }
  }
  while (count < 4'000) std::this_thread::yield();
  EXPECT_EQ(elsewhere, 0);
}

Task<bool> hop(BlockingPool& pool, Loop& home) {
  const auto pool_thread = co_await pool.run([] { return std::this_thread::get_id(); });
  co_return Loop::current() == &home&& std::this_thread::get_id() != pool_thread;
}

TEST(BlockingPool, TheAwaiterComesBackToItsLoop) {
  Loops loops(2);
  loops.start();
  BlockingPool pool("test", 2, 16);
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(run_on<bool>(loops.at(i), [&, i] { return hop(pool, loops.at(i)); }));
  }
}

TEST(BlockingPool, AFullQueueIsRefusedInsteadOfGrowing) {
  std::atomic<int> finished{0}, refused{0};  // before the pool, whose last words still count
  BlockingPool pool("test", 1, 1);
  OneShot<int> gate;
  auto hold = [&] { return pool.run([gate]() mutable { sync_wait(gate.wait()); }); };
  start(hold(), [&](std::exception_ptr) { ++finished; });
  for (int i = 0; i < 100 && refused == 0; ++i) {
    start(hold(), [&](std::exception_ptr error) {
      ++finished;
      if (!error) return;
      try {
        std::rethrow_exception(error);
      } catch (const Overloaded&) {
        ++refused;
      }
    });
    if (i >= 2) break;
  }
  EXPECT_GE(refused, 1);
  gate.set(1);
}

Task<int> fail_in(BlockingPool& pool) {
  co_return co_await pool.run([]() -> int { throw std::runtime_error("disk"); });
}

TEST(BlockingPool, WhatTheWorkThrowsReachesTheAwaiter) {
  BlockingPool pool("test", 1, 4);
  EXPECT_THROW(sync_wait(fail_in(pool)), std::runtime_error);
}

Task<void> count_and_throw(std::atomic<int>& runs) {
  ++runs;
  throw std::runtime_error("again");
  co_return;
}

TEST(Scheduler, AFailingJobRunsAgain) {
  Loops loops(1);
  loops.start();
  Scheduler scheduler(loops.at(0));
  std::atomic<int> runs{0};
  scheduler.every(Millis(1), "count", [&] { return count_and_throw(runs); });
  while (runs < 3) std::this_thread::yield();
  loops.stop();
}

// The first run throws instead of making a task, the second has none to call.
TEST(Scheduler, AJobThatThrowsBeforeItsTaskRunsAgainAndHarmsNoOther) {
  Loops loops(1);
  loops.start();
  Scheduler scheduler(loops.at(0));
  std::atomic<int> early{0};
  std::atomic<int> other{0};
  scheduler.every(Millis(1), "early", [&]() -> Task<void> {
    if (++early % 2 == 1) throw std::runtime_error("no task");
    return std::function<Task<void>()>()();  // std::bad_function_call
  });
  scheduler.every(Millis(1), "other", [&] { return count_and_throw(other); });
  while (early < 4 || other < 4) std::this_thread::yield();
  sync_wait(scheduler.stopped());  // what failed counts as ended
  loops.stop();
}

Task<void> wait_at(std::atomic<int>& begun, std::atomic<int>& ended, OneShot<int> gate) {
  ++begun;
  co_await gate.wait();
  ++ended;
}

TEST(Scheduler, StoppedWaitsForTheRunThatIsUnderWay) {
  Loops loops(2);
  loops.start();
  Scheduler scheduler(loops.at(0));
  std::atomic<int> begun{0};
  std::atomic<int> ended{0};
  OneShot<int> gate;
  scheduler.every(Millis(1), "wait", [&] { return wait_at(begun, ended, gate); });
  while (begun == 0) std::this_thread::yield();
  std::atomic<bool> stopped{false};
  std::atomic<int> ended_before{-1};
  loops.at(1).post([&] {
    onsale::start(scheduler.stopped(), [&](std::exception_ptr) {
      ended_before = ended.load();
      stopped = true;
    });
  });
  // Round trips through both loops, so that a stopped() that does not wait would be through.
  for (int i = 0; i < 20; ++i) {
    for (int at = 0; at < 2; ++at) {
      OneShot<int> passed;
      loops.at(at).post([passed]() mutable { passed.set(1); });
      sync_wait(passed.wait());
    }
  }
  EXPECT_FALSE(stopped);
  gate.set(1);
  while (!stopped) std::this_thread::yield();
  EXPECT_EQ(ended_before, 1);
  EXPECT_EQ(begun, 1);
  sync_wait(scheduler.stopped());  // and again
  loops.stop();
}

// Under ASan this fails when the loops go one after the other.
TEST(Loops, WorkThatNeverRanMayOwnTimersOfOtherLoops) {
  Loops loops(3);
  for (int at = 0; at < 3; ++at) {
    for (int other = 0; other < 3; ++other) {
      auto timer = std::make_shared<boost::asio::steady_timer>(loops.at(other).io());
      loops.at(at).post([timer] { timer->cancel(); });
    }
  }
}

}  // namespace
}  // namespace onsale::exec
