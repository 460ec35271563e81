#include "sandbox/toss/webhooks.h"

#include <algorithm>

namespace onsale::sandbox::toss {

std::int64_t Webhooks::add(Delivery delivery) {
  if (waiting_.size() >= kMost) return 0;
  delivery.number = ++last_;
  const std::int64_t number = delivery.number;
  waiting_.emplace(number, std::move(delivery));
  return number;
}

void Webhooks::restore(Delivery delivery) {
  last_ = std::max(last_, delivery.number);
  const std::int64_t number = delivery.number;
  waiting_.insert_or_assign(number, std::move(delivery));
}

std::vector<Delivery> Webhooks::take_due(Timestamp now, std::size_t most) {
  std::vector<Delivery*> due;
  for (auto& [number, delivery] : waiting_)
    if (!delivery.under_way && delivery.next_at <= now) due.push_back(&delivery);
  std::ranges::stable_sort(due, {}, &Delivery::next_at);
  std::vector<Delivery> out;
  for (Delivery* delivery : due) {
    if (out.size() == most) break;
    delivery->under_way = true;
    ++delivery->tries;
    out.push_back(*delivery);
  }
  return out;
}

const Delivery* Webhooks::find(std::int64_t number) const {
  const auto found = waiting_.find(number);
  return found == waiting_.end() ? nullptr : &found->second;
}

void Webhooks::delivered(std::int64_t number) { delivered_ += waiting_.erase(number) > 0 ? 1 : 0; }

bool Webhooks::failed(std::int64_t number, Timestamp now) {
  const auto found = waiting_.find(number);
  if (found == waiting_.end()) return true;
  Delivery& delivery = found->second;
  delivery.under_way = false;
  if (delivery.tries > std::ssize(kRetryAfter)) {
    waiting_.erase(found);
    ++given_up_;
    return false;
  }
  delivery.next_at = now + kRetryAfter[static_cast<std::size_t>(delivery.tries - 1)];
  return true;
}

void Webhooks::hurry(std::int64_t number, Timestamp now) {
  const auto found = waiting_.find(number);
  if (found != waiting_.end()) found->second.next_at = now;
}

}  // namespace onsale::sandbox::toss
