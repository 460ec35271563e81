// A model of the CGV seed (its later version): a sorted set scored with the millisecond clock of
// whichever of four nodes took the request, ties by the client's own id; who enters while a slot is
// free takes it, whoever waits; a promoter runs every two seconds; a session ends a fixed time
// after admission, swept every ten; people in line never expire; the node that serves a film is
// missed for some minutes when it dies. The wait shown is rank over sessions a node, times ten
// seconds. In its favour: counting and promoting is one atomic step, batches are as large as in
// production, and its messages always arrive.
#include <algorithm>
#include <cmath>
#include <deque>
#include <ext/pb_ds/assoc_container.hpp>
#include <ext/pb_ds/tree_policy.hpp>
#include <random>
#include <unordered_map>

#include "queue.h"

namespace onsale::compare {
namespace {

constexpr Seconds kPromote = 2, kSession = 300, kSweep = 10, kUnserved = 240, kPoll = 3;
constexpr std::int64_t kBatch = 5'000;
constexpr int kNodes = 4;

class SortedSet final : public Queue {
 public:
  SortedSet(const Limits& limits, Court& court)
      : limits_(limits), court_(court), random_(limits.seed) {
    for (double& offset : offsets_) {
      offset = std::uniform_real_distribution<double>(-1, 1)(random_) *
               std::max(limits.skew_seconds, 0.02);
    }
  }
  std::string_view name() const override { return "CGV seed"; }

  Answer arrive(Person person, Seconds now) override {
    if (taken() < limits_.capacity) {
      admit(person, now);
      return {.state = Answer::State::inside};
    }
    const double clock = now + offsets_[random_() % kNodes];
    const Key key{static_cast<std::int64_t>(clock * 1000), random_()};
    keys_.emplace(person, key);
    waiting_.insert({key, person});
    return shown(key);
  }

  Answer ask(Person person, Seconds) override {
    if (inside_.contains(person)) return {.state = Answer::State::inside};
    const auto found = keys_.find(person);
    if (found == keys_.end()) return {};
    return shown(found->second);
  }

  void act(Person, Seconds) override {}

  void finish(Person person, Seconds now) override {
    if (inside_.erase(person) > 0) court_.freed(person, now);
  }

  void tick(Seconds now) override {
    if (now < dead_until_) return;
    if (now >= sweep_at_) {
      sweep_at_ = now + kSweep;
      while (!sessions_.empty() && sessions_.front().first + kSession <= now) {
        finish(sessions_.front().second, now);
        sessions_.pop_front();
      }
    }
    if (now < promote_at_) return;
    promote_at_ = now + kPromote;
    std::int64_t count = std::min(kBatch, limits_.capacity - taken());
    for (; count > 0 && !waiting_.empty(); --count) {
      const Person person = waiting_.begin()->second;
      waiting_.erase(waiting_.begin());
      keys_.erase(person);
      admit(person, now);
      court_.pushed(person);
    }
  }

  void crash(Seconds now) override { dead_until_ = now + kUnserved; }
  std::int64_t taken() const override { return std::ssize(inside_); }

 private:
  using Key = std::pair<std::int64_t, std::uint64_t>;
  using Entry = std::pair<Key, Person>;
  using Tree = __gnu_pbds::tree<Entry, __gnu_pbds::null_type, std::less<>, __gnu_pbds::rb_tree_tag,
                                __gnu_pbds::tree_order_statistics_node_update>;

  void admit(Person person, Seconds now) {
    inside_.emplace(person, now);
    sessions_.push_back({now, person});
    court_.granted(person, now);
  }

  Answer shown(const Key& key) const {
    const double rank = static_cast<double>(waiting_.order_of_key({key, 0})) + 1;
    const double per_node = std::max(1.0, static_cast<double>(limits_.capacity) / kNodes);
    return {.state = Answer::State::waiting,
            .position = rank,
            .wait = std::floor((rank - 1) / per_node) * 10,
            .ask_again = kPoll};
  }

  Limits limits_;
  Court& court_;
  std::mt19937_64 random_;
  std::array<double, kNodes> offsets_{};
  Tree waiting_;
  std::unordered_map<Person, Key> keys_;
  std::unordered_map<Person, Seconds> inside_;
  std::deque<std::pair<Seconds, Person>> sessions_;
  Seconds promote_at_ = 0, sweep_at_ = 0, dead_until_ = 0;
};

}  // namespace

std::unique_ptr<Queue> sorted_set(const Limits& limits, Court& court) {
  return std::make_unique<SortedSet>(limits, court);
}

}  // namespace onsale::compare
