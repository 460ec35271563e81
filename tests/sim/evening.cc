#include "evening.h"

#include <cstring>

#include "base/overload.h"

namespace onsale::waitroom::sim {

namespace {

constexpr std::size_t kPeople = 250;
constexpr std::size_t kCheckpointEvery = 64;  // batches; a lying disk forgets fewer
constexpr Millis kTick{100};
// So many requests are kept to be repeated, and every so many steps one of them is.
constexpr std::size_t kAskedKept = 512;
constexpr std::uint64_t kReplayEvery = 40;
// A free slot and a free minute must reach the first in line within this, ticks and disk included.
constexpr Millis kStall{2'500};

DeviceKey key_of(std::uint64_t device) {
  DeviceKey key{};
  std::memcpy(key.data(), &device, sizeof device);
  return key;
}

}  // namespace

Evening::Evening(std::uint64_t seed, Guards guards) : guards_(guards), random_(seed), bytes_(seed) {
  disk_.on_stored([this](const StoredBatch& batch) {
    auditor_.read(batch.records, clock_.now());
    since_checkpoint_.push_back(batch.records);
    // Only what comes after the beginning of a life can be lost with its end.
    since_start_ = std::exchange(begins_, false) ? 0 : since_start_ + 1;
  });
  disk_.take([this] { return percent(30) ? millis(80) : Millis(0); });
  start_life();
  people_.resize(kPeople);
  for (std::size_t i = 0; i < kPeople; ++i) wake(i, millis(20'000));
  wake(kWorld, kTick);
}

Evening::~Evening() {
  disk_.full(false);
  disk_.take({});
  journal_->die();
  disk_.cut(0);
  disk_.bury();
  sync_wait(host_->drain());
}

Report Evening::run(std::uint64_t steps) {
  while (report_.steps < steps && report_.broken.empty()) {
    const Wake next = wakes_.top();
    wakes_.pop();
    clock_.set(std::max(clock_.now(), next.at));
    disk_.advance(clock_.now());
    ++report_.steps;
    if (next.person == kWorld) {
      world();
    } else if (next.person == kMail) {
      deliver();
    } else {
      act(next.person);
    }
    if (dice(kReplayEvery) == 0) replay();
    check_numbers();
    if (report_.broken.empty()) report_.broken = auditor_.broken();
  }
  report_.admitted = auditor_.admitted();
  report_.missed = auditor_.facts(Fact::missed);
  report_.made_up = auditor_.facts(Fact::rejoined);
  report_.restored = auditor_.facts(Fact::restored);
  report_.given = auditor_.facts(Fact::given);
  report_.lengthened = auditor_.facts(Fact::lengthened);
  return report_;
}

void Evening::wake(std::size_t person, Millis after) {
  wakes_.push({clock_.now() + after, ++order_, person});
}

// A message on its way. Those who send it have long gone on.
void Evening::post(Millis after, std::function<void()> letter) {
  wake(kMail, after);
  mail_.emplace(order_, std::move(letter));
}

void Evening::deliver() {
  // Letters are woken in order of their time; the due ones with the lowest number come first.
  const auto letter = mail_.begin();
  if (letter == mail_.end()) return;
  const auto read = std::move(letter->second);
  mail_.erase(letter);
  read();
}

// A full store loses any: what is left is of every age, from a moment to the whole evening.
void Evening::keep(std::function<void()> request) {
  if (asked_.size() < kAskedKept) {
    asked_.push_back(std::move(request));
  } else {
    asked_[dice(kAskedKept)] = std::move(request);
  }
}

void Evening::ask(std::function<void()> request) {
  request();
  keep(std::move(request));
}

void Evening::replay() {
  if (asked_.empty()) return;
  ++report_.replayed;
  asked_[dice(asked_.size())]();
}

void Evening::act(std::size_t index) {
  Person& person = people_[index];
  long pause = 500 + static_cast<long>(dice(4'000));
  switch (person.doing) {
    case Doing::outside:
      ask_to_join(person);
      break;
    case Doing::joining:
      hear(person);
      break;
    case Doing::waiting:
      wait_in_line(person, pause);
      break;
    case Doing::inside:
      inside(person);
      if (percent(3)) pause = static_cast<long>(dice(200'000));
      break;
  }
  wake(index, Millis(pause));
}

void Evening::wait_in_line(Person& person, long& pause) {
  const std::uint64_t mood = dice(100);
  if (mood < 2) {  // closes the page and comes back as a stranger
    person = Person{};
    pause = 30'000;
  } else if (mood < 4) {
    send_leave(person);
    person = Person{};
  } else if (mood < 7) {  // reloads, or the answer was lost
    ask_to_join(person);
  } else if (mood < 10) {  // the phone sleeps
    pause = static_cast<long>(dice(200'000));
  } else {
    look(person);
  }
}

void Evening::ask_to_join(Person& person) {
  if (person.device == 0) {
    person.device = next_device_++;
    const std::uint64_t kind = dice(100);
    person.lane = kind < 80 ? kMainLane : kind < 87 ? 1 : kind < 93 ? 2 : kSlowLane;
  }
  ++report_.joins;
  person.doing = Doing::joining;
  person.asked_at = clock_.now();
  person.answer = std::make_shared<Answer>();
  const std::uint64_t fate = dice(100);
  if (fate < 3) {  // the question got lost
    ++report_.lost;
    return;
  }
  std::string token;
  if (!person.token.empty() && percent(20)) {  // from another device, with the place's link
    person.device = next_device_++;
    token = person.token;
    person.answer->held = living_place_of(person);
  }
  const DeviceKey device = key_of(person.device);
  start(join_into(device, person.lane, token, person.answer), ignore);
  keep([this, device, lane = person.lane, token] {
    start(join_into(device, lane, token, std::make_shared<Answer>()), ignore);
  });
  if (fate < 6) {  // the answer got lost
    ++report_.lost;
    person.answer = std::make_shared<Answer>();
  } else if (fate < 10) {  // the question came twice, the second time at once
    ++report_.repeated;
    start(join_into(device, person.lane, token, std::make_shared<Answer>()), ignore);
  }
  hear(person);
}

std::optional<PlaceId> Evening::living_place_of(const Person& person) {
  if (person.shaken || person.forsaken || !disk_is_well() || disk_.waiting() > 0) return {};
  try {
    const auto view =
        host_->look(room_, {.token = person.token, .device = {}, .present = false}, clock_.now());
    const bool lives =
        view && (view->state == PlaceState::waiting || view->state == PlaceState::prequeue);
    if (lives) return view->id;
  } catch (const Overloaded&) {
  }
  return {};
}

void Evening::hear(Person& person) {
  if (!person.answer->arrived) {  // lost, swallowed by a crash, or the disk is slow
    if (clock_.now() > person.asked_at + Millis(10'000)) ask_to_join(person);
    return;
  }
  if (!person.answer->place) {  // 403 or 503: try again later
    ++report_.refused;
    person.doing = person.token.empty() ? Doing::outside : Doing::waiting;
    return;
  }
  const PlaceView view = *person.answer->place;
  demand(!person.answer->held || view.id == *person.answer->held,
         "a join with a living place's token gives that place back");
  if (!(view.id == person.place)) {  // the old place was over
    person.position = 0;
    person.pass.clear();
  }
  person.place = view.id;
  person.token = view.token;
  told(person, view);
}

void Evening::look(Person& person) {
  ++report_.looks;
  if (percent(2)) {
    ++report_.lost;
    return;
  }
  const Person& whose = guards_.one_token ? person : people_[dice(kPeople)];
  if (whose.token.empty()) return;
  try {
    const auto view =
        host_->look(room_, {.token = whose.token, .device = key_of(person.device)}, clock_.now());
    if (!view && person.forsaken) {  // lost twice in a row: a stranger
      ++report_.forsaken;
      person = Person{};
      return;
    }
    demand(view.has_value(), "I6: an acknowledged place was lost");
    if (!view) return;
    demand(view->id == person.place, "a token is one place for ever");
    told(person, *view);
  } catch (const Overloaded&) {  // it is being brought back; the next look finds it
    demand(person.shaken || !disk_is_well() || auditor_.facts(Fact::skipped) > 0,
           "I6: an acknowledged place was lost");
  }
}

void Evening::told(Person& person, const PlaceView& view) {
  person.forsaken = false;
  if (std::exchange(person.shaken, false)) {
    person.position = 0;
    person.pass.clear();
  }
  person.restored |= view.lane == kRestoredLane;
  switch (view.state) {
    case PlaceState::waiting:
    case PlaceState::prequeue:
      told_place(person, view);
      break;
    case PlaceState::admitted:
      demand(!view.pass.empty(), "who is admitted has a pass");
      person.pass = view.pass;
      person.doing = Doing::inside;
      break;
    default:
      person = Person{};
      break;
  }
}

void Evening::told_place(Person& person, const PlaceView& view) {
  person.doing = Doing::waiting;
  if (view.notice == Notice::missed_turn) {  // not there when called; one more turn
    person.position = 0;
    person.pass.clear();
    return;
  }
  demand(person.pass.empty(), "I3: an admission was taken back");
  if (view.notice == Notice::lottery) {
    demand(view.position == 0, "a lottery shows no position before its draw");
    return;
  }
  demand(person.position == 0 || view.position <= person.position, "I3: a shown position rose");
  demand(view.position >= 1 && view.position <= view.waiting, "a position lies in the lane");
  demand(!view.eta || (view.eta->p50_seconds <= view.eta->p80_seconds &&
                       view.eta->p80_seconds <= view.eta->p90_seconds),
         "a wait's bounds are in order");
  person.position = view.position;
}

void Evening::inside(Person& person) {
  const std::uint64_t mood = dice(100);
  if (mood < 30) {
    const auto account = "acc_" + std::to_string(person.device);
    const auto use = [this, account, pass = person.pass] {
      const auto used = host_->admit_with(room_, pass, account, clock_.now());
      demand(used || used.error() != PassRefusal::forged, "a pass of ours is ours");
    };
    ask(use);
    const auto admission = host_->admit_with(room_, person.pass, account, clock_.now());
    const auto thief = host_->admit_with(room_, person.pass, "acc_thief", clock_.now());
    demand(!admission || (!thief && thief.error() == PassRefusal::used_by_another),
           "a pass serves one account");
  } else if (mood < 45) {
    send_complete(person);
    person = Person{};
  } else if (mood < 50) {
    send_leave(person);
    person = Person{};
  } else if (mood < 55) {  // walks away without a word
    person = Person{};
  } else {
    look(person);
  }
}

// Gets lost, comes at once, or comes again when it is long over.
void Evening::send_leave(const Person& person) {
  if (percent(5)) {
    ++report_.lost;
    return;
  }
  const auto leave = [this, token = person.token] { start(leave_into(token), ignore); };
  ask(leave);
  if (!percent(20)) return;
  ++report_.repeated;
  if (percent(50)) return leave();  // at once
  post(millis(60'000), leave);
}

void Evening::send_complete(const Person& person) {
  if (percent(5)) {
    ++report_.lost;
    return;
  }
  const auto complete = [this, place = person.place] {
    start(host_->complete(room_, place), ignore);
  };
  ask(complete);
  if (!percent(20)) return;
  ++report_.repeated;
  if (percent(50)) return complete();
  post(millis(60'000), complete);
}

void Evening::start_life() {
  auto journal = std::make_unique<LifeJournal>(disk_);
  host_ =
      std::make_unique<Host>(Host::Ports{clock_, bytes_, *journal, signer_, announcer_, audit_});
  journal_ = std::move(journal);
  sync_wait(host_->load());
  Settings settings;
  settings.capacity = 20;
  settings.admit_per_minute = 240;
  settings.lanes = {{.name = "members", .share = 400}, {.name = "sponsors", .share = 200}};
  // Every other evening begins with a lottery among who came early.
  settings.lottery = random_() % 2 == 0;
  if (settings.lottery) settings.mode = Mode::prequeue;
  sync_wait(host_->declare_room(room_, "A film", settings));
  audited_before_ = audit_.entries.size();
  configured_before_ = auditor_.facts(Fact::configured);
  begins_ = true;
  since_start_ = 0;
  disk_well_since_ = clock_.now();
  could_admit_since_.reset();
}

// Acknowledged is for good: kill -9 may come at once.
Task<void> Evening::leave_into(std::string token) {
  Host* host = host_.get();
  auto left = co_await host->leave(room_, token, {});
  if (!left) co_return;
  left_.push_back(std::move(token));
  if (left_.size() > 100) left_.pop_front();
}

Task<void> Evening::change_into(SettingsPatch patch, std::int64_t number, std::string seen) {
  Host* host = host_.get();
  auto changed = co_await host->configure(room_, std::move(patch), "acc_boss", std::move(seen));
  if (!changed) co_return;
  const std::string& written = auditor_.settings().message;
  demand(!written.empty() && std::stoll(written) >= number,
         "I6: a change was acknowledged that the disk does not have");
}

Task<void> Evening::draw_into(std::vector<Sequence> ranked) {
  Host* host = host_.get();
  const bool drawn = co_await host->draw(room_, std::move(ranked));
  (void)drawn;
}

void Evening::check_what_was_acknowledged() {
  for (const std::string& token : left_) {
    try {
      const auto view =
          host_->look(room_, {.token = token, .device = {}, .present = false}, clock_.now());
      const bool back =
          view && (view->state == PlaceState::waiting || view->state == PlaceState::prequeue ||
                   view->state == PlaceState::admitted);
      demand(!back, "I6: who has left stands in line again");
    } catch (const Overloaded&) {
    }
  }
}

Task<void> Evening::join_into(DeviceKey device, LaneId lane, std::string token,
                              std::shared_ptr<Answer> answer) {
  Host* host = host_.get();
  try {
    auto joined = co_await host->join(room_, device, lane, std::move(token));
    if (joined) answer->place = std::move(*joined);
    answer->arrived = true;
  } catch (const Overloaded&) {
    answer->arrived = true;
  }
}

void Evening::world() {
  const Timestamp now = clock_.now();
  if (!disk_is_well() && now >= disk_heals_at_) {
    disk_heals_at_ = {};
    disk_.full(false);
    disk_.lose_answers(0);
    disk_.take([this] { return percent(30) ? millis(80) : Millis(0); });
    disk_well_since_ = now;
  }
  host_->tick();
  trouble();
  check_for_stalls();
  if (since_checkpoint_.size() >= kCheckpointEvery) {
    checkpoint_ = auditor_;
    since_checkpoint_.clear();
  }
  wake(kWorld, kTick);
}

void Evening::compact() { start(host_->compact(), ignore); }

void Evening::crash(bool forgets) {
  ++report_.crashes;
  disk_.cut(dice(disk_.waiting() + 1));
  disk_.full(false);
  disk_.lose_answers(0);
  disk_.take([this] { return percent(30) ? millis(80) : Millis(0); });
  disk_heals_at_ = {};
  // What the dead process still had in memory ends here, unheard and unwritten.
  journal_->die();
  disk_.bury();
  sync_wait(host_->drain());
  for (Person& person : people_) person.forsaken |= person.shaken;
  if (forgets) forget();
  if (forgets && guards_.durable_before_told) left_.clear();
  clock_.advance(millis(5'000));
  disk_.advance(clock_.now());
  start_life();
  check_what_was_acknowledged();
  // Everybody reconnects at once, before the first tick can mend anything.
  for (Person& person : people_) {
    if (!person.token.empty() && person.doing != Doing::joining) look(person);
  }
}

// The disk had lied: the latest batches of this life are gone, and what they told with them. Tokens
// remain.
void Evening::forget() {
  const std::size_t most = std::min<std::size_t>({since_checkpoint_.size(), since_start_, 20});
  if (most == 0) return;
  ++report_.lies;
  const std::size_t gone = disk_.forget(room_, 1 + dice(most));
  since_checkpoint_.resize(since_checkpoint_.size() - std::min(gone, since_checkpoint_.size()));
  auditor_ = checkpoint_;
  for (const std::string& batch : since_checkpoint_) auditor_.read(batch);
  for (Person& person : people_) {
    person.shaken = guards_.durable_before_told;
    person.forsaken |= person.restored;
    if (person.doing == Doing::inside) person.doing = Doing::waiting;
    if (person.doing == Doing::joining) person.answer = std::make_shared<Answer>();
  }
}

// A new version: in order, with everything written.
void Evening::restart() {
  if (!disk_is_well()) return;
  ++report_.restarts;
  disk_.take({});
  disk_.settle();
  sync_wait(host_->drain());
  demand(audit_.entries.size() - audited_before_ ==
             auditor_.facts(Fact::configured) - configured_before_,
         "every change on the disk is audited, whatever its maker was answered");
  disk_.take([this] { return percent(30) ? millis(80) : Millis(0); });
  clock_.advance(millis(2'000));
  const std::uint64_t skipped = auditor_.facts(Fact::skipped);
  start_life();
  for (Person& person : people_) {
    if (!person.token.empty() && person.doing != Doing::joining) look(person);
  }
  disk_.settle();
  demand(auditor_.facts(Fact::skipped) == skipped, "after an orderly end nothing can be lost");
}

// What the room says of itself is what the disk says, after every step.
void Evening::check_numbers() {
  const auto view = host_->room(room_);
  demand(view.has_value(), "the room is there");
  if (!view || disk_.untold()) return;
  demand(view->waiting == auditor_.waiting(), "the room's line is the disk's line");
  demand(view->active == auditor_.inside(), "the room's slots are the disk's slots");
}

void Evening::check_for_stalls() {
  const Timestamp now = clock_.now();
  if (!disk_is_well() || now < disk_well_since_ + Millis(8'000) || !auditor_.should_admit(now)) {
    could_admit_since_.reset();
    return;
  }
  if (!could_admit_since_) could_admit_since_ = now;
  demand(now - *could_admit_since_ < kStall, "no stall: a free slot reaches the first in line");
}

}  // namespace onsale::waitroom::sim
