#include "payments/providers/toss_billing_client.h"

#include "payments/providers/toss_answers_client.h"
#include "platform/json/json.h"

namespace onsale::payments {

struct TossIssueBody {
  std::string authKey, customerKey;
};
BOOST_DESCRIBE_STRUCT(TossIssueBody, (), (authKey, customerKey))

struct TossBillingBody {
  std::string customerKey, orderId, orderName;
  std::int64_t amount = 0;
};
BOOST_DESCRIBE_STRUCT(TossBillingBody, (), (customerKey, orderId, orderName, amount))

TossBilling::TossBilling(net::Client& client, TossConfig config)
    : client_(client), config_(std::move(config)) {}

Task<Result<BillingKey, std::string>> TossBilling::issue(std::string auth_key,
                                                         std::string customer_key) {
  if (!toss_key_valid(auth_key)) co_return std::unexpected("not_as_asked");  // a browser brought it
  TossCall call{.path = "/v1/billing/authorizations/issue",
                .body = json::write(TossIssueBody{auth_key, customer_key}),
                .idempotency_key = "issue-" + auth_key};
  auto asking =
      ask_toss(client_, config_.api, config_.secret_key, config_.timeout, std::move(call));
  const TossSaid said = co_await std::move(asking);
  if (!said.error.empty()) co_return std::unexpected(said.error);
  BillingKey issued{.key = said.json.text("billingKey"),
                    .method = said.json.text("method"),
                    .card = said.json.inner("card").text("number")};
  if (!toss_key_valid(issued.key)) throw Unanswered("no billing key");
  co_return issued;
}

Task<ProviderAnswer> TossBilling::charge(BillingCharge charge) {
  ProviderAnswer known = co_await lookup(charge.order, charge.amount);
  if (known.verdict != Verdict::open) co_return known;
  const TossBillingBody body{.customerKey = charge.customer_key,
                             .orderId = charge.order,
                             .orderName = charge.order_name,
                             .amount = charge.amount.amount};
  TossCall call{.path = "/v1/billing/" + charge.billing_key,
                .body = json::write(body),
                .idempotency_key = "charge-" + charge.order + "-" + std::to_string(charge.attempt)};
  auto asking =
      ask_toss(client_, config_.api, config_.secret_key, config_.timeout, std::move(call));
  const TossSaid said = co_await std::move(asking);
  if (said.error.empty()) co_return toss_answer(said.json, charge.order, charge.amount);
  ProviderAnswer answer{.code = said.error};
  const bool final = toss_confirm_error(said.error) == TossError::refused ||
                     said.error == "NOT_MATCHES_CUSTOMER_KEY";
  if (final) answer.verdict = Verdict::declined;
  if (final) answer.reason = said.error;
  co_return answer;
}

Task<ProviderAnswer> TossBilling::lookup(std::string order, Money amount) {
  TossCall call{.path = "/v1/payments/orders/" + order};
  auto asking =
      ask_toss(client_, config_.api, config_.secret_key, config_.timeout, std::move(call));
  const TossSaid said = co_await std::move(asking);
  if (said.error.empty()) co_return toss_answer(said.json, order, amount);
  ProviderAnswer answer{.code = said.error};
  if (toss_confirm_error(said.error) == TossError::absent) answer.verdict = Verdict::open;
  co_return answer;
}

Task<bool> TossBilling::remove(std::string billing_key) {
  TossCall call{.path = "/v1/billing/" + billing_key, .method = "DELETE"};
  auto asking =
      ask_toss(client_, config_.api, config_.secret_key, config_.timeout, std::move(call));
  const TossSaid said = co_await std::move(asking);
  co_return said.error.empty();
}

}  // namespace onsale::payments
