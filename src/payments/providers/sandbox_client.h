// A payment provider that is not there: it behaves like Toss and KakaoPay do (a hosted pay page,
// approval by the buyer, capture and refund by the merchant, repeats recognised by their key, its
// own books) and can be told to fail like they do. The server hosts its pay page (sandbox_http.h).
// Thread: any.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/control.h"
#include "payments/ports.h"
#include "platform/sql/database.h"

namespace onsale::payments {

enum class SandboxStep { begin, settle, lookup, refund, close };
// drop_before_commit: the request was lost. commit_then_drop: the answer was lost. Either way the
// caller learns nothing. refuse: no money goes back; the other steps do not know it.
enum class SandboxFault { none, drop_before_commit, commit_then_drop, refuse };

struct SandboxOptions {
  std::string merchant = "onsale";
  std::string public_url;  // in front of /sandbox/pay/…; empty for the same origin
  std::function<SandboxFault(SandboxStep)> fault;  // asked before every step; may be empty
  std::function<Task<void>(SandboxStep)> delay;    // awaited before every step; may be empty
  Guard capture_key{};                             // a repeated capture is the first one
};

enum class SandboxState { open, approved, captured, declined, left, closed };
std::string_view to_string(SandboxState state);

enum class Decision { approve, decline, leave };

// What the pay page shows.
struct SandboxCharge {
  PaymentId payment;
  std::string merchant;
  std::string order_name;
  Money amount;
  std::string locale;
  std::string return_address;
  SandboxState state = SandboxState::open;
};

// Sums of the sandbox's books, to hold ours against.
struct SandboxTotals {
  std::int64_t captured = 0;
  std::int64_t refunded = 0;
  std::int64_t captures = 0;  // how many
};

class Sandbox final : public Provider {
 public:
  // All must outlive the sandbox.
  Sandbox(sql::Database& database, const Clock& clock, Random& random, SandboxOptions options = {});

  std::string_view name() const override { return "sandbox"; }
  Task<Result<Started, BeginRefused>> begin(Order order) override;
  Task<ProviderAnswer> settle(Charge charge) override;
  Task<ProviderAnswer> lookup(Charge charge) override;
  Task<RefundAnswer> refund(GiveBack request) override;
  Task<void> close(Charge charge) override;

  // The pay page's side. Empty when the payment is unknown or the key is not its own. The first
  // decision counts, later ones change nothing.
  Task<std::optional<SandboxCharge>> page(PaymentId payment, std::string key);
  Task<std::optional<SandboxCharge>> decide(PaymentId payment, std::string key, Decision decision);

  Task<SandboxTotals> totals();

 private:
  // True when the request gets through; throws nothing.
  Task<SandboxFault> arrive(SandboxStep step);

  sql::Database& database_;
  const Clock& clock_;
  Random& random_;
  const SandboxOptions options_;
};

}  // namespace onsale::payments
