// The people of one event loop, and what they share.
// Thread: start() and stop() from any; everything else on the loop. `Live` is read by others.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "loadtool/links.h"
#include "loadtool/proof.h"
#include "loadtool/tally.h"

namespace onsale::load {

// What the progress line shows; in memory that all processes share.
struct Live {
  std::atomic<std::int64_t> arrived{0}, joining{0}, waiting{0}, inside{0}, ended{0};
  std::atomic<std::int64_t> joined_total{0}, admitted_total{0}, calls{0}, errors{0}, breaches{0};
  std::atomic<std::int64_t> worst_late_us{0};
  std::atomic<bool> stop{false};  // leave now
};

// What every person of a run knows.
struct Run {
  Scenario scenario;
  Target target;
  std::string room;                   // its id
  std::string room_path;              // "/api/v1/rooms/film-x"
  std::string performance;            // to hold seats of; empty: nobody buys
  std::vector<std::string> accounts;  // access tokens
  Patience patience;
  std::uint64_t seed = 1;
  std::string name;                // unique: part of the idempotency keys
  std::int64_t began_ns = 0;       // steady clock
  std::int64_t began_unix_ms = 0;  // the same moment
  std::uint32_t sources = 200;     // client networks
  Micros now() const;
};

class Person;

class Crowd {
 public:
  Crowd(exec::Loop& loop, const Run& run, Live& live, Solvers& solvers, std::vector<Plan> plans);
  ~Crowd();
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  void start();
  // The time is over: everybody still there makes sure of their place and leaves.
  void stop();
  // After the loop has stopped: the tally with the facts of all.
  Tally take();

  // For people.
  exec::Loop& loop() { return loop_; }
  const Run& run() const { return run_; }
  const Scenario& scenario() const { return run_.scenario; }
  Live& live() { return live_; }
  Tally& tally() { return tally_; }
  Solvers& solvers() { return solvers_; }
  Micros now() const { return run_.now(); }
  // Counts an answer, and as an error unless it is among what a sane run has.
  void count(Call call, const Reply& reply, bool wanted);
  void error(std::string what);
  void breach(BreachKind kind, const Plan& plan, const std::string& what);

 private:
  void arrivals();

  exec::Loop& loop_;
  const Run& run_;
  Live& live_;
  Solvers& solvers_;
  Tally tally_;
  std::vector<std::unique_ptr<Person>> people_;  // by arrival
  std::size_t next_ = 0;
  Timer timer_;
  bool stopping_ = false;
};

}  // namespace onsale::load
