#include "waitroom/pace/pace.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "waitroom/settings.h"

namespace onsale::waitroom {

namespace {

constexpr double kWaitSecondsMax = 86'400.0 * 7;
constexpr Millis kDriversEvery{5'000};
constexpr Millis kSurveyEvery{2'000};
constexpr Millis kSurveyGood{15'000};
constexpr Millis kSilent{16'000};    // longer than any page waits: the engine passes them
constexpr Millis kFirstWord{3'000};  // and a new page says something at once
constexpr Millis kOnce{15'000};      // seen for less than this: came once, never again
constexpr Millis kUnknown{3'600'000};
constexpr double kFine = 120;  // seconds ahead that are looked at one by one
constexpr double kDoubtOfRate = 0.01;
constexpr double kDoubtOfSlots = 0.06;
constexpr double kDoubtOfAssumed = 0.6;
constexpr double kHeldLeast = 10;        // seconds; nobody chooses and pays in less
constexpr double kNinetyPercent = 1.28;  // standard deviations
constexpr double kDoubtOfDropOuts = 0.3;
constexpr std::size_t kPointsMax = 320;
constexpr double kGrowthMax = 50;
constexpr double kAssumedWaiting = 600;   // seconds of waiting without a drop-out
constexpr double kNear = 64, kFar = 512;  // positions
constexpr double kUsualGrace = 120;       // seconds until the silent are gone
constexpr double kNoticed = 1.1;          // a driver that changed by less explains nothing

double seconds(Millis span) { return static_cast<double>(span.count()) / 1000.0; }

std::int64_t whole_seconds(double value) {
  return static_cast<std::int64_t>(std::ceil(std::clamp(value, 0.0, kWaitSecondsMax)));
}

}  // namespace

std::string_view to_string(EtaRise rise) {
  switch (rise) {
    case EtaRise::none:
      return "none";
    case EtaRise::paused:
      return "paused";
    case EtaRise::rate_cut:
      return "rate_cut";
    case EtaRise::capacity_cut:
      return "capacity_cut";
    case EtaRise::slower_turnover:
      return "slower_turnover";
    case EtaRise::fewer_drop_outs:
      return "fewer_drop_outs";
  }
  return "none";
}

Eta Forecast::eta() const {
  return {.p50_seconds = whole_seconds(band.p50),
          .p80_seconds = whole_seconds(band.p80),
          .p90_seconds = whole_seconds(band.p90)};
}

void Pace::guards(const Guards& guards) {
  guards_ = guards;
  calibration_.learn(guards.calibrate);
}

void Pace::called(Timestamp at, Sequence place) {
  last_ = std::max(last_, at);
  const std::int64_t number = to_unix_ms(at) / 1000;
  Second& second = seconds_[static_cast<std::size_t>(number) % kSeconds];
  if (second.number != number) second = {.number = number};
  ++second.admitted;
  turnover_.entered(at);
  if (place != 0) calibration_.came(place, at);
}

void Pace::gone(Timestamp at, Sequence place, Millis lived, bool by_themselves) {
  last_ = std::max(last_, at);
  // Who came once is foreseen by the survey; the others may be any of those who are still there.
  if (by_themselves) {
    drops_ += 1;
  } else if (lived >= kUnknown) {
    drops_ += 1 - came_once_;
  } else {
    drops_ += lived >= kOnce ? 1 : 0;
  }
  if (by_themselves) leaves_ += 1;
  if (place != 0) calibration_.went(place);
}

void Pace::freed(Timestamp at, Millis held, bool no_show) {
  last_ = std::max(last_, at);
  no_show ? turnover_.never_came(at, held) : turnover_.left(at, held);
}

void Pace::inside(Timestamp admitted_at) {
  if (!std::exchange(restarting_, true)) turnover_.empty();
  turnover_.entered(admitted_at);
}

Pace::Limits Pace::limits_of(const PaceRoom& room) {
  return {.mode = room.settings.mode,
          .rate = room.settings.admit_per_minute,
          .capacity = capacity_of(room.settings, room.nodes),
          .session_seconds = room.settings.session_seconds};
}

void Pace::observe(const PaceRoom& room, Timestamp now) {
  restarting_ = false;
  turnover_.advance(now);
  const Limits limits = limits_of(room);
  if (!limits_ || *limits_ != limits) notice(limits, now);
  if (exposed_ == Timestamp{}) exposed_ = now;
  if (now >= exposed_ + Millis(1'000)) {
    const double passed = seconds(now - exposed_);
    const double kept = std::exp(-passed / seconds(kMemory));
    const double lively = static_cast<double>(waiting_) * (1 - fading(1));
    drop_exposure_ = drop_exposure_ * kept + lively * passed;
    drops_ *= kept;
    leaves_ *= kept;
    exposed_ = now;
  }
  waiting_ = room.waiting;
}

// The operator changed something: what was said is void, and what will be said says why.
void Pace::notice(const Limits& limits, Timestamp now) {
  if (limits_ && guards_.notice_settings) {
    calibration_.supersede();
    const auto cut = [&](EtaRise why, std::int64_t before, std::int64_t after) {
      if (after < before) cut_ = {.why = why, .at = now, .began = now, .before = before};
      if (cut_.why == why && after >= cut_.before) cut_ = {};
    };
    cut(EtaRise::capacity_cut, limits_->capacity, limits.capacity);
    cut(EtaRise::rate_cut, limits_->rate, limits.rate);
    if (limits_->mode == Mode::queue && limits.mode != Mode::queue) {
      cut_ = {.why = EtaRise::paused, .at = now, .began = now, .before = 0};
    } else if (limits.mode == Mode::open) {
      cut_ = {};
    } else if (limits.mode == Mode::queue && cut_.why == EtaRise::paused) {
      cut_.at = now;  // it is over; what it cost is still seen
    }
  }
  limits_ = limits;
  if (guards_.notice_settings) looked_ = {};
}

double Pace::typical(double position) const {
  const double wait = wait_for(position);
  return calibration_.band(wait, doubt(position, 0, wait)).p50;
}

void Pace::remember_drivers(Timestamp now) {
  drivers_.push_back({.at = now,
                      .drop = hazard() + fading(1) / kUsualGrace,
                      .waits = {typical(kNear), typical(kFar)}});
  while (drivers_.front().at < now - kMemory) drivers_.pop_front();
  const EtaRise before = std::exchange(driven_, driven());
  if (before == EtaRise::none) driven_since_ = now;
}

EtaRise Pace::rise(Timestamp now, Timestamp joined) const {
  if (limits_ && limits_->mode != Mode::queue && limits_->mode != Mode::open) {
    return EtaRise::paused;
  }
  if (cut_.why != EtaRise::none && now < cut_.at + kMemory && joined <= cut_.began) return cut_.why;
  return joined <= driven_since_ ? driven_ : EtaRise::none;
}

EtaRise Pace::driven() const {
  const Drivers& last = drivers_.back();
  Drivers best = last;
  for (const Drivers& one : drivers_) {
    best.drop = std::max(best.drop, one.drop);
    for (std::size_t i = 0; i < best.waits.size(); ++i) {
      best.waits[i] = std::min(best.waits[i], one.waits[i]);
    }
  }
  const bool slower =
      last.waits[0] > best.waits[0] * kNoticed || last.waits[1] > best.waits[1] * kNoticed;
  if (slower && slots_limit_) return EtaRise::slower_turnover;
  if (best.drop > last.drop * kNoticed) return EtaRise::fewer_drop_outs;
  return EtaRise::none;
}

// If the operator chose the limits well, the slots keep up with the rate; at the other end people
// stay for half of the longest session.
Pace::Held Pace::guess(const Settings& settings, std::int64_t nodes) const {
  Held held;
  held.most = std::max(kHeldLeast, static_cast<double>(settings.session_seconds) / 2);
  held.least = held.most;
  if (!guards_.honest_start) return held;
  const double rate = std::max(1.0, static_cast<double>(settings.admit_per_minute)) / 60;
  const double slots = static_cast<double>(capacity_of(settings, nodes));
  held.least = std::clamp(slots / rate, kHeldLeast, held.most);
  return held;
}

double Pace::Held::middle() const { return std::sqrt(least * most); }

// The band from one tenth to nine tenths reaches from the one bound to the other.
double Pace::Held::doubt() const {
  return std::max(kDoubtOfAssumed, std::log(most / least) / 2 / kNinetyPercent);
}

double Pace::hazard() const {
  if (!guards_.count_drop_outs) return 0;
  return drops_ / (drop_exposure_ + kAssumedWaiting);
}

bool Pace::wants_survey(Timestamp now) { return now >= surveyed_ + kSurveyEvery; }

void Pace::survey(std::span<const PaceSample> people, Timestamp now) {
  surveyed_ = now;
  std::array<double, kDepths> silent{}, asked{};
  double old = 0, once = 0, gone = 0;
  for (const PaceSample& one : people) {
    const auto depth = std::min(static_cast<std::size_t>(one.depth * kDepths), kDepths - 1);
    const bool is_silent = now - one.seen_at >= (one.heard ? kSilent : kFirstWord);
    const bool is_new = !is_silent && !one.heard;
    if (now - one.joined_at >= kSilent) {
      old += 1;
      once += is_silent && one.seen_at - one.joined_at < kOnce ? 1 : 0;
      gone += is_silent ? 1 : 0;
    }
    asked[depth] += 1;
    silent[depth] += is_silent ? 1 : is_new ? never_back_ : 0;
  }
  for (std::size_t i = 0; i < kDepths; ++i) {
    if (asked[i] == 0) continue;
    const double weight = asked[i] / (asked[i] + 16);
    fading_[i] += weight * (silent[i] / asked[i] - fading_[i]);
  }
  if (gone > 0) came_once_ += gone / (gone + 64) * (once / gone - came_once_);
  if (old > 0) never_back_ += old / (old + 256) * (once / old - never_back_);
}

// Of those before `depth`, the share that is silent and will be skipped.
double Pace::fading(double depth) const {
  if (!guards_.count_drop_outs || last_ > surveyed_ + kSurveyGood) return 0;
  const double bins = std::clamp(depth, 0.0, 1.0) * kDepths;
  const auto whole = std::min(static_cast<std::size_t>(bins), kDepths - 1);
  double sum = fading_[whole] * (bins - static_cast<double>(whole));
  for (std::size_t i = 0; i < whole; ++i) sum += fading_[i];
  return bins > 0 ? std::min(sum / bins, 0.999) : fading_[0];
}

std::int64_t Pace::admitted_since(std::int64_t second) const {
  std::int64_t sum = 0;
  for (const Second& one : seconds_) sum += one.number >= second ? one.admitted : 0;
  return sum;
}

struct Pace::Ahead {
  double rate = 0, capacity = 0, session = 0, patience = 0, held = 0;
  std::int64_t second = 0;  // now
  Turnover::ByAge hazards{}, inside{};
  double ghosts = 0;  // slots that wait in vain for somebody who was silent when called
  double at = 0, called = 0;
  double full_after = 0;  // seconds until the slots that are free now are taken
  std::array<double, static_cast<std::size_t>(kFine) + 1> called_by{};  // each of the fine seconds
};

Pace::Ahead Pace::start_ahead(const PaceRoom& room, Timestamp now) const {
  Ahead ahead;
  ahead.rate = static_cast<double>(room.settings.admit_per_minute);
  ahead.capacity = static_cast<double>(capacity_of(room.settings, room.nodes));
  ahead.session = static_cast<double>(room.settings.session_seconds);
  ahead.patience = std::max(1.0, static_cast<double>(room.settings.no_show_seconds));
  ahead.second = to_unix_ms(now) / 1000;
  ahead.hazards = turnover_.hazards(guess(room.settings, room.nodes).middle());
  ahead.held = Turnover::mean_held(ahead.hazards, ahead.session);
  ahead.inside = turnover_.ages();
  double total = 0;
  for (const double count : ahead.inside) total += count;
  const double active = static_cast<double>(room.active);
  ahead.ghosts = std::min(turnover_.no_shows_per_second() * ahead.patience, active);
  if (total > 0) {
    for (double& count : ahead.inside) count *= (active - ahead.ghosts) / total;
  } else {
    ahead.inside[0] = active - ahead.ghosts;
  }
  return ahead;
}

// Slots come free; people are called into them as the engine's own rules allow: at most the rate in
// any minute, spread over its seconds.
void Pace::step_ahead(Ahead& ahead, double step) const {
  ahead.ghosts /= 1 + step / ahead.patience;
  for (std::size_t i = Turnover::kAges.size(); i-- > 0;) {
    double& here = ahead.inside[i];
    here = Turnover::kAges[i] >= ahead.session ? 0 : here / (1 + ahead.hazards[i] * step);
    if (i + 1 == Turnover::kAges.size()) continue;
    const double older = here * std::min(1.0, step / Turnover::width(i));
    here -= older;
    ahead.inside[i + 1] += older;
  }
  double occupied = ahead.ghosts;
  for (const double count : ahead.inside) occupied += count;
  double by_rate = ahead.rate / 60 * step;
  if (ahead.at < kFine) {
    const auto second = static_cast<std::size_t>(ahead.at);
    const double before = second < 60 ? static_cast<double>(admitted_since(
                                            ahead.second - 59 + static_cast<std::int64_t>(second)))
                                      : -ahead.called_by[second - 60];
    by_rate = std::min(by_rate, ahead.rate - before - ahead.called);
  }
  const double admitted = std::max(0.0, std::min(ahead.capacity - occupied, by_rate));
  if (ahead.capacity - occupied > by_rate && ahead.full_after == ahead.at) {
    ahead.full_after += step;
  }
  ahead.inside[0] += admitted;
  ahead.at += step;
  ahead.called += admitted;
  if (ahead.at <= kFine) ahead.called_by[static_cast<std::size_t>(ahead.at)] = ahead.called;
}

void Pace::look_ahead(const PaceRoom& room, Timestamp now) {
  looked_ = now;
  hazard_used_ = hazard();
  // Who is silent already is in the survey; new ones matter later.
  const bool surveyed = now < surveyed_ + kSurveyGood && guards_.count_drop_outs;
  const double soon = surveyed ? leaves_ / (drop_exposure_ + kAssumedWaiting) : hazard_used_;
  Ahead ahead = start_ahead(room, now);
  const double step_max = std::clamp(ahead.held / 20, 1.0, 600.0);
  const double end = std::max(kFine, 4 * ahead.held);
  points_.assign(1, {});
  double growth = 0, weighed = 0;
  while (ahead.at < end && points_.size() < kPointsMax) {
    const double step = ahead.at < kFine ? 1.0 : step_max;
    const double before = ahead.called;
    growth += (ahead.at < seconds(kSilent) ? soon : hazard_used_) * step;
    step_ahead(ahead, step);
    weighed += (ahead.called - before) * std::exp(std::min(growth, kGrowthMax));
    points_.push_back({.at = ahead.at, .called = weighed});
  }
  final_rate_ = std::min(ahead.rate / 60, ahead.capacity / ahead.held);
  final_growth_ = std::min(growth, kGrowthMax);
  full_after_ = ahead.full_after;
  doubt_of_assumed_ = guess(room.settings, room.nodes).doubt();
  slots_limit_ = ahead.capacity / ahead.held < ahead.rate / 60;
  assumed_ = turnover_.assumed(ahead.hazards, ahead.session);
}

// Seconds until `called` people, those who drop out included, are no longer before somebody.
double Pace::wait_for(double called) const {
  const Point& last = points_.back();
  if (called > last.called) {
    if (final_rate_ <= 0) return kWaitSecondsMax;
    const double missing = (called - last.called) * std::exp(-final_growth_);
    const double more = hazard_used_ > 1e-9
                            ? std::log1p(hazard_used_ * missing / final_rate_) / hazard_used_
                            : missing / final_rate_;
    return std::min(last.at + more, kWaitSecondsMax);
  }
  const auto after = std::ranges::lower_bound(points_, called, {}, &Point::called);
  if (after == points_.begin()) return 0;
  const Point& before = *(after - 1);
  const double part = (called - before.called) / (after->called - before.called);
  return before.at + part * (after->at - before.at);
}

// How far off an estimate may be, as a share of it: rates are set and kept, turnover is measured
// and changes, drop-outs are people's own business; and small numbers play their game.
double Pace::doubt(double position, double silent, double wait) const {
  const bool by_slots = slots_limit_ && (wait > full_after_ || !guards_.honest_start);
  const double speed = by_slots ? kDoubtOfSlots + doubt_of_assumed_ * assumed_ : kDoubtOfRate;
  const double few = (slots_limit_ ? 0.5 : 0.05) / (position + 2);
  const double dropping = kDoubtOfDropOuts * (silent / position + hazard_used_ * wait / 2);
  return std::sqrt(speed * speed + few + dropping * dropping);
}

std::optional<Forecast> Pace::forecast(const PaceAsker& asker, const PaceRoom& room,
                                       Timestamp now) {
  observe(room, now);
  const Settings& settings = room.settings;
  if (settings.mode != Mode::queue || asker.position <= 0 || asker.share <= 0) return {};
  if (settings.admit_per_minute <= 0 || capacity_of(settings, room.nodes) <= 0) return {};
  if (looked_ == Timestamp{} || now >= looked_ + Millis(1'000)) {
    look_ahead(room, now);
    if (drivers_.empty() || now >= drivers_.back().at + kDriversEvery) remember_drivers(now);
  }
  const double position = static_cast<double>(asker.position) / asker.share;
  const double depth = static_cast<double>(asker.position) /
                       static_cast<double>(std::max<std::int64_t>(1, room.waiting));
  const double silent = (position - 1) * fading(depth);
  const double since = seconds(now - looked_);
  // The silent are passed when their turn comes, and cost nobody time.
  const double wait = std::max(0.0, wait_for(position - silent) - since);
  const double doubted = doubt(position, silent, wait);
  const WaitBand band = calibration_.band(wait, doubted);
  calibration_.said(asker.place, now, wait, doubted, band);
  return Forecast{.band = band, .rise = rise(now, asker.joined)};
}

Millis poll_after(std::int64_t position, std::uint64_t place, Timestamp now) {
  const double distance = std::log10(std::max<double>(1.0, static_cast<double>(position) / 20.0));
  const double base = 1'300.0 + 2'600.0 * distance;
  // Everybody's own offset, another one each time.
  const std::uint64_t mixed =
      (place ^ static_cast<std::uint64_t>(to_unix_ms(now))) * 0x9E3779B97F4A7C15ULL;
  const double jitter = 0.8 + 0.4 * static_cast<double>(mixed >> 40) / static_cast<double>(1 << 24);
  return Millis(std::clamp<std::int64_t>(static_cast<std::int64_t>(base * jitter), 1'000, 10'000));
}

}  // namespace onsale::waitroom
