#include "sandbox/toss/toss.h"

#include <algorithm>

#include "sandbox/texts.h"
#include "sandbox/toss/keys.h"

namespace onsale::sandbox::toss {
namespace {

constexpr std::size_t kOrderIdMin = 6;
constexpr std::size_t kOrderIdMax = 64;
constexpr std::size_t kOrderNameMax = 100;
constexpr std::int64_t kAmountMax = 1'000'000'000'000;

std::unexpected<Error> no(Code code, std::string_view about = {}) {
  return std::unexpected(Error{code, about});
}

Sums sums_of(const Payment& payment) {
  const std::int64_t in = captured(payment);
  return {.payments = in > 0 ? 1 : 0, .captured = in, .refunded = refunded(payment)};
}

bool is_order_id(std::string_view text) {
  return text.size() >= kOrderIdMin && text.size() <= kOrderIdMax &&
         std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                  c == '-' || c == '_' || c == '=';
         });
}

bool is_customer_key(std::string_view text) {
  return text.size() >= 2 && text.size() <= 300 && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                  std::string_view("-_=.@").find(c) != std::string_view::npos;
         });
}

std::optional<Error> wrong_order(std::string_view order_id, std::string_view order_name,
                                 std::int64_t amount, std::int64_t tax_free) {
  if (!is_order_id(order_id))
    return Error{Code::INVALID_REQUEST, "orderId has 6 to 64 of A-Z a-z 0-9 - _ ="};
  const auto length = length_of(order_name);
  if (length == 0 || length > kOrderNameMax)
    return Error{Code::INVALID_REQUEST, "orderName has 1 to 100 characters"};
  if (amount <= 0 || amount > kAmountMax)
    return Error{Code::INVALID_REQUEST, "amount is a number above 0"};
  if (tax_free < 0 || tax_free > amount)
    return Error{Code::INVALID_REQUEST, "taxFreeAmount is at most the amount"};
  return {};
}

// How much a payment's money says that it is the one of its order.
int weight(const Payment& payment) {
  switch (payment.status) {
    case Status::DONE:
    case Status::PARTIAL_CANCELED:
    case Status::CANCELED:
    case Status::WAITING_FOR_DEPOSIT:
      return 1;
    default:
      return 0;
  }
}

template <class T>
void add_bounded(std::map<std::string, T, std::less<>>& into, std::deque<std::string>& by_age,
                 std::string name, T value, Keeper& keeper) {
  if (by_age.size() >= Toss::kBillingKeysMax) {
    if (const auto oldest = into.find(by_age.front()); oldest != into.end()) {
      keeper.forget(oldest->second);
      into.erase(oldest);
    }
    by_age.pop_front();
  }
  by_age.push_back(name);
  into.insert_or_assign(std::move(name), std::move(value));
}

}  // namespace

Toss::Toss(Parts parts, std::size_t payments_max) : parts_(parts), payments_max_(payments_max) {}

template <class F>
auto Toss::alter(Payment& payment, F change) {
  const Sums before = sums_of(payment);
  const auto deadline = deadline_of(payment);
  const Status status = payment.status;
  const std::size_t cancels = payment.cancels.size();
  const auto settle = [&] {
    if (payment.status == status && payment.cancels.size() == cancels) return;
    sums_ -= before;
    sums_ += sums_of(payment);
    if (deadline) timers_.erase({*deadline, &payment});
    if (const auto next = deadline_of(payment)) timers_.emplace(*next, &payment);
    parts_.keeper.keep(payment);
    parts_.listener.status_changed(payment);
  };
  auto out = change(payment);
  settle();
  return out;
}

Toss::Handle Toss::get(std::string_view payment_key) {
  const auto found = by_key_.find(payment_key);
  if (found == by_key_.end()) return nullptr;
  const Timestamp now = parts_.clock.now();
  alter(*found->second, [&](Payment& p) { return expire(p, now, parts_.guards); });
  return found->second;
}

Result<Toss::Handle, Error> Toss::get_of(std::string_view merchant, std::string_view payment_key) {
  Handle payment = get(payment_key);
  if (!payment) return no(Code::NOT_FOUND_PAYMENT);
  if (payment->merchant != merchant)
    return no(Code::INVALID_API_KEY, "the payment was begun with the client key of another pair");
  return payment;
}

Toss::Handle Toss::best_of_order(std::string_view order_id,
                                 std::optional<std::string_view> merchant) {
  Handle best;
  const auto [first, last] = by_order_.equal_range(order_id);
  for (auto at = first; at != last; ++at) {
    const Handle& other = at->second;
    if (merchant && other->merchant != *merchant) continue;
    const auto rank = [](const Handle& p) { return std::pair(weight(*p), p->requested_at); };
    if (!best || rank(other) >= rank(best)) best = other;
  }
  return best ? get(best->payment_key) : nullptr;
}

