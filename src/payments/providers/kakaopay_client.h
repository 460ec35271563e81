// payments::Provider at KakaoPay's online API. ready gives a tid and the addresses of its pay page;
// the browser comes back with a one-time pg_token, and approve captures. KakaoPay knows no repeat
// and tells nothing by itself: the tid is stored before anybody is sent there, an order whose
// approve or cancel was not answered is looked up before anything is asked again.
// Thread: any.
#pragma once

#include <string>

#include "payments/ports.h"
#include "payments/providers/answer_client.h"
#include "platform/net/client.h"

namespace onsale::payments {

inline constexpr std::string_view kKakaoPayApi = "https://open-api.kakaopay.com";

struct KakaoPayConfig {
  std::string api = std::string(kKakaoPayApi);  // without a slash at the end
  std::string cid = "TC0ONETIME";               // 10 characters; this one is the test environment's
  std::string secret_key;
  // Where browsers reach a stand-in's pages, in place of `api`'s own address; empty: there.
  std::string pages;
  Millis timeout{9'000};  // of one call; shorter than kCaptureLease
};

class KakaoPayClient final : public Provider {
 public:
  // `client` must outlive it.
  KakaoPayClient(net::Client& client, KakaoPayConfig config);

  std::string_view name() const override { return "kakaopay"; }
  bool knows_repeats() const override { return false; }
  Task<Result<Started, BeginRefused>> begin(Order order) override;
  Task<ProviderAnswer> settle(Charge charge) override;
  Task<ProviderAnswer> lookup(Charge charge) override;
  Task<RefundAnswer> refund(GiveBack request) override;
  // A page there can't be taken down: it ends by itself, and without approve nothing is captured.
  Task<void> close(Charge) override { co_return; }

 private:
  net::Client& client_;
  const KakaoPayConfig config_;
};

// One call, of this client and of the subscriptions: POST /online/v1/payment/{step}. Throws
// Unanswered when the answer is none, or a fault of theirs.
struct KakaoPaySaid {
  ProviderJson json;
  std::string error;   // their code; empty: done
  std::string method;  // what the means of payment said, "USER_LOCKED", if it did
};
Task<KakaoPaySaid> ask_kakaopay(net::Client& client, KakaoPayConfig config, std::string step,
                                std::string body);

}  // namespace onsale::payments
