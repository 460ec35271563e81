#include "sandbox/kakaopay/kakaopay.h"

#include <algorithm>

#include "sandbox/texts.h"

namespace onsale::sandbox::kakaopay {
namespace {

constexpr std::size_t kNameMax = 100;
constexpr std::size_t kAddressMax = 255;
constexpr std::int64_t kAmountMax = 1'000'000'000'000;

std::unexpected<Refusal> no(Why why, std::string_view about = {}) {
  return std::unexpected(Refusal{why, about});
}

Sums sums_of(const Payment& payment) {
  const std::int64_t in = captured(payment);
  return {.payments = in > 0 ? 1 : 0, .captured = in, .refunded = payment.canceled.total};
}

bool is_name(std::string_view text) {
  const auto length = length_of(text);
  return length > 0 && length <= kNameMax;
}

bool is_short_address(std::string_view text) {
  return text.size() <= kAddressMax && is_address(text);
}

// The field that is wrong; empty: none.
std::string_view wrong_amounts(const std::optional<std::int64_t>& quantity,
                               const std::optional<std::int64_t>& total,
                               const std::optional<std::int64_t>& tax_free,
                               const std::optional<std::int64_t>& vat, std::int64_t least) {
  if (!quantity || *quantity < 1) return "quantity";
  if (!total || *total < least || *total > kAmountMax) return "total_amount";
  if (!tax_free || *tax_free < 0 || *tax_free > *total) return "tax_free_amount";
  if (vat && (*vat < 0 || *vat > *total - *tax_free)) return "vat_amount";
  return {};
}

std::string_view wrong_field(const ReadyRequest& r, std::int64_t least) {
  if (!is_name(r.order)) return "partner_order_id";
  if (!is_name(r.user)) return "partner_user_id";
  if (!is_name(r.item_name)) return "item_name";
  if (length_of(r.item_code) > kNameMax) return "item_code";
  if (const auto field = wrong_amounts(r.quantity, r.total, r.tax_free, r.vat, least);
      !field.empty())
    return field;
  if (r.green_deposit < 0 || r.green_deposit > *r.total) return "green_deposit";
  if (!is_short_address(r.approval_url)) return "approval_url";
  if (!is_short_address(r.cancel_url)) return "cancel_url";
  if (!is_short_address(r.fail_url)) return "fail_url";
  if (!r.method.empty() && r.method != "CARD" && r.method != "MONEY") return "payment_method_type";
  if (r.install_month < 0 || r.install_month > 12) return "install_month";
  return {};
}

}  // namespace

KakaoPay::KakaoPay(Parts parts, std::size_t payments_max)
    : parts_(parts), payments_max_(payments_max) {}

template <class F>
auto KakaoPay::alter(Payment& payment, F change) {
  const Sums before = sums_of(payment);
  const Status status = payment.status;
  const std::size_t actions = payment.actions.size();
  auto out = change(payment);
  if (payment.status != status || payment.actions.size() != actions) {
    sums_ -= before;
    sums_ += sums_of(payment);
    parts_.keeper.keep(payment);
  }
  return out;
}

// T1234567890123456789: a letter and nineteen more, as tid, aid and sid are.
std::string KakaoPay::new_id(char kind) { return kind + random_text(parts_.random, 19, kSmallHex); }

KakaoPay::Handle KakaoPay::get(std::string_view tid) const {
  const auto found = by_tid_.find(tid);
  return found == by_tid_.end() ? nullptr : found->second;
}

Result<KakaoPay::Handle, Refusal> KakaoPay::get_of(const Caller& caller,
                                                   std::string_view tid) const {
  Handle payment = get(tid);
  if (!payment || payment->key != caller.key || payment->cid != caller.cid)
    return no(Why::tid_unknown);
  return payment;
}

const Payment* KakaoPay::find(std::string_view tid) const { return get(tid).get(); }

const Payment* KakaoPay::find_order(std::string_view order) const {
  const Payment* newest = nullptr;
  const auto [first, last] = by_order_.equal_range(order);
  for (auto at = first; at != last; ++at)
    if (newest == nullptr || at->second->created_at >= newest->created_at)
      newest = at->second.get();
  return newest;
}

void KakaoPay::index(const Handle& payment) {
  by_tid_.insert_or_assign(payment->tid, payment);
  by_order_.emplace(payment->order, payment);
  by_age_.push_back(payment);
  sums_ += sums_of(*payment);
}

Payment& KakaoPay::add(Payment payment) {
  while (by_age_.size() >= payments_max_) forget_oldest();
  const auto handle = std::make_shared<Payment>(std::move(payment));
  index(handle);
  parts_.keeper.keep(*handle);
  return *handle;
}

void KakaoPay::forget_oldest() {
  const Handle oldest = by_age_.front();
  by_age_.pop_front();
  ++forgotten_count_;
  by_tid_.erase(oldest->tid);
  const auto [first, last] = by_order_.equal_range(oldest->order);
  const auto entry = std::find_if(first, last, [&](auto& e) { return e.second == oldest; });
  if (entry != last) by_order_.erase(entry);
  forgotten_ += sums_of(*oldest);
  parts_.keeper.forget(*oldest);
  parts_.keeper.keep(forgotten_);
}

Result<const Payment*, Refusal> KakaoPay::ready(const Caller& caller, const ReadyRequest& r) {
  const std::int64_t least = caller.cid == kRecurringCid ? 0 : 1;
  if (const auto field = wrong_field(r, least); !field.empty())
    return no(Why::field_invalid, field);
  Payment payment{.tid = new_id('T'),
                  .cid = caller.cid,
                  .key = caller.key,
                  .order = r.order,
                  .user = r.user,
                  .item_name = r.item_name,
                  .item_code = r.item_code,
                  .quantity = *r.quantity,
                  .amount = {.total = *r.total,
                             .tax_free = *r.tax_free,
                             .vat = r.vat.value_or(vat_of(*r.total - *r.tax_free)),
                             .green_deposit = r.green_deposit},
                  .approval_url = r.approval_url,
                  .cancel_url = r.cancel_url,
                  .fail_url = r.fail_url,
                  .install_month = r.install_month,
                  .created_at = parts_.clock.now()};
  if (r.method == "CARD") payment.method_asked = Method::CARD;
  if (r.method == "MONEY") payment.method_asked = Method::MONEY;
  return &add(std::move(payment));
}

Result<const Payment*, Refusal> KakaoPay::approve(const Caller& caller, std::string_view tid,
                                                  const ApproveRequest& request) {
  const auto payment = get_of(caller, tid);
  if (!payment) return std::unexpected(payment.error());
  const auto done = alter(**payment, [&](Payment& p) {
    ApproveNames names{.aid = new_id('A'), .sid = new_id('S')};
    return kakaopay::approve(p, request, std::move(names), parts_.clock.now(), parts_.guards);
  });
  if (!done) return std::unexpected(done.error());
  if (!(*payment)->sid.empty()) add_subscription(**payment);
  return payment->get();
}

void KakaoPay::add_subscription(const Payment& payment) {
  if (subscriptions_by_age_.size() >= kSubscriptionsMax) {
    if (const auto oldest = subscriptions_.find(subscriptions_by_age_.front());
        oldest != subscriptions_.end()) {
      parts_.keeper.forget(oldest->second);
      subscriptions_.erase(oldest);
    }
    subscriptions_by_age_.pop_front();
  }
  Subscription subscription{.sid = payment.sid,
                            .cid = payment.cid,
                            .key = payment.key,
                            .user = payment.user,
                            .item_name = payment.item_name,
                            .method = payment.method,
                            .created_at = *payment.approved_at,
                            .last_approved_at = payment.approved_at};
  parts_.keeper.keep(subscription);
  subscriptions_by_age_.push_back(payment.sid);
  subscriptions_.insert_or_assign(payment.sid, std::move(subscription));
}

Result<KakaoPay::Canceled, Refusal> KakaoPay::cancel(const Caller& caller, std::string_view tid,
                                                     const CancelRequest& request) {
  const auto payment = get_of(caller, tid);
  if (!payment) return std::unexpected(payment.error());
  const auto back = alter(**payment, [&](Payment& p) {
    return kakaopay::cancel(p, request, new_id('A'), parts_.clock.now(), parts_.guards);
  });
  if (!back) return std::unexpected(back.error());
  return Canceled{payment->get(), *back};
}

Result<const Payment*, Refusal> KakaoPay::look(const Caller& caller, std::string_view tid) {
  const auto payment = get_of(caller, tid);
  if (!payment) return std::unexpected(payment.error());
  return payment->get();
}

Result<Subscription*, Refusal> KakaoPay::sid_of(const Caller& caller, std::string_view sid) {
  const auto found = subscriptions_.find(sid);
  if (found == subscriptions_.end() || found->second.key != caller.key ||
      found->second.cid != caller.cid)
    return no(Why::sid_unknown);
  return &found->second;
}

Result<const Payment*, Refusal> KakaoPay::subscribe(const Caller& caller,
                                                    const SubscriptionRequest& r) {
  const auto found = sid_of(caller, r.sid);
  if (!found) return std::unexpected(found.error());
  Subscription& subscription = **found;
  if (subscription.status == SidStatus::INACTIVE) return no(Why::sid_inactive);
  if (subscription.user != r.user) return no(Why::user_differs);
  if (!is_name(r.order)) return no(Why::field_invalid, "partner_order_id");
  if (const auto field = wrong_amounts(r.quantity, r.total, r.tax_free, r.vat, 1); !field.empty())
    return no(Why::field_invalid, field);
  const Timestamp now = parts_.clock.now();
  const Amount amount{.total = *r.total,
                      .tax_free = *r.tax_free,
                      .vat = r.vat.value_or(vat_of(*r.total - *r.tax_free))};
  Payment payment{.tid = new_id('T'),
                  .cid = caller.cid,
                  .key = caller.key,
                  .order = r.order,
                  .user = r.user,
                  .item_name = r.item_name.empty() ? subscription.item_name : r.item_name,
                  .quantity = *r.quantity,
                  .amount = amount,
                  .method = subscription.method,
                  .status = Status::SUCCESS_PAYMENT,
                  .sid = subscription.sid,
                  .created_at = now,
                  .approved_at = now};
  payment.actions.push_back({.aid = new_id('A'), .amount = amount, .at = now});
  subscription.last_approved_at = now;
  parts_.keeper.keep(subscription);
  return &add(std::move(payment));
}

Result<const Subscription*, Refusal> KakaoPay::subscription(const Caller& caller,
                                                            std::string_view sid) {
  const auto found = sid_of(caller, sid);
  if (!found) return std::unexpected(found.error());
  return *found;
}

Result<const Subscription*, Refusal> KakaoPay::end_subscription(const Caller& caller,
                                                                std::string_view sid) {
  const auto found = sid_of(caller, sid);
  if (!found) return std::unexpected(found.error());
  Subscription& subscription = **found;
  if (subscription.status == SidStatus::ACTIVE) {
    subscription.status = SidStatus::INACTIVE;
    subscription.inactivated_at = parts_.clock.now();
    parts_.keeper.keep(subscription);
  }
  return &subscription;
}

const Payment* KakaoPay::open_page(std::string_view tid) {
  const Handle payment = get(tid);
  if (!payment) return nullptr;
  alter(*payment, [](Payment& p) { return open(p); });
  return payment.get();
}

KakaoPay::Decided KakaoPay::decide(std::string_view tid, Decision decision, Method method) {
  const Handle payment = get(tid);
  if (!payment) return {nullptr, false, {}};
  const bool changed = alter(*payment, [&](Payment& p) {
    return kakaopay::decide(p, decision, method, random_text(parts_.random, 20, kSmallHex));
  });
  Decided out{payment.get(), changed, {}};
  if (payment->status == Status::QUIT_PAYMENT)
    out.address = payment->cancel_url;
  else if (payment->status == Status::FAIL_PAYMENT)
    out.address = payment->fail_url;
  else if (!payment->pg_token.empty())
    out.address = with_query(payment->approval_url, {{"pg_token", payment->pg_token}});
  return out;
}

std::vector<const Payment*> KakaoPay::with_money(std::int64_t& from, std::size_t most) const {
  std::vector<const Payment*> out;
  std::int64_t number = std::max(from, forgotten_count_ + 1);
  const std::int64_t last = forgotten_count_ + std::ssize(by_age_);
  for (; number <= last && out.size() < most; ++number) {
    const Payment& payment = *by_age_[static_cast<std::size_t>(number - forgotten_count_ - 1)];
    if (captured(payment) > 0) out.push_back(&payment);
  }
  from = number <= last ? number : 0;
  return out;
}

void KakaoPay::restore(Payment payment) { index(std::make_shared<Payment>(std::move(payment))); }

void KakaoPay::restore(Subscription subscription) {
  subscriptions_by_age_.push_back(subscription.sid);
  std::string name = subscription.sid;
  subscriptions_.insert_or_assign(std::move(name), std::move(subscription));
}

void KakaoPay::restore(const Sums& forgotten) {
  forgotten_ = forgotten;
  sums_ += forgotten;
}

}  // namespace onsale::sandbox::kakaopay
