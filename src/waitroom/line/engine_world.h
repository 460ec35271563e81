// For tests: one room's engine with its journal and the people in front of it, in virtual time. It
// holds the production engine and view, keeps its own plain model of the line beside them, and
// names the first broken promise. crash() forgets everything that was not durable.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>

#include "waitroom/line/engine.h"
#include "waitroom/line/view.h"

namespace onsale::waitroom {

class EngineWorld {
 public:
  struct Config {
    Guards guards{};
    bool show_only_durable = true;  // the guard of I3
  };
  explicit EngineWorld(Config config) : config_(config) {
    engine_ = fresh_engine();
    engine_.configure(Settings{}, now_, undurable_.emplace_back());
    check_records();
  }

  Timestamp now() const { return now_; }
  const std::string& broken() const { return broken_; }  // empty while all promises hold
  const Engine& engine() const { return engine_; }
  std::int64_t shown() const { return shown_; }  // positions that were looked at

  void advance(Millis by) { now_ += by; }
  void join(std::uint64_t device, LaneId lane = kMainLane) {
    step([&](Records& out) { (void)engine_.join(key(device), lane, now_, out); });
  }
  // The same with a token of ours.
  void join_with(std::uint64_t device, Sequence held) {
    if (held >= engine_.next_sequence()) return;
    step([&](Records& out) { (void)engine_.join(key(device), kMainLane, now_, out, held); });
  }
  void sign_of_life(std::uint64_t device) {
    with(device, [&](Sequence place, Records& out) { engine_.sign_of_life(place, now_, out); });
  }
  // Somebody comes with a token of ours for this number.
  void restore_lost(Sequence place) {
    step([&](Records& out) { engine_.restore_lost(place, {}, now_, out); });
  }
  // Nothing runs for so long. Nobody's silence meanwhile ends anything.
  void stand_still(Millis by) {
    tick();  // what was due before
    advance(by);
    step([&](Records& out) {
      engine_.tick(now_, out);
      const auto by_silence = [](const Record& record) {
        return record.fact == Fact::ghosted || record.fact == Fact::forfeited ||
               record.fact == Fact::no_show || record.fact == Fact::missed ||
               record.fact == Fact::idle || record.fact == Fact::overtime;
      };
      demand(std::ranges::none_of(out, by_silence), "a standstill ends nobody's place");
    });
  }
  // A lottery with this outcome.
  void draw(const std::vector<Sequence>& ranked) {
    step([&](Records& out) { engine_.draw(ranked, now_, out); });
  }
  void leave(std::uint64_t device) {
    with(device, [&](Sequence place, Records& out) { engine_.leave(place, now_, out); });
  }
  void use(std::uint64_t device, std::string_view account) {
    with(device, [&](Sequence place, Records& out) { engine_.use(place, account, now_, out); });
  }
  void complete(std::uint64_t device) {
    with(device, [&](Sequence place, Records& out) { engine_.complete(place, now_, out); });
  }
  void tick() {
    step([&](Records& out) { engine_.tick(now_, out); });
  }
  void configure(const Settings& settings) {
    step([&](Records& out) { engine_.configure(settings, now_, out); });
  }

  // The `count` oldest unwritten steps become durable and are told.
  void flush(std::size_t count = static_cast<std::size_t>(-1)) {
    for (; count > 0 && !undurable_.empty(); --count) {
      if (config_.show_only_durable) tell(undurable_.front());
      write_oldest();
    }
  }

  // kill -9. The `written` oldest unwritten steps had just reached the disk, told to nobody.
  void crash(std::size_t written) {
    for (; written > 0 && !undurable_.empty(); --written) write_oldest();
    undurable_.clear();
    const std::uint64_t before = digest(durable_);
    engine_ = fresh_engine();
    for (const std::string& batch : journal_) {
      demand(decode_records(batch, [&](const Record& record) { engine_.apply(record); }),
             "the journal can be read");
    }
    engine_.resume(now_);
    view_ = View(engine_);
    model_ = durable_;
    demand(digest(model_) == before && agrees(), "replay rebuilds the line");
    step([&](Records& out) { engine_.skip_lost(now_, out); });
  }
  // The disk itself loses its latest `batches`, which people were told about. Returns the places
  // that are known to nobody but their owners now.
  std::vector<Sequence> lose(std::size_t batches) {
    flush();
    std::vector<Sequence> lost;
    for (; batches > 0 && !journal_.empty(); --batches) journal_.pop_back();
    durable_ = Model{};
    if (!journal_snapshot_.empty()) durable_ = snapshot_model_;
    for (const std::string& batch : journal_) {
      decode_records(batch, [&](const Record& record) { watch(durable_, record, false); });
    }
    for (const auto& [place, last] : positions_) {
      if (place >= durable_.next) lost.push_back(place);
    }
    // What the lost facts had told is void: the people are asked anew.
    told_admitted_.clear();
    positions_.clear();
    crash(0);
    flush();
    return lost;
  }

