// KakaoPay as a shop and a buyer see it: payments and subscriptions in memory, bounded. Knows no
// HTTP. A payment that was made ready stays so: how long the real one waits is not documented.
// Thread: the stand-in's loop.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/random.h"
#include "sandbox/kakaopay/ports.h"

namespace onsale::sandbox::kakaopay {

struct ReadyRequest {
  std::string order, user, item_name, item_code;
  std::optional<std::int64_t> quantity{}, total{}, tax_free{}, vat{};
  std::int64_t green_deposit = 0;
  std::int64_t install_month = 0;
  std::string approval_url, cancel_url, fail_url;
  std::string method;  // CARD, MONEY or empty
};

struct SubscriptionRequest {
  std::string sid, order, user, item_name;
  std::optional<std::int64_t> quantity{}, total{}, tax_free{}, vat{};
};

struct Parts {
  const Clock& clock;
  Random& random;
  Keeper& keeper;
  Guards guards{};
};

// Whose call it is: the secret key and the cid that it names.
struct Caller {
  std::string key, cid;
};

class KakaoPay {
 public:
  static constexpr std::size_t kPaymentsMax = 200'000;      // the oldest go first
  static constexpr std::size_t kSubscriptionsMax = 20'000;  // likewise

  explicit KakaoPay(Parts parts, std::size_t payments_max = kPaymentsMax);

  Result<const Payment*, Refusal> ready(const Caller& caller, const ReadyRequest& request);
  Result<const Payment*, Refusal> approve(const Caller& caller, std::string_view tid,
                                          const ApproveRequest& request);
  struct Canceled {
    const Payment* payment;
    Amount now;
  };
  Result<Canceled, Refusal> cancel(const Caller& caller, std::string_view tid,
                                   const CancelRequest& request);
  Result<const Payment*, Refusal> look(const Caller& caller, std::string_view tid);
  Result<const Payment*, Refusal> subscribe(const Caller& caller,
                                            const SubscriptionRequest& request);
  Result<const Subscription*, Refusal> subscription(const Caller& caller, std::string_view sid);
  Result<const Subscription*, Refusal> end_subscription(const Caller& caller, std::string_view sid);

  // Null when there is none.
  const Payment* find(std::string_view tid) const;
  const Payment* find_order(std::string_view order) const;  // the newest
  const Payment* open_page(std::string_view tid);
  struct Decided {
    const Payment* payment;  // null: there is none
    bool changed;
    std::string address;  // where the buyer's browser goes; empty: stays
  };
  // A repeat changes nothing and goes the same way.
  Decided decide(std::string_view tid, Decision decision, Method method);

  Sums sums() const { return sums_; }
  // As Toss::with_money.
  std::vector<const Payment*> with_money(std::int64_t& from, std::size_t most) const;

  // From where they were kept; before anything else.
  void restore(Payment payment);
  void restore(Subscription subscription);
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

  Handle get(std::string_view tid) const;
  Result<Handle, Refusal> get_of(const Caller& caller, std::string_view tid) const;
  Result<Subscription*, Refusal> sid_of(const Caller& caller, std::string_view sid);
  Payment& add(Payment payment);
  void index(const Handle& payment);
  void forget_oldest();
  void add_subscription(const Payment& payment);
  std::string new_id(char kind);
  template <class F>
  auto alter(Payment& payment, F change);

  Parts parts_;
  const std::size_t payments_max_;
  std::unordered_map<std::string, Handle, Hash, std::equal_to<>> by_tid_;
  std::unordered_multimap<std::string, Handle, Hash, std::equal_to<>> by_order_;
  std::deque<Handle> by_age_;
  std::int64_t forgotten_count_ = 0;
  std::map<std::string, Subscription, std::less<>> subscriptions_;
  std::deque<std::string> subscriptions_by_age_;
  Sums sums_, forgotten_;
};

}  // namespace onsale::sandbox::kakaopay