const Payment* Toss::find(std::string_view payment_key) { return get(payment_key).get(); }

const Payment* Toss::find_order(std::string_view merchant, std::string_view order_id) {
  return best_of_order(order_id, merchant).get();
}

const Payment* Toss::find_any_order(std::string_view order_id) {
  return best_of_order(order_id, {}).get();
}

std::string Toss::new_key(std::string_view beginning) {
  std::string out(beginning);
  for (const char c : korean_time(parts_.clock.now()))
    if (c >= '0' && c <= '9') out += c;
  return out += random_text(parts_.random, 12, kLettersAndDigits);
}

std::string Toss::new_transaction_key() { return random_text(parts_.random, 32, kLargeHex); }

void Toss::index(const Handle& payment) {
  by_key_.insert_or_assign(payment->payment_key, payment);
  by_order_.emplace(payment->order_id, payment);
  by_age_.push_back(payment);
  if (const auto deadline = deadline_of(*payment)) timers_.emplace(*deadline, payment.get());
  sums_ += sums_of(*payment);
}

Payment& Toss::add(Payment payment) {
  while (by_age_.size() >= payments_max_) forget_oldest();
  const auto handle = std::make_shared<Payment>(std::move(payment));
  index(handle);
  parts_.keeper.keep(*handle);
  return *handle;
}

void Toss::forget_oldest() {
  const Handle oldest = by_age_.front();
  by_age_.pop_front();
  ++forgotten_count_;
  by_key_.erase(oldest->payment_key);
  const auto [first, last] = by_order_.equal_range(oldest->order_id);
  const auto entry = std::find_if(first, last, [&](auto& e) { return e.second == oldest; });
  if (entry != last) by_order_.erase(entry);
  if (const auto deadline = deadline_of(*oldest)) timers_.erase({*deadline, oldest.get()});
  forgotten_ += sums_of(*oldest);
  parts_.keeper.forget(*oldest);
  parts_.keeper.keep(forgotten_);
}

Result<const Payment*, Error> Toss::open(const Checkout& checkout) {
  const auto key = parse_key(checkout.client_key);
  if (!key || key->secret || key->live)
    return no(Code::INVALID_API_KEY, "clientKey is test_ck_NAME or test_gck_NAME");
  if (const auto why =
          wrong_order(checkout.order_id, checkout.order_name, checkout.amount, checkout.tax_free))
    return std::unexpected(*why);
  if (!is_address(checkout.success_url) || !is_address(checkout.fail_url))
    return no(Code::INVALID_REQUEST, "successUrl and failUrl are http(s) addresses");
  if (length_of(checkout.customer_name) > kOrderNameMax)
    return no(Code::INVALID_REQUEST, "customerName has at most 100 characters");
  Payment payment{.payment_key = new_key("tonsale"),
                  .order_id = checkout.order_id,
                  .order_name = checkout.order_name,
                  .customer_name = checkout.customer_name,
                  .merchant = key->merchant(),
                  .success_url = checkout.success_url,
                  .fail_url = checkout.fail_url,
                  .total = checkout.amount,
                  .tax_free = checkout.tax_free,
                  .balance = checkout.amount,
                  .requested_at = parts_.clock.now(),
                  .transaction_key = new_transaction_key()};
  return &add(std::move(payment));
}

Toss::Decided Toss::decide(std::string_view payment_key, const Choice& choice) {
  const Handle payment = get(payment_key);
  if (!payment) return {nullptr, false, {}};
  const bool at_bank =
      choice.decision == Decision::deposit || choice.decision == Decision::withdraw;
  const bool changed = alter(*payment, [&](Payment& p) {
    if (p.status == Status::READY && !at_bank) {
      p.method = choice.method;
      p.cash_receipt = choice.method == Method::card || choice.method == Method::phone
                           ? CashReceipt::none
                           : choice.cash_receipt;
    }
    return sandbox::toss::decide(p, choice.decision, parts_.clock.now(),
                                 at_bank ? new_transaction_key() : std::string());
  });
  if (changed && at_bank) parts_.listener.deposit_changed(*payment);
  Decided out{payment.get(), changed, {}};
  if (at_bank) return out;
  if (payment->status == Status::IN_PROGRESS || weight(*payment) > 0) {
    out.address = with_query(payment->success_url, {{"paymentType", "NORMAL"},
                                                    {"orderId", payment->order_id},
                                                    {"paymentKey", payment->payment_key},
                                                    {"amount", std::to_string(payment->total)}});
    return out;
  }
  const bool late = payment->status == Status::EXPIRED;
  const auto code = late                                         ? Code::NOT_FOUND_PAYMENT_SESSION
                    : payment->failure == "PAY_PROCESS_CANCELED" ? Code::PAY_PROCESS_CANCELED
                                                                 : Code::REJECT_CARD_PAYMENT;
  out.address = with_query(payment->fail_url, {{"code", boost::describe::enum_to_string(code, "")},
                                               {"message", text_of(code).ko},
                                               {"orderId", payment->order_id}});
  return out;
}

