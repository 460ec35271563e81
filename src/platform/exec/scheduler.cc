#include "platform/exec/scheduler.h"

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/log.h"
#include "platform/exec/loop.h"

namespace onsale::exec {

struct Scheduler::Shared {
  explicit Shared(Loop& on) : loop(on) {}
  Loop& loop;
  std::atomic<bool> stopped{false};
  // Touched on the loop only.
  std::vector<std::shared_ptr<Job>> jobs;
  int running = 0;
  std::vector<OneShot<bool>> waiting;  // for running == 0

  void ended() {
    if (--running > 0) return;
    for (auto& waiter : std::exchange(waiting, {})) waiter.set(true);
  }
};

struct Scheduler::Job : std::enable_shared_from_this<Job> {
  Job(std::shared_ptr<Shared> owner, Millis every, std::string called,
      std::function<Task<void>()> what)
      : shared(std::move(owner)),
        period(every),
        name(std::move(called)),
        body(std::move(what)),
        timer(shared->loop.io()) {}

  void arm() {
    if (shared->stopped) return;
    timer.expires_after(period);
    timer.async_wait([self = weak_from_this()](const boost::system::error_code& error) {
      if (const auto job = self.lock(); job && !error) job->run();
    });
  }

  // A coroutine, so that a job that throws before there is a task fails like any other.
  static Task<void> once(std::shared_ptr<Job> self) {
    auto task = self->body();
    co_await std::move(task);
  }

  void run() {
    ++shared->running;
    start(once(shared_from_this()), [self = shared_from_this()](std::exception_ptr error) {
      if (error) self->complain(error);
      // The job may have finished on another thread.
      self->shared->loop.post([self] {
        self->arm();
        self->shared->ended();
      });
    });
  }

  void complain(std::exception_ptr error) const {
    try {
      std::rethrow_exception(error);
    } catch (const std::exception& reason) {
      log::error("exec", "a scheduled job failed", {{"job", name}, {"reason", reason.what()}});
    } catch (...) {
      log::error("exec", "a scheduled job failed", {{"job", name}});
    }
  }

  std::shared_ptr<Shared> shared;
  const Millis period;
  const std::string name;
  const std::function<Task<void>()> body;
  boost::asio::steady_timer timer;
};

Scheduler::Scheduler(Loop& loop) : shared_(std::make_shared<Shared>(loop)) {}

Scheduler::~Scheduler() {
  stop();
  shared_->jobs.clear();
}

void Scheduler::every(Millis period, std::string name, std::function<Task<void>()> job) {
  auto entry = std::make_shared<Job>(shared_, period, std::move(name), std::move(job));
  shared_->loop.post([entry = std::move(entry)] {
    if (entry->shared->stopped) return;
    entry->shared->jobs.push_back(entry);
    entry->arm();
  });
}

void Scheduler::stop() {
  if (shared_->stopped.exchange(true)) return;
  shared_->loop.post([shared = shared_] { shared->jobs.clear(); });
}

Task<void> Scheduler::stopped() {
  stop();
  OneShot<bool> idle;
  shared_->loop.post([shared = shared_, idle]() mutable {
    if (shared->running == 0) return idle.set(true);
    shared->waiting.push_back(idle);
  });
  co_await idle.wait();
}

}  // namespace onsale::exec
