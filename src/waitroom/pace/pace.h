// How fast the line really moves, and what that says about a wait. Measures durable admissions,
// drop-outs and how long slots are held; runs the room's near future ahead from them and from the
// settings (at most once a second, at once when the settings change); reads everybody's wait off
// that. What was said is compared with what came (pace_calibration.h), and the bands follow.
// Bounded: nothing here grows with the line. Thread: none of its own; the room's mutex.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/control.h"
#include "waitroom/pace/pace_calibration.h"
#include "waitroom/pace/pace_turnover.h"
#include "waitroom/waitroom.h"

namespace onsale::waitroom {

// Why waits are longer than what was said some minutes ago.
enum class EtaRise { none, paused, rate_cut, capacity_cut, slower_turnover, fewer_drop_outs };
std::string_view to_string(EtaRise rise);

// A room as it is now.
struct PaceRoom {
  const Settings& settings;
  std::int64_t waiting = 0;
  std::int64_t active = 0;
  std::int64_t nodes = 1;
};

// Somebody who asks how long it takes.
struct PaceAsker {
  Sequence place = 0;         // 0: what is said is not checked later
  std::int64_t position = 0;  // admissions until theirs, this one included, over all lanes before
  double share = 1;           // of all admissions that go to those lanes
  Timestamp joined{};         // no wait has grown for who came after that
};

// One of those who wait, for survey().
struct PaceSample {
  double depth = 0;  // position / waiting, 0 to 1
  Timestamp joined_at{}, seen_at{};
  bool heard = true;  // since joining
};

struct Forecast {
  WaitBand band;
  EtaRise rise = EtaRise::none;
  Eta eta() const;  // in whole seconds, rounded up
};

class Pace {
 public:
  // Facts, when they are durable. Somebody was admitted from the line.
  void called(Timestamp at, Sequence place);
  // Left the line without admission; `lived` is the time from joining to the last sign of life, an
  // hour or more when it is not known.
  void gone(Timestamp at, Sequence place, Millis lived, bool by_themselves);
  // A slot came free after `held`; a no-show never used it.
  void freed(Timestamp at, Millis held, bool no_show);
  // After a restart, once for everybody inside: takes the place of what the replay had counted.
  void inside(Timestamp admitted_at);

  // The room now; several times a second. A change of settings counts from here.
  void observe(const PaceRoom& room, Timestamp now);
  // True once in a while: give survey() some random people in line (kSurvey are plenty).
  bool wants_survey(Timestamp now);
  static constexpr std::size_t kSurvey = 128;
  void survey(std::span<const PaceSample> people, Timestamp now);

  // Empty when nothing can be said: nobody is being admitted, by setting or in fact; rise() says
  // why. O(1); bounded.
  std::optional<Forecast> forecast(const PaceAsker& asker, const PaceRoom& room, Timestamp now);
  // Why waits rose in the last ten minutes, for who joined then or earlier.
  EtaRise rise(Timestamp now, Timestamp joined = {}) const;
  CalibrationReport calibration() const { return calibration_.report(); }

  // Rules that a negative control takes away.
  struct Guards {
    Guard calibrate{};        // move the bands after what came
    Guard notice_settings{};  // a change counts at once
    Guard count_drop_outs{};
    Guard honest_start{};  // a wide band while nothing is known, not half a session
    bool operator==(const Guards&) const = default;
  };
  void guards(const Guards& guards);

 private:
  static constexpr std::size_t kSeconds = 64;
  static constexpr Millis kMemory{600'000};  // of reasons and of drop-outs
  static constexpr std::size_t kDepths = 8;
  struct Second {
    std::int64_t number = -1;  // Unix seconds
    std::int64_t admitted = 0;
  };
  struct Limits {  // what an operator sets
    Mode mode = Mode::closed;
    std::int64_t rate = 0, capacity = 0, session_seconds = 0;
    bool operator==(const Limits&) const = default;
  };
  struct Point {
    double at = 0;      // seconds from now
    double called = 0;  // admissions by then, each weighed by those who dropped out before it
  };
  struct Drivers {  // of the speed, every few seconds
    Timestamp at{};
    double drop = 0;
    std::array<double, 2> waits{};  // of somebody near and somebody far
  };
  struct Cut {
    EtaRise why = EtaRise::none;
    Timestamp at{};     // when it was last in force
    Timestamp began{};  // whoever came later has seen no other wait
    std::int64_t before = 0;
  };

  static Limits limits_of(const PaceRoom& room);
  void notice(const Limits& limits, Timestamp now);
  void remember_drivers(Timestamp now);
  double typical(double position) const;
  EtaRise driven() const;
  std::int64_t admitted_since(std::int64_t second) const;
  double hazard() const;  // of dropping out, per second
  double fading(double depth) const;
  struct Ahead;  // the room in the near future
  void look_ahead(const PaceRoom& room, Timestamp now);
  void step_ahead(Ahead& ahead, double step) const;
  Ahead start_ahead(const PaceRoom& room, Timestamp now) const;
  double wait_for(double called) const;
  double doubt(double position, double silent, double wait) const;
  // How long slots are held, before anybody gave one back: two bounds.
  struct Held {
    double least = 0, most = 0;
    double middle() const;
    double doubt() const;
  };
  Held guess(const Settings& settings, std::int64_t nodes) const;

  std::array<Second, kSeconds> seconds_{};
  Turnover turnover_;
  Calibration calibration_;
  Guards guards_;
  Timestamp last_{};
  bool restarting_ = false;

  // Drop-outs: of people who had been there, per second of waiting.
  double drop_exposure_ = 0, drops_ = 0, leaves_ = 0;
  Timestamp exposed_{};
  std::int64_t waiting_ = 0;
  std::array<double, kDepths> fading_{};  // share of the silent, by depth
  double never_back_ = 0;                 // share of newcomers who are never seen again
  double came_once_ = 0;                  // share of the silent who were never seen again
  Timestamp surveyed_{};

  std::optional<Limits> limits_;
  Cut cut_;
  std::deque<Drivers> drivers_;
  EtaRise driven_ = EtaRise::none;  // what they say
  Timestamp driven_since_{};

  std::vector<Point> points_;  // the room's near future
  Timestamp looked_{};
  double final_rate_ = 0, final_growth_ = 0;  // after the last point
  bool slots_limit_ = false;
  double assumed_ = 1;  // share of the turnover that was not seen yet
  double doubt_of_assumed_ = 0;
  double full_after_ = 0;  // seconds until the free slots are taken
  double hazard_used_ = 0;
};

// When to ask again: one to two seconds near the front, up to ten far back, spread by `place`.
Millis poll_after(std::int64_t position, std::uint64_t place, Timestamp now);

}  // namespace onsale::waitroom
