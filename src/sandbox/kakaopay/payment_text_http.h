// KakaoPay's objects as JSON: every field with its name and type. What is absent is left out.
#pragma once

#include <string>

#include "sandbox/kakaopay/payment.h"

namespace onsale::sandbox::kakaopay {

// `site`: where this stand-in is reached.
std::string ready_text(const Payment& payment, std::string_view site);
std::string approve_text(const Payment& payment);
std::string cancel_text(const Payment& payment, const Amount& now);
std::string order_text(const Payment& payment);
// With `available`, as the status call says it.
std::string subscription_text(const Subscription& subscription, bool available);
std::string error_text(const Refusal& refusal);

}  // namespace onsale::sandbox::kakaopay