Result<const Payment*, Error> Toss::confirm(std::string_view merchant, std::string_view payment_key,
                                            const ConfirmRequest& request) {
  const auto payment = get_of(merchant, payment_key);
  if (!payment) return std::unexpected(payment.error());
  const Handle best = best_of_order((*payment)->order_id, merchant);
  if (best && best != *payment && weight(*best) > 0) return no(Code::ALREADY_PROCESSED_PAYMENT);
  ConfirmNames names{.transaction_key = new_transaction_key(),
                     .secret = "ps_" + random_text(parts_.random, 25, kLettersAndDigits),
                     .approve_number = random_text(parts_.random, 8, kDigits),
                     .account_number = "X" + random_text(parts_.random, 13, kDigits)};
  const auto done = alter(**payment, [&](Payment& p) {
    return sandbox::toss::confirm(p, request, std::move(names), parts_.clock.now(), parts_.guards);
  });
  if (!done) return std::unexpected(done.error());
  return payment->get();
}

Result<const Payment*, Error> Toss::look(std::string_view merchant, std::string_view payment_key) {
  const auto payment = get_of(merchant, payment_key);
  if (!payment) return std::unexpected(payment.error());
  return payment->get();
}

Result<const Payment*, Error> Toss::look_order(std::string_view merchant,
                                               std::string_view order_id) {
  const Payment* payment = find_order(merchant, order_id);
  if (payment == nullptr) return no(Code::NOT_FOUND_PAYMENT);
  return payment;
}

Result<const Payment*, Error> Toss::cancel(std::string_view merchant, std::string_view payment_key,
                                           CancelRequest request) {
  const auto payment = get_of(merchant, payment_key);
  if (!payment) return std::unexpected(payment.error());
  const bool deposit = (*payment)->method == Method::virtual_account;
  const auto done = alter(**payment, [&](Payment& p) {
    return sandbox::toss::cancel(p, std::move(request), new_transaction_key(), parts_.clock.now(),
                                 parts_.guards);
  });
  if (!done) return std::unexpected(done.error());
  if (deposit) parts_.listener.deposit_changed(**payment);
  return payment->get();
}

std::optional<Error> Toss::wrong(const BillingCheckout& checkout) {
  const auto key = parse_key(checkout.client_key);
  if (!key || key->secret || key->live)
    return Error{Code::INVALID_API_KEY, "clientKey is test_ck_NAME"};
  if (!is_customer_key(checkout.customer_key))
    return Error{Code::INVALID_REQUEST, "customerKey has 2 to 300 of A-Z a-z 0-9 - _ = . @"};
  if (!is_address(checkout.success_url) || !is_address(checkout.fail_url))
    return Error{Code::INVALID_REQUEST, "successUrl and failUrl are http(s) addresses"};
  return {};
}

Result<std::string, Error> Toss::decide_billing(const BillingCheckout& checkout,
                                                Decision decision) {
  if (const auto why = wrong(checkout)) return std::unexpected(*why);
  if (decision != Decision::approve) {
    const Code code =
        decision == Decision::leave ? Code::PAY_PROCESS_CANCELED : Code::REJECT_CARD_COMPANY;
    return with_query(checkout.fail_url, {{"code", boost::describe::enum_to_string(code, "")},
                                          {"message", text_of(code).ko}});
  }
  BillingAuth auth{.auth_key = "bln_" + random_text(parts_.random, 28, kLettersAndDigits),
                   .customer_key = checkout.customer_key,
                   .merchant = parse_key(checkout.client_key)->merchant(),
                   .at = parts_.clock.now()};
  parts_.keeper.keep(auth);
  std::string name = auth.auth_key;
  auto address = with_query(checkout.success_url,
                            {{"customerKey", auth.customer_key}, {"authKey", auth.auth_key}});
  add_bounded(auths_, auths_by_age_, std::move(name), std::move(auth), parts_.keeper);
  return address;
}

