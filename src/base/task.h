// Task<T>: a lazy coroutine that its one awaiter starts and owns. Executor: where coroutines
// resume. Thread: a Task resumes on the executor it was suspended on when what it awaits says so
// (OneShot, exec, sql and http do); otherwise on the thread that completed it. GCC 12 miscompiles
// some temporaries around co_await: give each co_await its own statement.
#pragma once

#include <atomic>
#include <condition_variable>
#include <coroutine>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

namespace onsale {

// Runs functions one after the other on its own thread. An event loop is one.
class Executor {
 public:
  virtual ~Executor() = default;
  // Any thread. Never runs `work` inside the call.
  virtual void post(std::move_only_function<void()> work) = 0;
  // The executor whose thread this is, or null.
  static Executor* current() { return current_; }

 protected:
  static inline thread_local Executor* current_ = nullptr;
};

// What goes along with a Task and with every Task that it awaits, such as what a request must be
// shown. Owned by whoever started the first of them; lives until that one is done.
class TaskContext {
 public:
  virtual ~TaskContext() = default;
};

template <class T>
class Task;

namespace detail {

// Parent and child race only when the child finishes on another thread while the parent is still
// suspending; whoever comes second continues the parent. No symmetric transfer: the stack stays
// flat even without tail calls (debug and sanitizer builds).
class TaskPromiseBase {
 public:
  std::suspend_always initial_suspend() const noexcept { return {}; }

  struct Final {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> self) const noexcept {
      auto& promise = self.promise();
      if (promise.met_.exchange(true, std::memory_order_acq_rel)) promise.continuation_.resume();
    }
    void await_resume() const noexcept {}
  };
  Final final_suspend() const noexcept { return {}; }

  // True when the awaiter must stay suspended.
  template <class Promise, class Parent>
  static bool start(std::coroutine_handle<Promise> child, std::coroutine_handle<Parent> parent) {
    child.promise().continuation_ = parent;
    if constexpr (std::is_base_of_v<TaskPromiseBase, Parent>) {
      if (parent.promise().context_) child.promise().context_ = parent.promise().context_;
    }
    child.resume();
    return !child.promise().met_.exchange(true, std::memory_order_acq_rel);
  }

  const TaskContext* context_ = nullptr;

 private:
  std::coroutine_handle<> continuation_;
  std::atomic<bool> met_{false};
};

template <class T>
class TaskPromise : public TaskPromiseBase {
 public:
  Task<T> get_return_object() noexcept;
  void unhandled_exception() noexcept { outcome_.template emplace<2>(std::current_exception()); }
  template <class U>
    requires std::convertible_to<U&&, T>
  void return_value(U&& value) {
    outcome_.template emplace<1>(std::forward<U>(value));
  }
  T take() {
    if (outcome_.index() == 2) std::rethrow_exception(std::get<2>(outcome_));
    return std::move(std::get<1>(outcome_));
  }

 private:
  std::variant<std::monostate, T, std::exception_ptr> outcome_;
};

template <>
class TaskPromise<void> : public TaskPromiseBase {
 public:
  Task<void> get_return_object() noexcept;
  void unhandled_exception() noexcept { error_ = std::current_exception(); }
  void return_void() const noexcept {}
  void take() {
    if (error_) std::rethrow_exception(error_);
  }

 private:
  std::exception_ptr error_;
};

template <class T>
struct TaskAwaiter {
  std::coroutine_handle<TaskPromise<T>> child;
  bool await_ready() const noexcept { return false; }
  template <class Parent>
  bool await_suspend(std::coroutine_handle<Parent> parent) {
    return TaskPromiseBase::start(child, parent);
  }
  T await_resume() { return child.promise().take(); }
};

struct ContextAwaiter {
  const TaskContext* context = nullptr;
  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> self) noexcept {
    context = self.promise().context_;
    return false;
  }
  const TaskContext* await_resume() const noexcept { return context; }
};

}  // namespace detail

