#include "platform/kv/memory.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "platform/exec/loop.h"
#include "platform/kv/ear.h"
#include "platform/kv/failure.h"
#include "platform/kv/memory_store.h"
#include "platform/kv/reader.h"

namespace onsale::kv {

namespace {

// Waits for a new entry, or for its time to be over; woken once, by whoever comes first.
class Sleeper {
 public:
  void wake() {
    if (!woken_.exchange(true)) shot_.set({});
  }
  Task<std::monostate> wait() { return shot_.wait(); }

 private:
  std::atomic<bool> woken_{false};
  OneShot<std::monostate> shot_;
};
using SleeperPtr = std::shared_ptr<Sleeper>;

struct Listening {
  std::vector<std::string> channels;
  std::shared_ptr<Ear> ear;
  Executor* home;
};

Words words_of(std::string_view wire) {
  Reader reader;
  for (; !wire.empty(); wire.remove_prefix(std::min(wire.size(), Reader::kFeedMax)))
    reader.feed(wire.substr(0, Reader::kFeedMax));
  Reply reply;
  (void)reader.next(reply);
  Words words;
  for (Reply& item : reply.items) words.push_back(std::move(item.text));
  return words;
}

Reply error_reply(std::string text) {
  return {.kind = Reply::Kind::error, .text = std::move(text)};
}

Outcome to_outcome(Reply reply) {
  if (reply.kind != Reply::Kind::error) return reply;
  return std::unexpected(Failure{classify(reply.text), reply.text});
}

}  // namespace

struct Memory::State : std::enable_shared_from_this<Memory::State> {
  explicit State(exec::Loop& loop) : loop(loop) {}

  Reply run(const Words& words);
  Reply step(const Words& words);
  Reply publish(const std::string& channel, const std::string& text);
  Reply time() const;
  Task<Outcome> answer(Words words, Millis timeout);
  void wake_after(const SleeperPtr& sleeper, Millis at_most);

