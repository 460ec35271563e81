// KakaoPay's recurring payments: a SID, which the first approve of a recurring cid brings, is
// charged without its owner. KakaoPay knows no repeat, and a charge has no tid before it is
// answered: one that was not answered must not be repeated, people decide (the SID's
// last_approved_at helps them). Thread: any.
#pragma once

#include <string>

#include "payments/providers/kakaopay_client.h"

namespace onsale::payments {

struct SidCharge {
  std::string sid;
  std::string order;  // at most 100 characters
  AccountId owner;    // as it was at the first payment
  std::string item_name;
  Money amount;
};
struct SidCharged {
  std::string tid, aid;
  std::int64_t amount = 0;
};
struct SidStatus {
  bool available = false;
  bool active = false;
  std::string last_approved_at;  // theirs, without a zone; empty: never
};

class KakaoPaySubscriptions {
 public:
  // `client` must outlive it; `config.cid` is a recurring one ("TCSUBSCRIP" in the test
  // environment).
  KakaoPaySubscriptions(net::Client& client, KakaoPayConfig config);

  // The error is KakaoPay's code: nothing was charged. Throws Unanswered when nobody knows.
  Task<Result<SidCharged, std::string>> charge(SidCharge charge);
  Task<Result<SidStatus, std::string>> status(std::string sid);
  // True when it charges nobody any more.
  Task<bool> deactivate(std::string sid);

 private:
  net::Client& client_;
  const KakaoPayConfig config_;
};

}  // namespace onsale::payments
