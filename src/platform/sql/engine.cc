#include "platform/sql/engine.h"

namespace onsale::sql {

bool UnitQueue::push(std::unique_ptr<Unit> unit) {
  {
    std::lock_guard lock(mutex_);
    if (closed_) throw Failure("the database is closing");
    if (units_.size() >= max_) return false;
    units_.push_back(std::move(unit));
  }
  changed_.notify_one();
  return true;
}

std::vector<std::unique_ptr<Unit>> UnitQueue::pop(std::size_t most) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return closed_ || !units_.empty(); });
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
  if (lane(which).push(std::move(unit))) return;
  ++overloads_;
  throw Overloaded("the database has too much to do");
}

void Engine::start_thread(std::function<void()> loop) { threads_.emplace_back(std::move(loop)); }

void Engine::finish() {
  writes_.close();
  reads_.close();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}

void Engine::settle(Lane which, std::unique_ptr<Unit> unit, std::exception_ptr error) {
  if (error) {
    ++failures_;
  } else {
    ++done_[static_cast<std::size_t>(which)];
  }
  auto tell = [](Unit& told, std::exception_ptr why) {
    if (why) {
      told.fail(std::move(why));
    } else {
      told.succeed();
    }
  };
  if (unit->has_home()) {
    tell(*unit, std::move(error));
    return;
  }
  homeless_.post([tell, unit = std::move(unit), error = std::move(error)]() mutable {
    tell(*unit, std::move(error));
  });
}

}  // namespace onsale::sql
