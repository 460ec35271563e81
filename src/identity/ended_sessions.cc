#include "identity/ended_sessions.h"

#include <algorithm>
#include <mutex>

namespace onsale::identity {

void EndedSessions::add(SessionId session, Timestamp ended_at, Timestamp now) {
  const Timestamp horizon = now - remember_;
  if (ended_at < horizon) return;
  std::unique_lock lock(mutex_);
  if (ended_.size() >= entries_max_ && !ended_.contains(session)) {
    std::erase_if(ended_, [horizon](const auto& entry) { return entry.second < horizon; });
  }
  if (ended_.size() >= entries_max_ && !ended_.contains(session)) {
    ended_.clear();
    // Times in tokens are whole seconds, cut off: one more second catches this one too.
    none_before_ = now + Millis(1000);
    return;
  }
  ended_.insert_or_assign(session, ended_at);
}

bool EndedSessions::refuses(SessionId session, Timestamp issued_at) const {
  std::shared_lock lock(mutex_);
  return issued_at < none_before_ || ended_.contains(session);
}

std::size_t EndedSessions::size() const {
  std::shared_lock lock(mutex_);
  return ended_.size();
}

}  // namespace onsale::identity