template <class T = void>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::TaskPromise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  explicit Task(Handle handle) noexcept : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Task() {
    if (handle_) handle_.destroy();
  }

  auto operator co_await() && noexcept { return detail::TaskAwaiter<T>{handle_}; }

  // Before it is started.
  void accompany(const TaskContext& context) { handle_.promise().context_ = &context; }

 private:
  Handle handle_;
};

namespace detail {

template <class T>
Task<T> TaskPromise<T>::get_return_object() noexcept {
  return Task<T>(std::coroutine_handle<TaskPromise<T>>::from_promise(*this));
}
inline Task<void> TaskPromise<void>::get_return_object() noexcept {
  return Task<void>(std::coroutine_handle<TaskPromise<void>>::from_promise(*this));
}

struct Detached {
  struct promise_type {
    Detached get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
  };
};

template <class Done>
Detached run_detached(Task<void> task, Done done) {
  std::exception_ptr error;
  try {
    co_await std::move(task);
  } catch (...) {
    error = std::current_exception();
  }
  done(error);
}

}  // namespace detail

// `co_await task_context()` in a Task: what goes along with it, or null. Never suspends.
inline detail::ContextAwaiter task_context() { return {}; }

// Starts `task` now, on this thread, and lets it run. `done(std::exception_ptr)` is called once, on
// the thread that finished it, and must not throw.
template <class Done>
void start(Task<void> task, Done done) {
  detail::run_detached(std::move(task), std::move(done));
}

// A value that arrives once, from any thread, for at most one awaiter, which resumes on the
// executor it awaited on (or on the setting thread, if it was on none). Copies share the value.
template <class T>
class OneShot {
 public:
  OneShot() : state_(std::make_shared<State>()) {}

  void set(T value) {
    finish([&](State& s) { s.value.emplace(std::move(value)); });
  }
  void fail(std::exception_ptr error) {
    finish([&](State& s) { s.error = std::move(error); });
  }

  Task<T> wait() {
    auto state = state_;
    co_await Suspend{state.get()};
    if (state->error) std::rethrow_exception(state->error);
    co_return std::move(*state->value);
  }

 private:
  struct State {
    std::atomic<bool> met{false};
    std::optional<T> value;
    std::exception_ptr error;
    std::coroutine_handle<> waiter;
    Executor* home = nullptr;
  };
  struct Suspend {
    State* state;
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> waiter) {
      state->waiter = waiter;
      state->home = Executor::current();
      return !state->met.exchange(true, std::memory_order_acq_rel);
    }
    void await_resume() const noexcept {}
  };

  template <class Fill>
  void finish(Fill fill) {
    auto state = state_;
    fill(*state);
    if (!state->met.exchange(true, std::memory_order_acq_rel)) return;
    if (!state->home || state->home == Executor::current()) {
      state->waiter.resume();
    } else {
      state->home->post([waiter = state->waiter] { waiter.resume(); });
    }
  }

  std::shared_ptr<State> state_;
};

// Blocks this thread until `task` has finished. For tests and for main; never on an event loop.
template <class T>
T sync_wait(Task<T> task) {
  std::mutex mutex;
  std::condition_variable changed;
  bool finished = false;
  std::exception_ptr failure;
  std::optional<std::conditional_t<std::is_void_v<T>, std::monostate, T>> value;
  auto body = [](Task<T> inner, auto& out) -> Task<void> {
    if constexpr (std::is_void_v<T>) {
      co_await std::move(inner);
      out.emplace();
    } else {
      out.emplace(co_await std::move(inner));
    }
  };
  start(body(std::move(task), value), [&](std::exception_ptr error) {
    std::lock_guard lock(mutex);
    failure = error;
    finished = true;
    changed.notify_one();
  });
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return finished; });
  if (failure) std::rethrow_exception(failure);
  if constexpr (!std::is_void_v<T>) return std::move(*value);
}

}  // namespace onsale
