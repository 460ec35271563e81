// What Toss's memory needs from outside, for tests: everything is counted, nothing is kept.
#pragma once

#include <string>
#include <vector>

#include "base/fakes.h"
#include "sandbox/toss/toss.h"

namespace onsale::sandbox::toss {

struct CountingKeeper final : Keeper {
  void keep(const Payment& payment) override { kept.push_back(payment.payment_key); }
  void forget(const Payment& payment) override { forgotten.push_back(payment.payment_key); }
  void keep(const BillingAuth&) override {}
  void forget(const BillingAuth&) override {}
  void keep(const BillingKey&) override {}
  void forget(const BillingKey&) override {}
  void keep(const Sums& sums) override { forgotten_sums = sums; }
  std::vector<std::string> kept, forgotten;
  Sums forgotten_sums;
};

struct CountingListener final : Listener {
  void status_changed(const Payment& payment) override { statuses.push_back(payment.status); }
  void deposit_changed(const Payment& payment) override { deposits.push_back(payment.status); }
  void billing_deleted(const BillingKey&) override { ++deleted; }
  std::vector<Status> statuses, deposits;
  int deleted = 0;
};

struct TossWorld {
  explicit TossWorld(std::size_t payments_max = 100, Guards guards = {})
      : toss({clock, random, keeper, listener, guards}, payments_max) {}

  FakeClock clock;
  SeededRandom random{7};
  CountingKeeper keeper;
  CountingListener listener;
  Toss toss;

  std::string open(const std::string& order, std::int64_t amount = 1'000) {
    const auto payment = toss.open({.client_key = "test_ck_shop",
                                    .order_id = order,
                                    .order_name = "Seat",
                                    .success_url = "http://shop.test/back",
                                    .fail_url = "http://shop.test/failed",
                                    .amount = amount});
    return payment ? (*payment)->payment_key : std::string();
  }
  std::string approved(const std::string& order, std::int64_t amount = 1'000,
                       Method method = Method::card) {
    std::string key = open(order, amount);
    toss.decide(key, {.decision = Decision::approve, .method = method});
    return key;
  }
  Result<const Payment*, Error> confirm(const std::string& key, const std::string& order,
                                        std::int64_t amount = 1'000) {
    return toss.confirm("shop", key, {order, amount});
  }
};

}  // namespace onsale::sandbox::toss
