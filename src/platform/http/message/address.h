// Client addresses, in all the forms that proxies write them in, and whose limits they count for.
// Thread: any.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace onsale::http {

// One host. An IPv4 client that comes as ::ffff:192.0.2.7 or through a NAT64 as 64:ff9b::192.0.2.7
// (RFC 6052) is the same client as 192.0.2.7.
class Address {
 public:
  // "192.0.2.7", "2001:db8::7", each also with a port ("192.0.2.7:443", "[2001:db8::7]:443"), in
  // brackets or with a zone ("fe80::7%eth0"); empty for anything else.
  static std::optional<Address> parse(std::string_view text);

  bool v4() const { return v4_; }
  const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }  // the first four of IPv4
  std::string text() const;
  bool operator==(const Address&) const = default;

 private:
  std::array<std::uint8_t, 16> bytes_{};
  bool v4_ = false;
};

// Whose bucket an address draws from, for every limit there is: an IPv4 address by itself, of IPv6
// the /64 that a client has at least. What is no address stands for itself.
std::string client_key(std::string_view address);

// Which hosts are ours.
class Networks {
 public:
  // Addresses and CIDR blocks, separated by commas: "10.0.0.0/8, 2001:db8::/32, ::1". A reason that
  // names the piece for anything else, bits behind the prefix and blocks of everybody included.
  static Result<Networks, std::string> parse(std::string_view list);

  bool contains(const Address& address) const;
  bool contains(std::string_view address) const;  // false for what is none

 private:
  struct Network {
    Address first;
    int bits = 0;  // of the prefix
  };
  static Result<Network, std::string> one(std::string_view text);

  std::vector<Network> networks_;
};

}  // namespace onsale::http
