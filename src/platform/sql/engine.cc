#include "platform/sql/engine.h"

#include <algorithm>
#include <latch>

namespace onsale::sql {

namespace {

constexpr int kIdleYields = 16;  // some ten microseconds; a commit takes at least a hundred

void tell(std::vector<Outcome>& outcomes) {
  for (auto& [unit, error] : outcomes) {
    if (error) {
      unit->fail(std::move(error));
    } else {
      unit->succeed();
    }
    unit.reset();  // where it was made
  }
}

}  // namespace

bool UnitQueue::push(std::unique_ptr<Unit>& unit) {
  {
    std::lock_guard lock(mutex_);
    if (closed_) throw Outage("the database is closing");
    if (units_.size() >= max_) return false;
    units_.push_back(std::move(unit));
  }
  changed_.notify_one();
  return true;
}

std::vector<std::unique_ptr<Unit>> UnitQueue::pop(std::size_t most, std::size_t last) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return closed_ || !units_.empty(); });
  const std::size_t enough = std::min(most, last);
  int idle = 0;
  for (std::size_t before = units_.size(); before < enough && idle < kIdleYields && !closed_;) {
    lock.unlock();
    std::this_thread::yield();
    lock.lock();
    idle = units_.size() > before ? 0 : idle + 1;
    before = units_.size();
  }
  return take(most);
}

std::vector<std::unique_ptr<Unit>> UnitQueue::pop_share(std::size_t most, std::size_t sharers) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return closed_ || !units_.empty(); });
  return take(std::clamp<std::size_t>(units_.size() / sharers, 1, most));
}

std::vector<std::unique_ptr<Unit>> UnitQueue::take(std::size_t most) {
  std::vector<std::unique_ptr<Unit>> taken;
  taken.reserve(std::min(most, units_.size()));
  while (!units_.empty() && taken.size() < most) {
    taken.push_back(std::move(units_.front()));
    units_.pop_front();
  }
  return taken;
}

void UnitQueue::close() {
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
}

std::size_t UnitQueue::size() const {
  std::lock_guard lock(mutex_);
  return units_.size();
}

Engine::Engine(const DatabaseConfig& config)
    : clock_(config.clock ? *config.clock : system_clock_),
      writes_(config.queue_max),
      reads_(config.queue_max) {}

Statistics Engine::statistics() const {
  return {.writes = done_[0],
          .reads = done_[1],
          .failures = failures_,
          .commits = commits_,
          .retries = retries_,
          .overloads = overloads_,
          .write_queue = writes_.size(),
          .read_queue = reads_.size()};
}

void Engine::on_publish(std::function<void()> wake) {
  std::lock_guard lock(wake_mutex_);
  wake_ = std::move(wake);
}

void Engine::wake_subscribers() {
  std::lock_guard lock(wake_mutex_);
  if (wake_) wake_();
}

void Engine::submit(Lane which, std::unique_ptr<Unit> unit) {
  if (lane(which).push(unit)) return;
  ++overloads_;
  throw Overloaded("the database has too much to do");
}

void Engine::start_thread(std::function<void()> loop) { threads_.emplace_back(std::move(loop)); }

void Engine::close() {
  std::lock_guard lock(close_mutex_);
  writes_.close();
  reads_.close();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
  if (Executor::current() == &homeless_) return;
  std::latch resumed(1);  // also those awaiters that were on no executor
  homeless_.post([&resumed] { resumed.count_down(); });
  resumed.wait();
}

void Engine::settle(Lane which, std::vector<Outcome> outcomes) {
  std::vector<std::pair<Executor*, std::vector<Outcome>>> homes;
  for (auto& outcome : outcomes) {
    ++(outcome.error ? failures_ : done_[static_cast<std::size_t>(which)]);
    Executor* home = outcome.unit->home();
    auto found = std::ranges::find(homes, home, &std::pair<Executor*, std::vector<Outcome>>::first);
    if (found == homes.end()) {
      homes.emplace_back(home, std::vector<Outcome>{});
      found = std::prev(homes.end());
      found->second.reserve(outcomes.size());
    }
    found->second.push_back(std::move(outcome));
  }
  for (auto& [home, group] : homes) {
    Executor& executor = home ? *home : homeless_;
    executor.post([group = std::move(group)]() mutable { tell(group); });
  }
}

void Engine::settle(Lane which, std::unique_ptr<Unit> unit, std::exception_ptr error) {
  std::vector<Outcome> one;
  one.push_back({std::move(unit), std::move(error)});
  settle(which, std::move(one));
}

}  // namespace onsale::sql
