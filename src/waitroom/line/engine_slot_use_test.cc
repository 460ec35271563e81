// Slots are for those who are there: half of the line gives up, nine in ten ahead are bots that
// keep no cookie, a room opens to bots. Counted from outside, while living people wait: the share
// of slots with somebody in them who is there. The rule switched off must fall behind.
#include <gtest/gtest.h>

#include <cstring>
#include <queue>
#include <random>

#include "waitroom/line/engine.h"

namespace onsale::waitroom {
namespace {

struct Crowd {
  std::int64_t capacity = 200, rate = 1'200;
  std::int64_t people = 3'000;
  double arrive_within_s = 60;
  double bots = 0;      // share of those who arrive: join once, keep no cookie
  double abandons = 0;  // share of the others: give up within ten minutes, seven in ten silently
  double held_min_s = 40, held_max_s = 140;
};

struct Use {
  double used = 0;
  std::int64_t served = 0, overtaken = 0, most = 0;
};

class Evening {
 public:
  Evening(const Crowd& crowd, bool presence)
      : crowd_(crowd), engine_(Engine::Options{.guards = {.presence = presence}}) {
    Settings settings;
    settings.capacity = crowd.capacity;
    settings.admit_per_minute = crowd.rate;
    engine_.configure(settings, start_, out_);
    people_.resize(static_cast<std::size_t>(crowd.people));
    for (std::size_t i = 0; i < people_.size(); ++i) {
      people_[i].bot = chance() < crowd.bots;
      wake(i, crowd.arrive_within_s * static_cast<double>(i) / static_cast<double>(crowd.people));
    }
  }

  Use run() {
    for (now_s_ = 0; now_s_ < 7'200 && (waiting_ > 0 || !wakes_.empty()); now_s_ += 0.1) {
      while (!wakes_.empty() && wakes_.top().first <= now_s_) {
        const std::size_t person = wakes_.top().second;
        wakes_.pop();
        act(person);
        take();
      }
      engine_.tick(now(), out_);
      take();
      measure();
    }
    use_.used /= measured_;
    return use_;
  }

 private:
  enum class Doing { coming, waiting, inside, over };
  struct Person {
    Doing doing = Doing::coming;
    bool bot = false, silently = false;
    Sequence place = 0;
    double gives_up_s = 1e9, leaves_s = 0;
  };

  double chance() { return std::uniform_real_distribution<double>(0, 1)(random_); }
  Timestamp now() const { return start_ + Millis(static_cast<std::int64_t>(now_s_ * 1000)); }
  void wake(std::size_t person, double at_s) { wakes_.emplace(at_s, person); }

  void act(std::size_t number) {
    Person& person = people_[number];
    if (person.doing == Doing::coming) return arrive(number, person);
    if (person.doing == Doing::over) return;
    if (person.doing == Doing::waiting && now_s_ >= person.gives_up_s) {
      person.doing = Doing::over;
      --waiting_;
      if (!person.silently) engine_.leave(person.place, now(), out_);
      return;
    }
    if (person.doing == Doing::inside && now_s_ >= person.leaves_s) {
      person.doing = Doing::over;
      --inside_;
      engine_.complete(person.place, now(), out_);
      return;
    }
    ASSERT_TRUE(engine_.sign_of_life(person.place, now(), out_)) << "a living person lost a place";
    wake(number, person.doing == Doing::inside
                     ? std::min(now_s_ + 10, person.leaves_s)
                     : std::min(now_s_ + 9 + chance(), person.gives_up_s));
  }

  void arrive(std::size_t number, Person& person) {
    DeviceKey device{};
    std::memcpy(device.data(), &number, sizeof number);
    person.doing = person.bot ? Doing::over : Doing::waiting;
    if (!person.bot) {
      ++waiting_;
      if (chance() < crowd_.abandons) person.gives_up_s = now_s_ + 600 * chance();
      person.silently = chance() < 0.7;
      wake(number, now_s_ + 1 + 0.5 * chance());
    }
    owners_.resize(static_cast<std::size_t>(engine_.next_sequence()) + 1);
    owners_.back() = number;
    person.place = *engine_.join(device, kMainLane, now(), out_);
  }

  // Whoever is called and there goes in.
  void take() {
    for (const Record& record : out_) {
      if (record.fact != Fact::admitted) continue;
      use_.most = std::max(use_.most, engine_.active());
      const std::size_t number = owners_[record.place];
      Person& person = people_[number];
      if (person.doing != Doing::waiting) continue;
      person.doing = Doing::inside;
      --waiting_;
      ++inside_;
      ++use_.served;
      use_.overtaken += number < last_in_ ? 1 : 0;
      last_in_ = std::max(last_in_, number);
      person.leaves_s =
          now_s_ + crowd_.held_min_s + chance() * (crowd_.held_max_s - crowd_.held_min_s);
      wake(number, now_s_ + 0.3);
      wake(number, person.leaves_s);
    }
    out_.clear();
  }

  void measure() {
    if (waiting_ == 0) return;
    measured_ += 1;
    const auto possible = std::min<std::int64_t>(crowd_.capacity, inside_ + waiting_);
    use_.used += static_cast<double>(inside_) / static_cast<double>(possible);
  }

  const Crowd crowd_;
  std::mt19937_64 random_{20'261'121};
  const Timestamp start_ = from_unix_ms(1'800'000'000'000);
  Engine engine_;
  Records out_;
  double now_s_ = 0, measured_ = 0;
  std::vector<Person> people_;
  std::vector<std::size_t> owners_;  // by sequence
  std::priority_queue<std::pair<double, std::size_t>, std::vector<std::pair<double, std::size_t>>,
                      std::greater<>>
      wakes_;
  std::int64_t waiting_ = 0, inside_ = 0;
  std::size_t last_in_ = 0;
  Use use_;
};

void compare(const char* name, const Crowd& crowd, double at_least, double old_at_most) {
  const Use with = Evening(crowd, true).run();
  const Use without = Evening(crowd, false).run();
  std::printf("%s: used %.3f, without the rule %.3f; %lld served, %lld overtaken\n", name,
              with.used, without.used, static_cast<long long>(with.served),
              static_cast<long long>(with.overtaken));
  EXPECT_GE(with.used, at_least) << name;
  EXPECT_LT(without.used, old_at_most) << name << ": the negative control";
  EXPECT_LE(with.most, crowd.capacity) << name;
  EXPECT_EQ(with.overtaken, 0) << name << ": nobody who is there";
}

TEST(EngineSlotUse, HalfOfTheLineGivesUp) {
  compare("half give up", {.abandons = 0.5}, 0.98, 0.975);
}

TEST(EngineSlotUse, NineInTenAheadAreBots) {
  compare("nine in ten are bots", {.people = 12'000, .bots = 0.9}, 0.98, 0.9);
}

// Everybody who comes first is a bot, or nearly (loadtool/scenarios/bots.toml), for some minutes
// only: the ten slots that are risked for newcomers are seen.
TEST(EngineSlotUse, ARoomOpensToBots) {
  compare("opens to bots",
          {.capacity = 40,
           .people = 2'000,
           .arrive_within_s = 20,
           .bots = 0.9,
           .held_min_s = 20,
           .held_max_s = 40},
          0.9, 0.8);
}

}  // namespace
}  // namespace onsale::waitroom
