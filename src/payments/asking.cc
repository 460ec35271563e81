#include "payments/asking.h"

#include "base/log.h"
#include "base/overload.h"

namespace onsale::payments {
namespace {

void no_answer(std::string_view what, const std::string& provider, const std::exception& error) {
  log::warn("payments", "a provider gave no answer",
            {{"asked", what}, {"provider", provider}, {"error", error.what()}});
}

}  // namespace

Charge charge_of(const Stored& stored) {
  return {.payment = stored.payment.id,
          .owner = stored.payment.owner,
          .reference = stored.reference,
          .amount = stored.payment.amount,
          .data = stored.data};
}

std::vector<std::string> Asking::names() const {
  std::vector<std::string> out;
  for (const Provider* each : providers_) out.emplace_back(each->name());
  return out;
}

Provider* Asking::find(std::string_view name) const {
  for (Provider* candidate : providers_)
    if (candidate->name() == name) return candidate;
  return nullptr;
}

Task<std::optional<Started>> Asking::begin(Order order, std::string provider) const {
  Provider* const asked = find(provider);
  if (!asked) co_return std::nullopt;
  try {
    auto started = co_await asked->begin(std::move(order));
    if (started) co_return std::move(*started);
  } catch (const Overloaded&) {
    throw;
  } catch (const std::exception& error) {
    no_answer("begin", provider, error);
  }
  co_return std::nullopt;
}

Task<ProviderAnswer> Asking::settle(Charge charge, std::string provider) const {
  Provider* const asked = find(provider);
  if (!asked) co_return ProviderAnswer{};
  try {
    ProviderAnswer answer = co_await asked->settle(std::move(charge));
    co_return answer;
  } catch (const std::exception& error) {
    no_answer("settle", provider, error);
  }
  co_return ProviderAnswer{};
}

Task<ProviderAnswer> Asking::lookup(Charge charge, std::string provider) const {
  Provider* const asked = find(provider);
  if (!asked) co_return ProviderAnswer{};
  try {
    ProviderAnswer answer = co_await asked->lookup(std::move(charge));
    co_return answer;
  } catch (const std::exception& error) {
    no_answer("lookup", provider, error);
  }
  co_return ProviderAnswer{};
}

Task<RefundVerdict> Asking::refund(GiveBack request, std::string provider) const {
  Provider* const asked = find(provider);
  if (!asked) co_return RefundVerdict::unknown;
  try {
    RefundVerdict answer = co_await asked->refund(std::move(request));
    co_return answer;
  } catch (const std::exception& error) {
    no_answer("refund", provider, error);
  }
  co_return RefundVerdict::unknown;
}

Task<void> Asking::close(Stored stored) const {
  Provider* const asked = find(stored.payment.provider);
  if (!asked || stored.payment.redirect_url.empty()) co_return;
  Charge charge = charge_of(stored);
  try {
    co_await asked->close(std::move(charge));
  } catch (const std::exception& error) {
    no_answer("close", stored.payment.provider, error);
  }
}

}  // namespace onsale::payments
