// For tests: one room's engine with its journal and the people in front of it, in virtual time. It
// holds the production engine and view, keeps its own plain model of the line beside them, and
// names the first broken promise. crash() forgets everything that was not durable.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>

#include "waitroom/engine.h"
#include "waitroom/view.h"

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
  void join(std::uint64_t device) {
    step([&](Records& out) { (void)engine_.join(key(device), now_, out); });
  }
  void sign_of_life(std::uint64_t device) {
    if (const auto place = engine_.find(key(device))) engine_.sign_of_life(*place, now_);
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
  }

  // Everybody looks at their position, as often as they like.
  void look() {
    for (auto& [place, last] : positions_) {
      const std::int64_t position = view_.position(place);
      if (position == 0) continue;
      ++shown_;
      demand(last == 0 || position <= last, "I3: a shown position rose");
      demand(!told_admitted_.contains(place), "I3: an admission was forgotten");
      last = position;
    }
  }

 private:
  struct Model {
    std::set<Sequence> waiting;
    std::set<Sequence> inside;
    std::deque<Timestamp> admissions;
    Settings settings;
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
    const std::optional<Sequence> first = engine_.line().first();
    return engine_.line().size() == std::ssize(model_.waiting) &&
           engine_.active() == std::ssize(model_.inside) &&
           first.value_or(0) == (model_.waiting.empty() ? 0 : *model_.waiting.begin()) &&
           engine_.settings() == model_.settings;
  }

  void tell(const Records& records) {
    for (const Record& record : records) {
      view_.apply(record);
      if (record.fact == Fact::joined) positions_[record.place] = 0;
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
    if (record.fact == Fact::configured) model.settings = *decode_settings(record.text);
    if (record.fact == Fact::joined) model.waiting.insert(record.place);
    if (record.fact == Fact::admitted) {
      if (judge) judge_admission(model, record);
      model.inside.insert(record.place);
      model.admissions.push_back(record.at);
      while (model.admissions.front() < record.at - Millis(60'000)) model.admissions.pop_front();
    }
    if (leaves_line(record.fact)) model.waiting.erase(record.place);
    if (frees_slot(record.fact)) model.inside.erase(record.place);
  }

  void judge_admission(const Model& model, const Record& record) {
    demand(!model.waiting.empty() && *model.waiting.begin() == record.place,
           "I4: somebody was admitted before somebody earlier");
    if (model.settings.mode == Mode::open) return;
    demand(model.settings.mode == Mode::queue, "nobody is admitted unless the room admits");
    demand(std::ssize(model.inside) < capacity_of(model.settings, 1),
           "I5: more slots in use than capacity");
    std::int64_t recent = 1;
    for (const Timestamp at : model.admissions) recent += at >= record.at - Millis(60'000);
    demand(recent <= model.settings.admit_per_minute, "I5: more admissions than the rate");
  }

  static std::uint64_t digest(const Model& model) {
    std::uint64_t sum = model.waiting.size() * 31 + model.inside.size();
    for (const Sequence place : model.waiting) sum = sum * 1'000'003 + place;
    for (const Sequence place : model.inside) sum = sum * 1'000'033 + place;
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
  std::map<Sequence, std::int64_t> positions_;  // the last one each person saw; 0 = none yet
  std::set<Sequence> told_admitted_;
  std::string broken_;
  std::int64_t shown_ = 0;
};

}  // namespace onsale::waitroom
