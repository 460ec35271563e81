#include "waitroom/room/room.h"

#include <algorithm>

#include "waitroom/line/engine_time.h"

namespace onsale::waitroom {

namespace {

constexpr std::size_t kRecordsPerBatch = 16'384;  // about 400 KB stored
// Replaying this much after a snapshot takes well under a second.
constexpr std::uint64_t kBatchesWorthCompacting = 50'000;
constexpr std::uint64_t kRecordsWorthCompacting = 500'000;

}  // namespace

Room::Room(Identity identity, std::uint64_t salt, Signer& signer, Random& random)
    : identity_(std::move(identity)),
      signer_(signer),
      random_(random),
      engine_({.salt = salt, .settles = true}) {}

bool Room::restore(const StoredSnapshot& snapshot) {
  std::lock_guard lock(mutex_);
  last_batch_ = snapshot.covers;
  return engine_.restore(snapshot.bytes);
}

bool Room::replay(const StoredBatch& batch) {
  std::lock_guard lock(mutex_);
  if (batch.number != last_batch_ + 1) return false;
  last_batch_ = batch.number;
  ++batches_since_snapshot_;
  std::size_t index = 0;
  return decode_records(batch.records, [&](const Record& record) {
    ++records_since_snapshot_;
    if (record.fact == Fact::configured && !record.by.empty()) {
      note_change(engine_.settings(), record, told_once(batch.number, index), {});
    }
    ++index;
    engine_.apply(record);
    measure(record, record.at);
  });
}

bool Room::resume(Timestamp now) {
  std::lock_guard lock(mutex_);
  engine_.resume(now);
  view_ = View(engine_);
  durable_batch_ = last_batch_;
  engine_.visit_slots([&](Sequence place, const Slot& slot) {
    inside_[place] = {.called_at = slot.admitted_at, .session_began = slot.admitted_at};
    pace_.inside(slot.admitted_at);
  });
  know_who_waits();
  if (engine_.stopped()) return false;
  engine_.skip_lost(now, open_.records);
  return true;
}

void Room::begin(Timestamp now) {
  std::lock_guard lock(mutex_);
  engine_.resume(now);
  view_ = View(engine_);
  durable_batch_ = last_batch_;
  tally_.count({.fact = Fact::configured, .at = now});  // its first record
}

std::uint64_t Room::last_batch() const { return last_batch_; }

std::expected<Room::Joined, JoinFailure> Room::join(const DeviceKey& device, LaneId lane,
                                                    std::optional<Sequence> held, Timestamp now) {
  std::lock_guard lock(mutex_);
  const std::size_t before = open_.records.size();
  const Sequence next = engine_.next_sequence();
  const auto place = engine_.join(device, lane, now, open_.records, held);
  if (!place) return std::unexpected(place.error());
  Joined joined{
      .place = *place, .stood_before = *place < next, .durable = wait_for_step(before, *place)};
  // A retry that came while the first answer is still on its way to the disk.
  if (!joined.durable && !view_.knows(*place)) joined.durable = wait_for_all(*place);
  after_step();
  return joined;
}

std::optional<Durable> Room::leave(Sequence place, Timestamp now) {
  return end(place, now, &Engine::leave);
}

std::optional<Durable> Room::complete(Sequence place, Timestamp now) {
  return end(place, now, &Engine::complete);
}

std::optional<Durable> Room::end(Sequence place, Timestamp now, LastStep step) {
  std::lock_guard lock(mutex_);
  const std::size_t before = open_.records.size();
  (engine_.*step)(place, now, open_.records);
  auto durable = wait_for_step(before);
  if (!durable) durable = wait_for_what_was_found();
  after_step();
  return durable;
}

// Judged and done in one step, so that of two operators at once the second is judged by what the
// first made of the room.
Room::Configuring Room::configure(const SettingsPatch& patch, const std::string& who, Timestamp now,
                                  std::string_view seen) {
  std::lock_guard lock(mutex_);
  const Settings& present = engine_.settings();
  if (!seen.empty() && seen != version_of(present)) {
    return refused(ConfigureRefusal::changed_meanwhile);
  }
  Settings after = patched(present, patch);
  auto found = obstacles(after, now);
  if (!found.empty()) return refused(ConfigureRefusal::out_of_range, std::move(found));
  const bool drawn = present.lottery && !engine_.draw_due();
  if (needs_two(present, after, now, drawn)) {
    const auto id = ProposalId::make(now, random_);
    return Configured{.durable = {},
                      .audited = {},
                      .proposed = approvals_.propose(id, present, std::move(after), who, now)};
  }
  return change_to(after, {who}, now);
}

Room::Configuring Room::approve(ProposalId proposal, const std::string& who, Timestamp now) {
  std::lock_guard lock(mutex_);
  auto approved = approvals_.approved(proposal, who, engine_.settings(), now);
  if (!approved) return refused(approved.error());
  auto found = obstacles(approved->after, now);
  if (!found.empty()) return refused(ConfigureRefusal::out_of_range, std::move(found));
  Configured done = change_to(approved->after, {who, approved->proposal.by}, now);
  done.proposed = std::move(approved->proposal);
  return done;
}

bool Room::withdraw(ProposalId proposal, Timestamp now) {
  std::lock_guard lock(mutex_);
  return approvals_.withdraw(proposal, now);
}

std::vector<Obstacle> Room::obstacles(const Settings& after, Timestamp now) {
  const Settings& present = engine_.settings();
  auto found = out_of_range(after);
  if (found.empty()) found = over_by(present, after, now);
  if (!found.empty()) return found;
  // Who joined counts, durable or not, and who stands aside.
  return fixed_now(present, after, as_it_is(after.lanes != present.lanes));
}

Room::Configured Room::change_to(const Settings& after, std::vector<std::string> by,
                                 Timestamp now) {
  const std::size_t before = open_.records.size();
  Configured result;
  if (after != engine_.settings()) {
    result.audited = open_.audited.emplace_back();
    engine_.configure(after, now, open_.records, std::move(by));
  }
  result.durable = wait_for_step(before);
  if (!result.durable) result.durable = wait_for_what_was_found();
  after_step();
  return result;
}

RoomNow Room::as_it_is(bool by_lane) const {
  RoomNow now{.waiting = std::max(view_.waiting(), engine_.live() - engine_.active()),
              .lanes = {},
              .draw_due = engine_.draw_due()};
  if (by_lane) engine_.visit_live([&](const Place& place) { ++now.lanes[place.lane]; });
  return now;
}

std::vector<Sequence> Room::entrants() {
  std::lock_guard lock(mutex_);
  return engine_.entrants();
}

Room::Drawn Room::draw(const std::vector<Sequence>& ranked, Timestamp now) {
  std::lock_guard lock(mutex_);
  const std::size_t before = open_.records.size();
  Drawn drawn{.outcome = engine_.draw(ranked, now, open_.records), .durable = {}};
  drawn.durable = wait_for_step(before);
  if (drawn.outcome == DrawOutcome::drawn_before) drawn.durable = wait_for_what_was_found();
  after_step();
  return drawn;
}

bool Room::is_pool() {
  std::lock_guard lock(mutex_);
  return engine_.is_pool();
}

void Room::stop(Timestamp now) {
  std::lock_guard lock(mutex_);
  engine_.stop(now, open_.records);
}

std::optional<Durable> Room::restore_lost(Sequence place, const std::optional<DeviceKey>& device,
                                          Timestamp now) {
  std::lock_guard lock(mutex_);
  const std::size_t before = open_.records.size();
  if (!engine_.restore_lost(place, device, now, open_.records)) return {};
  auto durable = wait_for_step(before);
  if (!durable) durable = wait_for_what_was_found();
  after_step();
  return durable;
}

Room::Used Room::use(Sequence place, std::string_view account, Timestamp now) {
  std::lock_guard lock(mutex_);
  Used used{.outcome = engine_.use(place, account, now, open_.records)};
  if (const auto found = inside_.find(place); found != inside_.end()) {
    used.ends_at = session_ends(found->second);
  }
  after_step();
  return used;
}

void Room::tick(Timestamp now) {
  std::lock_guard lock(mutex_);
  const std::size_t before = open_.records.size();
  engine_.tick(now, open_.records);
  for (std::size_t i = before; i < open_.records.size(); ++i) {
    if (open_.records[i].fact == Fact::configured) open_.audited.emplace_back();
  }
  pace_.observe(pace_room(), now);
  if (pace_.wants_survey(now)) survey(now);
  after_step();
}

void Room::hold_admissions(Timestamp now) {
  std::lock_guard lock(mutex_);
  engine_.hold_admissions(now, open_.records);
}

std::vector<Room::Changed> Room::take_changed() {
  std::lock_guard lock(mutex_);
  return std::exchange(changed_, {});
}

void Room::sign_of_life(Sequence place, Timestamp now) {
  std::lock_guard lock(mutex_);
  engine_.sign_of_life(place, now, open_.records);
}

void Room::page_closed(Sequence place, Timestamp now) {
  std::lock_guard lock(mutex_);
  engine_.page_closed(place, now, open_.records);
}

std::optional<Sequence> Room::find(const DeviceKey& device) {
  std::lock_guard lock(mutex_);
  return engine_.find(device);
}

RoomView Room::view(Timestamp now) {
  std::lock_guard lock(mutex_);
  return RoomView{.id = identity_.id,
                  .name = identity_.name,
                  .settings = view_.settings(),
                  .waiting = view_.waiting(),
                  .active = view_.active(),
                  .admitted_last_minute = engine_.admitted_last_minute(now),
                  .epoch = identity_.epoch,
                  .pending = approvals_.pending(now)};
}

std::int64_t Room::pass_epoch() {
  std::lock_guard lock(mutex_);
  return engine_.settings().pass_epoch;
}

std::vector<Unwritten> Room::take_unwritten() {
  std::lock_guard lock(mutex_);
  close_batch();
  return std::exchange(sealed_, {});
}

void Room::settle(const Unwritten& batch, Timestamp now) {
  std::lock_guard lock(mutex_);
  auto audited = batch.audited.begin();
  for (std::size_t i = 0; i < batch.records.size(); ++i) {
    const Record& record = batch.records[i];
    const bool configures = record.fact == Fact::configured;
    if (configures) note_change(view_.settings(), record, told_once(batch.number, i), *audited++);
    view_.apply(record);
    measure(record, now);
    tally_.count(record);
    if (frees_slot(record.fact)) passes_.erase(record.place);
    if (configures) announced_at_ = {};  // news at once
    if (record.fact == Fact::admitted) {
      engine_.admission_settled(record.place, now, open_.records);
      note_wait(record);
      called_.push_back(place_id(identity_.epoch, record.place));
    }
    place_news_ |= record.fact != Fact::joined && record.fact != Fact::bound;
  }
  if (!batch.records.empty()) durable_batch_ = batch.number;
  room_news_ |= !batch.records.empty();
  batches_since_snapshot_ += batch.records.empty() ? 0 : 1;
  records_since_snapshot_ += batch.records.size();
}

bool Room::has_unwritten() {
  std::lock_guard lock(mutex_);
  return !sealed_.empty() || !open_.records.empty() || !open_.waiters.empty();
}

bool Room::take_room_news(Timestamp now, Millis spacing) {
  std::lock_guard lock(mutex_);
  if (!room_news_ || now < announced_at_ + spacing) return false;
  room_news_ = false;
  announced_at_ = now;
  return true;
}

std::vector<PlaceId> Room::take_called() {
  std::lock_guard lock(mutex_);
  return std::exchange(called_, {});
}

bool Room::take_place_news() {
  std::lock_guard lock(mutex_);
  return std::exchange(place_news_, false);
}

bool Room::worth_compacting() {
  std::lock_guard lock(mutex_);
  const std::uint64_t live = static_cast<std::uint64_t>(engine_.live());
  return snapshot_wanted_ || batches_since_snapshot_ >= kBatchesWorthCompacting ||
         records_since_snapshot_ >= std::max(kRecordsWorthCompacting, live * 2);
}

Room::Frozen Room::freeze() {
  std::lock_guard lock(mutex_);
  close_batch();
  batches_since_snapshot_ = 0;
  records_since_snapshot_ = 0;
  snapshot_wanted_ = false;
  return {.snapshot = {.covers = last_batch_, .bytes = engine_.snapshot()},
          .durable = wait_for_all()};
}

// The step's records, if there are any, are in the open batch.
std::optional<Durable> Room::wait_for_step(std::size_t records_before, Sequence joined) {
  if (open_.records.size() == records_before) return {};
  return wait_for_all(joined);
}

Durable Room::wait_for_all(Sequence joined) {
  return open_.waiters.emplace_back(Waiter{.durable = {}, .joined = joined}).durable;
}

// Nothing to do, but what was found done may still be on its way to the disk.
std::optional<Durable> Room::wait_for_what_was_found() {
  if (open_.records.empty() && durable_batch_ == last_batch_) return {};
  return wait_for_all();
}

// What is told of a change is what the disk holds of it.
void Room::note_change(const Settings& before, const Record& record, std::string told_once,
                       OneShot<bool> audited) {
  AuditEntry entry{.who = record.by.empty() ? "" : record.by.front(),
                   .at = record.at,
                   .room = identity_.id,
                   .changes = changes(before, *decode_settings(record.text)),
                   .told_once = std::move(told_once)};
  if (record.by.size() > 1) {
    entry.changes.insert(entry.changes.begin(), {"proposal", "by " + record.by[1], "approved"});
  }
  ++*unaudited_;
  changed_.push_back(
      {.entry = std::move(entry), .audited = std::move(audited), .unaudited = unaudited_});
}

std::string Room::told_once(std::uint64_t batch, std::size_t index) const {
  return identity_.id.str() + "/" + std::to_string(identity_.epoch) + "/" + std::to_string(batch) +
         "/" + std::to_string(index);
}

void Room::after_step() {
  if (open_.records.size() >= kRecordsPerBatch) close_batch();
}

void Room::close_batch() {
  if (open_.records.empty() && open_.waiters.empty()) return;
  if (!open_.records.empty()) open_.number = ++last_batch_;
  sealed_.push_back(std::exchange(open_, {}));
}

PaceRoom Room::pace_room() const {
  return {.settings = view_.settings(), .waiting = view_.waiting(), .active = view_.active()};
}

CalibrationReport Room::calibration() {
  std::lock_guard lock(mutex_);
  return pace_.calibration();
}

// Looks at some of those who wait: are they still there?
void Room::survey(Timestamp now) {
  std::vector<PaceSample> people;
  const auto first = view_.line().first(kMainLane);
  if (!first) return;
  const Sequence span = engine_.next_sequence() - *first;
  for (std::size_t i = 0; i < Pace::kSurvey; ++i) {
    const Sequence place = *first + random_.next_u64() % span;
    const Line::Standing standing = view_.find(place);
    const Place* live = engine_.find(place);
    if (standing.position == 0 || !live) continue;
    people.push_back({.depth = static_cast<double>(standing.position) /
                               static_cast<double>(view_.line().size(standing.lane)),
                      .joined_at = from_unix_ms(std::int64_t{live->joined_s} * 1000),
                      .seen_at = from_unix_ms(std::int64_t{live->seen_s} * 1000),
                      .heard = live->heard});
  }
  pace_.survey(people, now);
}

// How fast the line moves and how long slots are held. How long those lived who gave up is not
// known here any more.
void Room::measure(const Record& record, Timestamp at) {
  constexpr Millis kLong{3'600'000};
  if (record.fact == Fact::admitted) {
    pace_.called(at, record.place);
    inside_[record.place] = {.called_at = record.at, .session_began = record.at};
  } else if (record.fact == Fact::lengthened) {
    const auto lengthen = [&](Inside& inside) {
      inside.session_began = std::min(inside.session_began + lengthened_by(record), record.at);
    };
    if (record.place == 0) {
      for (auto& [place, inside] : inside_) lengthen(inside);
    } else if (const auto one = inside_.find(record.place); one != inside_.end()) {
      lengthen(one->second);
    }
  } else if (record.fact == Fact::ghosted || record.fact == Fact::left) {
    pace_.gone(at, record.place, kLong, record.fact == Fact::left);
  } else if (frees_slot(record.fact)) {
    const auto found = inside_.find(record.place);
    if (found == inside_.end()) return;
    const bool unused = record.fact == Fact::no_show || record.fact == Fact::missed;
    pace_.freed(at, record.at - found->second.called_at, unused);
    inside_.erase(found);
  }
}

}  // namespace onsale::waitroom
