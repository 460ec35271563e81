#include "platform/exec/loop.h"

#include <pthread.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <thread>

namespace onsale::exec {

namespace asio = boost::asio;

class Loop::Context : public asio::io_context {
 public:
  Context() : asio::io_context(1) {}
  // Destroys every handler that never ran; the services that their objects belong to still stand.
  void drop() { shutdown(); }
};

struct Loop::KeepAlive {
  asio::executor_work_guard<asio::io_context::executor_type> guard;
};

Loop::Loop(int index)
    : index_(index),
      io_(std::make_unique<Context>()),
      keep_alive_(std::make_unique<KeepAlive>(KeepAlive{asio::make_work_guard(io())})) {}

Loop::~Loop() = default;

boost::asio::io_context& Loop::io() { return *io_; }

void Loop::drop() { io_->drop(); }

void Loop::post(std::move_only_function<void()> work) { asio::post(io(), std::move(work)); }

Loop* Loop::current() { return dynamic_cast<Loop*>(Executor::current()); }

void Loop::run() {
  Executor* const outer = current_;
  current_ = this;
  io_->run();
  current_ = outer;
}

void Loop::stop() { io_->stop(); }

namespace {

struct TimerAwaiter {
  asio::steady_timer& timer;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiter) {
    timer.async_wait([waiter](const boost::system::error_code&) { waiter.resume(); });
  }
  void await_resume() const noexcept {}
};

}  // namespace

Task<void> Loop::sleep(Millis duration) {
  asio::steady_timer timer(io(), duration);
  co_await TimerAwaiter{timer};
}

struct Loops::Threads {
  std::vector<std::jthread> running;
};

Loops::Loops(int count) : threads_(std::make_unique<Threads>()) {
  if (count <= 0) count = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  for (int i = 0; i < count; ++i) loops_.push_back(std::make_unique<Loop>(i));
}

// What a handler of one loop lets go of may own timers and sockets of another.
Loops::~Loops() {
  stop();
  for (auto& loop : loops_) loop->drop();
}

void Loops::start() {
  for (auto& loop : loops_) {
    threads_->running.emplace_back([&loop = *loop] {
      pthread_setname_np(pthread_self(), ("loop-" + std::to_string(loop.index())).c_str());
      loop.run();
    });
  }
}

void Loops::stop() {
  for (auto& loop : loops_) loop->stop();
  threads_->running.clear();
}

bool Loops::running() const { return !threads_->running.empty(); }

}  // namespace onsale::exec
