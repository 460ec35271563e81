// For tests: evenings in front of the production engine in virtual time, to see whether the waits
// that Pace tells come true. Everything follows from the seed. Every estimate that somebody saw is
// compared with what came, unless an operator changed the limits in between: nobody can foresee
// that, and everybody was told anew.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <queue>
#include <random>
#include <string>

#include "waitroom/line/engine.h"
#include "waitroom/pace/pace.h"

namespace onsale::waitroom {

struct Script {
  std::string name;
  Settings settings{};
  double seconds = 2'400;
  std::int64_t at_once = 0;        // people at the doors when they open
  double arrivals_per_second = 0;  // later, at random
  double burst_every_s = 0;        // besides, this many at once, ...
  std::int64_t burst = 0;
  double held_mean_s = 120, held_spread = 0.6;  // log-normal
  double slower_after_s = 1e18, slower_by = 1;
  double abandons = 0;  // share of people who give up within abandon_within_s
  double abandon_within_s = 1'200;
  double silently = 0.5;  // of those, who just close the page
  double bots = 0;        // share of the people at the doors that never come back
  struct Change {
    double at_s;
    SettingsPatch patch;
  };
  std::vector<Change> changes;
};

struct Judgement {
  std::int64_t judged = 0;
  double p50 = 0, p80 = 0, p90 = 0, band = 0;  // shares covered
  double steady_error = 0;                     // median of |p50 - real| / real
  double after_step_error = -1;                // of what was said a minute after a change
  std::int64_t early = 0;                      // said in the first minute
  double early_band = 0, early_p90 = 0;        // shares covered
  std::int64_t rises = 0, unexplained = 0;     // p50 moved out by a quarter and half a minute
  CalibrationReport reported;
};

class PaceEvening {
 public:
  PaceEvening(Script script, std::uint64_t seed, Pace::Guards guards = {})
      : script_(std::move(script)), random_(seed) {
    pace_.guards(guards);
  }

  Judgement run() {
    configure(script_.settings);
    for (std::int64_t i = 0; i < script_.at_once; ++i) arrive(chance() < script_.bots);
    if (script_.arrivals_per_second > 0) {
      next_arrival_ = 0;
      plan_arrival();
    }
    double burst_at = script_.burst_every_s > 0 ? script_.burst_every_s : 1e18;
    std::size_t change = 0;
    while (passed() < script_.seconds) {
      now_ += Millis(250);
      while (change < script_.changes.size() && passed() >= script_.changes[change].at_s) {
        configure(patched(engine_.settings(), script_.changes[change++].patch));
      }
      while (next_arrival_ <= passed()) {
        arrive(false);
        plan_arrival();
      }
      if (passed() >= burst_at) {
        burst_at += script_.burst_every_s;
        for (std::int64_t i = 0; i < script_.burst; ++i) arrive(false);
      }
      while (!wakes_.empty() && wakes_.top().at <= now_) {
        const Wake wake = wakes_.top();
        wakes_.pop();
        act(wake.person);
      }
      Records records;
      engine_.tick(now_, records);
      take(records);
      pace_.observe(room(), now_);
      if (pace_.wants_survey(now_)) survey();
    }
    return verdict();
  }

 private:
  struct Said {
    Timestamp at{};
    WaitBand band;
  };
  struct Person {
    bool bot = false, inside = false, gone = false;
    Timestamp joined_at{}, seen_at{}, admitted_at{}, leaves_at = Timestamp::max();
    bool silently = false;
    std::uint64_t looks = 0;
    double last_clock = 0;  // when the last p50 said it would be
    double last_wait = 0;
    Timestamp last_at{};
    std::vector<Said> said;
  };
  struct Wake {
    Timestamp at;
    Sequence person;
    bool operator>(const Wake& other) const { return at > other.at; }
  };

