// The draw of a pre-queue, as docs/lottery.md describes it to strangers: whoever joined before the
// close gets a rank that nobody could know or choose, and everybody can check that afterwards.
// Pure: hashes come in through a port; time, seed and entrants are arguments. Thread: any.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "waitroom/line/line_index.h"
#include "waitroom/waitroom.h"

namespace onsale::waitroom::lottery {

inline constexpr std::size_t kDigestBytes = 32;
using Digest = std::array<std::uint8_t, kDigestBytes>;
using Salt = std::array<std::uint8_t, 16>;

class Hashing {
 public:
  virtual ~Hashing() = default;
  virtual Digest sha256(std::string_view bytes) const = 0;
  virtual Digest hmac_sha256(std::string_view key, std::string_view bytes) const = 0;
};

std::string_view bytes_of(const Digest& digest);
std::string_view bytes_of(const Salt& salt);
std::string hex(std::string_view bytes);
std::optional<std::string> from_hex(std::string_view text);  // lower or upper case
std::optional<Digest> digest_from_hex(std::string_view text);

// ---- entries

// What an entrant's entry hides behind; told to its owner alone. `key` is the lottery's own secret.
Salt salt_of(const Hashing& hashing, const Digest& key, Sequence place);
// SHA-256(0x02, salt, "film-1/17"): bound to the number the place was joined as, so that no two
// people can be shown the same entry, and telling a stranger nothing.
Digest entry_of(const Hashing& hashing, const Salt& salt, const RoomId& room, Sequence place);

// ---- the Merkle tree of RFC 6962: leaf SHA-256(0x00, entry), node SHA-256(0x01, left, right)

// Keeps the nodes from the fourth level up (4 bytes an entry); a proof recomputes the sixteen
// leaves around it, so the same entries must be handed in again. O(log n).
class Tree {
 public:
  Tree(const Hashing& hashing, std::span<const Digest> entries);
  Digest root() const { return root_; }
  // From the leaf's sibling up to the root's child.
  std::vector<Digest> proof(const Hashing& hashing, std::span<const Digest> entries,
                            std::size_t index) const;

 private:
  std::vector<std::vector<Digest>> levels_;  // the first one is level kLowLevels
  Digest root_;
};

// ---- the order

// The indexes of `entries` by HMAC-SHA256(key = seed, beacon; entry), the smallest first. Entries
// differ, so ties would be a collision of SHA-256; should there be one, the earlier entry is first.
std::vector<std::uint32_t> ranking(const Hashing& hashing, const Digest& seed, const Digest& beacon,
                                   std::span<const Digest> entries);

// ---- the beacon

struct DrandChain {
  std::string hash;  // 64 hex digits: the chain's name
  std::int64_t genesis_s = 0;
  std::int64_t period_s = 0;
  bool operator==(const DrandChain&) const = default;
};
// The public network with a round every 3 s.
DrandChain quicknet();
// When that round is published; empty when no clock reaches so far.
std::optional<Timestamp> round_time(const DrandChain& chain, std::uint64_t round);

struct DrandBeacon {
  DrandChain chain;
  std::uint64_t round = 0;
  std::string url;  // where to look it up, for people; the server never fetches it
  bool operator==(const DrandBeacon&) const = default;
};
// Each party publishes SHA-256 of 32 secret random bytes before; at least `needed` reveal them.
struct PartiesBeacon {
  std::int64_t needed = 0;
  std::vector<Digest> commitments;
  bool operator==(const PartiesBeacon&) const = default;
};
using Beacon = std::variant<DrandBeacon, PartiesBeacon>;

inline constexpr std::size_t kPartiesMax = 64;
// A round must be at least this far ahead when the entries are fixed.
inline constexpr Millis kRoundLead{10'000};

struct DrandRound {
  std::uint64_t round = 0;
  std::string signature;             // raw bytes
  std::optional<Digest> randomness;  // when it was told
  bool operator==(const DrandRound&) const = default;
};
struct Reveal {
  std::int64_t party = 0;  // from 1, in the order of the commitments
  Digest value{};
  bool operator==(const Reveal&) const = default;
};
using Reveals = std::vector<Reveal>;  // by party, rising
using Evidence = std::variant<DrandRound, Reveals>;

// ---- a lottery's life: none, committed, closed, drawn; or abandoned before its ranks are in force

enum class State { none, committed, closed, drawn, abandoned };
std::string_view to_string(State state);

// Everything here is public, but the seed only exists here once it is drawn.
struct Lottery {
  RoomId room;
  std::int64_t number = 0;  // from 1 in each room
  State state = State::none;
  Timestamp committed_at{};
  Digest commitment{};  // SHA-256 of the seed
  Timestamp closed_at{};
  std::uint64_t count = 0;
  Digest root{};
  std::optional<Beacon> beacon;
  Timestamp drawn_at{};
  std::optional<Digest> seed;
  std::optional<Evidence> evidence;
  Digest value{};  // of the beacon
  bool operator==(const Lottery&) const = default;
};

// Both live from the commitment to the draw; the salt key is never published.
struct Secrets {
  Digest seed{};
  Digest salt_key{};
};

enum class Refusal {
  room_not_found,
  not_a_pool,         // the room has no lottery, or is open already
  joining_began,      // the seed must be committed to before anybody has joined
  not_committed,      // nothing to close
  not_closed,         // nothing to draw or to list
  already_closed,     // with another beacon, or nothing can be committed now
  already_drawn,      // with other evidence
  beacon_invalid,     // what was said about the beacon can't be right
  round_not_future,   // the round is known, or nearly so
  round_not_reached,  // nobody can know that round yet
  wrong_evidence,     // another kind, round or party than agreed
  beacon_mismatch,    // the randomness is not the hash of the signature
  reveal_mismatch,    // a value that was not committed to
  too_few_reveals,
  beacon_unavailable,  // the round can't be fetched now
  place_invalid,
  abandoned,  // this lottery was given up
};
std::string_view to_string(Refusal refusal);

// What stands against this beacon when the entries are fixed at `now`.
Result<void, Refused<Refusal>> judge(const Beacon& beacon, Timestamp now);
// The beacon's 32 bytes: a round's are SHA-256(signature); the parties' are SHA-256 of, party by
// party, 0x01 and the value of those who revealed and 0x00 for the others.
Result<Digest, Refused<Refusal>> value_of(const Hashing& hashing, const Beacon& beacon,
                                          const Evidence& evidence, Timestamp now);

}  // namespace onsale::waitroom::lottery
