// Asking a provider: whatever goes wrong on the way is "unknown", never a guess. Every call is kept
// for the history.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "payments/calls.h"
#include "payments/ports.h"

namespace onsale::payments {

Charge charge_of(const Stored& stored);

// Thread: any. Everything must outlive it; a provider that is not there does not answer.
class Asking {
 public:
  Asking(std::vector<Provider*> providers, const Clock& clock, Calls& calls)
      : providers_(std::move(providers)), clock_(clock), calls_(calls) {}

  std::vector<std::string> names() const;
  bool knows(std::string_view provider) const { return find(provider) != nullptr; }
  bool knows_repeats(std::string_view provider) const;
  bool asked_to_begin(std::string_view provider) const;
  // Empty when the order was not taken or nobody knows. Overloaded passes through: nothing was
  // asked yet.
  Task<std::optional<Started>> begin(Order order, std::string provider) const;
  Task<ProviderAnswer> settle(Charge charge, std::string provider) const;
  Task<ProviderAnswer> lookup(Charge charge, std::string provider) const;
  Task<RefundAnswer> refund(GiveBack request, std::string provider) const;
  // Throws what the provider throws; NotAsked when it is not there.
  Task<StatementPage> statement(StatementQuery query, std::string provider) const;
  // Does nothing when there never was a pay page.
  Task<void> close(Stored stored) const;

 private:
  class Call;

  Provider* find(std::string_view name) const;

  const std::vector<Provider*> providers_;
  const Clock& clock_;
  Calls& calls_;
};

}  // namespace onsale::payments
