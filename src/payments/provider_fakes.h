// A provider for tests, with books of its own: a pay page on which somebody decides, capture and
// refund by the merchant, repeats recognised by their key. It can be told to fail as real ones do.
// What it holds is as far from ours as a provider's books are: no rollback and no kill undoes it.
// Thread: any.
#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/control.h"
#include "payments/ports.h"

namespace onsale::payments {

// drop_before_commit: the request was lost. commit_then_drop: the answer was lost. Either way the
// caller learns nothing. refuse: no money goes back; the other steps do not know it.
enum class ProviderFault { none, drop_before_commit, commit_then_drop, refuse };

struct ProviderOptions {
  std::function<ProviderFault(ProviderStep)> fault;  // asked before every step; may be empty
  Guard capture_key{};                               // a repeated capture is the first one
  std::optional<Timestamp> deposit_until{};          // when accounts to pay into close
};

enum class PageState { open, approved, captured, declined, left, closed, awaited };
// transfer: the buyer is given an account to pay into.
enum class Decision { approve, decline, leave, transfer };

struct PayingPage {
  PaymentId payment;
  Order order;
  std::string key;
  PageState state = PageState::open;
  bool transfer = false;  // paid into an account, or to be
};

// Sums of its books, to hold ours against.
struct ProviderTotals {
  std::int64_t captured = 0;
  std::int64_t refunded = 0;
  std::int64_t captures = 0;  // how many
};

class ProviderWithBooks final : public Provider {
 public:
  explicit ProviderWithBooks(ProviderOptions options = {}) : options_(std::move(options)) {}

  std::string_view name() const override { return "sandbox"; }

  Task<Result<Started, BeginRefused>> begin(Order order) override {
    const ProviderFault fault = arrive(ProviderStep::begin);
    const std::string id = order.payment.str();
    std::string key = "of-" + id;
    {
      std::lock_guard lock(mutex_);
      const PaymentId payment = order.payment;
      pages_.try_emplace(payment, payment, std::move(order), key);
    }
    leave(fault);
    co_return Started{.reference = "reference-" + id,
                      .redirect_url = "https://pay.test/" + id + "?key=" + key};
  }

  Task<ProviderAnswer> settle(Charge charge) override {
    const ProviderFault fault = arrive(ProviderStep::settle);
    ProviderAnswer answer;
    {
      std::lock_guard lock(mutex_);
      capture_locked(charge.payment);
      answer = answer_locked(charge.payment);
    }
    leave(fault);
    co_return answer;
  }

  Task<ProviderAnswer> lookup(Charge charge) override {
    leave(arrive(ProviderStep::lookup));
    std::lock_guard lock(mutex_);
    co_return answer_locked(charge.payment);
  }

  Task<RefundAnswer> refund(GiveBack request) override {
    const ProviderFault fault = arrive(ProviderStep::refund);
    if (fault == ProviderFault::refuse) co_return RefundVerdict::refused;
    RefundVerdict verdict = RefundVerdict::unknown;
    {
      std::lock_guard lock(mutex_);
      verdict = refund_locked(request);
    }
    leave(fault);
    co_return verdict;
  }

  Task<void> close(Charge charge) override {
    const ProviderFault fault = arrive(ProviderStep::close);
    {
      std::lock_guard lock(mutex_);
      const auto page = pages_.find(charge.payment);
      if (page != pages_.end() &&
          (page->second.state == PageState::open || page->second.state == PageState::approved ||
           page->second.state == PageState::awaited)) {
        page->second.state = PageState::closed;
      }
    }
    leave(fault);
    co_return;
  }

  // The pay page's side. Empty when the payment is unknown or the key is not its own.
  std::optional<PayingPage> page(PaymentId payment, std::string_view key) const {
    std::lock_guard lock(mutex_);
    const auto page = pages_.find(payment);
    if (page == pages_.end() || page->second.key != key) return {};
    return page->second;
  }
  // The first decision counts, later ones change nothing.
  std::optional<PayingPage> decide(PaymentId payment, std::string_view key, Decision decision) {
    std::lock_guard lock(mutex_);
    const auto page = pages_.find(payment);
    if (page == pages_.end() || page->second.key != key) return {};
    if (page->second.state == PageState::open) page->second.state = after(decision);
    if (decision == Decision::transfer && page->second.state == PageState::approved)
      page->second.transfer = true;
    return page->second;
  }
  // At the bank: the buyer pays into the account, while it is open. False when it is not.
  bool pay_in(PaymentId payment) {
    std::lock_guard lock(mutex_);
    const auto page = pages_.find(payment);
    if (page == pages_.end() || page->second.state != PageState::awaited) return false;
    page->second.state = PageState::captured;
    books_[payment].captured += page->second.order.amount.amount;
    ++books_[payment].captures;
    return true;
  }
  // And takes all of it out again: the account waits for it once more.
  bool withdraw(PaymentId payment) {
    std::lock_guard lock(mutex_);
    const auto page = pages_.find(payment);
    if (page == pages_.end() || page->second.state != PageState::captured) return false;
    page->second.state = PageState::awaited;
    books_[payment].captured -= page->second.order.amount.amount;
    --books_[payment].captures;
    return true;
  }
  // Somebody else gives money back, or the buyer's bank does; less when there is not so much left.
  void take_back(PaymentId payment, std::int64_t amount) {
    std::lock_guard lock(mutex_);
    Books& books = books_[payment];
    books.refunded += std::min(amount, books.captured - books.refunded);
  }
  // The oldest first.
  std::vector<PayingPage> pages(PageState state) const {
    std::lock_guard lock(mutex_);
    std::vector<PayingPage> found;
    for (const auto& [id, page] : pages_)
      if (page.state == state) found.push_back(page);
    return found;
  }
  // It will capture this much more than was asked for.
  void overcharge(PaymentId payment, std::int64_t by) {
    std::lock_guard lock(mutex_);
    pages_.at(payment).order.amount.amount += by;
  }

