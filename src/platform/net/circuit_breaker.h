// Stops asking somebody who does not answer, so that nobody waits for him: closed (everything goes
// through), open (nothing does), half open (one call tries). Pure: times come in as arguments.
// Thread: one at a time.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>

#include "base/time.h"

namespace onsale::net {

enum class BreakerState { closed, open, half_open };
std::string_view to_string(BreakerState state);

struct BreakerSettings {
  int window = 20;        // the last calls that count, 1..1000
  int failures_max = 10;  // so many of them failed: it opens
  Millis slow{5'000};     // a call that takes longer is slow
  int slow_run_max = 5;   // so many slow ones in a row: it opens
  Millis rest{5'000};     // before the first try; doubles with every try that fails
  Millis rest_max{60'000};
};

class CircuitBreaker {
 public:
  // One call that was let through; give it back to ended(), once.
  struct Ticket {
    std::uint64_t era = 0;
    bool probe = false;
    Timestamp began{};
  };

  explicit CircuitBreaker(BreakerSettings settings = {});

  // Empty: don't ask.
  std::optional<Ticket> admit(Timestamp now);
  // Calls that began before it last opened or closed change nothing.
  void ended(const Ticket& ticket, bool failed, Timestamp now);
  // The call was never made: its place as the one that tries is free again.
  void unused(const Ticket& ticket);

  BreakerState state(Timestamp now) const;
  // How long until it lets somebody try; 0 when it does.
  Millis rests(Timestamp now) const;

 private:
  void open(Timestamp now);
  void close();

  const BreakerSettings settings_;
  std::uint64_t era_ = 0;
  std::deque<bool> recent_;  // true: failed; at most `window`
  int failures_ = 0;         // in recent_
  int slow_run_ = 0;
  bool open_ = false;
  bool probing_ = false;
  Timestamp until_{};  // while open
  Millis rest_;        // of the next opening
};

}  // namespace onsale::net
