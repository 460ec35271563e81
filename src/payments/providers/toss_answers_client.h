// What Toss says, in our words. Errors are told apart by their code, never by the HTTP status:
// PROVIDER_ERROR comes with 400 and is only the card company's bad moment.
// Included by this folder's clients only. Thread: any.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "payments/ports.h"
#include "payments/providers/answer_client.h"
#include "platform/net/client.h"

namespace onsale::payments {

// What an error's code says about the request that got it.
enum class TossError {
  refused,    // final: nothing was done and nothing will be
  expired,    // the buyer's approval is over: nothing was captured
  uncertain,  // look, then decide
  absent,     // there is no such payment
  ours,       // our keys or our request are wrong; nothing was done
};
TossError toss_confirm_error(std::string_view code);
TossError toss_cancel_error(std::string_view code);

// A Payment object. `unknown` when it is not the order's, or not in its currency.
ProviderAnswer toss_answer(const ProviderJson& payment, const std::string& order,
                           const Money& amount);

// A paymentKey as it may stand in an address: 1 to 200 of A-Z a-z 0-9 and -_.=~
bool toss_key_valid(std::string_view key);

// The API with one secret key.
struct TossCall {
  std::string path;    // "/v1/payments/confirm"
  std::string body{};  // JSON; empty: a GET
  std::string idempotency_key{};
  std::string method{};  // empty: by the body
  bool list = false;     // the answer is an array
};
struct TossSaid {
  ProviderJson json;
  std::vector<ProviderJson> list{};
  std::string error;  // the code; empty: done
  int status = 0;
};
// Throws Unanswered when the answer is none, or a fault of Toss's own that says nothing.
Task<TossSaid> ask_toss(net::Client& client, std::string api, std::string secret_key,
                        Millis timeout, TossCall call);

}  // namespace onsale::payments
