// Rules that a negative control takes away, to see that the tests notice. Only a build of the tests
// (ONSALE_TESTS) can take one away; in every other build a guard is `true` at compile time, and
// nothing that says otherwise compiles.
//
//   struct Guards {
//     Guard rate{};  // admissions keep to the minute's rate
//   };
//   if (guards.rate) allowed = std::min(allowed, rate);
#pragma once

#include <type_traits>

#ifndef ONSALE_CONTROLS
#error "a module with guards links onsale_control"
#endif

namespace onsale {

class Guard {
 public:
  constexpr Guard() = default;
  bool operator==(const Guard&) const = default;
#if ONSALE_CONTROLS
  constexpr Guard(bool on) : on_(on) {}  // `.rate = false` reads as what it is
  constexpr explicit operator bool() const { return on_; }

 private:
  bool on_ = true;
#else
  constexpr explicit operator bool() const { return true; }
#endif
};

#if !ONSALE_CONTROLS
static_assert(!std::is_constructible_v<Guard, bool> && !std::is_assignable_v<Guard&, bool> &&
              Guard{} && std::is_empty_v<Guard>);
#endif

}  // namespace onsale
