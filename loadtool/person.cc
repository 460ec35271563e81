#include "loadtool/person.h"

#include <algorithm>
#include <functional>

namespace onsale::load {
namespace {

constexpr std::uint8_t kProofsMax = 3;
constexpr std::uint8_t kLeaveTriesMax = 4;

bool is_wanted_hold(int status) { return status == 201 || status == 409 || status == 422; }

// People come from a network each (or share one of `sources`), a farm of bots from one.
std::uint32_t source_of(Crowd& crowd, const Plan& plan) {
  if (plan.kind == Kind::bot && crowd.scenario().bots.one_network)
    return (200U << 16) + plan.index % 254;
  return plan.index % crowd.run().sources << 8;
}

}  // namespace

Person::Person(Crowd& crowd, const Plan& plan)
    : crowd_(crowd),
      plan_(plan),
      dice_(plan.dice, plan.index),
      wiring_{
          .loop = crowd.loop(),
          .target = crowd.run().target,
          .source = source_of(crowd, plan),
          .now = [&crowd] { return crowd.now(); },
          .connected =
              [&crowd](Micros took) { crowd.tally().record(Call::connect, took, crowd.now()); }},
      http_(wiring_, crowd.scenario().request_timeout_s),
      feed_(wiring_, crowd.scenario().request_timeout_s,
            {.news = [this](std::string_view json) { news(json); },
             .ended = [this](std::string_view why,
                             std::optional<std::int64_t> after) { feed_ended(why, after); }}),
      journey_(crowd.loop()),
      patience_(crowd.loop()),
      event_(crowd.loop()),
      buying_(crowd.loop()),
      regular_(crowd.loop()) {
  facts_.index = plan.index;
  facts_.kind = plan.kind;
}

std::atomic<std::int64_t>* Person::gauge() {
  if (stage_ == Stage::joining) return &crowd_.live().joining;
  if (stage_ == Stage::line) return &crowd_.live().waiting;
  return stage_ == Stage::inside ? &crowd_.live().inside : nullptr;
}

void Person::move_to(Stage stage) {
  if (auto* before = gauge()) --*before;
  stage_ = stage;
  if (auto* now = gauge()) ++*now;
}

double Person::back_off() {
  const double limit = std::min(5.0, 0.25 * (1 << std::min<int>(attempts_, 5)));
  if (attempts_ < 255) ++attempts_;
  return dice_.between({limit / 2, limit});
}

double Person::silent_s(Micros at) const {
  return feed_live_ ? 0 : static_cast<double>(at - last_life_) / 1e6;
}

Headers Person::who() const {
  Headers headers;
  if (!token_.empty()) headers.emplace_back("Onsale-Place", token_);
  if (!cookie_.empty()) headers.emplace_back("Cookie", cookie_);
  return headers;
}

void Person::arrive() {
  move_to(Stage::joining);
  journey_.after(seconds_of(plan_.think_s),
                 [this] { plan_.kind == Kind::bot ? bot_join() : join(); });
}

// ---- joining

Request Person::join_request() const {
  Request request{.method = "POST", .path = crowd_.run().room_path + "/places"};
  request.headers = who();
  // One key for one intent: a join with a proof is another one.
  request.headers.emplace_back(
      "Idempotency-Key",
      crowd_.run().name + "-" + std::to_string(plan_.index) + "-" + std::to_string(proofs_));
  request.body = proof_;
  return request;
}

void Person::join() {
  if (facts_.join_sent < 0) facts_.join_sent = crowd_.now();
  http_.drop(false);
  if (plan_.loses_answer && !answer_lost_) {
    answer_lost_ = true;
    http_.call_and_go(join_request());
    ++crowd_.tally().answers["join lost on purpose"];
    journey_.after(seconds_of(dice_.between({0.1, 0.6})), [this] { join(); });
    return;
  }
  http_.call(join_request(), [this](Reply reply) { joined(std::move(reply)); });
}

void Person::joined(Reply reply) {
  const int status = reply.status();
  const auto problem = status >= 400 ? read_problem(reply.body()) : ProblemAnswer{};
  const bool in_progress = problem.code == "idempotency_in_progress";
  crowd_.count(Call::join, reply,
               status == 200 || status == 202 || status == 428 || status == 403 || in_progress);
  if (!reply.response.device_cookie.empty()) cookie_ = reply.response.device_cookie;
  Floor floor = watch_.mark();
  if (status == 200 || status == 202) {
    attempts_ = 0;
    // A replay says how things were when the lost answer was made, not how they are.
    const Micros asked = reply.response.replayed ? -1 : reply.sent;
    if (reply.response.replayed) ++crowd_.tally().answers["join answered again as before"];
    if (take(reply.body(), floor, asked, reply.got)) return;
  }
  if (problem.challenge && proofs_ < kProofsMax) return prove(*problem.challenge);
  if (status >= 400 && status < 500 && status != 429 && !in_progress) return end(Outcome::refused);
  const double asked = reply.response.retry_after_s.value_or(0);
  const double pause = in_progress ? dice_.between({0.2, 0.8}) : std::max(asked, back_off());
  journey_.after(seconds_of(pause * dice_.between({1, 1.3})), [this] { join(); });
}

void Person::prove(const Challenge& challenge) {
  ++proofs_;
  const Micros began = crowd_.now();
  crowd_.solvers().add(challenge, [this, began, challenge](std::optional<Solutions> solved) {
    crowd_.loop().post([this, began, challenge, solved = std::move(solved)] {
      if (over()) return;
      if (!solved) return end(Outcome::refused);
      crowd_.tally().record(Call::solve, crowd_.now() - began, crowd_.now());
      proof_ = proof_body(challenge, *solved);
      plan_.kind == Kind::bot ? bot_join() : join();
    });
  });
}

void Person::bot_join() {
  if (over()) return;
  Request request{.method = "POST", .path = crowd_.run().room_path + "/places"};
  request.body = std::exchange(proof_, {});
  http_.call(std::move(request), [this](const Reply& reply) { bot_joined(reply); });
}

void Person::bot_joined(const Reply& reply) {
  // Whatever keeps a bot out is what the room wants.
  crowd_.count(Call::join, reply, reply.status() != 0 && reply.status() != 500);
  http_.drop(false);
  if (const auto place = reply.status() < 300 ? read_place(reply.body()) : std::nullopt) {
    bot_places_.push_back({.index = plan_.index,
                           .kind = Kind::bot,
                           .outcome = Outcome::vanished,
                           .lane = place->lane,
                           .number = place->number.value_or(-1),
                           .token_hash = std::hash<std::string>()(place->place),
                           .joined = reply.got});
    ++crowd_.tally().bot_places;
  }
  if (reply.status() == 428 && crowd_.scenario().bots.solve_proof && proofs_ < 255) {
    if (const auto challenge = read_problem(reply.body()).challenge) return prove(*challenge);
  }
  bot_rests();
}

void Person::bot_rests() {
  if (++bot_joins_ >= plan_.joins) return end(Outcome::done);
  journey_.after(seconds_of(plan_.every_s), [this] { bot_join(); });
}

// ---- in line

void Person::enter_line() {
  move_to(Stage::line);
  follow();
  if (plan_.gives_up_after_s > 0)
    patience_.after(seconds_of(plan_.gives_up_after_s), [this] { give_up(); });
  plan_break();
  if (plan_.transport != Transport::polling) look_regularly();
}

void Person::plan_break() {
  if (breaks_ >= plan_.reconnects) return;
  event_.after(seconds_of(plan_.reconnect_after_s[breaks_]), [this] { break_line(); });
}

void Person::break_line() {
  const double away = plan_.away_s[breaks_++];
  last_life_ = feed_live_ ? crowd_.now() : last_life_;
  feed_live_ = false;
  // Half of all lines break without a word.
  feed_.drop(dice_.chance(0.5));
  http_.drop(dice_.chance(0.5));
  regular_.cancel();
  if (plan_.by_token) cookie_.clear();
  ++crowd_.tally().lines_broken;
  journey_.after(seconds_of(away), [this] { come_back(); });
}

void Person::come_back() {
  coming_back_ = true;
  if (plan_.transport != Transport::polling && !plan_.by_token) return follow();
  look();
}

// Beside an open feed: proves on the way that the place answers, and when it still waited.
void Person::look_regularly() {
  const double every = crowd_.scenario().behaviour.look_every_s;
  if (every <= 0) return;
  regular_.after(seconds_of(dice_.between({every / 2, every * 1.5})), [this] {
    if (over()) return;
    if (http_.idle() && feed_live_) look();
    look_regularly();
  });
}

void Person::give_up() {
  if (stage_ != Stage::line) return;
  if (plan_.vanishes) return end(Outcome::vanished);
  leave(Outcome::gave_up);
}

// ---- inside

void Person::buy() {
  const Run& run = crowd_.run();
  if (run.performance.empty() || run.accounts.empty() || pass_.empty()) return;
  shopping_ = true;
  Request request{.method = "POST", .path = "/api/v1/performances/" + run.performance + "/holds"};
  request.headers = {
      {"Authorization", "Bearer " + run.accounts[plan_.account % run.accounts.size()]},
      {"Onsale-Pass", pass_},
      {"Idempotency-Key", run.name + "-hold-" + std::to_string(plan_.index)}};
  request.body = R"({"best":{"quantity":)" + std::to_string(plan_.seats) + "}}";
  http_.call(std::move(request), [this](const Reply& reply) { held(reply); });
}

void Person::held(const Reply& reply) {
  crowd_.count(Call::hold, reply, is_wanted_hold(reply.status()));
  const std::string hold = reply.status() == 201 ? read_text(reply.body(), "id") : std::string();
  if (hold.empty()) {
    shopping_ = false;
    if (leaves_after_shopping_) go();
    return;
  }
  buying_.after(seconds_of(plan_.hold_s), [this, hold] {
    const Run& run = crowd_.run();
    Request request{.method = "DELETE", .path = "/api/v1/holds/" + hold};
    request.headers = {
        {"Authorization", "Bearer " + run.accounts[plan_.account % run.accounts.size()]},
        {"Onsale-Pass", pass_}};
    http_.call(std::move(request), [this](const Reply& answer) { released(answer); });
  });
}

void Person::released(const Reply& reply) {
  crowd_.count(Call::release, reply, reply.status() == 204);
  shopping_ = false;
  if (leaves_after_shopping_) go();
}

void Person::go() {
  if (stage_ != Stage::inside) return;
  if (shopping_ && !finishing_) {
    leaves_after_shopping_ = true;
    return;
  }
  if (plan_.leaves || finishing_) return leave(finishing_ ? Outcome::still_inside : Outcome::done);
  end(Outcome::done);
}

void Person::leave(Outcome outcome) {
  move_to(Stage::leaving);
  feed_.drop(false);
  feed_live_ = false;
  for (Timer* timer : {&patience_, &event_, &buying_, &regular_}) timer->cancel();
  Request request{.method = "DELETE", .path = crowd_.run().room_path + "/places/me"};
  request.headers = who();
  http_.drop(false);
  http_.call(std::move(request), [this, outcome](const Reply& reply) {
    crowd_.count(Call::leave, reply, reply.status() == 204);
    const bool again = reply.status() == 0 || reply.status() >= 500 || reply.status() == 429;
    if (!again || attempts_ >= kLeaveTriesMax) return end(outcome);
    journey_.after(seconds_of(back_off()), [this, outcome] { leave(outcome); });
  });
}

void Person::end(Outcome outcome) {
  if (stage_ == Stage::over) return;
  move_to(Stage::over);
  feed_live_ = false;
  feed_.drop(plan_.vanishes);
  http_.drop(plan_.vanishes);
  for (Timer* timer : {&journey_, &patience_, &event_, &buying_, &regular_}) timer->cancel();
  facts_.outcome = outcome;
  facts_.left = crowd_.now();
  ++crowd_.live().ended;
  ++crowd_.tally().at(crowd_.now()).ended;
}

void Person::time_is_over() {
  finishing_ = true;
  switch (stage_) {
    case Stage::outside:
      facts_.outcome = Outcome::never_came;
      stage_ = Stage::over;
      ++crowd_.live().ended;
      return;
    case Stage::joining:
      return end(plan_.kind == Kind::bot ? Outcome::done : Outcome::no_answer);
    case Stage::line:
      event_.cancel();
      patience_.cancel();
      // Not all at once: this is no part of the scenario.
      journey_.after(seconds_of(dice_.between({0, 2})), [this] { look(); });
      return;
    case Stage::inside:
      patience_.after(seconds_of(dice_.between({0, 2})), [this] { go(); });
      return;
    default:
      return;
  }
}

void Person::report(std::vector<Facts>& out) const {
  if (plan_.kind == Kind::person)
    out.push_back(facts_);
  else
    out.insert(out.end(), bot_places_.begin(), bot_places_.end());
}

}  // namespace onsale::load
