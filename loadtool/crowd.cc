#include "loadtool/crowd.h"

#include <algorithm>
#include <ctime>

#include "loadtool/person.h"

namespace onsale::load {

Micros Run::now() const {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (now.tv_sec * 1'000'000'000LL + now.tv_nsec - began_ns) / 1000;
}

Crowd::Crowd(exec::Loop& loop, const Run& run, Live& live, Solvers& solvers,
             std::vector<Plan> plans)
    : loop_(loop), run_(run), live_(live), solvers_(solvers), timer_(loop) {
  std::ranges::sort(plans, {}, &Plan::arrives_s);
  people_.reserve(plans.size());
  for (const Plan& plan : plans) people_.push_back(std::make_unique<Person>(*this, plan));
}

Crowd::~Crowd() = default;

void Crowd::start() {
  loop_.post([this] { arrivals(); });
}

void Crowd::arrivals() {
  if (stopping_) return;
  const Micros now = run_.now();
  while (next_ < people_.size()) {
    Person& person = *people_[next_];
    const auto due = static_cast<Micros>(person.plan().arrives_s * 1e6);
    if (due > now) {
      timer_.after(std::chrono::microseconds(due - now), [this] { arrivals(); });
      return;
    }
    ++next_;
    const Micros late = now - due;
    tally_.record(Call::late, late, now);
    if (late > live_.worst_late_us.load(std::memory_order_relaxed)) live_.worst_late_us = late;
    ++tally_.at(now).arrived;
    ++live_.arrived;
    person.arrive();
  }
}

void Crowd::stop() {
  loop_.post([this] {
    stopping_ = true;
    timer_.cancel();
    for (const auto& person : people_) person->time_is_over();
  });
}

Tally Crowd::take() {
  for (const auto& person : people_) person->report(tally_.facts);
  people_.clear();
  return std::move(tally_);
}

void Crowd::count(Call call, const Reply& reply, bool wanted) {
  ++live_.calls;
  std::string what = std::string(name_of(call)) + " ";
  if (reply.status() == 0) {
    what += reply.error;
  } else {
    tally_.record(call, reply.got - reply.sent, reply.got);
    what += std::to_string(reply.status());
    if (reply.status() >= 400) {
      const std::string code = read_problem(reply.body()).code;
      if (!code.empty()) what += " " + code;
    }
  }
  ++tally_.answers[what];
  if (!wanted) error(std::move(what));
}

void Crowd::error(std::string what) {
  ++live_.errors;
  ++tally_.at(now()).errors;
  ++tally_.errors[std::move(what)];
}

void Crowd::breach(BreachKind kind, const Plan& plan, const std::string& what) {
  ++live_.breaches;
  tally_.breach(kind, "person " + std::to_string(plan.index) + " at " +
                          std::to_string(now() / 1000) + " ms: " + what);
}

}  // namespace onsale::load
