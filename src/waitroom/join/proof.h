// Proof of work before a place (no state before proof). A challenge carries everything the server
// wants to know about it later, under a keyed hash of ours, so the server remembers nothing about
// those it asked. Who was asked brings the token back with `count` numbers n, strictly rising, such
// that SHA-256(token + "." + n), n in decimal, begins with `bits` zero bits. Checking that costs
// one keyed hash and at most `count` SHA-256; finding them costs count * 2^bits on average: with 17
// bits and 4 numbers 524,288 hashes, about a second of a phone.
// One proof is worth one place without any memory: it names the device it was asked for, and where
// no device was shown the device follows from the token, so that whoever replays it finds the same
// place. Pure rules; thread: any.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/control.h"
#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "waitroom/waitroom.h"

namespace onsale::waitroom {

inline constexpr Millis kChallengeLife{120'000};
inline constexpr std::int64_t kProofBitsMost = 28;   // whatever is configured and whoever asks
inline constexpr std::int64_t kProofCountMost = 16;  // solutions that are ever looked at
inline constexpr std::size_t kProofTokenMax = 400;   // characters; longer ones are refused unread

// Keyed hashes and digests, with keys that outlive the process. Thread: any; no I/O.
class ProofCrypto {
 public:
  virtual ~ProofCrypto() = default;
  // A token of ours as text that needs no escaping anywhere. Every token has exactly one spelling.
  // What is signed as one kind does not open as another.
  virtual std::string sign(std::string_view kind, std::string_view payload) = 0;
  // The payload; empty for what we did not sign, or with a key that is gone.
  virtual std::optional<std::string> open(std::string_view kind, std::string_view token,
                                          Timestamp now) = 0;
  virtual std::array<std::uint8_t, 32> sha256(std::string_view text) = 0;
  // The device cookie that belongs to `seed`, a token of ours or any other text: always the same,
  // and nobody else can tell it.
  virtual std::string device_cookie(std::string_view kind, std::string_view seed,
                                    Timestamp now) = 0;
  // What the waiting room knows a device cookie by.
  virtual DeviceKey device_key(std::string_view cookie) = 0;
};

// The part of an address that one household or one farm shares: IPv4 /24, IPv6 /56; mapped IPv4 is
// IPv4. What is no address at all is one prefix of its own.
struct NetworkPrefix {
  using Bytes = std::array<std::uint8_t, 8>;  // 4, 6 or 0, then the network's bytes
  // Nobody's by default: who forgets to say one would put everybody into the same.
  explicit NetworkPrefix(Bytes said) : bytes(said) {}
  Bytes bytes;
  auto operator<=>(const NetworkPrefix&) const = default;
};
// What one customer of a provider may own whole: the /48 of an IPv6 prefix; nothing wider for IPv4.
std::optional<NetworkPrefix> wider(const NetworkPrefix& prefix);

// Whom a challenge was given to: the device when one was shown, else only the network.
struct ProofBinding {
  bool to_device = false;
  DeviceKey value{};
  bool operator==(const ProofBinding&) const = default;
};
ProofBinding binding_of(const std::optional<DeviceKey>& device, const NetworkPrefix& prefix);

// Rules that a negative control takes away, to see their properties fail.
struct ProofGuards {
  Guard binding{};      // a challenge is for who was asked, in this room
  Guard expiry{};       // and for two minutes
  Guard distinct{};     // the numbers rise, so each counts once
  Guard work{};         // the numbers are solutions
  Guard same_device{};  // a proof without a device is always the same device
  Guard quota{};        // a network that took its share goes on in the slow lane
};

struct Challenge {
  std::string room;
  std::uint32_t epoch = 0;
  ProofBinding binding;
  Timestamp issued_at{}, expires_at{};
  std::int64_t bits = 0;
  std::int64_t count = 0;
  std::array<std::uint8_t, 12> nonce{};
  bool operator==(const Challenge&) const = default;
};

enum class ProofFault {
  forged,        // no challenge of ours, or changed
  foreign,       // for another room, another device or another network
  expired,       // more than two minutes old
  wrong_count,   // not as many numbers as were asked for
  duplicate,     // they do not rise strictly, so one may count twice
  insufficient,  // one of them does not have enough zero bits
};
std::string_view to_string(ProofFault fault);

// What the one who asks to join would have to be told in any case.
struct ChallengeRequest {
  const RoomId& room;
  std::uint32_t epoch = 0;
  ProofBinding binding;
  std::int64_t bits = 0, count = 0;  // cut to what is ever asked
};
Challenge make_challenge(const ChallengeRequest& request, Random& random, Timestamp now);

std::string sign(ProofCrypto& crypto, const Challenge& challenge);

struct ProofExpected {
  const RoomId& room;
  std::uint32_t epoch = 0;
  ProofBinding binding;
};
// The challenge behind a token, when it is ours and for this caller; it may have expired. Refuses
// with forged or foreign.
Result<Challenge, ProofFault> open_challenge(ProofCrypto& crypto, std::string_view token,
                                             const ProofExpected& expected, Timestamp now,
                                             const ProofGuards& guards = {});
// Empty when `numbers` solve it. Everything that is free is looked at before anything is hashed.
std::optional<ProofFault> check_solutions(ProofCrypto& crypto, std::string_view token,
                                          const Challenge& challenge,
                                          std::span<const std::uint64_t> numbers,
                                          const ProofGuards& guards = {});

// SHA-256(token + "." + number) begins with this many zero bits.
int zero_bits(ProofCrypto& crypto, std::string_view token, std::uint64_t number);

}  // namespace onsale::waitroom
