// The room as the disk tells it, in plain words and containers: reads every record that becomes
// durable and names the first promise it breaks (I4, I5, one person one place, no starving lane).
#pragma once

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <set>
#include <utility>

#include "waitroom/line/record.h"
#include "waitroom/settings.h"

namespace onsale::waitroom::sim {

class Auditor {
 public:
  // `stored_at`: when nobody could have known of it before.
  void read(const std::string& batch, Timestamp stored_at = {}) {
    stored_at_ = stored_at;
    demand(decode_records(batch, [&](const Record& record) { judge(record); }),
           "what is on the disk can be read");
  }
  const std::string& broken() const { return broken_; }
  const Settings& settings() const { return settings_; }
  std::int64_t admitted() const { return admitted_; }
  std::int64_t waiting() const { return std::ssize(places_); }
  std::int64_t inside() const { return std::ssize(inside_); }
  std::int64_t lane(LaneId lane) const { return std::ssize(lanes_[lane]); }
  std::uint64_t facts(Fact fact) const { return facts_[static_cast<std::size_t>(fact)]; }
  // Places and slots that ended by nobody's doing.
  std::uint64_t ended_by_silence() const {
    return facts(Fact::ghosted) + facts(Fact::forfeited) + facts(Fact::no_show) +
           facts(Fact::missed) + facts(Fact::idle) + facts(Fact::overtime);
  }

