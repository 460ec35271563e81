// How long slots are held, and what that says about the slots that will come free. Learns from
// people still inside as well as from those who went (occurrences over exposure, by age), so that
// the first who leave do not make everybody look quick.
#pragma once

#include <array>
#include <cstdint>
#include <map>

#include "base/time.h"

namespace onsale::waitroom {

class Turnover {
 public:
  // Edges of the ages at which the chance to leave is measured, in seconds.
  static constexpr std::array<double, 28> kAges{
      0,   10,  20,  30,  45,  60,  80,   100,  120,  150,  180,  210,  240,    300,
      360, 420, 480, 600, 720, 900, 1200, 1500, 1800, 2400, 3600, 7200, 14'400, 43'200};
  using ByAge = std::array<double, kAges.size()>;

  void entered(Timestamp at, std::int64_t count = 1);
  // A slot was given back at `at`, after `held`.
  void left(Timestamp at, Millis held);
  // The same for somebody who never came: says nothing about those who do.
  void never_came(Timestamp at, Millis held);
  // Nobody is inside; what was learned stays.
  void empty() {
    cohorts_.clear();
    inside_ = 0;
  }
  // Counts the exposure up to `now`. Cheap within the same second.
  void advance(Timestamp now);

  std::int64_t inside() const { return inside_; }
  // Of the last minutes: slots per second that nobody came for.
  double no_shows_per_second() const { return no_shows_ / kNoShowMemorySeconds; }
  // People inside by age at the last advance().
  const ByAge& ages() const { return ages_; }
  // Chance to leave per second, by age. Ages that nobody reached yet are taken to be like the
  // others, and before anybody left, as if slots were held for `usual_seconds`.
  ByAge hazards(double usual_seconds) const;
  // 0 to 1: how much of the mean is still assumed instead of seen.
  double assumed(const ByAge& hazards, double session_seconds) const;
  // Mean seconds that a slot is held.
  static double mean_held(const ByAge& hazards, double session_seconds);
  static std::size_t bin(double age_seconds);
  static double width(std::size_t bin);

 private:
  static constexpr double kNoShowMemorySeconds = 60;
  void forget(Timestamp admitted_at);

  std::map<std::int64_t, std::int64_t> cohorts_;  // first ms -> people still inside
  std::int64_t inside_ = 0;
  Timestamp advanced_{};
  ByAge ages_{}, exposure_{}, leaves_{};
  double no_shows_ = 0;
};

}  // namespace onsale::waitroom
