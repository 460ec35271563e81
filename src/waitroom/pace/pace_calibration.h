// Were the waits that people were told true? Keeps a bounded sample of what was said, compares it
// with what came, and moves the quantiles that are said next: an online form of conformal
// prediction (adaptive quantile levels over a sliding window of errors, per length of wait).
#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "base/control.h"
#include "base/time.h"
#include "waitroom/line/line_index.h"

namespace onsale::waitroom {

// Seconds until admission, not rounded: of ten people one waits no longer than p10, and so on.
struct WaitBand {
  double p10 = 0, p50 = 0, p80 = 0, p90 = 0;
};

// How true the latest estimates were, for the operator. Shares are 0 to 1.
struct CalibrationReport {
  std::int64_t count = 0;       // estimates compared with real waits, of the latest 2,000
  std::int64_t superseded = 0;  // since the start: withdrawn by a change of settings
  double p50_covered = 0, p80_covered = 0, p90_covered = 0;
  double band_covered = 0;  // between p10 and p90
  double median_error = 0;  // |real - p50| / real
};

class Calibration {
 public:
  Calibration();

  // Puts what was learned around a plain estimate. `doubt` is the size of its error that one would
  // expect without having learned anything, as a share of it.
  WaitBand band(double seconds, double doubt) const;
  // Remembers (a sample of) what was said to `place`. Place 0 is nobody.
  void said(Sequence place, Timestamp now, double seconds, double doubt, const WaitBand& band);
  void came(Sequence place, Timestamp at);  // was admitted
  void went(Sequence place);                // left the line without being admitted
  // Settings changed: what was said before can't come true, and everybody is told anew.
  void supersede();

  CalibrationReport report() const;
  std::size_t kept() const { return kept_.size(); }

  // Without this guard the plain quantiles are said for ever.
  void learn(Guard on) { learns_ = on; }

 private:
  static constexpr std::array<double, 4> kAims{0.1, 0.5, 0.8, 0.9};
  static constexpr std::array<double, 5> kHorizons{20, 60, 240, 900, 1e18};  // seconds
  static constexpr std::size_t kScores = 192;                                // per horizon
  static constexpr std::size_t kKeptMax = 8'192;
  static constexpr std::size_t kOutcomes = 2'000;

  struct Horizon {
    std::vector<double> scores;  // a ring
    std::uint64_t next = 0;
    std::array<double, 4> levels = kAims;  // asked of the window so that the aims come true
    std::array<double, 4> quantiles{};
    Timestamp learned{};
  };
  struct Kept {
    Timestamp at{};
    double seconds = 0, doubt = 0;
    WaitBand band;
  };
  struct Outcome {
    bool p10, p50, p80, p90;
    double error;
  };

  static std::size_t horizon_of(double seconds);
  static double scale(double seconds, double doubt);
  static std::uint64_t key(Sequence place, std::size_t horizon) { return place * 8 + horizon; }
  void learn(std::size_t horizon, const Kept& said, Timestamp now);
  static void refresh(Horizon& horizon);

  std::array<Horizon, kHorizons.size()> horizons_;
  std::unordered_map<std::uint64_t, Kept> kept_;
  std::array<Timestamp, kHorizons.size()> keep_again_{};
  std::vector<Outcome> outcomes_;  // a ring
  std::size_t next_outcome_ = 0;
  std::int64_t superseded_ = 0;
  Guard learns_{};
};

}  // namespace onsale::waitroom