  // Restart from a snapshot instead of the whole journal.
  void compact() {
    flush();
    journal_.clear();
    journal_snapshot_.clear();
    Engine copy = fresh_engine();
    demand(copy.restore(engine_.snapshot()), "the snapshot can be read");
    copy.resume(now_);
    engine_ = std::move(copy);
    view_ = View(engine_);
    demand(agrees(), "a snapshot rebuilds the line");
    journal_snapshot_ = engine_.snapshot();
    snapshot_model_ = durable_;
  }

  // Everybody looks at their position, as often as they like.
  void look() {
    for (auto& [place, last] : positions_) {
      const std::int64_t position = view_.find(place).position;
      if (position == 0 || engine_.draw_due()) continue;  // a pool shows no positions
      ++shown_;
      demand(last == 0 || position <= last, "I3: a shown position rose");
      demand(!told_admitted_.contains(place), "I3: an admission was forgotten");
      last = position;
    }
  }

 private:
  // A lane is its members by their order in it.
  struct Model {
    std::array<std::map<std::uint64_t, Sequence>, kLanes> lanes;
    std::map<Sequence, std::pair<LaneId, std::uint64_t>> waiting;  // lane and order
    std::set<Sequence> away, missed;
    std::map<Sequence, std::pair<LaneId, std::uint64_t>> known;   // the same, wherever they are
    std::array<std::map<std::uint64_t, Sequence>, kSides> aside;  // by side lane
    std::uint64_t came_back = 0;
    std::set<Sequence> inside;
    std::deque<Timestamp> admissions;
    Settings settings;
    Sequence next = 1, lost_next = 0;
    std::uint64_t drawn = std::uint64_t{1} << 60;

    void put(LaneId lane, std::uint64_t order, Sequence place) {
      lanes[lane][order] = place;
      known[place] = {lane, order};
      waiting[place] = {lane, order};
    }
    bool take(Sequence place) {
      const auto found = waiting.find(place);
      if (found == waiting.end()) return false;
      lanes[found->second.first].erase(found->second.second);
      waiting.erase(found);
      return true;
    }
    std::map<std::uint64_t, Sequence>& side(Sequence place) {
      return aside[missed.contains(place) ? kMissedSide : known[place].first];
    }
    void come_back(Sequence place) {
      side(place).emplace(missed.contains(place) ? came_back++ : known[place].second, place);
    }
    bool leave_side(Sequence place) {
      return std::erase_if(side(place), [&](const auto& e) { return e.second == place; }) == 1;
    }
    std::int64_t aside_count() const {
      std::int64_t sum = 0;
      for (const auto& lane : aside) sum += std::ssize(lane);
      return sum;
    }
  };

  static DeviceKey key(std::uint64_t device) {
    DeviceKey key{};
    for (std::size_t i = 0; i < 8; ++i) key[i] = static_cast<std::uint8_t>(device >> (8 * i));
    return key;
  }

  Engine fresh_engine() const {
    Engine engine({.salt = 7, .nodes = 1, .guards = config_.guards});
    if (!journal_snapshot_.empty()) engine.restore(journal_snapshot_);
    return engine;
  }

  template <class F>
  void with(std::uint64_t device, F act) {
    if (const auto place = engine_.find(key(device))) {
      step([&](Records& out) { act(*place, out); });
    }
  }

  template <class F>
  void step(F act) {
    act(undurable_.emplace_back());
    check_records();
    if (undurable_.back().empty()) undurable_.pop_back();
  }

  void check_records() {
    for (const Record& record : undurable_.back()) watch(model_, record, true);
    demand(agrees(), "the engine and the model agree");
    if (!config_.show_only_durable) tell(undurable_.back());
  }

  bool agrees() const {
    for (LaneId lane = 0; lane < kLanes; ++lane) {
      const auto& members = model_.lanes[lane];
      if (engine_.line().size(lane) != std::ssize(members)) return false;
      if (engine_.line().first(lane).value_or(0) != (members.empty() ? 0 : members.begin()->second))
        return false;
    }
    return engine_.active() == std::ssize(model_.inside) &&
           std::ssize(engine_.aside()) == std::ssize(model_.away) + model_.aside_count() &&
           engine_.settings() == model_.settings;
  }

