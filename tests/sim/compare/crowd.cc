#include "crowd.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <queue>
#include <random>

namespace onsale::compare {
namespace {

constexpr Seconds kTick = 0.25, kNetwork = 0.05, kActEvery = 20, kErrorFrom = 30;

// Counts of the live in line by order of arrival.
class Ranks {
 public:
  explicit Ranks(std::size_t size) : tree_(size + 1) {}
  void add(Person person, int by) {
    for (std::size_t i = person + 1; i < tree_.size(); i += i & (~i + 1)) tree_[i] += by;
  }
  std::int64_t before(Person person) const {
    std::int64_t sum = 0;
    for (std::size_t i = person; i > 0; i -= i & (~i + 1)) sum += tree_[i];
    return sum;
  }

 private:
  std::vector<std::int64_t> tree_;
};

class Crowd final : public Court {
 public:
  Crowd(const Scenario& scenario, const Contender& contender)
      : scenario_(scenario),
        random_(scenario.limits.seed),
        people_(scenario.people),
        ranks_(scenario.people) {
    queue_ = contender(scenario.limits, *this);
    result_.queue = queue_->name();
    result_.use_over_time.reserve(128);
    plan();
  }

  Result run() {
    Seconds crash_at = scenario_.crash_at > 0 ? scenario_.crash_at : 1e18;
    for (now_ = 0; now_ < scenario_.horizon; now_ += kTick) {
      while (!wakes_.empty() && wakes_.top().at <= now_) {
        const Wake wake = wakes_.top();
        wakes_.pop();
        if (wake.turn == people_[wake.person].turn)
          act(wake.person, std::max(wake.at, now_ - kTick));
      }
      if (now_ >= crash_at) {
        queue_->crash(now_);
        crash_at = 1e18;
      }
      queue_->tick(now_);
      measure();
      if (arrived_ == scenario_.people && live_waiting_ == 0 && inside_ == 0) break;
    }
    return finish();
  }

  void granted(Person number, Seconds now) override {
    Person_& person = people_[number];
    granted_at_ = now;
    if (!freed_.empty()) {
      if (person.state == State::waiting) waits_told_.push_back({number, freed_.front()});
      freed_.pop_front();
    }
    if (person.state != State::waiting && person.state != State::asking) return;
    ++inside_;
    result_.over = std::max(result_.over, inside_ - scenario_.limits.capacity);
    if (person.counted) uncount(number);
    result_.inversions += ranks_.before(number);
    best_in_ = std::max<std::int64_t>(best_in_, number);
    ++result_.admitted;
    result_.last_in = now;
    person.state = State::called;
    person.granted_at = now;
    judge(person, now);
  }

  void freed(Person, Seconds now) override {
    if (live_waiting_ > 0 && queue_->taken() >= scenario_.limits.capacity - 1)
      freed_.push_back(now);
  }

  void pushed(Person person) override { wake(person, now_ + kNetwork); }

 private:
  enum class State { coming, asking, waiting, called, inside, over };
  struct Person_ {
    State state = State::coming;
    bool bot = false, silently = false, counted = false;
    std::uint32_t turn = 0;  // a newer wake makes older ones void
    Seconds arrives = 0, gives_up = 1e18, held = 0, leaves = 1e18, granted_at = 0, said_at = -1e9;
    bool walks_away = false;
    double position = -1;
    std::vector<std::pair<float, float>> said;  // when, how long
  };
  struct Wake {
    Seconds at;
    Person person;
    std::uint32_t turn;
    bool operator>(const Wake& other) const { return at > other.at; }
  };

  double chance() { return std::uniform_real_distribution<double>(0, 1)(random_); }

