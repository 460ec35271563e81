// A card that may be charged again: the buyer's authorisation, and the key it is changed into.
#pragma once

#include <boost/describe.hpp>
#include <string>

#include "base/time.h"

namespace onsale::sandbox::toss {

// From the billing page; good for one key.
struct BillingAuth {
  std::string auth_key, customer_key, merchant;
  Timestamp at{};
};
BOOST_DESCRIBE_STRUCT(BillingAuth, (), (auth_key, customer_key, merchant, at))

struct BillingKey {
  std::string billing_key, customer_key, merchant;
  Timestamp at{};
};
BOOST_DESCRIBE_STRUCT(BillingKey, (), (billing_key, customer_key, merchant, at))

}  // namespace onsale::sandbox::toss
