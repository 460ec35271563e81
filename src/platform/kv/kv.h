// Redis as the product sees it: commands, pipelines, scripts, news. kv::open (redis.h) speaks to
// real servers, kv::Memory (memory.h) is the same inside the process; both pass
// tests/contract/kv_*_test.cc.
//
// What a call says when it fails is about what may have happened, see Why. Nothing is sent a second
// time once it may have reached a server, unless the caller says that it may be
// (Options::idempotent). Thread: any. The awaiter resumes on its own executor; one that has none,
// on an event loop. Not promised: an order between two calls that were not awaited one after the
// other.
#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "base/time.h"

namespace onsale::kv {

// What a server answers.
struct Reply {
  enum class Kind : std::uint8_t { nil, text, status, integer, array, error };

  Kind kind = Kind::nil;
  std::int64_t integer = 0;    // integer
  std::string text{};          // text, status, error
  std::vector<Reply> items{};  // array; an error inside one stays a Reply

  bool is_nil() const { return kind == Kind::nil; }
  bool operator==(const Reply&) const = default;
};

enum class Why {
  not_sent,     // no server was asked: none to be had in time
  unknown,      // asked, no answer: it happened, or didn't, or still will
  unavailable,  // LOADING, TRYAGAIN, CLUSTERDOWN, MASTERDOWN, BUSY, MISCONF, NOREPLICAS and the
                // like, or the servers changed places meanwhile: nothing happened, time helps
  read_only,    // READONLY: this server is a replica by now; nothing happened
  full,         // OOM: its memory is used up; nothing happened
  denied,       // NOAUTH, WRONGPASS, NOPERM: nothing happened
  wrong,        // any other error; of a script that says so itself, the part before has happened
};
std::string_view to_string(Why why);

struct Failure {
  Why why;
  std::string text;  // one line; a server's own words may name what was sent
};
using Outcome = Result<Reply, Failure>;

// Sure that nothing happened, so that the same may be asked again.
constexpr bool untouched(Why why) { return why != Why::unknown && why != Why::wrong; }

// One word of a command: text or a whole number. Refers to the text.
class Word {
 public:
  template <class T>
    requires std::convertible_to<const T&, std::string_view>
  Word(const T& text) : text_(text) {}
  template <std::integral N>
    requires(!std::same_as<N, bool> && !std::same_as<N, char>)
  Word(N number) : size_(std::to_chars(digits_, digits_ + sizeof digits_, number).ptr - digits_) {}

  std::string_view view() const {
    return size_ ? std::string_view(digits_, static_cast<std::size_t>(size_)) : text_;
  }

 private:
  std::string_view text_{};
  char digits_[24]{};  // before size_, which writes it
  std::ptrdiff_t size_ = 0;
};

// A command, formatted: Command("SET", key, value, "PX", 5'000). In a cluster it goes where its
// first key is; keys of one command must share a hash tag, `room{7}:feed` and `room{7}:heard`.
class Command {
 public:
  template <class... Words>
    requires(sizeof...(Words) > 0 && (std::constructible_from<Word, const Words&> && ...))
  explicit Command(const Words&... words)
      : Command(std::span<const Word>(std::array<Word, sizeof...(Words)>{Word(words)...})) {}
  explicit Command(std::span<const Word> words);
  Command(Command&&) noexcept = default;
  Command& operator=(Command&&) noexcept = default;

  std::string_view wire() const { return wire_; }
  // The hash slot of its first key, -1 when it has none.
  int slot() const;
  // XREAD with BLOCK, and WAIT: gets a connection for itself, see Client::pipeline.
  bool blocks() const { return blocks_; }

 private:
  friend class Script;
  friend class Memory;
  friend class Connection;
  friend class Side;

  struct Source {
    std::string text, hash;
  };
  // `key`: the place of the first key; words.size() when there is none.
  void format(std::span<const Word> words, std::size_t key);
  // EVALSHA becomes EVAL, which keeps the script at the server too.
  void spell_out();

  std::string wire_{};
  std::size_t key_at_ = 0, key_size_ = 0;  // in wire_; 0: no key
  bool blocks_ = false;
  std::shared_ptr<const Source> script_{};
};

// A Lua script, called by its hash; a server that does not know it is told once more. It sees
// `keys` as KEYS and `arguments` as ARGV, and runs as one step of its server. In kv::Memory it is
// the function that was defined for it. Make one per program, not per call.
class Script {
 public:
  explicit Script(std::string text);
  const std::string& hash() const { return source_->hash; }  // SHA-1, lower case
  Command call(std::initializer_list<Word> keys, std::initializer_list<Word> arguments) const;

 private:
  std::shared_ptr<const Command::Source> source_;
};

enum class From { primary, replica };

struct Options {
  Millis timeout{1'000};      // for everything: waiting, connecting, being sent elsewhere; ± 20 ms
  bool idempotent = false;    // may be sent again when it is not known whether it happened
  From from = From::primary;  // replica: may be behind; the primary answers where there is none
};

struct News {
  enum class Kind : std::uint8_t {
    joined,  // the subscription stands, now or again: what was published before may be missing
    message,
  };
  Kind kind = Kind::joined;
  std::string channel{}, text{};  // message
};

// Ends with it: when the destructor has returned, nobody is told anything any more.
class Subscription {
 public:
  virtual ~Subscription() = default;
};

// Throws Overloaded when too many calls are under way, and nothing was sent.
class Client {
 public:
  virtual ~Client() = default;
  virtual Task<Outcome> call(Command command, Options options = {}) = 0;
  // Sent together, answered in order, each by itself: no transaction. In a cluster they may go to
  // several servers, in no order among those. One that blocks() takes the whole pipeline to a
  // connection of its own, at the server of its first key: so WAIT counts who has the writes before
  // it.
  virtual Task<std::vector<Outcome>> pipeline(std::vector<Command> commands,
                                              Options options = {}) = 0;
  // `heard` is called on one thread at a time, an event loop's; it must neither block nor throw.
  // Nothing waits for who hears: a server that has to keep too much for us cuts us off, which is
  // told as `joined`.
  virtual std::unique_ptr<Subscription> subscribe(std::vector<std::string> channels,
                                                  std::function<void(const News&)> heard) = 0;
};

}  // namespace onsale::kv