  void tell(const Records& records) {
    for (const Record& record : records) {
      view_.apply(record);
      if (record.fact == Fact::joined) positions_[record.place] = 0;
      if (record.fact == Fact::restored) {
        for (Sequence place = engine_.line().lost().first; place <= record.place; ++place) {
          positions_.try_emplace(place, 0);
        }
      }
      if (record.fact == Fact::admitted) told_admitted_.insert(record.place);
    }
  }

  void write_oldest() {
    for (const Record& record : undurable_.front()) watch(durable_, record, false);
    journal_.push_back(encode(undurable_.front()));
    undurable_.pop_front();
  }

  // The model's own reading of a record; with `judge` it checks the promises first.
  void watch(Model& model, const Record& record, bool judge) {
    const Sequence place = record.place;
    switch (record.fact) {
      case Fact::configured:
        model.settings = *decode_settings(record.text);
        return;
      case Fact::joined:
        model.put(record.lane, place, place);
        model.next = place + 1;
        return;
      case Fact::skipped:
        model.lost_next = model.next;
        model.next = place;
        return;
      case Fact::restored:
        for (; model.lost_next <= place; ++model.lost_next) {
          model.put(kRestoredLane, model.lost_next, model.lost_next);
        }
        return;
      case Fact::drawn:
        demand(model.settings.lottery &&
                   (model.settings.mode == Mode::prequeue || model.settings.mode == Mode::closed),
               "I4: an open line was drawn anew");
        model.take(place);
        model.put(kMainLane, model.drawn++, place);
        ++model.next;
        return;
      case Fact::missed:
        model.away.insert(place);
        model.missed.insert(place);
        break;
      case Fact::passed:
        demand(model.take(place) || model.leave_side(place), "only who waits is passed");
        model.away.insert(place);
        return;
      case Fact::rejoined:
        demand(model.away.erase(place) == 1, "only who missed a turn comes back for it");
        model.come_back(place);
        return;
      case Fact::admitted:
        if (judge) judge_admission(model, record);
        model.inside.insert(place);
        model.admissions.push_back(record.at);
        while (model.admissions.front() < record.at - Millis(60'000)) model.admissions.pop_front();
        break;
      default:
        break;
    }
    if (leaves_line(record.fact) && !model.take(place)) {
      const bool was_aside = model.away.erase(place) == 1 || model.leave_side(place);
      demand(was_aside, "only who waits leaves the line");
    }
    if (frees_slot(record.fact)) {
      demand(model.inside.erase(place) == 1, "only a slot in use is freed");
    }
  }

  void judge_admission(Model& model, const Record& record) {
    const auto found = model.waiting.find(record.place);
    const bool first = found != model.waiting.end()
                           ? model.lanes[found->second.first].begin()->second == record.place
                           : !model.side(record.place).empty() &&
                                 model.side(record.place).begin()->second == record.place;
    demand(first, "I4: somebody was admitted before somebody earlier");
    if (model.settings.mode == Mode::open) return;
    demand(model.settings.mode == Mode::queue || model.settings.mode == Mode::drain,
           "nobody is admitted unless the room admits");
    demand(std::ssize(model.inside) < capacity_of(model.settings, 1),
           "I5: more slots in use than capacity");
    std::int64_t recent = 1;
    for (const Timestamp at : model.admissions) recent += at >= record.at - Millis(60'000);
    demand(recent <= model.settings.admit_per_minute, "I5: more admissions than the rate");
  }

  static std::uint64_t digest(const Model& model) {
    std::uint64_t sum = model.waiting.size() * 31 + model.inside.size() + model.next;
    for (const auto& [place, where] : model.waiting) sum = sum * 1'000'003 + place + where.first;
    for (const Sequence place : model.inside) sum = sum * 1'000'033 + place;
    for (const auto& lane : model.aside) {
      for (const auto& [order, place] : lane) sum = sum * 1'000'037 + place;
    }
    return sum;
  }

  void demand(bool holds, const char* promise) {
    if (!holds && broken_.empty()) broken_ = promise;
  }

  Config config_;
  Timestamp now_ = from_unix_ms(1'800'000'000'000);
  Engine engine_;
  View view_;
  Model model_;    // as decided
  Model durable_;  // as written
  std::deque<Records> undurable_;
  std::vector<std::string> journal_;
  std::string journal_snapshot_;
  Model snapshot_model_;
  std::map<Sequence, std::int64_t> positions_;  // the last one each person saw; 0 = none yet
  std::set<Sequence> told_admitted_;
  std::string broken_;
  std::int64_t shown_ = 0;
};

}  // namespace onsale::waitroom
