// Toss Payments by billing key: a card is registered once and charged without its owner. There is
// no look-up of keys, no renewal and no scheduler there: who charges when is ours to keep.
// Thread: any.
#pragma once

#include <string>

#include "payments/ports.h"
#include "payments/providers/toss_client.h"

namespace onsale::payments {

struct BillingKey {
  std::string key;     // secret: with the customer's key it charges
  std::string method;  // for people
  std::string card;    // its number, masked by Toss
};

struct BillingCharge {
  std::string billing_key;
  std::string customer_key;  // the one it was issued for, at most 50 characters
  std::string order;         // 6 to 64 of A-Z a-z 0-9 - _; the charge's own: charged once
  Money amount;
  std::string order_name;
  int attempt = 0;  // one more after a final refusal: the old key would bring the old answer
};

class TossBilling {
 public:
  // `client` must outlive it.
  TossBilling(net::Client& client, TossConfig config);

  // `auth_key` is what Toss's page brought back. The error is Toss's code. Throws Unanswered when
  // nobody knows; a repeat is the same one.
  Task<Result<BillingKey, std::string>> issue(std::string auth_key, std::string customer_key);
  // Looks for the order first, however often it is called: a charge happens once.
  Task<ProviderAnswer> charge(BillingCharge charge);
  Task<ProviderAnswer> lookup(std::string order, Money amount);
  // True when it charges nobody any more.
  Task<bool> remove(std::string billing_key);

 private:
  net::Client& client_;
  const TossConfig config_;
};

}  // namespace onsale::payments
