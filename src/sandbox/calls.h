// The newest calls that came in, for assertions. A ring: the oldest go first.
#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "base/time.h"

namespace onsale::sandbox {

struct RecordedCall {
  std::int64_t number = 0;  // 1, 2, … in the order of their answers
  Timestamp at{};           // when it arrived, by the stand-in's clock
  std::string method, path;
  int status = 0;       // 0: nobody was answered
  std::string code;     // the provider's error
  std::string payment;  // paymentKey or tid, where one was named
  std::string idempotency_key;
  bool replayed = false;  // the answer was one from before
  std::string fault;
  std::string body;  // the request's, at most kBodyKept bytes
  std::int64_t took_ms = 0;
};

class Calls {
 public:
  static constexpr std::size_t kMost = 10'000;
  static constexpr std::size_t kBodyKept = 1024;

  void add(RecordedCall call) {
    call.number = ++total_;
    if (kept_.size() == kMost) kept_.pop_front();
    kept_.push_back(std::move(call));
  }
  std::int64_t total() const { return total_; }
  const std::deque<RecordedCall>& kept() const { return kept_; }

 private:
  std::deque<RecordedCall> kept_;
  std::int64_t total_ = 0;
};

}  // namespace onsale::sandbox
