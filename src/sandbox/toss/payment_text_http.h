// Toss's objects as JSON: version 2022-11-16 of the API, every field with its name, type and place.
#pragma once

#include <string>

#include "platform/http/message/language.h"
#include "sandbox/toss/billing.h"
#include "sandbox/toss/payment.h"
#include "sandbox/toss/statement.h"

namespace onsale::sandbox::toss {

// `site`: where this stand-in is reached, "http://127.0.0.1:8095", for receipt and checkout.
std::string payment_text(const Payment& payment, std::string_view site);
std::string billing_text(const BillingKey& key);
std::string transaction_text(const Transaction& transaction);
std::string settlement_text(const Transaction& transaction);
std::string error_text(const Error& error, http::Language language);

// The bodies of webhooks.
std::string status_news(const Payment& payment, std::string_view site, Timestamp now);
std::string deposit_news(const Payment& payment, Timestamp now);
std::string billing_news(const BillingKey& key, Timestamp now);

}  // namespace onsale::sandbox::toss
