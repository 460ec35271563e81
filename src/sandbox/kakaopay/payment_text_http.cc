#include "sandbox/kakaopay/payment_text_http.h"

#include "sandbox/names.h"
#include "sandbox/object_http.h"
#include "sandbox/texts.h"

namespace onsale::sandbox::kakaopay {
namespace {

void write_amount(std::string& out, const Amount& amount) {
  ObjectText(out)
      .number("total", amount.total)
      .number("tax_free", amount.tax_free)
      .number("vat", amount.vat)
      .number("point", 0)
      .number("discount", 0)
      .number("green_deposit", amount.green_deposit)
      .close();
}

void time_if(ObjectText& in, std::string_view name, const std::optional<Timestamp>& at) {
  if (at) in.text(name, korean_time(*at));
}

void text_if(ObjectText& in, std::string_view name, std::string_view value) {
  if (!value.empty()) in.text(name, value);
}

void write_card(std::string& out, const Payment& p) {
  ObjectText(out)
      .text("kakaopay_purchase_corp", "BC카드")
      .text("kakaopay_purchase_corp_code", "104")
      .text("kakaopay_issuer_corp", "수협은행")
      .text("kakaopay_issuer_corp_code", "212")
      .text("bin", "621640")
      .text("card_type", "신용")
      .text("install_month", (p.install_month < 10 ? "0" : "") + std::to_string(p.install_month))
      .text("approved_id", p.actions.front().aid.substr(1, 8))
      .text("card_mid", "000000000")
      .text("interest_free_install", "N")
      .text("installment_type", "NONE")
      .text("card_item_code", "000000")
      .close();
}

// The ids and the item, as every answer about a payment begins and goes on.
void write_ids(ObjectText& in, const Payment& p) {
  in.text("cid", p.cid).text("tid", p.tid);
  text_if(in, "sid", p.sid);
  in.text("partner_order_id", p.order)
      .text("partner_user_id", p.user)
      .text("payment_method_type", name_of(p.method));
}

void write_item(ObjectText& in, const Payment& p) {
  in.text("item_name", p.item_name);
  text_if(in, "item_code", p.item_code);
  in.number("quantity", p.quantity).text("created_at", korean_time(p.created_at));
  time_if(in, "approved_at", p.approved_at);
}

void write_actions(std::string& out, const Payment& p) {
  out += '[';
  bool first = true;
  for (const Action& action : p.actions) {
    if (!std::exchange(first, false)) out += ',';
    ObjectText object(out);
    object.text("aid", action.aid)
        .text("payment_action_type", name_of(action.type))
        .text("payment_method_type", name_of(p.method))
        .number("amount", action.amount.total)
        .number("point_amount", 0)
        .number("discount_amount", 0)
        .number("green_deposit", action.amount.green_deposit)
        .text("approved_at", korean_time(action.at));
    text_if(object, "payload", action.payload);
    object.close();
  }
  out += ']';
}

void write_sums(ObjectText& in, const Payment& p) {
  write_amount(in.member("amount"), p.amount);
  write_amount(in.member("canceled_amount"), p.canceled);
  write_amount(in.member("cancel_available_amount"), available(p));
}

}  // namespace

std::string ready_text(const Payment& p, std::string_view site) {
  const std::string page = std::string(site) + "/kakaopay/pay/" + p.tid;
  std::string out;
  ObjectText(out)
      .text("tid", p.tid)
      .text("next_redirect_app_url", page + "?device=app")
      .text("next_redirect_mobile_url", page + "?device=mobile")
      .text("next_redirect_pc_url", page + "?device=pc")
      .text("android_app_scheme", "kakaotalk://kakaopay/pg?url=" + page)
      .text("ios_app_scheme", "kakaotalk://kakaopay/pg?url=" + page)
      .text("created_at", korean_time(p.created_at))
      .close();
  return out;
}

std::string approve_text(const Payment& p) {
  std::string out;
  ObjectText object(out);
  object.text("aid", p.actions.back().aid);
  write_ids(object, p);
  write_amount(object.member("amount"), p.amount);
  if (p.method == Method::CARD) write_card(object.member("card_info"), p);
  write_item(object, p);
  text_if(object, "payload", p.actions.back().payload);
  object.close();
  return out;
}

std::string cancel_text(const Payment& p, const Amount& now) {
  std::string out;
  ObjectText object(out);
  object.text("aid", p.actions.back().aid);
  write_ids(object, p);
  object.text("status", name_of(p.status));
  write_amount(object.member("approved_cancel_amount"), now);
  write_sums(object, p);
  write_item(object, p);
  time_if(object, "canceled_at", p.canceled_at);
  text_if(object, "payload", p.actions.back().payload);
  object.close();
  return out;
}

std::string order_text(const Payment& p) {
  std::string out;
  ObjectText object(out);
  write_ids(object, p);
  object.text("status", name_of(p.status));
  write_sums(object, p);
  write_item(object, p);
  time_if(object, "canceled_at", p.canceled_at);
  if (p.method == Method::CARD && p.approved_at)
    ObjectText(object.member("selected_card_info"))
        .text("card_bin", "621640")
        .number("install_month", p.install_month)
        .text("card_corp_name", "BC카드")
        .text("interest_free_install", "N")
        .close();
  write_actions(object.member("payment_action_details"), p);
  object.close();
  return out;
}

std::string subscription_text(const Subscription& s, bool with_available) {
  std::string out;
  ObjectText object(out);
  if (with_available) object.boolean("available", s.status == SidStatus::ACTIVE);
  object.text("cid", s.cid)
      .text("sid", s.sid)
      .text("status", name_of(s.status))
      .text("payment_method_type", name_of(s.method))
      .text("item_name", s.item_name)
      .text("created_at", korean_time(s.created_at));
  time_if(object, "last_approved_at", s.last_approved_at);
  time_if(object, "inactivated_at", s.inactivated_at);
  object.close();
  return out;
}

std::string error_text(const Refusal& refusal) {
  const RefusalText text = text_of(refusal.why);
  std::string message(text.message);
  if (!refusal.about.empty()) message.append(": ").append(refusal.about);
  std::string out;
  ObjectText object(out);
  object.number("error_code", text.number).text("error_message", message);
  if (!text.method_code.empty())
    ObjectText(object.member("extras"))
        .text("method_result_code", text.method_code)
        .text("method_result_message", text.method_message)
        .close();
  object.close();
  return out;
}

}  // namespace onsale::sandbox::kakaopay
