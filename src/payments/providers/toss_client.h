// payments::Provider at Toss Payments (API of 2022-11-16). The buyer approves on Toss's page, which
// sends the browser back with a paymentKey; confirm captures, within ten minutes. What is uncertain
// is looked up, never guessed: see "Errors" in toss_answers_client.h.
// Thread: any.
#pragma once

#include <string>

#include "base/control.h"
#include "payments/ports.h"
#include "platform/net/client.h"

namespace onsale::payments {

inline constexpr std::string_view kTossApi = "https://api.tosspayments.com";

struct TossConfig {
  std::string name = "toss";                // as payments call it
  std::string api = std::string(kTossApi);  // without a slash at the end
  std::string client_key;                   // what the buyer's browser may know
  std::string secret_key;
  // What stands instead of `api` in addresses that a browser is told; empty: they stay as they are.
  std::string pages;
  // The page that opens Toss's: gets clientKey, orderId, amount, orderName, successUrl, failUrl.
  // Empty: our own, kTossPage, which loads Toss's script.
  std::string pay_page;
  Millis timeout{9'000};  // of one call; shorter than kCaptureLease
};

// Our own page, at our own origin: "/pay/toss/pay_…?key=…".
inline constexpr std::string_view kTossPage = "/pay/toss/";

struct TossGuards {
  Guard as_asked{};         // order and amount that the browser brings are ours
  Guard idempotency_key{};  // a repeat is the first request
  Guard compare{};          // a cancel says what is refundable before it
};

class TossClient final : public Provider {
 public:
  // `client` must outlive it.
  TossClient(net::Client& client, TossConfig config, TossGuards guards = {});

  std::string_view name() const override { return config_.name; }
  bool knows_repeats() const override { return false; }
  bool asked_to_begin() const override { return false; }
  Task<Result<Started, BeginRefused>> begin(Order order) override;
  Task<ProviderAnswer> settle(Charge charge) override;
  Task<ProviderAnswer> lookup(Charge charge) override;
  Task<RefundAnswer> refund(GiveBack request) override;
  Task<void> close(Charge charge) override;
  // /v1/transactions and /v1/settlements; with test keys Toss settles nothing, so it has no fees.
  Task<StatementPage> statement(StatementQuery query) override;

 private:
  Task<ProviderAnswer> confirm(Charge charge, std::string payment_key);
  ProviderAnswer reachable(ProviderAnswer answer) const;

  net::Client& client_;
  const TossConfig config_;
  const TossGuards guards_;
};

}  // namespace onsale::payments
