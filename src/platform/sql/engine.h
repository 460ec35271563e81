// What both back-ends share: bounded lanes of units, their threads, statistics, and how a unit's
// outcome travels back to whoever awaits it.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "platform/sql/database.h"
#include "platform/sql/worker.h"

namespace onsale::sql {

// Units waiting for a database thread.
class UnitQueue {
 public:
  explicit UnitQueue(std::size_t max) : max_(max) {}
  // False when full, and the unit is the caller's still. Throws Failure once closed.
  bool push(std::unique_ptr<Unit>& unit);
  // Blocks for at least one and takes at most `most`. Where the last call found company, more are
  // likely on their way: then it yields, for microseconds, as long as more come and fewer than then
  // are here. Empty once closed and drained.
  std::vector<std::unique_ptr<Unit>> pop(std::size_t most, std::size_t last = 1);
  // The same for one of `sharers` threads: its share of what waits.
  std::vector<std::unique_ptr<Unit>> pop_share(std::size_t most, std::size_t sharers);
  void close();
  std::size_t size() const;

 private:
  std::vector<std::unique_ptr<Unit>> take(std::size_t most);  // under mutex_

  const std::size_t max_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::unique_ptr<Unit>> units_;
  bool closed_ = false;
};

// A unit that has run; null error = success.
struct Outcome {
  std::unique_ptr<Unit> unit;
  std::exception_ptr error;
};

class Engine : public Database {
 public:
  const Clock& clock() const override { return clock_; }
  Statistics statistics() const override;
  void on_publish(std::function<void()> wake) override;
  // The back-end's destructor calls it too, before its members go.
  void close() override;

 protected:
  explicit Engine(const DatabaseConfig& config);
  void submit(Lane lane, std::unique_ptr<Unit> unit) override;

  // `loop` runs on its own thread until its queue is drained and closed.
  void start_thread(std::function<void()> loop);

  // Hands outcomes to their awaiters, all of one executor in one go. Any thread.
  void settle(Lane lane, std::vector<Outcome> outcomes);
  void settle(Lane lane, std::unique_ptr<Unit> unit, std::exception_ptr error);
  void wake_subscribers();
  UnitQueue& lane(Lane which) { return which == Lane::write ? writes_ : reads_; }
  void count_commit() { ++commits_; }
  void count_retry() { ++retries_; }

 private:
  SystemClock system_clock_;
  const Clock& clock_;
  UnitQueue writes_;
  UnitQueue reads_;
  std::mutex close_mutex_;
  std::vector<std::thread> threads_;  // guarded by close_mutex_ once the constructor is done
  std::atomic<std::uint64_t> done_[2] = {0, 0};
  std::atomic<std::uint64_t> failures_ = 0;
  std::atomic<std::uint64_t> commits_ = 0;
  std::atomic<std::uint64_t> retries_ = 0;
  std::atomic<std::uint64_t> overloads_ = 0;
  std::mutex wake_mutex_;
  std::function<void()> wake_;
  Worker homeless_;  // resumes awaiters that were on no executor
};

std::unique_ptr<Database> open_sqlite(const std::string& path, const DatabaseConfig& config);
std::unique_ptr<Database> open_mysql(const std::string& url, const DatabaseConfig& config);

}  // namespace onsale::sql
