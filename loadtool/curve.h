// Arrival curves: how many come when.
#pragma once

#include <optional>
#include <string_view>

namespace onsale::load {

enum class CurveKind {
  flat,      // evenly over over_s
  ramp,      // more and more, the most at the end
  spike,     // `share` of all within spike_s from at_s on, the others evenly over over_s
  stampede,  // "20:00:00": half of all in the first second from at_s on, the others ebbing away
  tail,      // the most at once, then ever fewer, over over_s
};
std::optional<CurveKind> curve_named(std::string_view name);
std::string_view name_of(CurveKind kind);

struct Arrivals {
  CurveKind curve = CurveKind::flat;
  double over_s = 10;
  double at_s = 0;
  double share = 0.7;
  double spike_s = 1;
};

// When the one at `u` of all comes, 0 <= u < 1; in seconds from the start, at most at_s + over_s.
double arrival_s(const Arrivals& arrivals, double u);

}  // namespace onsale::load
