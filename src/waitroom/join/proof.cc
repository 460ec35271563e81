#include "waitroom/join/proof.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>

#include "waitroom/varint.h"

namespace onsale::waitroom {

namespace {

constexpr std::string_view kKind = "waitroom-challenge";
constexpr std::uint64_t kFormat = 1;

std::string_view view(const auto& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::optional<Challenge> decode(std::string_view payload) {
  ByteReader reader(payload);
  if (reader.varint() != kFormat) return {};
  Challenge c;
  c.room = std::string(reader.text());
  const std::uint64_t epoch = reader.varint();
  c.epoch = static_cast<std::uint32_t>(epoch);
  c.binding.to_device = reader.varint() == 1;
  const std::string_view binding = reader.bytes(c.binding.value.size());
  c.issued_at = from_unix_ms(reader.signed_varint());
  c.expires_at = from_unix_ms(reader.signed_varint());
  c.bits = reader.signed_varint();
  c.count = reader.signed_varint();
  const std::string_view nonce = reader.bytes(c.nonce.size());
  if (reader.failed() || !reader.done() || epoch != c.epoch) return {};
  std::memcpy(c.binding.value.data(), binding.data(), binding.size());
  std::memcpy(c.nonce.data(), nonce.data(), nonce.size());
  return c;
}

std::string encode(const Challenge& c) {
  std::string out;
  put_varint(out, kFormat);
  put_text(out, c.room);
  put_varint(out, c.epoch);
  put_varint(out, c.binding.to_device ? 1 : 0);
  out += view(c.binding.value);
  put_signed(out, to_unix_ms(c.issued_at));
  put_signed(out, to_unix_ms(c.expires_at));
  put_signed(out, c.bits);
  put_signed(out, c.count);
  out += view(c.nonce);
  return out;
}

}  // namespace

std::string_view to_string(ProofFault fault) {
  switch (fault) {
    case ProofFault::forged:
      return "forged";
    case ProofFault::foreign:
      return "foreign";
    case ProofFault::expired:
      return "expired";
    case ProofFault::wrong_count:
      return "wrong_count";
    case ProofFault::duplicate:
      return "duplicate";
    case ProofFault::insufficient:
      return "insufficient";
  }
  return "forged";
}

std::optional<NetworkPrefix> wider(const NetworkPrefix& prefix) {
  if (prefix.bytes[0] != 6) return {};
  NetworkPrefix wide = prefix;
  wide.bytes[0] = 48;  // tells it from the /56 that ends in 0
  wide.bytes[7] = 0;
  return wide;
}

ProofBinding binding_of(const std::optional<DeviceKey>& device, const NetworkPrefix& prefix) {
  if (device) return {.to_device = true, .value = *device};
  ProofBinding binding;
  std::copy(prefix.bytes.begin(), prefix.bytes.end(), binding.value.begin());
  return binding;
}

Challenge make_challenge(const ChallengeRequest& request, Random& random, Timestamp now) {
  Challenge challenge{.room = request.room.str(),
                      .epoch = request.epoch,
                      .binding = request.binding,
                      .issued_at = now,
                      .expires_at = now + kChallengeLife,
                      .bits = std::clamp<std::int64_t>(request.bits, 1, kProofBitsMost),
                      .count = std::clamp<std::int64_t>(request.count, 1, kProofCountMost)};
  random.fill(std::as_writable_bytes(std::span(challenge.nonce)));
  return challenge;
}

std::string sign(ProofCrypto& crypto, const Challenge& challenge) {
  return crypto.sign(kKind, encode(challenge));
}

Result<Challenge, ProofFault> open_challenge(ProofCrypto& crypto, std::string_view token,
                                             const ProofExpected& expected, Timestamp now,
                                             const ProofGuards& guards) {
  if (token.empty() || token.size() > kProofTokenMax) return std::unexpected(ProofFault::forged);
  const auto payload = crypto.open(kKind, token, now);
  if (!payload) return std::unexpected(ProofFault::forged);
  auto challenge = decode(*payload);
  if (!challenge) return std::unexpected(ProofFault::forged);
  const bool ours = challenge->room == expected.room.str() && challenge->epoch == expected.epoch &&
                    challenge->binding == expected.binding;
  if (!ours && guards.binding) return std::unexpected(ProofFault::foreign);
  return std::move(*challenge);
}

int zero_bits(ProofCrypto& crypto, std::string_view token, std::uint64_t number) {
  std::array<char, kProofTokenMax + 24> text;
  if (token.size() > kProofTokenMax) return 0;
  char* end = std::copy(token.begin(), token.end(), text.data());
  *end++ = '.';
  end = std::to_chars(end, text.data() + text.size(), number).ptr;
  const auto digest = crypto.sha256({text.data(), static_cast<std::size_t>(end - text.data())});
  int bits = 0;
  for (const std::uint8_t byte : digest) {
    bits += std::countl_zero(byte);
    if (byte != 0) break;
  }
  return bits;
}

std::optional<ProofFault> check_solutions(ProofCrypto& crypto, std::string_view token,
                                          const Challenge& challenge,
                                          std::span<const std::uint64_t> numbers,
                                          const ProofGuards& guards) {
  if (std::cmp_not_equal(numbers.size(), challenge.count)) return ProofFault::wrong_count;
  const auto rises = std::ranges::adjacent_find(numbers, std::ranges::greater_equal{});
  if (rises != numbers.end() && guards.distinct) return ProofFault::duplicate;
  for (const std::uint64_t number : numbers) {
    if (!guards.work) break;
    if (zero_bits(crypto, token, number) < challenge.bits) return ProofFault::insufficient;
  }
  return {};
}

}  // namespace onsale::waitroom