Result<const BillingKey*, Error> Toss::issue(std::string_view merchant, std::string_view auth_key,
                                             std::string_view customer_key) {
  const auto auth = auths_.find(auth_key);
  if (auth == auths_.end()) return no(Code::INVALID_REQUEST, "authKey is not known, or was used");
  if (auth->second.merchant != merchant)
    return no(Code::INVALID_API_KEY, "the authKey is another pair's");
  if (auth->second.customer_key != customer_key) return no(Code::NOT_MATCHES_CUSTOMER_KEY);
  BillingKey key{.billing_key = random_text(parts_.random, 43, kLettersAndDigits) + "=",
                 .customer_key = auth->second.customer_key,
                 .merchant = auth->second.merchant,
                 .at = parts_.clock.now()};
  parts_.keeper.forget(auth->second);
  auths_.erase(auth);
  parts_.keeper.keep(key);
  std::string name = key.billing_key;
  add_bounded(billing_, billing_by_age_, name, std::move(key), parts_.keeper);
  return &billing_.find(name)->second;
}

Result<const Payment*, Error> Toss::charge(std::string_view merchant, std::string_view billing_key,
                                           const Charge& charge) {
  const auto key = billing_.find(billing_key);
  if (key == billing_.end()) return no(Code::INVALID_BILL_KEY_REQUEST);
  if (key->second.merchant != merchant)
    return no(Code::INVALID_API_KEY, "the billing key is another pair's");
  if (key->second.customer_key != charge.customer_key) return no(Code::NOT_MATCHES_CUSTOMER_KEY);
  if (const auto why =
          wrong_order(charge.order_id, charge.order_name, charge.amount, charge.tax_free))
    return std::unexpected(*why);
  if (charge.amount < kCardMin) return no(Code::BELOW_MINIMUM_AMOUNT);
  if (const Handle before = best_of_order(charge.order_id, merchant); before && weight(*before) > 0)
    return no(Code::DUPLICATED_ORDER_ID);
  const Timestamp now = parts_.clock.now();
  Payment payment{.payment_key = new_key("tonsale"),
                  .order_id = charge.order_id,
                  .order_name = charge.order_name,
                  .merchant = std::string(merchant),
                  .type = Type::BILLING,
                  .status = Status::DONE,
                  .total = charge.amount,
                  .tax_free = charge.tax_free,
                  .balance = charge.amount,
                  .requested_at = now,
                  .authenticated_at = now,
                  .approved_at = now,
                  .approve_number = random_text(parts_.random, 8, kDigits),
                  .transaction_key = new_transaction_key(),
                  .customer_key = charge.customer_key};
  return &add(std::move(payment));
}

Result<void, Error> Toss::remove_key(std::string_view merchant, std::string_view billing_key) {
  const auto key = billing_.find(billing_key);
  if (key == billing_.end()) return no(Code::INVALID_BILL_KEY_REQUEST);
  if (key->second.merchant != merchant)
    return no(Code::INVALID_API_KEY, "the billing key is another pair's");
  parts_.keeper.forget(key->second);
  parts_.listener.billing_deleted(key->second);
  billing_.erase(key);
  return {};
}

void Toss::sweep() {
  const Timestamp now = parts_.clock.now();
  while (!timers_.empty() && timers_.begin()->first <= now) {
    Payment& payment = *timers_.begin()->second;
    timers_.erase(timers_.begin());
    alter(payment, [&](Payment& p) { return expire(p, now, parts_.guards); });
  }
}

std::vector<Transaction> Toss::transactions(std::string_view merchant, Timestamp from,
                                            Timestamp to) const {
  std::vector<Transaction> out;
  for (const Handle& payment : by_age_)
    if (payment->merchant == merchant) add_transactions(out, *payment);
  std::erase_if(out, [&](const Transaction& t) { return t.at() < from || t.at() >= to; });
  std::ranges::sort(out, {}, [](const Transaction& t) { return std::pair(t.at(), t.key()); });
  return out;
}

std::vector<const Payment*> Toss::with_money(std::int64_t& from, std::size_t most) const {
  std::vector<const Payment*> out;
  std::int64_t number = std::max(from, forgotten_count_ + 1);
  const std::int64_t last = forgotten_count_ + std::ssize(by_age_);
  for (; number <= last && out.size() < most; ++number) {
    const Payment& payment = *by_age_[static_cast<std::size_t>(number - forgotten_count_ - 1)];
    if (captured(payment) > 0 || refunded(payment) > 0) out.push_back(&payment);
  }
  from = number <= last ? number : 0;
  return out;
}

void Toss::restore(Payment payment) { index(std::make_shared<Payment>(std::move(payment))); }

void Toss::restore(BillingAuth auth) {
  auths_by_age_.push_back(auth.auth_key);
  std::string name = auth.auth_key;
  auths_.insert_or_assign(std::move(name), std::move(auth));
}

void Toss::restore(BillingKey key) {
  billing_by_age_.push_back(key.billing_key);
  std::string name = key.billing_key;
  billing_.insert_or_assign(std::move(name), std::move(key));
}

void Toss::restore(const Sums& forgotten) {
  forgotten_ = forgotten;
  sums_ += forgotten;
}

}  // namespace onsale::sandbox::toss