  exec::Loop& loop;
  std::mutex mutex;
  // All that follows is guarded by mutex.
  MemoryStore store;
  std::map<std::string, Step> steps;
  std::vector<std::shared_ptr<Listening>> listening;
  std::vector<SleeperPtr> sleepers, to_wake;
  Millis ahead{};
  int replicas = 0;
};

// The mutex is held.
Reply Memory::State::run(const Words& words) {
  const Millis now = ahead + std::chrono::duration_cast<Millis>(
                                 std::chrono::system_clock::now().time_since_epoch());
  try {
    if (is_word(words[0], "PUBLISH") && words.size() == 3) return publish(words[1], words[2]);
    if (is_word(words[0], "TIME")) return time();
    if (is_word(words[0], "WAIT")) return integer_reply(replicas);
    if (is_word(words[0], "EVALSHA") && words.size() > 2) return step(words);
    Reply reply = store.run(words, now);
    if (is_word(words[0], "XADD")) {
      to_wake.insert(to_wake.end(), sleepers.begin(), sleepers.end());
      sleepers.clear();
    }
    return reply;
  } catch (const Said& said) {
    return error_reply(said.text);
  }
}

Reply Memory::State::step(const Words& words) {
  const auto found = steps.find(words[1]);
  if (found == steps.end()) throw Said{"NOSCRIPT No matching script. Please use EVAL."};
  const auto count = static_cast<std::size_t>(to_integer(words[2]));
  if (count > words.size() - 3)
    throw Said{"ERR Number of keys can't be greater than number of args"};
  const auto keys = std::span(words).subspan(3, count);
  one_slot(keys);
  const Run run_one = [this](std::initializer_list<Word> parts) {
    Words inner;
    for (const Word& word : parts) inner.emplace_back(word.view());
    return run(inner);
  };
  return found->second(run_one, keys, std::span(words).subspan(3 + count));
}

Reply Memory::State::publish(const std::string& channel, const std::string& text) {
  std::int64_t count = 0;
  for (const auto& one : listening) {
    if (!std::ranges::count(one->channels, channel)) continue;
    ++count;
    one->home->post(
        [ear = one->ear, news = News{News::Kind::message, channel, text}] { ear->tell(news); });
  }
  return integer_reply(count);
}

Reply Memory::State::time() const {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(
                      std::chrono::system_clock::now().time_since_epoch())
                      .count();
  return array_reply(
      {text_reply(std::to_string(us / 1'000'000)), text_reply(std::to_string(us % 1'000'000))});
}

void Memory::State::wake_after(const SleeperPtr& sleeper, Millis at_most) {
  loop.post([self = shared_from_this(), sleeper, at_most] {
    const auto timer = std::make_shared<boost::asio::steady_timer>(self->loop.io(), at_most);
    timer->async_wait([timer, sleeper](const boost::system::error_code&) { sleeper->wake(); });
  });
}

Task<Outcome> Memory::State::answer(Words words, Millis timeout) {
  using std::chrono::steady_clock;
  const auto self = shared_from_this();
  const auto streams =
      std::ranges::find_if(words, [](const std::string& word) { return is_word(word, "STREAMS"); });
  const auto block = std::find_if(words.begin(), streams,
                                  [](const std::string& word) { return is_word(word, "BLOCK"); });
  const bool waits = is_word(words[0], "XREAD") && streams - block > 1;
  const Millis asked(waits ? to_integer(block[1]) : 0);
  const bool answered_in_time = asked > Millis(0) && asked < timeout;
  const auto until = steady_clock::now() + (answered_in_time ? asked : timeout);
  for (bool first = true;; first = false) {
    const auto sleeper = std::make_shared<Sleeper>();
    std::vector<SleeperPtr> woken;
    std::optional<Reply> reply;
    {
      std::lock_guard lock(mutex);
      if (first && waits) store.fix_last_ids(words);
      reply = run(words);
      woken = std::exchange(to_wake, {});
      if (waits && reply->is_nil()) {
        reply.reset();
        std::erase_if(sleepers, [](const SleeperPtr& one) { return one.use_count() == 1; });
        sleepers.push_back(sleeper);
      }
    }
    for (const SleeperPtr& one : woken) one->wake();  // may run who waited: not under the mutex
    if (reply) co_return to_outcome(std::move(*reply));
    if (steady_clock::now() >= until) break;
    wake_after(sleeper, std::chrono::ceil<Millis>(until - steady_clock::now()));
    auto waking = sleeper->wait();
    (void)co_await std::move(waking);
  }
  if (answered_in_time) co_return Reply();
  co_return std::unexpected(Failure{Why::unknown, "no answer in time"});
}

Memory::Memory(exec::Loop& loop) : state_(std::make_shared<State>(loop)) {}

Memory::~Memory() = default;

Task<Outcome> Memory::call(Command command, Options options) {
  Words words = words_of(command.wire());
  auto answering = state_->answer(std::move(words), options.timeout);
  Outcome outcome = co_await std::move(answering);
  co_return outcome;
}

Task<std::vector<Outcome>> Memory::pipeline(std::vector<Command> commands, Options options) {
  std::vector<Outcome> outcomes;
  for (const Command& command : commands) {
    Words words = words_of(command.wire());
    auto answering = state_->answer(std::move(words), options.timeout);
    Outcome outcome = co_await std::move(answering);
    outcomes.push_back(std::move(outcome));
  }
  co_return outcomes;
}

std::unique_ptr<Subscription> Memory::subscribe(std::vector<std::string> channels,
                                                std::function<void(const News&)> heard) {
  struct Subscribed final : Subscription {
    Subscribed(std::shared_ptr<State> state, std::shared_ptr<Listening> mine)
        : state(std::move(state)), mine(std::move(mine)) {}
    ~Subscribed() override {
      mine->ear->stop();
      std::lock_guard lock(state->mutex);
      std::erase(state->listening, mine);
    }
    const std::shared_ptr<State> state;
    const std::shared_ptr<Listening> mine;
  };
  Executor* const here = exec::Loop::current();
  const auto mine = std::make_shared<Listening>(Listening{
      std::move(channels), std::make_shared<Ear>(std::move(heard)), here ? here : &state_->loop});
  std::lock_guard lock(state_->mutex);
  state_->listening.push_back(mine);
  mine->home->post([ear = mine->ear] { ear->tell({.kind = News::Kind::joined}); });
  return std::make_unique<Subscribed>(state_, mine);
}

void Memory::define(const Script& script, Step step) {
  std::lock_guard lock(state_->mutex);
  state_->steps.insert_or_assign(script.hash(), std::move(step));
}

void Memory::advance(Millis by) {
  std::lock_guard lock(state_->mutex);
  state_->ahead += by;
}

void Memory::pretend_replicas(int count) {
  std::lock_guard lock(state_->mutex);
  state_->replicas = count;
}

}  // namespace onsale::kv