  // For the stall check: could the first in line go in now?
  bool should_admit(Timestamp now) const {
    const std::int64_t second = (settings_.admit_per_minute + 59) / 60;
    const bool opens = settings_.mode == Mode::queue || settings_.mode == Mode::drain;
    return opens && somebody_waits(now) && inside() < settings_.capacity &&
           recent(now, Millis(60'000)) < settings_.admit_per_minute &&
           poured(now) + 1 <= static_cast<double>(second);
  }

 private:
  static constexpr Millis kMinute{60'000};
  // So long a newcomer of whom nothing was heard may be waited for.
  static constexpr Millis kFirstWord{3'000};

  // Admissions that the rate did not make up for yet: they are spread over the minute.
  double poured(Timestamp now) const {
    const double minutes = static_cast<double>((now - poured_at_).count()) / 60'000;
    return std::max(0.0, poured_ - static_cast<double>(settings_.admit_per_minute) * minutes);
  }
  bool ready(const std::map<std::uint64_t, Sequence>& lane, Timestamp now) const {
    return !lane.empty() && joined_at_.at(lane.begin()->second) + kFirstWord < now;
  }
  bool somebody_waits(Timestamp now) const {
    return std::ranges::any_of(lanes_, [&](const auto& lane) { return ready(lane, now); });
  }

  void judge(const Record& record) {
    ++facts_[static_cast<std::size_t>(record.fact)];
    const Timestamp before = std::exchange(now_, std::max(now_, record.at));
    const Sequence place = record.place;
    switch (record.fact) {
      case Fact::configured:
        settings_ = *decode_settings(record.text);
        return;
      case Fact::joined:
        demand(place == next_, "numbers are given in order, each once");
        demand(devices_.emplace(record.device, place).second, "one device has one place");
        owners_[place] = record.device;
        next_ = place + 1;
        return put(record.lane, place, place);
      case Fact::skipped:
        demand(place > next_, "numbers are skipped forward only");
        lost_ = std::exchange(next_, place);
        return;
      case Fact::restored:
        return restore(record);
      case Fact::draw:
        demand(settings_.lottery &&
                   (settings_.mode == Mode::prequeue || settings_.mode == Mode::closed),
               "I4: an open line was drawn anew");
        return;
      case Fact::drawn:
        demand(places_.contains(place) && places_[place].first == kMainLane,
               "a lottery is among those who wait in the main lane");
        take(place);
        return put(kMainLane, next_++, place);
      case Fact::given:
        devices_.erase(owners_[place]);
        demand(devices_.emplace(record.device, place).second, "one device has one place");
        owners_[place] = record.device;
        return;
      case Fact::lengthened:
        return judge_length(record, before);
      case Fact::passed:
        demand(take(place) || leave_side(place), "only who waits is passed");
        away_.insert(place);
        return;
      case Fact::rejoined:
        demand(away_.erase(place) == 1, "only who missed a turn comes back for it");
        side(place).emplace(missed_.contains(place) ? came_back_++ : known_.at(place).second,
                            place);
        return;
      case Fact::missed:
        demand(missed_.insert(place).second, "a missed turn is retained once");
        demand(record.at >= callable_at_[place] + Millis(settings_.no_show_seconds * 1000),
               "a turn is missed only by who could have known of it");
        away_.insert(place);
        break;
      case Fact::admitted:
        judge_admission(record);
        break;
      case Fact::overtime:
        demand(record.at >= began_[place] + Millis(settings_.session_seconds * 1000),
               "a session is over no sooner than it was lengthened to");
        break;
      default:
        break;
    }
    judge_leaving(record);
  }

  // From the line into a slot, or from either to its end.
  void judge_leaving(const Record& record) {
    const Sequence place = record.place;
    if (leaves_line(record.fact) && !take(place)) {
      demand(away_.erase(place) + (leave_side(place) ? 1 : 0) == 1,
             "only who waits leaves the line");
    }
    if (frees_slot(record.fact)) began_.erase(place);
    if (frees_slot(record.fact)) demand(inside_.erase(place) == 1, "only a slot in use is freed");
    const bool ends = (leaves_line(record.fact) && record.fact != Fact::admitted) ||
                      (frees_slot(record.fact) && record.fact != Fact::missed);
    if (ends) end(place);
    if (record.fact == Fact::admitted) {
      inside_.insert(place);
      began_[place] = record.at;
      callable_at_[place] = stored_at_;
    }
    if (ends) callable_at_.erase(place);
  }

  // Everybody's by a time in which nothing happened, or one's by how long the admission took to be
  // durable; nobody's for less than five seconds.
  void judge_length(const Record& record, Timestamp before) {
    const Millis length = lengthened_by(record);
    demand(length > Millis(5'000), "a session is lengthened by what counts");
    if (record.place == 0) {
      demand(record.at - length >= before,
             "everybody's session is lengthened by a standstill only");
      for (auto& [place, began] : began_) began = std::min(began + length, record.at);
      return;
    }
    demand(inside_.contains(record.place) && began_[record.place] + length == record.at,
           "a session is lengthened to begin when its admission was durable");
    began_[record.place] = record.at;
  }

  void judge_admission(const Record& record) {
    ++admitted_;
    const auto found = places_.find(record.place);
    if (found != places_.end()) {
      const LaneId lane = found->second.first;
      demand(lanes_[lane].begin()->second == record.place,
             "I4: somebody was admitted before somebody earlier");
      demand(aside_[lane].empty(), "I4: somebody was admitted before those who were passed");
      judge_shares(lane);
    } else {
      const auto& back = side(record.place);
      demand(!back.empty() && back.begin()->second == record.place,
             "I4: missed turns are made up in the order of coming back, the passed in their own");
      if (!missed_.contains(record.place)) judge_shares(known_.at(record.place).first);
    }
    if (settings_.mode != Mode::open) {
      demand(inside() < settings_.capacity, "I5: more slots in use than capacity");
      demand(recent(record.at, kMinute) < settings_.admit_per_minute,
             "I5: more admissions than the rate");
      demand(settings_.mode == Mode::queue || settings_.mode == Mode::drain,
             "nobody is admitted unless the room admits");
    }
    poured_ = poured(record.at) + 1;
    poured_at_ = record.at;
    admissions_.push_back(record.at);
    while (admissions_.front() < record.at - kMinute) admissions_.pop_front();
  }

  // Every lane with people in it gets its turn within about as many admissions as its share says. A
  // newcomer at its front may be waited for.
  void judge_shares(LaneId served) {
    if (served == kRestoredLane) return;
    std::int64_t all = 0;
    for (LaneId lane = kMainLane; lane <= kSlowLane; ++lane) all += share_of(settings_, lane);
    for (LaneId lane = kMainLane; lane <= kSlowLane; ++lane) {
      if (lane == served || lanes_[lane].empty()) {
        passed_over_[lane] = 0;
        continue;
      }
      if (!ready(lanes_[lane], now_)) continue;
      const std::int64_t patience = all / share_of(settings_, lane) + 2 * std::ssize(lanes_);
      demand(++passed_over_[lane] <= patience, "no lane starves");
    }
  }

  void restore(const Record& record) {
    for (; lost_ <= record.place; ++lost_) put(kRestoredLane, lost_, lost_);
    const bool lives = places_.contains(record.place) || away_.contains(record.place) ||
                       inside_.contains(record.place) || is_aside(record.place);
    demand(lives, "only a place that may have been lost comes back");
    if (const auto owner = owners_.find(record.place); owner != owners_.end()) {
      devices_.erase(owner->second);
    }
    demand(devices_.emplace(record.device, record.place).second, "one device has one place");
    owners_[record.place] = record.device;
  }

  void put(LaneId lane, std::uint64_t order, Sequence place) {
    demand(lanes_[lane].empty() || lanes_[lane].rbegin()->first < order,
           "I4: joined ahead of somebody");
    lanes_[lane][order] = place;
    known_[place] = {lane, order};
    joined_at_.try_emplace(place, now_);
    places_[place] = {lane, order};
  }
  bool take(Sequence place) {
    const auto found = places_.find(place);
    if (found == places_.end()) return false;
    lanes_[found->second.first].erase(found->second.second);
    places_.erase(found);
    return true;
  }
  std::map<std::uint64_t, Sequence>& side(Sequence place) {
    return aside_[missed_.contains(place) ? kMissedSide : known_[place].first];
  }
  bool is_aside(Sequence place) {
    return std::ranges::any_of(side(place), [&](const auto& e) { return e.second == place; });
  }
  bool leave_side(Sequence place) {
    return std::erase_if(side(place), [&](const auto& e) { return e.second == place; }) == 1;
  }
  void end(Sequence place) {
    known_.erase(place);
    joined_at_.erase(place);
    missed_.erase(place);
    const auto owner = owners_.find(place);
    if (owner == owners_.end()) return;  // a number that was held for who may come back
    devices_.erase(owner->second);
    owners_.erase(owner);
  }
  std::int64_t recent(Timestamp now, Millis window) const {
    return std::ranges::count_if(admissions_, [&](Timestamp at) { return at >= now - window; });
  }
  void demand(bool holds, const char* promise) {
    if (!holds && broken_.empty()) broken_ = promise;
  }

  Settings settings_;
  std::array<std::map<std::uint64_t, Sequence>, kLanes> lanes_;  // order -> place
  std::map<Sequence, std::pair<LaneId, std::uint64_t>> places_;  // who waits in a lane
  std::set<Sequence> away_, inside_, missed_;
  std::map<Sequence, std::pair<LaneId, std::uint64_t>>
      known_;  // lane and order of all with a place
  std::map<Sequence, Timestamp> joined_at_, callable_at_;
  std::map<Sequence, Timestamp> began_;  // the sessions of who is inside
  Timestamp stored_at_{};
  std::array<std::map<std::uint64_t, Sequence>, kSides> aside_;  // by side lane
  std::uint64_t came_back_ = 0;
  std::map<DeviceKey, Sequence> devices_;
  std::map<Sequence, DeviceKey> owners_;
  std::array<std::int64_t, kLanes> passed_over_{};
  std::array<std::uint64_t, 32> facts_{};
  std::deque<Timestamp> admissions_;
  std::int64_t admitted_ = 0;
  Sequence next_ = 1, lost_ = 0;
  double poured_ = 0;
  Timestamp poured_at_{};
  Timestamp now_{};
  std::string broken_;
};

}  // namespace onsale::waitroom::sim
