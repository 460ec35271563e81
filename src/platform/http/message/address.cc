#include "platform/http/message/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace onsale::http {
namespace {

constexpr int kV4Bits = 32;
constexpr int kV6Bits = 128;
constexpr int kEmbeddedFrom = 96;  // where the IPv4 address begins in an IPv6 one that holds it
constexpr int kClientBits = 64;
constexpr std::size_t kTextMax = 64;

using Prefix = std::array<std::uint8_t, 12>;
constexpr Prefix kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
constexpr Prefix kNat64{0, 0x64, 0xFF, 0x9B};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool is_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size();
}

// The host without brackets, port and zone; empty when they are not whole.
std::string_view bare_host(std::string_view text) {
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == text.npos) return {};
    const auto rest = text.substr(end + 1);
    if (!rest.empty() && !(rest.front() == ':' && is_port(rest.substr(1)))) return {};
    text = text.substr(1, end - 1);
    if (text.find(':') == text.npos) return {};
  } else if (std::ranges::count(text, ':') == 1) {
    const auto colon = text.find(':');
    if (!is_port(text.substr(colon + 1))) return {};
    text = text.substr(0, colon);
  }
  if (text.find(':') != text.npos) text = text.substr(0, text.find('%'));
  return text;
}

bool bit(const std::array<std::uint8_t, 16>& bytes, int at) {
  return (bytes[static_cast<std::size_t>(at / 8)] >> (7 - at % 8) & 1) != 0;
}

}  // namespace

std::optional<Address> Address::parse(std::string_view text) {
  text = trimmed(text);
  if (text.size() > kTextMax) return {};
  const std::string host(bare_host(text));
  Address out;
  if (::inet_pton(AF_INET, host.c_str(), out.bytes_.data()) == 1) {
    out.v4_ = true;
    return out;
  }
  std::array<std::uint8_t, 16> bytes{};
  if (::inet_pton(AF_INET6, host.c_str(), bytes.data()) != 1) return {};
  out.v4_ = std::ranges::equal(kMapped, std::span(bytes).first(kMapped.size())) ||
            std::ranges::equal(kNat64, std::span(bytes).first(kNat64.size()));
  if (out.v4_)
    std::copy(bytes.begin() + kEmbeddedFrom / 8, bytes.end(), out.bytes_.begin());
  else
    out.bytes_ = bytes;
  return out;
}

std::string Address::text() const {
  std::array<char, INET6_ADDRSTRLEN> out{};
  ::inet_ntop(v4_ ? AF_INET : AF_INET6, bytes_.data(), out.data(), out.size());
  return out.data();
}

std::string client_key(std::string_view address) {
  const auto known = Address::parse(address);
  if (!known) return std::string(address);
  if (known->v4()) return known->text();
  return {reinterpret_cast<const char*>(known->bytes().data()), kClientBits / 8};
}

Result<Networks::Network, std::string> Networks::one(std::string_view text) {
  const std::string quoted = '"' + std::string(text) + '"';
  const auto slash = text.find('/');
  const auto host = text.substr(0, slash);
  const auto address = Address::parse(host);
  // A block has no port, no brackets and no zone.
  if (!address || host.find_first_of("[]%") != host.npos || std::ranges::count(host, ':') == 1)
    return std::unexpected(quoted + " is no address and no block such as 10.0.0.0/8");
  const bool embedded = address->v4() && host.find(':') != host.npos;
  const int bits_max = address->v4() ? kV4Bits : kV6Bits;
  int bits = bits_max;
  if (slash != text.npos) {
    const auto given = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(given.data(), given.data() + given.size(), bits);
    if (embedded) bits -= kEmbeddedFrom;
    if (error != std::errc() || end != given.data() + given.size() || bits > bits_max)
      return std::unexpected(quoted + " has no prefix length of 1 to " +
                             std::to_string(embedded ? kV6Bits : bits_max));
    if (bits < 1) return std::unexpected(quoted + " is everybody: anyone could name any address");
  }
  for (int i = bits; i < bits_max; ++i) {
    if (bit(address->bytes(), i))
      return std::unexpected(quoted + " has bits behind its prefix: give where the block begins");
  }
  return Network{*address, bits};
}

Result<Networks, std::string> Networks::parse(std::string_view list) {
  Networks out;
  while (!list.empty()) {
    const auto piece = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), piece.size() + 1));
    if (trimmed(piece).empty()) continue;
    auto network = one(trimmed(piece));
    if (!network) return std::unexpected(network.error());
    out.networks_.push_back(*network);
  }
  return out;
}

bool Networks::contains(const Address& address) const {
  return std::ranges::any_of(networks_, [&address](const Network& network) {
    if (network.first.v4() != address.v4()) return false;
    for (int i = 0; i < network.bits; ++i)
      if (bit(network.first.bytes(), i) != bit(address.bytes(), i)) return false;
    return true;
  });
}

bool Networks::contains(std::string_view address) const {
  const auto known = Address::parse(address);
  return known && contains(*known);
}

}  // namespace onsale::http
