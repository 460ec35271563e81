// News on their way to the shop: tried until it answers 200, less and less often.
// Pure: who sends is somebody else.
#pragma once

#include <array>
#include <boost/describe.hpp>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/time.h"

namespace onsale::sandbox::toss {

// After the first try; then it is given up.
inline constexpr std::array<std::chrono::minutes, 7> kRetryAfter{
    std::chrono::minutes(1),   std::chrono::minutes(4),   std::chrono::minutes(16),
    std::chrono::minutes(64),  std::chrono::minutes(256), std::chrono::minutes(1024),
    std::chrono::minutes(4096)};

struct Delivery {
  std::int64_t number = 0;
  std::string id;     // tosspayments-webhook-transmission-id, the same for every try
  std::string event;  // PAYMENT_STATUS_CHANGED …
  std::string payment;
  std::string body;
  Timestamp made_at{};
  Timestamp next_at{};
  std::int64_t tries = 0;
  bool under_way = false;
};
BOOST_DESCRIBE_STRUCT(Delivery, (), (number, id, event, payment, body, made_at, next_at, tries))

class Webhooks {
 public:
  static constexpr std::size_t kMost = 10'000;  // waiting; news beyond that is lost

  // Its number; 0 when there are kMost.
  std::int64_t add(Delivery delivery);
  void restore(Delivery delivery);
  // Those to be sent now, the most overdue first, at most `most`; they count as under way.
  std::vector<Delivery> take_due(Timestamp now, std::size_t most);
  // Null when there is none of that number (any more).
  const Delivery* find(std::int64_t number) const;
  void delivered(std::int64_t number);
  // False when it was the last try.
  bool failed(std::int64_t number, Timestamp now);
  // Tries `number` again at once.
  void hurry(std::int64_t number, Timestamp now);

  const std::map<std::int64_t, Delivery>& waiting() const { return waiting_; }
  std::int64_t delivered_count() const { return delivered_; }
  std::int64_t given_up() const { return given_up_; }

 private:
  std::map<std::int64_t, Delivery> waiting_;
  std::int64_t last_ = 0;
  std::int64_t delivered_ = 0;
  std::int64_t given_up_ = 0;
};

}  // namespace onsale::sandbox::toss
