// A model of Cloudflare Waiting Room's FIFO method as its documentation describes it: people are
// ordered by the minute of their arrival; a bucket must be empty before the next one's turn; who
// closes the page keeps the place for five minutes after the last refresh; the page refreshes every
// 20 s; a session lasts five minutes after its last request, and the origin may revoke it.
// In its favour: counters are exact and at once everywhere, so it never lets too many in.
#include <algorithm>
#include <cmath>
#include <deque>
#include <map>
#include <queue>
#include <unordered_map>

#include "inside.h"

namespace onsale::compare {
namespace {

constexpr Seconds kRefresh = 20, kPlaceKept = 300, kSession = 300;

class MinuteBuckets final : public Queue {
 public:
  MinuteBuckets(const Limits& limits, Court& court) : limits_(limits), inside_(court, kSession) {}
  std::string_view name() const override { return "Cloudflare FIFO"; }

  Answer arrive(Person person, Seconds now) override {
    if (waiting_.empty() && taken() < limits_.capacity) return admit(person, now);
    const auto minute = static_cast<std::int64_t>(now / 60);
    waiting_.emplace(person, Cookie{.minute = minute, .refreshed = now});
    ++buckets_[minute];
    expiries_.push({now + kPlaceKept, person});
    return shown(minute, now);
  }

  Answer ask(Person person, Seconds now) override {
    if (inside_.contains(person)) return {.state = Answer::State::inside};
    const auto found = waiting_.find(person);
    if (found == waiting_.end()) return arrive(person, now);  // the place was over: a new one
    found->second.refreshed = now;
    const std::int64_t minute = found->second.minute;
    if (minute == buckets_.begin()->first && taken() < limits_.capacity) {
      drop(found);
      return admit(person, now);
    }
    return shown(minute, now);
  }

  void act(Person person, Seconds now) override { inside_.act(person, now); }
  void finish(Person person, Seconds now) override { inside_.finish(person, now); }

  void tick(Seconds now) override {
    while (!expiries_.empty() && expiries_.top().first <= now) {
      const Person person = expiries_.top().second;
      expiries_.pop();
      const auto found = waiting_.find(person);
      if (found == waiting_.end()) continue;
      const Seconds due = found->second.refreshed + kPlaceKept;
      due <= now ? drop(found) : expiries_.push({due, person});
    }
    inside_.end_the_silent(now);
    while (!accepted_.empty() && accepted_.front() < now - 300) accepted_.pop_front();
  }

  std::int64_t taken() const override { return inside_.count(); }

 private:
  struct Cookie {
    std::int64_t minute;
    Seconds refreshed;
  };
  using Due = std::pair<Seconds, Person>;
  using Dues = std::priority_queue<Due, std::vector<Due>, std::greater<>>;

  Answer admit(Person person, Seconds now) {
    inside_.grant(person, now);
    accepted_.push_back(now);
    return {.state = Answer::State::inside};
  }

  void drop(std::unordered_map<Person, Cookie>::iterator found) {
    const auto bucket = buckets_.find(found->second.minute);
    if (--bucket->second == 0) buckets_.erase(bucket);
    waiting_.erase(found);
  }

  // Whole minutes; people ahead over the rate at which people were let in.
  Answer shown(std::int64_t minute, Seconds now) const {
    Answer answer{.state = Answer::State::waiting, .ask_again = kRefresh};
    double ahead = 0;
    for (const auto& [bucket, count] : buckets_) {
      if (bucket > minute) break;
      ahead += bucket < minute ? static_cast<double>(count) : static_cast<double>(count) / 2;
    }
    const double seen = std::min(now, 300.0);
    if (!accepted_.empty() && seen > 20) {
      answer.wait = std::ceil(ahead / (static_cast<double>(accepted_.size()) / seen) / 60) * 60;
    }
    return answer;
  }

  Limits limits_;
  Inside inside_;
  std::map<std::int64_t, std::int64_t> buckets_;  // minute -> people
  std::unordered_map<Person, Cookie> waiting_;
  std::deque<Seconds> accepted_;  // of five minutes
  Dues expiries_;
};

}  // namespace

std::unique_ptr<Queue> minute_buckets(const Limits& limits, Court& court) {
  return std::make_unique<MinuteBuckets>(limits, court);
}

}  // namespace onsale::compare