  double passed() const { return static_cast<double>((now_ - start_).count()) / 1000.0; }
  double chance() { return std::uniform_real_distribution<double>(0, 1)(random_); }
  PaceRoom room() const {
    return {.settings = engine_.settings(),
            .waiting = engine_.line().size(),
            .active = engine_.active()};
  }
  void plan_arrival() {
    next_arrival_ += std::exponential_distribution<double>(script_.arrivals_per_second)(random_);
  }

  void configure(const Settings& settings) {
    Records records;
    engine_.configure(settings, now_, records);
    take(records);
    pace_.observe(room(), now_);
    if (passed() > 0) steps_.push_back(now_);
  }

  void arrive(bool bot) {
    DeviceKey device{};
    const std::uint64_t number = people_.size() + 1;
    std::memcpy(device.data(), &number, sizeof number);
    Records records;
    const Sequence place = *engine_.join(device, kMainLane, now_, records);
    people_.resize(std::max<std::size_t>(people_.size(), place + 1));
    Person& person = people_[place];
    person.bot = bot;
    person.joined_at = person.seen_at = now_;
    if (!bot && chance() < script_.abandons) {
      person.leaves_at =
          now_ + Millis(static_cast<std::int64_t>(chance() * script_.abandon_within_s * 1000));
      person.silently = chance() < script_.silently;
    }
    take(records);
    if (!bot) wakes_.push({now_ + Millis(static_cast<std::int64_t>(chance() * 1'000)), place});
  }

  void act(Sequence place) {
    Person& person = people_[place];
    if (person.gone) return;
    Records records;
    if (person.inside) {
      if (now_ >= person.leaves_at) {
        engine_.complete(place, now_, records);
      } else {
        engine_.sign_of_life(place, now_, records);
        wakes_.push({std::min(now_ + Millis(40'000), person.leaves_at), place});
      }
    } else if (now_ >= person.leaves_at) {
      person.gone = person.silently;
      if (!person.silently) engine_.leave(place, now_, records);
    } else {
      look(place, person, records);
    }
    take(records);
  }

  void look(Sequence place, Person& person, Records& records) {
    engine_.sign_of_life(place, now_, records);
    person.seen_at = now_;
    const std::int64_t position = engine_.line().find(place).position;
    wakes_.push({now_ + poll_after(position, place, now_), place});
    if (person.looks++ % 3 > 0) return;  // to save time
    const auto said = pace_.forecast({.place = place, .position = position}, room(), now_);
    if (!said) {
      person.last_wait = 0;
      return;
    }
    const double wait = said->band.p50, clock = passed() + wait;
    if (person.last_wait > 0 && clock > person.last_clock + 30 + 0.25 * person.last_wait) {
      ++verdict_.rises;
      verdict_.unexplained += said->rise == EtaRise::none ? 1 : 0;
    }
    if (person.last_wait == 0 || now_ >= person.last_at + Millis(60'000)) {
      person.last_wait = wait;
      person.last_clock = clock;
      person.last_at = now_;
    }
    if (chance() < 0.5) person.said.push_back({.at = now_, .band = said->band});
  }

  void take(const Records& records) {
    for (const Record& record : records) {
      if (record.place == 0 || record.fact == Fact::joined) continue;
      Person& person = people_[record.place];
      if (record.fact == Fact::admitted) {
        pace_.called(now_, record.place);
        person.inside = true;
        person.admitted_at = now_;
        judge(person);
        const double slower = passed() > script_.slower_after_s ? script_.slower_by : 1;
        std::lognormal_distribution<double> held(
            std::log(script_.held_mean_s * slower) - script_.held_spread * script_.held_spread / 2,
            script_.held_spread);
        // Who closed the page, and bots, never show up.
        if (!person.bot && !(person.gone && person.silently)) {
          person.leaves_at = now_ + Millis(static_cast<std::int64_t>(held(random_) * 1000));
          wakes_.push({now_ + Millis(2'000), record.place});
        }
      } else if (leaves_line(record.fact)) {
        // As in the room: how long they had lived is not known any more.
        pace_.gone(now_, record.place, Millis(3'600'000), record.fact == Fact::left);
        person.gone = true;
      } else if (frees_slot(record.fact)) {
        const bool no_show = record.fact == Fact::no_show || record.fact == Fact::missed;
        pace_.freed(now_, now_ - person.admitted_at, no_show);
        person.gone = true;
      }
    }
  }

  void judge(Person& person) {
    for (const Said& said : person.said) {
      const bool changed = std::ranges::any_of(
          steps_, [&](Timestamp step) { return step > said.at && step <= now_; });
      const double real = static_cast<double>((now_ - said.at).count()) / 1000.0;
      if (!changed && said.at < start_ + Millis(60'000)) {
        ++verdict_.early;
        verdict_.early_p90 += real <= said.band.p90 ? 1 : 0;
        verdict_.early_band += real <= said.band.p90 && real >= said.band.p10 ? 1 : 0;
      }
      if (changed || said.at < start_ + Millis(180'000)) continue;
      const double error = std::abs(said.band.p50 - real) / std::max(real, 1.0);
      ++verdict_.judged;
      verdict_.p50 += real <= said.band.p50 ? 1 : 0;
      verdict_.p80 += real <= said.band.p80 ? 1 : 0;
      verdict_.p90 += real <= said.band.p90 ? 1 : 0;
      verdict_.band += real <= said.band.p90 && real > said.band.p10 ? 1 : 0;
      double since = 1e18;
      for (const Timestamp step : steps_) {
        if (step <= said.at) {
          since = std::min(since, static_cast<double>((said.at - step).count()) / 1000.0);
        }
      }
      if (since >= 50 && since <= 80) after_step_.push_back(error);
      if (since > 300) steady_.push_back(error);
    }
    person.said.clear();
  }

  void survey() {
    const auto first = engine_.line().first(kMainLane);
    if (!first) return;
    std::vector<PaceSample> samples;
    for (std::size_t i = 0; i < 4 * Pace::kSurvey && samples.size() < Pace::kSurvey; ++i) {
      const Sequence place = *first + random_() % (engine_.next_sequence() - *first);
      const std::int64_t position = engine_.line().find(place).position;
      if (position == 0) continue;
      samples.push_back(
          {.depth = static_cast<double>(position) / static_cast<double>(engine_.line().size()),
           .joined_at = people_[place].joined_at,
           .seen_at = people_[place].seen_at,
           .heard = engine_.find(place)->heard});
    }
    pace_.survey(samples, now_);
  }

  Judgement verdict() {
    const double count = static_cast<double>(std::max<std::int64_t>(1, verdict_.judged));
    for (double* share : {&verdict_.p50, &verdict_.p80, &verdict_.p90, &verdict_.band}) {
      *share /= count;
    }
    for (double* share : {&verdict_.early_band, &verdict_.early_p90}) {
      *share /= static_cast<double>(std::max<std::int64_t>(1, verdict_.early));
    }
    const auto median = [](std::vector<double>& errors) {
      if (errors.empty()) return -1.0;
      const auto middle = errors.begin() + static_cast<std::ptrdiff_t>(errors.size() / 2);
      std::ranges::nth_element(errors, middle);
      return *middle;
    };
    verdict_.steady_error = median(steady_);
    verdict_.after_step_error = median(after_step_);
    verdict_.reported = pace_.calibration();
    return verdict_;
  }

  Script script_;
  std::mt19937_64 random_;
  const Timestamp start_ = from_unix_ms(1'800'000'000'000);
  Timestamp now_ = start_;
  Engine engine_{Engine::Options{.salt = 7}};
  Pace pace_;
  std::vector<Person> people_;  // by sequence
  std::priority_queue<Wake, std::vector<Wake>, std::greater<>> wakes_;
  double next_arrival_ = 1e18;
  std::vector<Timestamp> steps_;
  std::vector<double> steady_, after_step_;
  Judgement verdict_;
};

}  // namespace onsale::waitroom
