// Who is inside, each until some seconds after their last request: what three of the models share.
#pragma once

#include <functional>
#include <queue>
#include <unordered_map>
#include <utility>
#include <vector>

#include "queue.h"

namespace onsale::compare {

class Inside {
 public:
  Inside(Court& court, Seconds silent_for) : court_(court), silent_for_(silent_for) {}

  bool contains(Person person) const { return last_.contains(person); }
  std::int64_t count() const { return std::ssize(last_); }

  void grant(Person person, Seconds now) {
    last_.emplace(person, now);
    ends_.push({now + silent_for_, person});
    court_.granted(person, now);
  }
  void act(Person person, Seconds now) {
    const auto found = last_.find(person);
    if (found != last_.end()) found->second = now;
  }
  // Whether they were inside.
  bool finish(Person person, Seconds now) {
    if (last_.erase(person) == 0) return false;
    court_.freed(person, now);
    return true;
  }
  // How many were silent for too long, and are out.
  std::int64_t end_the_silent(Seconds now) {
    std::int64_t ended = 0;
    while (!ends_.empty() && ends_.top().first <= now) {
      const Person person = ends_.top().second;
      ends_.pop();
      const auto found = last_.find(person);
      if (found == last_.end()) continue;
      const Seconds due = found->second + silent_for_;
      if (due > now) {
        ends_.push({due, person});
      } else {
        ended += finish(person, now);
      }
    }
    return ended;
  }

 private:
  using Due = std::pair<Seconds, Person>;
  Court& court_;
  Seconds silent_for_;
  std::unordered_map<Person, Seconds> last_;  // -> last request
  std::priority_queue<Due, std::vector<Due>, std::greater<>> ends_;
};

}  // namespace onsale::compare
