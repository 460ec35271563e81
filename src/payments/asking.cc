#include "payments/asking.h"

#include "base/log.h"
#include "base/overload.h"

namespace onsale::payments {
namespace {

CallOutcome outcome_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::captured:
    case Verdict::authorised:
    case Verdict::open:
    case Verdict::waiting:
    case Verdict::reversed:
      return CallOutcome::answered;
    case Verdict::declined:
    case Verdict::abandoned:
      return CallOutcome::refused;
    case Verdict::unknown:
      break;
  }
  return CallOutcome::uncertain;
}

CallOutcome outcome_of(RefundVerdict verdict) {
  switch (verdict) {
    case RefundVerdict::done:
      return CallOutcome::answered;
    case RefundVerdict::refused:
      return CallOutcome::refused;
    case RefundVerdict::unknown:
      break;
  }
  return CallOutcome::uncertain;
}

}  // namespace

Charge charge_of(const Stored& stored) {
  return {.payment = stored.payment.id,
          .owner = stored.payment.owner,
          .reference = stored.reference,
          .receipt = stored.receipt,
          .amount = stored.payment.amount,
          .data = stored.data,
          .waiting = stored.payment.detail && stored.payment.detail->deposit,
          .checks = stored.checks};
}

std::vector<std::string> Asking::names() const {
  std::vector<std::string> out;
  for (const Provider* each : providers_) out.emplace_back(each->name());
  return out;
}

// One call from its beginning to its place in the history.
class Asking::Call {
 public:
  Call(const Asking& of, PaymentId payment, ProviderStep step, std::string provider)
      : of_(of), provider_(std::move(provider)), call_{.payment = payment, .step = step} {
    call_.at = of.clock_.now();
  }

  void ended(CallOutcome outcome, std::string_view code) {
    call_.outcome = outcome;
    call_.code = code.substr(0, kCodeMax);
    call_.duration = of_.clock_.now() - call_.at;
    of_.calls_.note(std::move(call_));
  }
  void failed(const std::exception& error) {
    const auto* unanswered = dynamic_cast<const Unanswered*>(&error);
    if (dynamic_cast<const NotAsked*>(&error))
      return ended(CallOutcome::not_asked, unanswered->code);
    log::warn("payments", "a provider gave no answer",
              {{"asked", boost::describe::enum_to_string(call_.step, "")},
               {"provider", provider_},
               {"payment", call_.payment.str()},
               {"error", error.what()}});
    ended(CallOutcome::no_answer, unanswered ? unanswered->code : "no_answer");
  }

 private:
  const Asking& of_;
  const std::string provider_;
  ProviderCall call_;
};

Provider* Asking::find(std::string_view name) const {
  for (Provider* candidate : providers_)
    if (candidate->name() == name) return candidate;
  return nullptr;
}

bool Asking::knows_repeats(std::string_view provider) const {
  const Provider* const asked = find(provider);
  return !asked || asked->knows_repeats();
}

bool Asking::asked_to_begin(std::string_view provider) const {
  const Provider* const asked = find(provider);
  return !asked || asked->asked_to_begin();
}

Task<std::optional<Started>> Asking::begin(Order order, std::string provider) const {
  Provider* const asked = find(provider);
  if (!asked) co_return std::nullopt;
  Call call(*this, order.payment, ProviderStep::begin, provider);
  try {
    auto started = co_await asked->begin(std::move(order));
    if (started) {
      // No history of a call that was none.
      if (asked->asked_to_begin())
        call.ended(CallOutcome::answered, started->reference.empty() ? "" : "begun");
      co_return std::move(*started);
    }
    const bool refused = started.error().why == BeginFailure::rejected;
    call.ended(refused ? CallOutcome::refused : CallOutcome::uncertain, started.error().code);
  } catch (const Overloaded&) {
    throw;
  } catch (const std::exception& error) {
    call.failed(error);
  }
  co_return std::nullopt;
}

Task<ProviderAnswer> Asking::settle(Charge charge, std::string provider) const {
  Provider* const asked = find(provider);
  if (!asked) co_return ProviderAnswer{};
  Call call(*this, charge.payment, ProviderStep::settle, provider);
  try {
    ProviderAnswer answer = co_await asked->settle(std::move(charge));
    call.ended(outcome_of(answer.verdict),
               answer.code.empty() ? to_string(answer.verdict) : answer.code);
    co_return answer;
  } catch (const std::exception& error) {
    call.failed(error);
  }
  co_return ProviderAnswer{};
}

Task<ProviderAnswer> Asking::lookup(Charge charge, std::string provider) const {
  Provider* const asked = find(provider);
  if (!asked) co_return ProviderAnswer{};
  Call call(*this, charge.payment, ProviderStep::lookup, provider);
  try {
    ProviderAnswer answer = co_await asked->lookup(std::move(charge));
    call.ended(outcome_of(answer.verdict),
               answer.code.empty() ? to_string(answer.verdict) : answer.code);
    co_return answer;
  } catch (const std::exception& error) {
    call.failed(error);
  }
  co_return ProviderAnswer{};
}

Task<RefundAnswer> Asking::refund(GiveBack request, std::string provider) const {
  Provider* const asked = find(provider);
  if (!asked) co_return RefundAnswer();
  Call call(*this, request.payment, ProviderStep::refund, provider);
  try {
    const RefundAnswer answer = co_await asked->refund(std::move(request));
    call.ended(outcome_of(answer.verdict), answer.code);
    co_return answer;
  } catch (const std::exception& error) {
    call.failed(error);
  }
  co_return RefundAnswer();
}

Task<StatementPage> Asking::statement(StatementQuery query, std::string provider) const {
  Provider* const asked = find(provider);
  if (!asked) throw NotAsked("not_set_up");
  return asked->statement(std::move(query));
}

Task<void> Asking::close(Stored stored) const {
  Provider* const asked = find(stored.payment.provider);
  if (!asked || stored.payment.redirect_url.empty()) co_return;
  Call call(*this, stored.payment.id, ProviderStep::close, stored.payment.provider);
  Charge charge = charge_of(stored);
  try {
    co_await asked->close(std::move(charge));
    call.ended(CallOutcome::answered, "");
  } catch (const std::exception& error) {
    call.failed(error);
  }
}

}  // namespace onsale::payments
