// The sessions whose access tokens are refused although they have not expired. Only those that
// ended within the life of an access token matter, so the set stays small. Thread: any.
#pragma once

#include <atomic>
#include <cstddef>
#include <shared_mutex>
#include <unordered_map>

#include "base/time.h"
#include "identity/identity.h"

namespace onsale::identity {

class EndedSessions {
 public:
  // `remember` is how long an access token lives.
  explicit EndedSessions(Millis remember, std::size_t entries_max = 100'000)
      : remember_(remember), entries_max_(entries_max) {}

  // Known ones are harmless. When the set is full, every access token issued until now is refused
  // instead: browsers refresh by themselves, and memory stays bounded.
  void add(SessionId session, Timestamp ended_at, Timestamp now);

  bool refuses(SessionId session, Timestamp issued_at) const;

  std::size_t size() const;

 private:
  const Millis remember_;
  const std::size_t entries_max_;
  mutable std::shared_mutex mutex_;
  std::unordered_map<SessionId, Timestamp> ended_;
  Timestamp none_before_ = Timestamp::min();  // tokens issued earlier are refused
};

}  // namespace onsale::identity
