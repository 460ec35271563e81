#include "payments/providers/guarded_client.h"

#include "base/overload.h"

namespace onsale::payments {

// One call's way in and out. Throws NotAsked when there is none.
class GuardedProvider::Call {
 public:
  Call(GuardedProvider& guard, ProviderStep step)
      : guard_(guard), step_(static_cast<std::size_t>(step)), place_(guard.bulkhead_.enter()) {
    if (!place_) {
      ++guard_.refused_full_;
      throw NotAsked("bulkhead_full");
    }
    std::lock_guard lock(guard_.mutex_);
    const auto ticket = guard_.breaker_.admit(guard_.clock_.now());
    if (!ticket) {
      ++guard_.refused_open_;
      throw NotAsked("breaker_open");
    }
    ticket_ = *ticket;
  }
  // Whoever didn't say how it ended was never let go on: nobody was asked.
  ~Call() {
    if (ended_) return;
    std::lock_guard lock(guard_.mutex_);
    guard_.breaker_.unused(ticket_);
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  void ended(bool answered) {
    const Timestamp now = measured(answered);
    ended_ = true;
    std::lock_guard lock(guard_.mutex_);
    guard_.breaker_.ended(ticket_, !answered, now);
  }
  // Without the breaker hearing of it.
  Timestamp measured(bool answered) {
    const Timestamp now = guard_.clock_.now();
    ++guard_.calls_[step_][answered ? 0 : 1];
    guard_.seconds_[step_].observe(std::chrono::duration<double>(now - ticket_.began).count());
    return now;
  }

 private:
  GuardedProvider& guard_;
  const std::size_t step_;
  std::optional<net::Bulkhead::Place> place_;
  net::CircuitBreaker::Ticket ticket_;
  bool ended_ = false;
};

GuardedProvider::GuardedProvider(Provider& inner, const Clock& clock, GuardSettings settings)
    : inner_(inner),
      clock_(clock),
      breaker_settings_(settings.breaker),
      bulkhead_(settings.places),
      breaker_(settings.breaker) {}

namespace {

bool answered(const Result<Started, BeginRefused>& begun) {
  return begun || begun.error().why == BeginFailure::rejected;
}
bool answered(const auto&) { return true; }

}  // namespace

// `asking` is lazy: nobody is asked before the call was let in.
template <class T>
Task<T> GuardedProvider::let_in(ProviderStep step, Task<T> asking) {
  Call call(*this, step);
  try {
    if constexpr (std::is_void_v<T>) {
      co_await std::move(asking);
      call.ended(true);
    } else {
      T answer = co_await std::move(asking);
      call.ended(answered(answer));
      co_return answer;
    }
  } catch (const Overloaded&) {
    throw;  // our own machinery is full
  } catch (...) {
    call.ended(false);
    throw;
  }
}

// Throws NotAsked where a call would not be let through. Makes none, so that nothing is learnt.
void GuardedProvider::look() {
  std::lock_guard lock(mutex_);
  const auto ticket = breaker_.admit(clock_.now());
  if (!ticket) {
    ++refused_open_;
    throw NotAsked("breaker_open");
  }
  breaker_.unused(*ticket);
}

Task<Result<Started, BeginRefused>> GuardedProvider::begin(Order order) {
  const bool asks = inner_.asked_to_begin();
  if (!asks) look();
  auto beginning = inner_.begin(std::move(order));
  if (asks) beginning = let_in(ProviderStep::begin, std::move(beginning));
  auto begun = co_await std::move(beginning);
  co_return begun;
}
Task<ProviderAnswer> GuardedProvider::settle(Charge charge) {
  return let_in(ProviderStep::settle, inner_.settle(std::move(charge)));
}
Task<ProviderAnswer> GuardedProvider::lookup(Charge charge) {
  return let_in(ProviderStep::lookup, inner_.lookup(std::move(charge)));
}
Task<RefundAnswer> GuardedProvider::refund(GiveBack request) {
  return let_in(ProviderStep::refund, inner_.refund(std::move(request)));
}
Task<void> GuardedProvider::close(Charge charge) {
  return let_in(ProviderStep::close, inner_.close(std::move(charge)));
}

Task<StatementPage> GuardedProvider::statement(StatementQuery query) {
  Call call(*this, ProviderStep::statement);
  try {
    StatementPage page = co_await inner_.statement(std::move(query));
    call.measured(true);
    co_return page;
  } catch (const Overloaded&) {
    throw;
  } catch (...) {
    call.measured(false);
    throw;
  }
}

ProviderHealth GuardedProvider::health() const {
  ProviderHealth out{.provider = std::string(inner_.name()),
                     .inside = bulkhead_.inside(),
                     .places = bulkhead_.places(),
                     .breaker = breaker_settings_,
                     .refused_open = refused_open_,
                     .refused_full = refused_full_};
  for (std::size_t step = 0; step < kSteps; ++step)
    for (std::size_t outcome = 0; outcome < kOutcomes; ++outcome)
      out.calls[step][outcome] = calls_[step][outcome];
  const Timestamp now = clock_.now();
  std::lock_guard lock(mutex_);
  out.state = breaker_.state(now);
  out.rests = breaker_.rests(now);
  return out;
}

}  // namespace onsale::payments
