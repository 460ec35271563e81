// A circuit breaker and a bulkhead around any provider: one that fails or hangs is left alone for a
// while, holds no more callers than it has places for, and never makes the others wait. Each call's
// deadline is the inner client's own. A call that is refused here was never made: nothing happened.
// Thread: any.
#pragma once

#include <array>
#include <atomic>
#include <mutex>

#include "payments/ports.h"
#include "platform/metrics/metrics.h"
#include "platform/net/bulkhead.h"
#include "platform/net/circuit_breaker.h"

namespace onsale::payments {

struct GuardSettings {
  net::BreakerSettings breaker{};
  int places = 64;  // calls under way at once
};

inline constexpr int kSteps = 6;     // of ProviderStep
inline constexpr int kOutcomes = 2;  // an answer, or none

struct ProviderHealth {
  std::string provider;
  net::BreakerState state = net::BreakerState::closed;
  Millis rests{};  // until it is tried again, while it is open
  int inside = 0, places = 0;
  net::BreakerSettings breaker;
  std::uint64_t refused_open = 0, refused_full = 0;
  std::array<std::array<std::uint64_t, kOutcomes>, kSteps> calls{};  // by step; answered, not
};

class GuardedProvider final : public Provider {
 public:
  // Both must outlive it.
  GuardedProvider(Provider& inner, const Clock& clock, GuardSettings settings = {});

  std::string_view name() const override { return inner_.name(); }
  bool knows_repeats() const override { return inner_.knows_repeats(); }
  bool asked_to_begin() const override { return inner_.asked_to_begin(); }
  Task<Result<Started, BeginRefused>> begin(Order order) override;
  Task<ProviderAnswer> settle(Charge charge) override;
  Task<ProviderAnswer> lookup(Charge charge) override;
  Task<RefundAnswer> refund(GiveBack request) override;
  Task<void> close(Charge charge) override;
  // Not while it rests, and in a place like any other; a list that does not come says nothing of
  // whether payments do, so the breaker does not count it.
  Task<StatementPage> statement(StatementQuery query) override;

  ProviderHealth health() const;
  const metrics::Histogram& seconds(ProviderStep step) const {
    return seconds_[static_cast<std::size_t>(step)];
  }

 private:
  class Call;

  template <class T>
  Task<T> let_in(ProviderStep step, Task<T> asking);
  void look();

  Provider& inner_;
  const Clock& clock_;
  const net::BreakerSettings breaker_settings_;
  net::Bulkhead bulkhead_;
  mutable std::mutex mutex_;
  net::CircuitBreaker breaker_;  // guarded by mutex_
  std::atomic<std::uint64_t> refused_open_{0}, refused_full_{0};
  std::array<std::array<std::atomic<std::uint64_t>, kOutcomes>, kSteps> calls_{};
  std::array<metrics::Histogram, kSteps> seconds_;
};

}  // namespace onsale::payments
