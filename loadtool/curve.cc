#include "loadtool/curve.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace onsale::load {
namespace {

constexpr std::array<std::pair<CurveKind, std::string_view>, 5> kNames{{
    {CurveKind::flat, "flat"},
    {CurveKind::ramp, "ramp"},
    {CurveKind::spike, "spike"},
    {CurveKind::stampede, "stampede"},
    {CurveKind::tail, "tail"},
}};

// Ebbs away as e^-4t, cut off at 1.
double ebb(double u) {
  constexpr double kRate = 4;
  return -std::log(1 - u * (1 - std::exp(-kRate))) / kRate;
}

// A long tail: as dense as 1 / (1 + 50 t), cut off at 1.
double long_tail(double u) {
  constexpr double kSteep = 50;
  return (std::exp(u * std::log1p(kSteep)) - 1) / kSteep;
}

}  // namespace

std::optional<CurveKind> curve_named(std::string_view name) {
  for (const auto& [kind, its] : kNames)
    if (its == name) return kind;
  return {};
}

std::string_view name_of(CurveKind kind) {
  return std::ranges::find(kNames, kind, &std::pair<CurveKind, std::string_view>::first)->second;
}

double arrival_s(const Arrivals& a, double u) {
  switch (a.curve) {
    case CurveKind::flat:
      return a.at_s + u * a.over_s;
    case CurveKind::ramp:
      return a.at_s + std::sqrt(u) * a.over_s;
    case CurveKind::spike:
      if (u < a.share) return a.at_s + u / a.share * a.spike_s;
      return (u - a.share) / (1 - a.share) * (a.at_s + a.over_s);
    case CurveKind::stampede: {
      if (u < 0.5) return a.at_s + 2 * u;
      return a.at_s + 1 + ebb(2 * u - 1) * std::max(0.0, a.over_s - 1);
    }
    case CurveKind::tail:
      return a.at_s + long_tail(u) * a.over_s;
  }
  return 0;
}

}  // namespace onsale::load
