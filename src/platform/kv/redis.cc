#include "platform/kv/redis.h"

#include <stdexcept>

#include "platform/exec/loop.h"
#include "platform/kv/listener.h"
#include "platform/kv/side.h"

namespace onsale::kv {
namespace {

using SidePtr = std::shared_ptr<Side>;

// Nobody's once it waits: the client may be gone when it goes on.
struct Submitted {
  const SidePtr& side;
  Group& group;
  std::span<Pending> calls;

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiter) const {
    group.waiter = waiter;
    group.home = Executor::current();
    if (group.home == &side->loop()) {
      side->submit(calls);
    } else {
      // All of it may be over before post() returns: nothing here is touched after that.
      Executor& loop = side->loop();
      loop.post([side = side, calls = calls] { side->submit(calls); });
    }
  }
  void await_resume() const noexcept {}
};

class Subscribed final : public Subscription {
 public:
  explicit Subscribed(std::shared_ptr<Listener> listener) : listener_(std::move(listener)) {
    listener_->start();
  }
  ~Subscribed() override { listener_->stop(); }

 private:
  const std::shared_ptr<Listener> listener_;
};

class RedisClient final : public Redis {
 public:
  RedisClient(exec::Loops& loops, std::shared_ptr<const Shared> shared) {
    for (int i = 0; i < loops.size(); ++i)
      sides_.push_back(std::make_shared<Side>(loops.at(i), shared));
  }
  ~RedisClient() override {
    for (const SidePtr& side : sides_) side->loop().post([side] { side->close(); });
  }

  Task<Outcome> call(Command command, Options options) override {
    const SidePtr& side = here();
    Group group{.remaining = 1};
    Pending one(std::move(command), options, group, until(options));
    side->admit({&one, 1});
    co_await Submitted{side, group, {&one, 1}};
    co_return std::move(*one.outcome);
  }

  Task<std::vector<Outcome>> pipeline(std::vector<Command> commands, Options options) override {
    std::vector<Outcome> outcomes;
    if (commands.empty()) co_return outcomes;
    const SidePtr& side = here();
    Group group{.remaining = static_cast<int>(commands.size())};
    const Deadline deadline = until(options);
    std::vector<Pending> all;
    all.reserve(commands.size());
    for (Command& command : commands)
      all.emplace_back(std::move(command), options, group, deadline);
    side->admit(all);
    co_await Submitted{side, group, all};
    for (Pending& one : all) outcomes.push_back(std::move(*one.outcome));
    co_return outcomes;
  }

  std::unique_ptr<Subscription> subscribe(std::vector<std::string> channels,
                                          std::function<void(const News&)> heard) override {
    if (channels.empty()) throw std::invalid_argument("a subscription to no channel");
    return std::make_unique<Subscribed>(
        std::make_shared<Listener>(here(), std::move(channels), std::move(heard)));
  }

  Statistics statistics() const override {
    Statistics all;
    for (const SidePtr& side : sides_) side->count(all);
    return all;
  }

 private:
  static Deadline until(const Options& options) {
    return std::chrono::steady_clock::now() + options.timeout;
  }
  const SidePtr& here() const {
    const Executor* const now = Executor::current();
    for (const SidePtr& side : sides_)
      if (&side->loop() == now) return side;
    return sides_.front();
  }

  std::vector<SidePtr> sides_;
};

}  // namespace

std::unique_ptr<Redis> open(exec::Loops& loops, Config config) {
  if (config.endpoints.empty()) throw std::runtime_error("no address of a Redis server");
  std::unique_ptr<Trust> trust;
  if (!config.tls_ca_file.empty()) trust = std::make_unique<Trust>(config.tls_ca_file);
  auto shared = std::make_shared<const Shared>(std::move(config), std::move(trust));
  return std::make_unique<RedisClient>(loops, std::move(shared));
}

}  // namespace onsale::kv