  ProviderTotals totals() const {
    std::lock_guard lock(mutex_);
    ProviderTotals totals;
    for (const auto& [id, books] : books_) {
      totals.captured += books.captured;
      totals.captures += books.captures;
      totals.refunded += books.refunded;
    }
    return totals;
  }
  // Captured and not given back, of one payment.
  std::int64_t kept(PaymentId payment) const {
    std::lock_guard lock(mutex_);
    const auto books = books_.find(payment);
    return books == books_.end() ? 0 : books->second.captured - books->second.refunded;
  }

 private:
  struct Books {
    std::int64_t captured = 0, captures = 0, refunded = 0;
    std::map<std::string, std::int64_t> refunds;  // by key
  };

  static PageState after(Decision decision) {
    switch (decision) {
      case Decision::approve:
      case Decision::transfer:
        return PageState::approved;
      case Decision::decline:
        return PageState::declined;
      case Decision::leave:
        break;
    }
    return PageState::left;
  }

  ProviderFault arrive(ProviderStep step) const {
    const ProviderFault fault = options_.fault ? options_.fault(step) : ProviderFault::none;
    if (fault == ProviderFault::drop_before_commit) throw Unanswered("lost");
    return fault;
  }
  static void leave(ProviderFault fault) {
    if (fault == ProviderFault::commit_then_drop) throw Unanswered("lost");
  }

  void capture_locked(PaymentId id) {
    const auto page = pages_.find(id);
    if (page == pages_.end()) return;
    const bool again = page->second.state == PageState::captured && !options_.capture_key;
    if (page->second.state != PageState::approved && !again) return;
    if (page->second.transfer) {
      page->second.state = PageState::awaited;
      return;
    }
    page->second.state = PageState::captured;
    books_[id].captured += page->second.order.amount.amount;
    ++books_[id].captures;
  }
  ProviderAnswer answer_locked(PaymentId id) const {
    const auto page = pages_.find(id);
    // Never heard of it: nothing was captured.
    switch (page == pages_.end() ? PageState::open : page->second.state) {
      case PageState::open:
        break;
      case PageState::approved:
        return {.verdict = Verdict::authorised};
      case PageState::captured:
        return captured_locked(page->second);
      case PageState::awaited:
        return {.verdict = Verdict::waiting, .detail = account_of(page->second)};
      case PageState::declined:
        return {.verdict = Verdict::declined, .reason = "declined"};
      case PageState::left:
      case PageState::closed:
        return {.verdict = Verdict::abandoned};
    }
    return {.verdict = Verdict::open};
  }
  ProviderAnswer captured_locked(const PayingPage& page) const {
    const Books& books = books_.at(page.payment);
    const std::int64_t left = books.captured - books.refunded;
    ProviderAnswer answer{.verdict = left > 0 ? Verdict::captured : Verdict::reversed,
                          .captured = left,
                          .receipt = "receipt-" + page.payment.str(),
                          .refundable = left};
    if (page.transfer) answer.detail = account_of(page);
    return answer;
  }
  PaymentDetail account_of(const PayingPage& page) const {
    return {.method = "transfer",
            .deposit = Deposit{.bank = "20",
                               .account = "X" + page.payment.str(),
                               .holder = "Onsale",
                               .until = options_.deposit_until}};
  }
  RefundVerdict refund_locked(const GiveBack& request) {
    const auto found = books_.find(request.payment);
    if (found == books_.end()) return RefundVerdict::refused;
    Books& books = found->second;
    const std::string key = request.refund.str() + ":" + std::to_string(request.attempt);
    const auto known = books.refunds.find(key);
    if (known != books.refunds.end()) {
      return known->second == request.amount.amount ? RefundVerdict::done : RefundVerdict::refused;
    }
    if (books.refunded + request.amount.amount > books.captured) return RefundVerdict::refused;
    if (pages_.at(request.payment).transfer && !request.account) return RefundVerdict::refused;
    books.refunds[key] = request.amount.amount;
    books.refunded += request.amount.amount;
    return RefundVerdict::done;
  }

  const ProviderOptions options_;
  mutable std::mutex mutex_;
  std::map<PaymentId, PayingPage> pages_;
  std::map<PaymentId, Books> books_;
};

}  // namespace onsale::payments
