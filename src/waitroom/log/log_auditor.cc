#include "waitroom/log/log_auditor.h"

#include <algorithm>

#include "waitroom/line/engine_time.h"

namespace onsale::waitroom {

namespace {

std::string no(const char* what) { return what; }

bool frees_or_binds(Fact fact) { return frees_slot(fact) || fact == Fact::bound; }

}  // namespace

LogAuditor::LogAuditor(const Engine& base) : settings_(base.settings()) {
  next_ = base.next_sequence();
  lost_ = base.line().lost();
  drawn_before_ = base.drawn();
  base.visit_live([&](const Place& live) {
    const Sequence place = live.sequence;
    put(static_cast<LaneId>(live.lane), base.line().order_of(place), place, live.device);
    Person& person = people_.at(place);
    person.missed = live.missed;
    if (!live.admitted && !live.away && !live.aside) return;
    take(person);
    person.doing = live.admitted ? Doing::inside : live.away ? Doing::away : Doing::aside;
    if (live.aside && live.missed) unordered_.insert(place);
    if (live.aside && !live.missed) aside_[person.lane].emplace(person.order, place);
    if (live.admitted) ++inside_;
  });
}

std::string LogAuditor::judge(const Record& record) {
  if (record.at < now_) admissions_.clear();  // the clock was set back between two lives
  now_ = record.at;
  if (record.fact == Fact::lengthened && record.place == 0) return {};
  switch (record.fact) {
    case Fact::joined:
      return judge_join(record);
    case Fact::configured:
    case Fact::skipped:
    case Fact::stopped:
      return judge_room(record);
    case Fact::restored:
      return judge_restored(record);
    case Fact::draw:
      return judge_draw(record);
    case Fact::drawn:
      return judge_drawn(record);
    default:
      break;
  }
  const auto person = people_.find(record.place);
  if (person == people_.end()) return no("a fact of somebody who has no place");
  if (record.fact == Fact::given) return judge_given(record);
  if (record.fact == Fact::admitted) return judge_admission(record);
  return judge_person(record, person->second);
}

std::string LogAuditor::judge_room(const Record& record) {
  if (record.fact == Fact::configured) {
    const auto settings = decode_settings(record.text);
    if (!settings) return no("settings that can't be read");
    settings_ = *settings;
    if (!settings_.lottery) drawn_before_ = false;
  }
  if (record.fact == Fact::skipped) {
    if (record.place <= next_) return no("numbers are skipped backwards");
    if (record.place - next_ > kLostMax) return no("more numbers are skipped than may be lost");
    lost_ = {.first = next_, .end = record.place, .held_to = next_};
    next_ = record.place;
  }
  return {};
}

std::string LogAuditor::judge_join(const Record& record) {
  draw_first_ = 0;
  if (record.place != next_) return no("a number is given out of turn");
  if (record.lane == kRestoredLane) return no("nobody joins the lane of the restored");
  if (settings_.mode == Mode::closed || settings_.mode == Mode::drain) {
    return no("somebody joined a closed room");
  }
  if (devices_.contains(record.device)) return no("one device has two places");
  put(record.lane, record.place, record.place, record.device);
  next_ = record.place + 1;
  return {};
}

std::string LogAuditor::judge_admission(const Record& record) {
  Person& person = people_.at(record.place);
  if (auto wrong = judge_turn(record.place, person); !wrong.empty()) return wrong;
  if (auto wrong = judge_limits(record); !wrong.empty()) return wrong;
  person.doing == Doing::aside ? leave_side(record.place, person) : take(person);
  person.doing = Doing::inside;
  ++inside_;
  admissions_.push_back(record.at);
  while (admissions_.front() < record.at - kMinute) admissions_.pop_front();
  return {};
}

// Before whom does nobody go? The passed of a lane are before its others; the restored, then those
// with a turn to make up, are before all other lanes.
std::string LogAuditor::judge_turn(Sequence place, const Person& person) const {
  const LaneId side = side_lane(person.missed, person.lane);
  if (person.doing == Doing::waiting) {
    if (lanes_[person.lane].begin()->second != place) {
      return no("I4: admitted before somebody earlier in the same lane");
    }
    if (!aside_[person.lane].empty()) return no("I4: admitted before those who were passed");
  } else if (person.doing != Doing::aside) {
    return no("somebody was admitted who was not in line");
  } else if (!unordered_.contains(place)) {
    const bool known = !person.missed || unordered_.empty();
    if (!known || aside_[side].begin()->second != place) {
      return no("I4: a missed turn was made up before an earlier one");
    }
  }
  if (person.lane == kRestoredLane && !person.missed) return {};
  if (!lanes_[kRestoredLane].empty() || !aside_[kRestoredLane].empty()) {
    return no("I4: admitted before those who were restored");
  }
  if (!person.missed && !(aside_[kMissedSide].empty() && unordered_.empty())) {
    return no("I4: admitted before those with a turn to make up");
  }
  return {};
}

std::string LogAuditor::judge_limits(const Record& record) const {
  if (settings_.mode == Mode::open) return {};
  if (settings_.mode != Mode::queue && settings_.mode != Mode::drain) {
    return no("somebody was admitted while the room admits nobody");
  }
  if (inside_ >= capacity_of(settings_, 1)) return no("I5: more people inside than the capacity");
  const auto recent = std::ranges::lower_bound(admissions_, record.at - kMinute);
  if (admissions_.end() - recent >= settings_.admit_per_minute) {
    return no("I5: more admissions in a minute than the rate");
  }
  return {};
}

std::string LogAuditor::judge_person(const Record& record, Person& person) {
  const Sequence place = record.place;
  const bool in_line = person.doing != Doing::inside;
  if (frees_or_binds(record.fact) && in_line) return no("a slot of somebody who is not inside");
  switch (record.fact) {
    case Fact::bound:
      return {};
    case Fact::lengthened:
      return in_line ? no("a session of somebody who is not inside") : std::string();
    case Fact::ghosted:
    case Fact::left:
    case Fact::forfeited: {
      if (!in_line) return no("somebody inside left the line");
      const bool had_a_turn = person.missed;
      if (record.fact == Fact::ghosted && had_a_turn) return no("a missed turn ended as a ghost");
      if (record.fact == Fact::forfeited && !had_a_turn) return no("a turn that nobody had");
      if (person.doing == Doing::waiting) take(person);
      end(place);
      return {};
    }
    case Fact::missed:
      if (person.missed) return no("a missed turn was kept twice");
      person.missed = true;
      person.doing = Doing::away;
      --inside_;
      return {};
    case Fact::passed:
      if (!in_line || person.doing == Doing::away)
        return no("somebody was passed who was not in line");
      if (person.doing == Doing::waiting) take(person);
      if (person.doing == Doing::aside) leave_side(place, person);
      person.doing = Doing::away;
      return {};
    case Fact::rejoined:
      if (person.doing != Doing::away) return no("back for a turn that was not missed");
      person.doing = Doing::aside;
      aside_[side_lane(person.missed, person.lane)].emplace(
          person.missed ? next_aside_++ : person.order, place);
      return {};
    default:
      --inside_;
      end(place);
      return {};
  }
}

std::string LogAuditor::judge_restored(const Record& record) {
  if (!lost_.covers(record.place)) return no("a place came back that was never lost");
  for (; lost_.held_to <= record.place; ++lost_.held_to) {
    put(kRestoredLane, lost_.held_to, lost_.held_to, lost_device(lost_.held_to));
  }
  const auto person = people_.find(record.place);
  if (person == people_.end()) return no("a place came back that is over");
  const auto owner = devices_.find(record.device);
  if (owner != devices_.end() && owner->second != record.place) {
    return no("one device has two places");
  }
  devices_.erase(person->second.device);
  person->second.device = record.device;
  devices_[record.device] = record.place;
  return {};
}

std::string LogAuditor::judge_given(const Record& record) {
  if (devices_.contains(record.device)) return no("one device has two places");
  Person& person = people_.at(record.place);
  devices_.erase(person.device);
  person.device = record.device;
  devices_[record.device] = record.place;
  return {};
}

std::string LogAuditor::judge_draw(const Record& record) {
  const bool before_opening =
      settings_.mode == Mode::prequeue || settings_.mode == Mode::closed || drawn_before_;
  if (!settings_.lottery || !before_opening) return no("I4: an open line was drawn anew");
  drawn_before_ = true;
  const std::uint64_t span = draw_span(record);
  if (record.place == 0 || record.place > next_ || span > next_ - record.place) {
    return no("a lottery among numbers that nobody has");
  }
  draw_first_ = record.place;
  draw_end_ = record.place + span;
  drawn_.clear();
  return {};
}

std::string LogAuditor::judge_drawn(const Record& record) {
  if (draw_first_ == 0 || record.place < draw_first_ || record.place >= draw_end_) {
    return no("drawn without a lottery");
  }
  const auto person = people_.find(record.place);
  if (person == people_.end() || person->second.doing != Doing::waiting ||
      person->second.lane != kMainLane) {
    return no("somebody was drawn who is not in the main lane");
  }
  if (!drawn_.insert(record.place).second) return no("somebody was drawn twice");
  lanes_[kMainLane].erase(person->second.order);
  person->second.order = next_++;
  lanes_[kMainLane].emplace(person->second.order, record.place);
  return {};
}

void LogAuditor::put(LaneId lane, std::uint64_t order, Sequence place, const DeviceKey& device) {
  lanes_[lane].emplace(order, place);
  people_[place] = {.lane = lane, .order = order, .device = device};
  devices_[device] = place;
  ++waiting_;
}

void LogAuditor::take(const Person& person) {
  lanes_[person.lane].erase(person.order);
  --waiting_;
}

void LogAuditor::leave_side(Sequence place, const Person& person) {
  auto& side = aside_[side_lane(person.missed, person.lane)];
  unordered_.erase(place);
  if (!person.missed) {
    side.erase(person.order);
  } else if (!side.empty() && side.begin()->second == place) {
    side.erase(side.begin());
  } else {
    std::erase_if(side, [&](const auto& each) { return each.second == place; });
  }
}

void LogAuditor::end(Sequence place) {
  const auto person = people_.find(place);
  if (person->second.doing == Doing::aside) leave_side(place, person->second);
  devices_.erase(person->second.device);
  people_.erase(person);
}

}  // namespace onsale::waitroom
