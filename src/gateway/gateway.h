// A gate of our own: stands in front of any origin and lets in who has a pass of a waiting room.
// Fail-closed: without keys nobody enters. Cut off from the waiting room, it goes on with the keys
// and the epoch it had: passes are checked offline. Owns no tables.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace onsale::gateway {

struct Settings {
  std::string room;
  std::string issuer_url;             // where this process reaches the waiting room's server
  std::string public_url;             // where browsers reach this gate; empty: as they say
  std::vector<std::string> prefixes;  // guarded; everything else passes freely
};

// Why somebody stays outside. The names are the codes that clients see.
enum class Refusal {
  bad_target,     // the address cannot be read
  not_ready,      // no keys yet
  pass_required,  // brought no pass
  pass_expired,
  pass_revoked,  // the operator ended its epoch
  pass_invalid,  // forged, for another room, or not valid yet
  pass_used,     // somebody else came with it first
  busy,          // more people inside than may be remembered
};
std::string_view to_string(Refusal refusal);
int status_of(Refusal refusal);  // as HTTP says it

inline constexpr std::size_t kInsideMax = 1'000'000;
inline constexpr std::size_t kReturnBytesMax = 2'000;

}  // namespace onsale::gateway
