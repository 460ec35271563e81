// First answers kept under their Idempotency-Key. The scope is key, API key, URL and method; what
// was in the body does not count, as with Toss: one key used for two payments replays the first.
#pragma once

#include <boost/describe.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>

#include "base/time.h"

namespace onsale::sandbox::toss {

inline constexpr std::size_t kIdempotencyKeyMax = 300;  // characters
inline constexpr Millis kIdempotencyKept = std::chrono::days(15);

struct FirstAnswer {
  std::string scope;
  int status = 0;  // 0: still being made
  std::string body, code, payment;
  Timestamp at{};
};
BOOST_DESCRIBE_STRUCT(FirstAnswer, (), (scope, status, body, code, payment, at))

class Idempotency {
 public:
  static constexpr std::size_t kMost = 50'000;  // the oldest go first

  // `forgotten` hears of every scope that is not kept any more.
  explicit Idempotency(std::function<void(const std::string& scope)> forgotten = {})
      : forgotten_(std::move(forgotten)) {}

  static std::string scope_of(std::string_view key, std::string_view api_key,
                              std::string_view method, std::string_view url);

  // What is kept of this scope; null: nothing, and from now on it is in flight. Valid until the
  // next call.
  const FirstAnswer* begin(const std::string& scope, Timestamp now);
  // The answer of what began.
  const FirstAnswer& finish(const std::string& scope, FirstAnswer answer);
  // From where it was kept.
  void restore(FirstAnswer answer);
  std::size_t size() const { return answers_.size(); }

 private:
  void make_room(Timestamp now);

  std::function<void(const std::string& scope)> forgotten_;
  boost::unordered_flat_map<std::string, FirstAnswer> answers_;
  std::deque<std::pair<Timestamp, std::string>> order_;  // also of what was forgotten since
};

}  // namespace onsale::sandbox::toss
