#include "waitroom/pace/pace_calibration.h"

#include <algorithm>
#include <cmath>

namespace onsale::waitroom {

namespace {

// A second of grace: below it an error is nobody's business.
constexpr double kSoft = 1.0;
constexpr double kSecond = 1.0;
constexpr double kStep = 0.02;        // of the levels, per comparison
constexpr double kLevelReach = 0.12;  // how far a level may stray from its aim
// Errors of neighbouring moments are alike, so one in a while says as much as all of them, and the
// window reaches far enough back to hold different moments.
constexpr Millis kLearnEvery{8'000};
constexpr double kSecondsMax = 86'400.0 * 7;
// Thirty-two equal parts of a standard normal distribution: the errors before there are any.
constexpr std::array<double, 16> kHalfNormal{0.039, 0.118, 0.197, 0.277, 0.358, 0.443, 0.530, 0.622,
                                             0.720, 0.826, 0.942, 1.074, 1.230, 1.426, 1.701, 2.23};

}  // namespace

Calibration::Calibration() {
  for (Horizon& horizon : horizons_) {
    // Interleaved, so that the ring forgets them evenly.
    for (const double half : kHalfNormal) {
      horizon.scores.push_back(half);
      horizon.scores.push_back(-half);
    }
    refresh(horizon);
  }
}

std::size_t Calibration::horizon_of(double seconds) {
  std::size_t horizon = 0;
  while (seconds >= kHorizons[horizon] && horizon + 1 < kHorizons.size()) ++horizon;
  return horizon;
}

// Of errors in logarithms; half a second of chance besides.
double Calibration::scale(double seconds, double doubt) {
  const double chance = 0.5 / (seconds + kSoft);
  return std::sqrt(doubt * doubt + chance * chance);
}

WaitBand Calibration::band(double seconds, double doubt) const {
  const Horizon& horizon = horizons_[horizon_of(seconds)];
  const double unit = scale(seconds, doubt);
  const auto at = [&](std::size_t i) {
    return std::clamp((seconds + kSoft) * std::exp(horizon.quantiles[i] * unit) - kSoft, 0.0,
                      kSecondsMax);
  };
  // Nobody is told parts of a second, so the band reaches a second to both sides.
  const double middle = at(1);
  return {.p10 = std::max(0.0, std::min(at(0), middle - kSecond)),
          .p50 = middle,
          .p80 = std::max(at(2), middle + kSecond * 0.4),
          .p90 = std::max(at(3), middle + kSecond)};
}

// One estimate per person and length of wait, evenly in time, and no more than fit.
void Calibration::said(Sequence place, Timestamp now, double seconds, double doubt,
                       const WaitBand& band) {
  const std::size_t horizon = horizon_of(seconds);
  if (place == 0 || now < keep_again_[horizon]) return;
  const std::uint64_t id = key(place, horizon);
  if (kept_.contains(id)) return;
  const double spacing_ms = std::max(100.0, 1000.0 * seconds * 8 / kKeptMax);
  keep_again_[horizon] = now + Millis(static_cast<std::int64_t>(spacing_ms));
  if (kept_.size() >= kKeptMax) kept_.erase(kept_.begin());
  kept_.emplace(id, Kept{.at = now, .seconds = seconds, .doubt = doubt, .band = band});
}

void Calibration::came(Sequence place, Timestamp at) {
  for (std::size_t horizon = 0; horizon < kHorizons.size(); ++horizon) {
    const auto found = kept_.find(key(place, horizon));
    if (found == kept_.end()) continue;
    learn(horizon, found->second, at);
    kept_.erase(found);
  }
}

void Calibration::went(Sequence place) {
  for (std::size_t horizon = 0; horizon < kHorizons.size(); ++horizon) {
    kept_.erase(key(place, horizon));
  }
}

void Calibration::supersede() {
  superseded_ += static_cast<std::int64_t>(kept_.size());
  kept_.clear();
}

void Calibration::learn(std::size_t number, const Kept& said, Timestamp now) {
  const double real = static_cast<double>((now - said.at).count()) / 1000.0;
  const Outcome outcome{.p10 = real <= said.band.p10,
                        .p50 = real <= said.band.p50,
                        .p80 = real <= said.band.p80,
                        .p90 = real <= said.band.p90,
                        .error = std::abs(real - said.band.p50) / std::max(real, kSoft)};
  if (outcomes_.size() < kOutcomes) {
    outcomes_.push_back(outcome);
  } else {
    outcomes_[next_outcome_] = outcome;
    next_outcome_ = (next_outcome_ + 1) % kOutcomes;
  }
  if (!learns_) return;
  Horizon& horizon = horizons_[number];
  if (now < horizon.learned + kLearnEvery) return;
  horizon.learned = now;
  const double score =
      std::log((real + kSoft) / (said.seconds + kSoft)) / scale(said.seconds, said.doubt);
  if (horizon.scores.size() < kScores) {
    horizon.scores.push_back(score);
  } else {
    horizon.scores[horizon.next++ % kScores] = score;
  }
  const std::array<bool, 4> covered{outcome.p10, outcome.p50, outcome.p80, outcome.p90};
  for (std::size_t i = 0; i < kAims.size(); ++i) {
    const double moved = horizon.levels[i] + kStep * (kAims[i] - (covered[i] ? 1.0 : 0.0));
    horizon.levels[i] = std::clamp(moved, std::max(kAims[i] - kLevelReach, 0.01),
                                   std::min(kAims[i] + kLevelReach, 0.99));
    if (i > 0) horizon.levels[i] = std::max(horizon.levels[i], horizon.levels[i - 1]);
  }
  refresh(horizon);
}

void Calibration::refresh(Horizon& horizon) {
  std::vector<double> sorted = horizon.scores;
  std::ranges::sort(sorted);
  for (std::size_t i = 0; i < kAims.size(); ++i) {
    const double place = horizon.levels[i] * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const double part = place - static_cast<double>(below);
    const double above = sorted[std::min(below + 1, sorted.size() - 1)];
    horizon.quantiles[i] = sorted[below] * (1 - part) + above * part;
  }
}

CalibrationReport Calibration::report() const {
  CalibrationReport report{.count = static_cast<std::int64_t>(outcomes_.size()),
                           .superseded = superseded_};
  if (outcomes_.empty()) return report;
  const double count = static_cast<double>(outcomes_.size());
  std::vector<double> errors;
  for (const Outcome& outcome : outcomes_) {
    report.p50_covered += outcome.p50 / count;
    report.p80_covered += outcome.p80 / count;
    report.p90_covered += outcome.p90 / count;
    report.band_covered += (outcome.p90 && !outcome.p10) / count;
    errors.push_back(outcome.error);
  }
  const auto middle = errors.begin() + static_cast<std::ptrdiff_t>(errors.size() / 2);
  std::ranges::nth_element(errors, middle);
  report.median_error = *middle;
  return report;
}

}  // namespace onsale::waitroom
