#include <algorithm>

#include "base/check.h"
#include "waitroom/line/engine.h"
#include "waitroom/line/engine_time.h"

namespace onsale::waitroom {

namespace {

constexpr std::uint64_t kStride = 1'000'000'000;

Ending ending_of(Fact fact) {
  switch (fact) {
    case Fact::left:
    case Fact::returned:
      return Ending::left;
    case Fact::completed:
      return Ending::completed;
    default:
      return Ending::expired;
  }
}

}  // namespace

void Engine::apply(const Record& record) {
  now_ = std::max(now_, record.at);
  stopped_ = record.fact == Fact::stopped;
  switch (record.fact) {
    case Fact::joined:
      return apply_joined(record);
    case Fact::admitted:
      return apply_admitted(record);
    case Fact::missed:
      return apply_missed(record);
    case Fact::passed:
      return apply_passed(record);
    case Fact::rejoined:
      return apply_rejoined(record);
    case Fact::given:
      (places_.find(record.place) ? places_ : lost_places_)
          .give(*place_of(record.place), record.device);
      return;
    case Fact::bound:
      if (const auto found = slots_.find(record.place); found != slots_.end()) {
        found->second.account = record.text;
      }
      return;
    case Fact::configured:
      return apply_configured(record);
    case Fact::lengthened:
      return apply_lengthened(record);
    case Fact::skipped:
      line_.skip(next_, record.place);
      next_ = record.place;
      return;
    case Fact::restored:
      return apply_restored(record);
    case Fact::draw:
      drawn_ = true;
      return line_.begin_draw(record.place, draw_span(record), draw_entrants(record));
    case Fact::drawn:
      return line_.draw(record.place, next_++, drawn_rank(record));
    case Fact::stopped:
      return;
    default:
      return apply_ended(record);
  }
}

void Engine::apply_configured(const Record& record) {
  const std::optional<Settings> settings = decode_settings(record.text);
  check(settings.has_value(), "stored settings can be read");
  const bool other_periods = settings->grace_seconds != settings_.grace_seconds ||
                             settings->missed_seconds != settings_.missed_seconds ||
                             settings->idle_seconds != settings_.idle_seconds ||
                             settings->session_seconds != settings_.session_seconds ||
                             settings->no_show_seconds != settings_.no_show_seconds;
  if (settings->lottery && !settings_.lottery) pool_since_ = next_;
  settings_ = *settings;
  if (!settings_.lottery) drawn_ = false;
  if (other_periods) watch_everybody();
}

void Engine::apply_lengthened(const Record& record) {
  const Millis length = lengthened_by(record);
  const auto lengthen = [&](Slot& slot) {
    slot.admitted_at = std::min(slot.admitted_at + length, record.at);
    slot.used_at = std::min(slot.used_at + length, record.at);
  };
  if (record.place == 0) {
    for (auto& [place, slot] : slots_) lengthen(slot);
  } else if (const auto one = slots_.find(record.place); one != slots_.end()) {
    lengthen(one->second);
  }
}

void Engine::apply_joined(const Record& record) {
  Place* place = places_.append(record.place, record.device);
  place->lane = record.lane;
  place->joined_s = seconds_of(record.at);
  place->seen_s = place->joined_s;
  // A lane that was empty has no claim to what it did not use.
  if (!first_of(record.lane)) {
    served_[record.lane] = std::max(served_[record.lane], virtual_now_);
  }
  line_.append(record.lane, record.place);
  grace_.put(due_s(*place), record.place);
  next_ = record.place + 1;
}

void Engine::apply_admitted(const Record& record) {
  Place* place = place_of(record.place);
  const auto lane = static_cast<LaneId>(place->lane);
  const std::int64_t share = share_of(settings_, lane);
  if (share > 0 && !(place->aside && place->missed)) {  // a missed turn was counted already
    std::uint64_t& served = served_[lane];
    virtual_now_ = served;
    served += kStride / static_cast<std::uint64_t>(share);
  }
  leave_line(*place);
  place->aside = false;
  place->admitted = true;
  const Presence there = presence(*place, record.at);
  const bool unsure = there == Presence::unsure || there == Presence::doubtful;
  Slot slot;
  slot.admitted_at = slot.used_at = record.at;
  slot.unsure = unsure;
  slot.settled = !options_.settles;
  unsure_inside_ += unsure ? 1 : 0;
  slots_.emplace(record.place, slot);
  if (slot.settled) watch_slot(record.place, slot);
  history_.add(record.at);
  pour(record.at);
}

void Engine::apply_missed(const Record& record) {
  forget_slot(record.place);
  Place* place = place_of(record.place);
  place->admitted = false;
  place->missed = true;
  place->away = true;
  place->seen_s = seconds_of(record.at);
  grace_.put(due_s(*place), record.place);
}

// Their last sign of life stays, and their grace with it.
void Engine::apply_passed(const Record& record) {
  Place* place = place_of(record.place);
  leave_line(*place);
  place->aside = false;
  place->away = true;
}

void Engine::apply_rejoined(const Record& record) {
  Place* place = place_of(record.place);
  place->away = false;
  place->aside = true;
  place->seen_s = seconds_of(record.at);
  place->heard = true;
  const auto lane = static_cast<LaneId>(place->lane);
  if (!first_of(lane)) served_[lane] = std::max(served_[lane], virtual_now_);
  const Sequence order = place->missed ? next_aside_++ : line_.order_of(record.place);
  aside_[side_lane(place->missed, lane)].emplace(order, record.place);
  if (place->missed) grace_.put(due_s(*place), record.place);  // the passed are watched all along
}

void Engine::apply_ended(const Record& record) {
  Place* place = place_of(record.place);
  leave_line(*place);
  forget_slot(record.place);
  (places_.find(record.place) ? places_ : lost_places_).erase(record.place);
  endings_.set(record.place, ending_of(record.fact));
}

void Engine::apply_restored(const Record& record) {
  for (Sequence held = line_.hold_lost(record.place); held <= record.place; ++held) {
    Place* place = lost_places_.append(held, lost_device(held));
    place->lane = kRestoredLane;
    place->joined_s = seconds_of(record.at);
    place->seen_s = place->joined_s;
    grace_.put(due_s(*place), held);
  }
  Place* place = lost_places_.find(record.place);
  if (place->device != record.device) lost_places_.give(*place, record.device);
}

void Engine::leave_line(const Place& place) {
  if (!place.aside) {
    line_.erase(place.sequence);
    return;
  }
  auto& lane = aside_[side_lane(place.missed, static_cast<LaneId>(place.lane))];
  if (!place.missed) {  // there may be as many as a whole line
    lane.erase(line_.order_of(place.sequence));
    return;
  }
  auto entry = lane.begin();  // whoever is called is the first
  while (entry->second != place.sequence) ++entry;
  lane.erase(entry);
}

void Engine::forget_slot(Sequence place) {
  const auto found = slots_.find(place);
  if (found == slots_.end()) return;
  if (found->second.unsure && !found->second.came) --unsure_inside_;
  slots_.erase(found);
}

void Engine::resume(Timestamp now) {
  // A clock that was ahead before the restart must not freeze the room until it catches up.
  now_ = now;
  history_.not_after(now);
  poured_at_ = std::min(poured_at_, now);
  each_place([&](Place& place) {
    place.joined_s = std::min(place.joined_s, seconds_of(now));
    place.seen_s = seconds_of(now);
    place.heard = true;  // nobody is passed for what the room did not hear
  });
  for (auto& [place, slot] : slots_) {
    slot.admitted_at = std::min(slot.admitted_at, now);
    slot.used_at = now;
    slot.came = false;
    slot.unsure = false;
    slot.settled = true;
  }
  unsure_inside_ = 0;
  watch_everybody();
}

// After the periods changed: everybody's due time anew.
void Engine::watch_everybody() {
  grace_.clear();
  each_place([&](Place& place) {
    if (!place.admitted) grace_.put(due_s(place), place.sequence);
  });
  slot_dues_ = {};
  for (const auto& [place, slot] : slots_) {
    if (slot.settled) watch_slot(place, slot);
  }
}

}  // namespace onsale::waitroom
