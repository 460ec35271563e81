#include "sandbox/toss/idempotency.h"

namespace onsale::sandbox::toss {

std::string Idempotency::scope_of(std::string_view key, std::string_view api_key,
                                  std::string_view method, std::string_view url) {
  std::string out;
  out.reserve(key.size() + api_key.size() + method.size() + url.size() + 3);
  return out.append(method).append(" ").append(url).append(" ").append(api_key).append(" ").append(
      key);
}

const FirstAnswer* Idempotency::begin(const std::string& scope, Timestamp now) {
  const auto found = answers_.find(scope);
  if (found != answers_.end()) {
    if (now - found->second.at < kIdempotencyKept) return &found->second;
    answers_.erase(found);
  }
  make_room(now);
  answers_.emplace(scope, FirstAnswer{.scope = scope, .at = now});
  order_.emplace_back(now, scope);
  return nullptr;
}

const FirstAnswer& Idempotency::finish(const std::string& scope, FirstAnswer answer) {
  FirstAnswer& kept = answers_[scope];
  if (kept.at != Timestamp{}) answer.at = kept.at;
  answer.scope = scope;
  kept = std::move(answer);
  return kept;
}

void Idempotency::restore(FirstAnswer answer) {
  make_room(answer.at);
  order_.emplace_back(answer.at, answer.scope);
  std::string scope = answer.scope;
  answers_.insert_or_assign(std::move(scope), std::move(answer));
}

void Idempotency::make_room(Timestamp now) {
  while (!order_.empty() &&
         (order_.size() >= kMost || now - order_.front().first >= kIdempotencyKept)) {
    const auto found = answers_.find(order_.front().second);
    if (found != answers_.end() && found->second.at == order_.front().first) {
      answers_.erase(found);
      if (forgotten_) forgotten_(order_.front().second);
    }
    order_.pop_front();
  }
}

}  // namespace onsale::sandbox::toss
