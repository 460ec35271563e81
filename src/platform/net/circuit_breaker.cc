#include "platform/net/circuit_breaker.h"

#include <algorithm>

namespace onsale::net {

std::string_view to_string(BreakerState state) {
  switch (state) {
    case BreakerState::closed:
      return "closed";
    case BreakerState::open:
      return "open";
    case BreakerState::half_open:
      return "half_open";
  }
  return "closed";
}

CircuitBreaker::CircuitBreaker(BreakerSettings settings)
    : settings_(settings), rest_(settings.rest) {}

std::optional<CircuitBreaker::Ticket> CircuitBreaker::admit(Timestamp now) {
  if (!open_) return Ticket{.era = era_, .began = now};
  if (now < until_ || probing_) return {};
  probing_ = true;
  return Ticket{.era = era_, .probe = true, .began = now};
}

void CircuitBreaker::ended(const Ticket& ticket, bool failed, Timestamp now) {
  if (ticket.era != era_) return;
  const bool slow = now - ticket.began > settings_.slow;
  if (ticket.probe) {
    probing_ = false;
    return failed || slow ? open(now) : close();
  }
  recent_.push_back(failed);
  failures_ += failed ? 1 : 0;
  if (std::ssize(recent_) > settings_.window) {
    failures_ -= recent_.front() ? 1 : 0;
    recent_.pop_front();
  }
  slow_run_ = slow ? slow_run_ + 1 : 0;
  if (failures_ >= settings_.failures_max || slow_run_ >= settings_.slow_run_max) open(now);
}

void CircuitBreaker::unused(const Ticket& ticket) {
  if (ticket.era == era_ && ticket.probe) probing_ = false;
}

void CircuitBreaker::open(Timestamp now) {
  ++era_;
  open_ = true;
  until_ = now + rest_;
  rest_ = std::min(rest_ * 2, settings_.rest_max);
}

void CircuitBreaker::close() {
  ++era_;
  open_ = false;
  rest_ = settings_.rest;
  recent_.clear();
  failures_ = 0;
  slow_run_ = 0;
}

BreakerState CircuitBreaker::state(Timestamp now) const {
  if (!open_) return BreakerState::closed;
  return now < until_ ? BreakerState::open : BreakerState::half_open;
}

Millis CircuitBreaker::rests(Timestamp now) const {
  return open_ ? std::max(until_ - now, Millis(0)) : Millis(0);
}

}  // namespace onsale::net