  void plan() {
    const double later = scenario_.later_per_second > 0 ? scenario_.later_per_second : 0;
    const Person first = later > 0 ? scenario_.people / 2 : scenario_.people;
    Seconds at = scenario_.arrive_within;
    std::lognormal_distribution<double> held(std::log(scenario_.held_mean) - 0.18, 0.6);
    for (Person i = 0; i < scenario_.people; ++i) {
      Person_& person = people_[i];
      if (i < first) {
        person.arrives = scenario_.arrive_within * i / first;
        person.bot = chance() < scenario_.bots;
      } else {
        at += std::exponential_distribution<double>(later)(random_);
        person.arrives = at;
      }
      if (!person.bot && chance() < scenario_.abandons) {
        person.gives_up = person.arrives + chance() * scenario_.abandon_within;
        person.silently = chance() < scenario_.silently;
      }
      person.held = std::min(held(random_), 240.0);
      person.walks_away = chance() < scenario_.walk_away;
      wakes_.push({person.arrives, i, 0});
    }
  }

  void wake(Person person, Seconds at) { wakes_.push({at, person, ++people_[person].turn}); }

  void act(Person number, Seconds now) {
    Person_& person = people_[number];
    switch (person.state) {
      case State::coming:
        ++arrived_;
        person.state = State::asking;
        if (!person.bot) count(number);
        hear(number, queue_->arrive(number, now), now);
        return;
      case State::asking:
      case State::waiting:
        if (now >= person.gives_up) {
          if (person.counted) uncount(number);
          person.state = State::over;
          if (!person.silently) queue_->goodbye(number, now);
          return;
        }
        hear(number, queue_->ask(number, now), now);
        return;
      case State::called:
        hear(number, queue_->ask(number, now), now);
        return;
      case State::inside:
        if (now < person.leaves) {
          queue_->act(number, now);
          wake(number, std::min(now + kActEvery, person.leaves));
          return;
        }
        person.state = State::over;
        --inside_;
        if (!person.walks_away) queue_->finish(number, now);
        return;
      case State::over:
        return;
    }
  }

  void hear(Person number, const Answer& answer, Seconds now) {
    Person_& person = people_[number];
    if (answer.state == Answer::State::inside) {
      if (person.state != State::called) return;
      person.state = State::inside;
      person.leaves = now + person.held;
      for (const auto& [who, freed_at] : waits_told_) {
        if (who == number) told_.push_back(now - freed_at);
      }
      std::erase_if(waits_told_, [&](const auto& one) { return one.first == number; });
      wake(number, std::min(now + kActEvery, person.leaves));
      return;
    }
    if (person.state == State::asking) person.state = State::waiting;
    if (person.bot) {
      person.state = State::over;  // never comes back
      return;
    }
    if (answer.position) {
      result_.shows_position = true;
      if (person.position >= 0 && *answer.position > person.position) ++result_.backward;
      person.position = *answer.position;
    }
    if (answer.wait && now >= person.said_at + 60) {
      result_.shows_wait = true;
      person.said_at = now;
      person.said.push_back({static_cast<float>(now), static_cast<float>(*answer.wait)});
    }
    wake(number, std::min(now + std::max(answer.ask_again, 0.2), std::max(person.gives_up, now)));
  }

  void count(Person number) {
    people_[number].counted = true;
    ranks_.add(number, 1);
    ++live_waiting_;
    ++live_;
  }

  void uncount(Person number) {
    Person_& person = people_[number];
    person.counted = false;
    ranks_.add(number, -1);
    --live_waiting_;
    overtaken_ += best_in_ > static_cast<std::int64_t>(number) ? 1 : 0;
  }

  void judge(Person_& person, Seconds now) {
    for (const auto& [at, wait] : person.said) {
      const double real = now - static_cast<double>(at);
      if (real >= kErrorFrom) errors_.push_back(std::abs(static_cast<double>(wait) - real) / real);
    }
    person.said = {};
  }

