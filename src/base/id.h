// Typed, time-ordered ids: `res_01KAJ…`. 48 bits of milliseconds and 80 random bits, printed in
// Crockford's base 32 behind the kind's prefix (the ULID layout), 27 to 31 characters in all.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/time.h"

namespace onsale {

struct RawId {
  std::uint64_t high = 0;  // 48 bits of Unix milliseconds, 16 random bits
  std::uint64_t low = 0;   // 64 random bits
  auto operator<=>(const RawId&) const = default;
};

std::string format_id(std::string_view prefix, RawId id);
std::optional<RawId> parse_id(std::string_view prefix, std::string_view text);
RawId make_raw_id(Timestamp now, Random& random);

// Kind is a struct with `static constexpr std::string_view prefix`, two to four letters.
template <class Kind>
class Id {
 public:
  Id() = default;
  explicit Id(RawId raw) : raw_(raw) {}
  static Id make(Timestamp now, Random& random) { return Id(make_raw_id(now, random)); }
  // Empty for anything that format() could not have written.
  static std::optional<Id> parse(std::string_view text) {
    const auto raw = parse_id(Kind::prefix, text);
    if (!raw) return {};
    return Id(*raw);
  }
  std::string str() const { return format_id(Kind::prefix, raw_); }
  RawId raw() const { return raw_; }
  auto operator<=>(const Id&) const = default;

 private:
  RawId raw_;
};

}  // namespace onsale

template <class Kind>
struct std::hash<onsale::Id<Kind>> {
  std::size_t operator()(const onsale::Id<Kind>& id) const noexcept {
    return static_cast<std::size_t>(id.raw().low ^ (id.raw().high * 0x9E3779B97F4A7C15ULL));
  }
};
