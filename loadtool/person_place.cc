// What a person does with what it is told about its place.
#include <algorithm>
#include <functional>

#include "loadtool/person.h"

namespace onsale::load {

// False when it is no place.
bool Person::take(const std::string& json, Floor& floor, Micros asked, Micros got) {
  const auto answer = read_place(json);
  if (!answer) {
    crowd_.error("a place that cannot be read");
    return false;
  }
  const bool again = stage_ == Stage::inside && (answer->state == PlaceState::waiting ||
                                                 answer->state == PlaceState::prequeue);
  if (again && silent_s(asked) + 3 < crowd_.run().patience.idle_s)
    crowd_.breach(BreachKind::lost, plan_, "was inside and is told to wait again");
  std::vector<Breach> breaches;
  watch_.observe(*answer, floor, breaches);
  for (const Breach& breach : breaches) crowd_.breach(breach.kind, plan_, breach.what);
  switch (answer->state) {
    case PlaceState::waiting:
    case PlaceState::prequeue:
      note(*answer, asked, got);
      in_line(*answer, asked, got);
      break;
    case PlaceState::admitted:
      note(*answer, asked, got);
      admitted(*answer, got);
      break;
    default:
      gone(*answer, asked);
  }
  return true;
}

void Person::note(const PlaceAnswer& answer, Micros asked, Micros got) {
  last_life_ = std::max(last_life_, asked);
  attempts_ = 0;
  if (!answer.place.empty()) token_ = answer.place;
  if (std::exchange(coming_back_, false)) {
    ++facts_.came_back;
    ++crowd_.tally().came_back;
  }
  facts_.lane = answer.lane;
  if (answer.number) facts_.number = *answer.number;
  if (!answer.place_id.empty()) facts_.place_id_hash = std::hash<std::string>()(answer.place_id);
  if (answer.called_at_ms && facts_.called_at_ms < 0) {
    facts_.called_at_ms = *answer.called_at_ms;
    const Micros called = (*answer.called_at_ms - crowd_.run().began_unix_ms) * 1000;
    if (called > facts_.join_sent)
      crowd_.tally().record(feed_live_ ? Call::news : Call::asked_news,
                            std::max<Micros>(got - called, 0), got);
  }
  if (facts_.joined >= 0) return;
  facts_.joined = got;
  facts_.token_hash = std::hash<std::string>()(answer.place);
  ++crowd_.live().joined_total;
  ++crowd_.tally().at(got).joined;
}

void Person::in_line(const PlaceAnswer& answer, Micros asked, Micros got) {
  facts_.missed_turn = watch_.missed_turn();
  if (!facts_.missed_turn) facts_.waiting_at = std::max(facts_.waiting_at, asked);
  if (facts_.first_position < 0 && answer.position) facts_.first_position = *answer.position;
  if (answer.p50_s && answer.p80_s && answer.p90_s) {
    const Estimate estimate{.at = got,
                            .p50_s = static_cast<std::int32_t>(*answer.p50_s),
                            .p80_s = static_cast<std::int32_t>(*answer.p80_s),
                            .p90_s = static_cast<std::int32_t>(*answer.p90_s)};
    if (facts_.first.at < 0) facts_.first = estimate;
    const bool half = answer.position && *answer.position * 2 <= facts_.first_position;
    if (half && facts_.halfway.at < 0) facts_.halfway = estimate;
  }
  if (finishing_) return leave(Outcome::still_waiting);
  if (stage_ == Stage::joining) return enter_line();
  if (stage_ == Stage::inside) move_to(Stage::line);
  if (plan_.transport != Transport::polling) {
    if (!feed_.is_open() && !journey_.is_set()) follow();
    return;
  }
  const double pause = static_cast<double>(answer.poll_after_ms.value_or(2000)) / 1000;
  journey_.after(seconds_of(std::max(pause, 0.05)), [this] { look(); });
}

void Person::admitted(const PlaceAnswer& answer, Micros got) {
  pass_ = answer.pass;
  if (stage_ != Stage::inside) {
    event_.cancel();
    regular_.cancel();
    move_to(Stage::inside);
    if (facts_.admitted < 0) {
      facts_.admitted = got;
      ++crowd_.live().admitted_total;
      ++crowd_.tally().at(got).admitted;
    }
    inside_since_ = got;
    patience_.after(seconds_of(plan_.inside_s), [this] { go(); });
    if (plan_.buys) buy();
  }
  if (finishing_) return go();
  // An open feed is a sign of life; without one the place is looked at.
  if (feed_.is_open()) return;
  const double pause = static_cast<double>(answer.poll_after_ms.value_or(5000)) / 1000;
  journey_.after(seconds_of(std::clamp(pause, 0.05, crowd_.run().patience.idle_s / 3)),
                 [this] { look(); });
}

void Person::gone(const PlaceAnswer& answer, Micros asked) {
  if (over()) return;
  const double inside_s =
      stage_ == Stage::inside ? static_cast<double>(asked - inside_since_) / 1e6 : 0;
  const std::string loss = watch_.loss(answer, silent_s(asked), inside_s, crowd_.run().patience);
  if (!loss.empty()) {
    crowd_.breach(BreachKind::lost, plan_, loss);
    return end(Outcome::lost);
  }
  end(answer.state == PlaceState::completed ? Outcome::done : Outcome::expired);
}

void Person::look() {
  if (over()) return;
  Request request{.path = crowd_.run().room_path + "/places/me"};
  request.headers = who();
  const Floor floor = watch_.mark();
  http_.call(std::move(request), [this, floor](const Reply& reply) { looked(reply, floor); });
}

void Person::looked(const Reply& reply, Floor floor) {
  if (over()) return;
  crowd_.count(Call::look, reply, reply.status() == 200 || reply.status() == 202);
  if (reply.status() == 200 || reply.status() == 202) {
    if (take(reply.body(), floor, reply.sent, reply.got)) return;
  }
  if (reply.status() == 401 || reply.status() == 404) return gone({}, reply.sent);
  if (finishing_ && attempts_ > 3) return end(Outcome::under_way);
  if (feed_live_ && !finishing_) return;  // it was one look more
  coming_back_ = true;
  const double asked = reply.response.retry_after_s.value_or(0);
  journey_.after(seconds_of(std::max(asked, back_off())), [this] { look(); });
}

void Person::follow() {
  if (over()) return;
  if (plan_.transport == Transport::polling) return look();
  feed_floor_ = watch_.mark();
  feed_asked_ = crowd_.now();
  feed_.open(plan_.transport, crowd_.run().room_path, token_, cookie_);
}

void Person::news(std::string_view json) {
  if (over()) return;
  const Micros now = crowd_.now();
  const bool first = !feed_live_;
  if (first) {
    crowd_.tally().record(Call::subscribe, now - feed_asked_, now);
    ++crowd_.live().calls;
    // As a page does not need it any more; and descriptors are few.
    if (http_.idle()) http_.drop(false);
    if (stage_ == Stage::line) look_regularly();
  }
  take(std::string(json), feed_floor_, feed_asked_, now);
  feed_live_ = feed_.is_open();
}

void Person::feed_ended(std::string_view why, std::optional<std::int64_t> after_ms) {
  if (over()) return;
  if (std::exchange(feed_live_, false)) last_life_ = crowd_.now();
  ++crowd_.tally().lines_broken;
  coming_back_ = true;
  double pause = back_off();
  if (after_ms) {
    ++crowd_.tally().answers["live: asked to come back"];
    pause = static_cast<double>(*after_ms) / 1000;
    crowd_.tally().record(Call::away, *after_ms * 1000, crowd_.now());
  } else {
    crowd_.error("live: " + std::string(why));
  }
  // A refusal is looked into; whatever else is over, is tried again.
  const bool refused = why.starts_with("refused") || why.starts_with("401");
  if (refused || stage_ == Stage::inside)
    journey_.after(seconds_of(pause), [this] { look(); });
  else
    journey_.after(seconds_of(pause), [this] { come_back(); });
}

}  // namespace onsale::load