  void measure() {
    const double capacity = static_cast<double>(scenario_.limits.capacity);
    const double taken = static_cast<double>(queue_->taken());
    if (live_waiting_ == 0) {
      granted_at_ = now_;
      return;
    }
    measured_ += 1;
    // Of the slots that could be in use: with few people that is fewer than all.
    const double waiting = static_cast<double>(live_waiting_),
                 inside = static_cast<double>(inside_);
    const double used = std::min(1.0, inside / std::min(capacity, inside + waiting));
    used_ += used;
    given_ += std::min(1.0, taken / std::min(capacity, taken + waiting));
    minute_used_ += used;
    if (++minute_ == static_cast<int>(60 / kTick)) {
      result_.use_over_time.push_back({now_, minute_used_ / minute_});
      minute_ = 0;
      minute_used_ = 0;
    }
    if (taken >= capacity) granted_at_ = now_;
    result_.stall = std::max(result_.stall, now_ - granted_at_);
  }

  Result finish() {
    result_.unserved = live_waiting_;
    result_.used = measured_ > 0 ? used_ / measured_ : 1;
    result_.given = measured_ > 0 ? given_ / measured_ : 1;
    for (Person i = 0; i < scenario_.people; ++i) {
      if (people_[i].counted && best_in_ > static_cast<std::int64_t>(i)) ++overtaken_;
    }
    result_.overtaken =
        live_ > 0 ? static_cast<double>(overtaken_) / static_cast<double>(live_) : 0;
    const auto quantile = [](auto& values, double share) {
      const auto at = values.begin() +
                      static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
      std::ranges::nth_element(values, at);
      return *at;
    };
    if (errors_.size() >= 20) result_.wait_error = quantile(errors_, 0.5);
    if (told_.size() >= 20) result_.told_p99 = quantile(told_, 0.99);
    return std::move(result_);
  }

  const Scenario scenario_;
  std::mt19937_64 random_;
  std::vector<Person_> people_;
  Ranks ranks_;
  std::unique_ptr<Queue> queue_;
  std::priority_queue<Wake, std::vector<Wake>, std::greater<>> wakes_;
  Seconds now_ = 0, granted_at_ = 0;
  Person arrived_ = 0;
  std::int64_t live_waiting_ = 0, live_ = 0, inside_ = 0, overtaken_ = 0, best_in_ = -1;
  double measured_ = 0, used_ = 0, given_ = 0, minute_used_ = 0;
  int minute_ = 0;
  std::deque<Seconds> freed_;  // when slots came free that nobody got yet
  std::vector<std::pair<Person, Seconds>> waits_told_;
  std::vector<double> errors_, told_;
  Result result_;
};

}  // namespace

Result run(const Scenario& scenario, const Contender& contender) {
  return Crowd(scenario, contender).run();
}

std::vector<Scenario> scenarios(double size) {
  const auto people = [&](double full) {
    return static_cast<Person>(std::max(200.0, full * size));
  };
  const auto slots = [&](double full) {
    return static_cast<std::int64_t>(std::max(20.0, full * size));
  };
  return {
      {.name = "calm",
       .title = "calm: hardly anybody waits",
       .limits = {.capacity = slots(2'000)},
       .people = people(20'000),
       .arrive_within = 1'400,
       .walk_away = 0},
      {.name = "stampede",
       .title = "stampede: all at once",
       .limits = {.capacity = slots(5'000)},
       .people = people(100'000)},
      {.name = "abandon",
       .title = "half of the line gives up",
       .limits = {.capacity = slots(1'000)},
       .people = people(40'000),
       .arrive_within = 60,
       .later_per_second = 12 * size,
       .abandons = 0.5},
      {.name = "bots",
       .title = "nine in ten ahead are bots without cookies",
       .limits = {.capacity = slots(1'000)},
       .people = people(40'000),
       .arrive_within = 60,
       .later_per_second = 12 * size,
       .bots = 0.9},
      {.name = "skew",
       .title = "clocks are off by up to 5 s",
       .limits = {.capacity = slots(2'000), .skew_seconds = 5},
       .people = people(40'000),
       .arrive_within = 30},
      {.name = "crash",
       .title = "a node dies after ten minutes",
       .limits = {.capacity = slots(2'000)},
       .people = people(40'000),
       .arrive_within = 30,
       .crash_at = 600},
  };
}

}  // namespace onsale::compare
