// Event loops: one thread each, never blocked. Everything that crosses threads goes through post().
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/task.h"
#include "base/time.h"

namespace boost::asio {
class io_context;
}

namespace onsale::exec {

// Thread: post() from any; everything else on the loop's own thread.
class Loop final : public Executor {
 public:
  explicit Loop(int index);
  ~Loop() override;
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void post(std::move_only_function<void()> work) override;
  // Suspends for at least `duration`. Call on the loop. Throws nothing; a stopped loop never
  // resumes.
  Task<void> sleep(Millis duration);
  // The loop whose thread this is, or null.
  static Loop* current();

  boost::asio::io_context& io();
  int index() const { return index_; }

  // Runs until stop(); used by Loops and by tests that own the thread themselves.
  void run();
  void stop();
  // Destroys the work that never ran, after the last run(); the loop takes no more.
  void drop();

 private:
  class Context;
  struct KeepAlive;
  int index_;
  std::unique_ptr<Context> io_;
  std::unique_ptr<KeepAlive> keep_alive_;
};

// A fixed set of loops with their threads.
class Loops {
 public:
  // `count` 0 means one per core.
  explicit Loops(int count);
  ~Loops();
  Loops(const Loops&) = delete;
  Loops& operator=(const Loops&) = delete;

  int size() const { return static_cast<int>(loops_.size()); }
  Loop& at(int index) { return *loops_[static_cast<std::size_t>(index)]; }
  void start();
  // Stops every loop and joins its thread. Work not yet run is dropped. Idempotent.
  void stop();
  // Between start() and stop(), as seen from the thread that calls those.
  bool running() const;

 private:
  struct Threads;
  std::vector<std::unique_ptr<Loop>> loops_;
  std::unique_ptr<Threads> threads_;
};

}  // namespace onsale::exec
