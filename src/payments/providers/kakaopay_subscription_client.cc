#include "payments/providers/kakaopay_subscription_client.h"

#include "platform/json/json.h"

namespace onsale::payments {

struct KakaoPaySidChargeBody {
  std::string cid, sid, partner_order_id, partner_user_id, item_name;
  int quantity = 1;
  std::int64_t total_amount = 0;
  std::int64_t tax_free_amount = 0;
};
BOOST_DESCRIBE_STRUCT(KakaoPaySidChargeBody, (),
                      (cid, sid, partner_order_id, partner_user_id, item_name, quantity,
                       total_amount, tax_free_amount))

struct KakaoPaySidBody {
  std::string cid, sid;
};
BOOST_DESCRIBE_STRUCT(KakaoPaySidBody, (), (cid, sid))

KakaoPaySubscriptions::KakaoPaySubscriptions(net::Client& client, KakaoPayConfig config)
    : client_(client), config_(std::move(config)) {}

Task<Result<SidCharged, std::string>> KakaoPaySubscriptions::charge(SidCharge charge) {
  const KakaoPaySidChargeBody body{.cid = config_.cid,
                                   .sid = charge.sid,
                                   .partner_order_id = charge.order,
                                   .partner_user_id = charge.owner.str(),
                                   .item_name = charge.item_name,
                                   .total_amount = charge.amount.amount};
  auto asking = ask_kakaopay(client_, config_, "subscription", json::write(body));
  const KakaoPaySaid said = co_await std::move(asking);
  if (!said.error.empty())
    co_return std::unexpected(said.method.empty() ? said.error : said.method);
  SidCharged charged{.tid = said.json.text("tid"),
                     .aid = said.json.text("aid"),
                     .amount = said.json.total("amount").value_or(-1)};
  if (charged.amount != charge.amount.amount || charged.tid.empty())
    throw Unanswered("not_our_charge");
  co_return charged;
}

Task<Result<SidStatus, std::string>> KakaoPaySubscriptions::status(std::string sid) {
  auto asking = ask_kakaopay(client_, config_, "manage/subscription/status",
                             json::write(KakaoPaySidBody{config_.cid, sid}));
  const KakaoPaySaid said = co_await std::move(asking);
  if (!said.error.empty()) co_return std::unexpected(said.error);
  SidStatus status{.available = said.json.flag("available").value_or(false),
                   .active = said.json.text("status") == "ACTIVE",
                   .last_approved_at = said.json.text("last_approved_at")};
  co_return status;
}

Task<bool> KakaoPaySubscriptions::deactivate(std::string sid) {
  auto asking = ask_kakaopay(client_, config_, "manage/subscription/inactive",
                             json::write(KakaoPaySidBody{config_.cid, sid}));
  const KakaoPaySaid said = co_await std::move(asking);
  co_return said.error.empty() && said.json.text("status") == "INACTIVE";
}

}  // namespace onsale::payments
