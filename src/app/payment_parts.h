// The payment providers that the settings name, each behind its guard.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/settings.h"
#include "payments/providers/guarded_client.h"
#include "platform/net/client.h"

namespace onsale::app {

class PaymentParts {
 public:
  // Both must outlive it. Throws std::runtime_error with a one-line reason when a key's file can't
  // be read, or when a setting is missing.
  PaymentParts(const Settings& settings, exec::Loops& loops, const Clock& clock);

  std::vector<payments::Provider*> providers() const;
  std::vector<const payments::GuardedProvider*> guards() const;
  const std::string& toss_client_key() const { return toss_client_key_; }
  bool toss_page() const { return toss_page_; }  // our own page opens Toss's
  net::Client& client() { return client_; }
  // What providers keep, in hundredths of a percent, by name; absent where none is agreed.
  const std::map<std::string, std::int64_t>& fee_rates() const { return fee_rates_; }

 private:
  void add(std::unique_ptr<payments::Provider> provider, const Settings& settings,
           const Clock& clock);
  void add_stand_in(const Settings& settings, const Clock& clock, bool toss, bool kakaopay);

  net::Client client_;
  std::string toss_client_key_;
  bool toss_page_ = false;
  std::map<std::string, std::int64_t> fee_rates_;
  std::vector<std::unique_ptr<payments::Provider>> clients_;
  std::vector<std::unique_ptr<payments::GuardedProvider>> guarded_;
};

}  // namespace onsale::app
