// Toss Payments as a shop and a buyer see it: payments and billing keys in memory, bounded, with
// their timers. Knows no HTTP.
// Thread: the stand-in's loop.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/random.h"
#include "sandbox/toss/ports.h"
#include "sandbox/toss/statement.h"

namespace onsale::sandbox::toss {

// What the shop's page hands to the pay page.
struct Checkout {
  std::string client_key, order_id, order_name, customer_name, success_url, fail_url;
  std::int64_t amount = 0;
  std::int64_t tax_free = 0;
};

struct BillingCheckout {
  std::string client_key, customer_key, success_url, fail_url;
};

struct Choice {
  Decision decision = Decision::leave;
  Method method = Method::card;
  CashReceipt cash_receipt = CashReceipt::none;
};

struct Parts {
  const Clock& clock;
  Random& random;
  Keeper& keeper;
  Listener& listener;
  Guards guards{};
};

class Toss {
 public:
  static constexpr std::size_t kPaymentsMax = 200'000;    // the oldest go first
  static constexpr std::size_t kBillingKeysMax = 20'000;  // likewise; authorisations too

  // `payments_max` for tests.
  explicit Toss(Parts parts, std::size_t payments_max = kPaymentsMax);

  // A new payment, READY. Opening a page of an order again is another payment, as with Toss.
  Result<const Payment*, Error> open(const Checkout& checkout);
  // Null when there is none. Past its time it is EXPIRED.
  const Payment* find(std::string_view payment_key);
  // Of several of one order the one that has or awaits money, else the newest.
  const Payment* find_order(std::string_view merchant, std::string_view order_id);
  // The same for whoever knows only the order: of the newest merchant that has one.
  const Payment* find_any_order(std::string_view order_id);

  struct Decided {
    const Payment* payment;
    bool changed;
    std::string address;  // where the buyer's browser goes; empty: stays
  };
  // A repeat changes nothing and goes the same way. Null payment: there is none.
  Decided decide(std::string_view payment_key, const Choice& choice);

  Result<const Payment*, Error> confirm(std::string_view merchant, std::string_view payment_key,
                                        const ConfirmRequest& request);
  Result<const Payment*, Error> look(std::string_view merchant, std::string_view payment_key);
  Result<const Payment*, Error> look_order(std::string_view merchant, std::string_view order_id);
  Result<const Payment*, Error> cancel(std::string_view merchant, std::string_view payment_key,
                                       CancelRequest request);

  // The address to go to, with an authKey when approved.
  Result<std::string, Error> decide_billing(const BillingCheckout& checkout, Decision decision);
  static std::optional<Error> wrong(const BillingCheckout& checkout);
  Result<const BillingKey*, Error> issue(std::string_view merchant, std::string_view auth_key,
                                         std::string_view customer_key);
  struct Charge {
    std::string customer_key, order_id, order_name;
    std::int64_t amount = 0;
    std::int64_t tax_free = 0;
  };
  Result<const Payment*, Error> charge(std::string_view merchant, std::string_view billing_key,
                                       const Charge& charge);
  Result<void, Error> remove_key(std::string_view merchant, std::string_view billing_key);

  // Lets happen what happens by itself by now.
  void sweep();
  Sums sums() const { return sums_; }
  // Payments that have money or had some, the oldest first: at most `most` from number `from` on,
  // which becomes the number to go on from, or 0 at the end. The first has number 1.
  std::vector<const Payment*> with_money(std::int64_t& from, std::size_t most) const;

  // A merchant's in [from, to), in order of their time.
  std::vector<Transaction> transactions(std::string_view merchant, Timestamp from,
                                        Timestamp to) const;

  // From where they were kept; before anything else.
  void restore(Payment payment);
  void restore(BillingAuth auth);
  void restore(BillingKey key);
  void restore(const Sums& forgotten);
  std::size_t size() const { return by_age_.size(); }

 private:
  using Handle = std::shared_ptr<Payment>;
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };

  Handle get(std::string_view payment_key);
  Result<Handle, Error> get_of(std::string_view merchant, std::string_view payment_key);
  Handle best_of_order(std::string_view order_id, std::optional<std::string_view> merchant);
  Payment& add(Payment payment);
  void index(const Handle& payment);
  void forget_oldest();
  // Runs `change(Payment&)`, and brings sums, timers, keeper and listener in line with what it did.
  template <class F>
  auto alter(Payment& payment, F change);
  std::string new_key(std::string_view beginning);
  std::string new_transaction_key();

  Parts parts_;
  const std::size_t payments_max_;
  std::unordered_map<std::string, Handle, Hash, std::equal_to<>> by_key_;
  std::unordered_multimap<std::string, Handle, Hash, std::equal_to<>> by_order_;
  std::deque<Handle> by_age_;
  std::int64_t forgotten_count_ = 0;
  std::set<std::pair<Timestamp, Payment*>> timers_;  // of those with a deadline
  std::map<std::string, BillingAuth, std::less<>> auths_;
  std::map<std::string, BillingKey, std::less<>> billing_;
  std::deque<std::string> auths_by_age_, billing_by_age_;
  Sums sums_;       // of all
  Sums forgotten_;  // of those no longer known
};

}  // namespace onsale::sandbox::toss
