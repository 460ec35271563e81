// What every contender of the comparison looks like to the people in front of it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace onsale::compare {

using Person = std::uint32_t;  // in order of arrival
using Seconds = double;        // of virtual time

struct Answer {
  enum class State { waiting, inside, nothing };  // nothing: no answer, or the place is over
  State state = State::nothing;
  std::optional<double> position;  // as shown; empty when none is shown
  std::optional<double> wait;      // as shown, in seconds
  Seconds ask_again = 5;
};

// Told of the two facts that are measured, at the moment they become true for the queue.
class Court {
 public:
  virtual ~Court() = default;
  // A slot is this person's from now on, whether they are there to hear it or not.
  virtual void granted(Person person, Seconds now) = 0;
  // The queue counts the slot as free again.
  virtual void freed(Person person, Seconds now) = 0;
  // The person should ask again at once: a push.
  virtual void pushed(Person person) = 0;
};

struct Limits {
  std::int64_t capacity = 100;
  double skew_seconds = 0;  // clocks of the nodes are off by up to this
  std::uint64_t seed = 1;
};

class Queue {
 public:
  virtual ~Queue() = default;
  virtual std::string_view name() const = 0;
  virtual Answer arrive(Person person, Seconds now) = 0;
  virtual Answer ask(Person person, Seconds now) = 0;  // a reload, a poll, or after a push
  // Closes the page in line, and the page says so (if the product has a way to).
  virtual void goodbye(Person, Seconds) {}
  virtual void act(Person person, Seconds now) = 0;     // a request from inside
  virtual void finish(Person person, Seconds now) = 0;  // the purchase is done, the origin says so
  virtual void tick(Seconds now) = 0;                   // four times a second
  virtual void crash(Seconds) {}                        // one node dies; its own way of coming back
  virtual std::int64_t taken() const = 0;               // slots it counts as given
};

std::unique_ptr<Queue> ours(const Limits& limits, Court& court);
std::unique_ptr<Queue> minute_buckets(const Limits& limits, Court& court);
std::unique_ptr<Queue> batch_counter(const Limits& limits, Court& court);
std::unique_ptr<Queue> sorted_set(const Limits& limits, Court& court);
std::unique_ptr<Queue> probability(const Limits& limits, Court& court);

}  // namespace onsale::compare
