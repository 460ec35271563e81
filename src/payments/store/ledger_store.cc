#include "payments/store/ledger_store.h"

#include <algorithm>
#include <map>

#include "payments/store/rows_store.h"
#include "platform/ledger/ledger.h"

namespace onsale::payments::books {

namespace {

constexpr std::string_view kPaidOtherwise = "paid_otherwise";
constexpr int kPage = 500;

constexpr std::string_view kProviderAccounts = "provider:";

std::string account_of(const std::string& provider) {
  return std::string(kProviderAccounts) + provider;
}

ledger::Transfer captured_of(const Payment& p) {
  return {.id = p.id.str() + ":captured",
          .debit = account_of(p.provider),
          .credit = std::string(kBuyersAccount),
          .amount = {p.captured, p.amount.currency},
          .subject = p.id.str()};
}

ledger::Transfer of(const Refund& r, std::string_view what, std::string debit, std::string credit) {
  return {.id = r.id.str() + ':' + std::string(what),
          .debit = std::move(debit),
          .credit = std::move(credit),
          .amount = r.amount,
          .subject = r.payment.str()};
}

std::string buyers() { return std::string(kBuyersAccount); }
std::string under_way() { return std::string(kRefundsAccount); }

ledger::Transfer requested_of(const Refund& r) { return of(r, "requested", buyers(), under_way()); }
ledger::Transfer reopened_of(const Refund& r) { return of(r, "reopened", buyers(), under_way()); }
ledger::Transfer kept_of(const Refund& r) { return of(r, "kept", under_way(), buyers()); }
ledger::Transfer otherwise_of(const Refund& r) {
  return of(r, "otherwise", under_way(), std::string(kPaidOtherwise));
}
ledger::Transfer done_of(const Refund& r, const std::string& provider) {
  return of(r, "done", under_way(), account_of(provider));
}

std::string chargebacks() { return std::string(kChargebacksAccount); }
ledger::Transfer reversed_of(const Refund& r, const std::string& provider) {
  return of(r, "reversed", chargebacks(), account_of(provider));
}
ledger::Transfer restored_of(const Refund& r, const std::string& provider) {
  return of(r, "restored", account_of(provider), r.purchase_ends ? buyers() : chargebacks());
}
ledger::Transfer unbought_of(const Refund& r) { return of(r, "unbought", buyers(), chargebacks()); }

// ---- checking

bool counts(const Refund& refund) {
  return refund.state != RefundState::failed && refund.state != RefundState::restored;
}
bool went_back(const Refund& refund) {
  return refund.state == RefundState::done || refund.state == RefundState::reversed;
}

std::string check_payment(const Payment& p, const std::vector<ledger::Entry>& there,
                          std::int64_t refunding, std::int64_t refunded) {
  std::vector<ledger::Transfer> expected;
  if (p.captured != 0) expected.push_back(captured_of(p));
  if (std::string wrong = ledger::difference(expected, there); !wrong.empty()) return wrong;
  const std::string said = "the payment " + p.id.str() + " says that ";
  if (p.refunded != refunded) {
    return said + std::to_string(p.refunded) + " went back, and its refunds add up to " +
           std::to_string(refunded);
  }
  if (p.refunding != refunding) {
    return said + std::to_string(p.refunding) + " went back or is to, and its refunds add up to " +
           std::to_string(refunding);
  }
  return {};
}

std::string check_payments(sql::Tx& tx) {
  ledger::Walk walk(tx, PaymentKind::prefix);
  std::string after;
  for (;;) {
    const auto page = read_payments_after(tx, after, kPage);
    const bool last = std::ssize(page) < kPage;
    if (!page.empty()) after = page.back().payment.id.str();
    if (std::string wrong = walk.turn(last ? "" : after); !wrong.empty()) return wrong;
    std::map<PaymentId, std::pair<std::int64_t, std::int64_t>> sums;
    if (!page.empty()) {
      for (const StoredRefund& stored :
           read_refunds_between(tx, page.front().payment.id.str(), after)) {
        const Refund& refund = stored.refund;
        auto& [refunding, refunded] = sums[refund.payment];
        if (counts(refund)) refunding += refund.amount.amount;
        if (went_back(refund)) refunded += refund.amount.amount;
      }
    }
    for (const Stored& stored : page) {
      const auto& [refunding, refunded] = sums[stored.payment.id];
      std::string wrong =
          check_payment(stored.payment, walk.take(stored.payment.id.str()), refunding, refunded);
      if (!wrong.empty()) return wrong;
    }
    if (last) return walk.left();
  }
}

std::string check_reversed(const Refund& r, const std::string& provider,
                           const std::vector<ledger::Entry>& there) {
  std::vector<ledger::Transfer> expected{reversed_of(r, provider)};
  if (r.state == RefundState::restored) expected.push_back(restored_of(r, provider));
  const auto is_unbought = [&](const ledger::Entry& entry) {
    return entry.transfer.id == unbought_of(r).id;
  };
  if (r.purchase_ends && std::ranges::any_of(there, is_unbought))
    expected.push_back(unbought_of(r));
  return ledger::difference(expected, there);
}

std::string check_refund(const Refund& r, const std::string& provider,
                         const std::vector<ledger::Entry>& there) {
  if (r.state == RefundState::reversed || r.state == RefundState::restored)
    return check_reversed(r, provider, there);
  std::vector<ledger::Transfer> expected{requested_of(r)};
  if (r.state == RefundState::done && !r.settled_at) {
    expected.push_back(done_of(r, provider));
  } else if (r.state == RefundState::done) {
    // Settled as paid otherwise; or as kept, and then the provider paid all the same.
    std::vector<ledger::Transfer> late{requested_of(r), kept_of(r), reopened_of(r),
                                       done_of(r, provider)};
    if (ledger::difference(late, there).empty()) return {};
    expected.push_back(otherwise_of(r));
  } else if (r.settled_at) {
    expected.push_back(kept_of(r));
  }
  return ledger::difference(expected, there);
}

std::map<std::string, std::string> providers_after(sql::Tx& tx, const std::string& after) {
  std::map<std::string, std::string> providers;  // by refund
  for (auto& [refund, provider] : tx.query<std::string, std::string>(
           "SELECT r.id, p.provider FROM payments_refund r JOIN payments_payment p ON p.id = "
           "r.payment WHERE r.id > ? ORDER BY r.id LIMIT ?",
           after, kPage)) {
    providers.emplace(std::move(refund), std::move(provider));
  }
  return providers;
}

std::string check_refunds(sql::Tx& tx) {
  ledger::Walk walk(tx, RefundKind::prefix);
  std::string after;
  for (;;) {
    const auto page = read_refunds_after(tx, after, kPage);
    const auto providers = providers_after(tx, after);
    const bool last = std::ssize(page) < kPage;
    if (!page.empty()) after = page.back().refund.id.str();
    if (std::string wrong = walk.turn(last ? "" : after); !wrong.empty()) return wrong;
    for (const StoredRefund& stored : page) {
      const std::string id = stored.refund.id.str();
      const auto provider = providers.find(id);
      if (provider == providers.end()) return "the refund " + id + " is of no stored payment";
      std::string wrong = check_refund(stored.refund, provider->second, walk.take(id));
      if (!wrong.empty()) return wrong;
    }
    if (last) return walk.left();
  }
}

}  // namespace

void captured(sql::Tx& tx, const Payment& payment, Timestamp at) {
  if (payment.captured != 0) ledger::post(tx, captured_of(payment), at);
}
void refund_requested(sql::Tx& tx, const Refund& refund, Timestamp at) {
  ledger::post(tx, requested_of(refund), at);
}
void refund_done(sql::Tx& tx, const Refund& refund, const std::string& provider, Timestamp at) {
  ledger::post(tx, done_of(refund, provider), at);
}
void refund_settled(sql::Tx& tx, const Refund& refund, bool done, Timestamp at) {
  ledger::post(tx, done ? otherwise_of(refund) : kept_of(refund), at);
}
void reversed(sql::Tx& tx, const Refund& refund, const std::string& provider, Timestamp at) {
  ledger::post(tx, reversed_of(refund, provider), at);
}
void restored(sql::Tx& tx, const Refund& refund, const std::string& provider, Timestamp at) {
  ledger::post(tx, restored_of(refund, provider), at);
}
void unbought(sql::Tx& tx, const Refund& refund, Timestamp at) {
  ledger::post(tx, unbought_of(refund), at);
}
void refund_reopened(sql::Tx& tx, const Refund& refund, Timestamp at) {
  ledger::post(tx, reopened_of(refund), at);
}

std::vector<DayLine> moved(sql::Tx& tx, const DayQuery& query) {
  std::vector<DayLine> out;
  for (ledger::Movement& each : ledger::movements(tx, account_of(query.provider),
                                                  kSettlementCurrency, query.from, query.to)) {
    out.push_back({.payment = std::move(each.subject), .ours = {each.debits, each.credits}});
  }
  return out;
}

std::vector<std::string> providers(sql::Tx& tx, Timestamp from, Timestamp to) {
  std::vector<std::string> out;
  for (const std::string& account : ledger::accounts(tx, kProviderAccounts, from, to))
    out.push_back(account.substr(kProviderAccounts.size()));
  return out;
}

std::string check(sql::Tx& tx) {
  std::string wrong = check_payments(tx);
  return wrong.empty() ? check_refunds(tx) : wrong;
}

}  // namespace onsale::payments::books
