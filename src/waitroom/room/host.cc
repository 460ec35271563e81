#include "waitroom/room/host.h"

#include <algorithm>

#include "base/log.h"
#include "base/overload.h"

namespace onsale::waitroom {

namespace {

constexpr Millis kRoomNewsSpacing{2'000};
constexpr std::ptrdiff_t kAuditsPerTick = 50;  // of those that are tried again

std::string summary(const Proposal& proposal) {
  std::string text;
  for (const Change& change : proposal.changes) {
    text += (text.empty() ? "" : "; ") + change.field + ": " + change.before + " > " + change.after;
  }
  return text;
}

}  // namespace

// Outlives the host, as what writes to the audit log may.
struct Host::Unaudited {
  std::mutex mutex;
  std::vector<Room::Changed> changes;
};

Host::Host(Ports ports)
    : ports_(ports),
      unaudited_(std::make_shared<Unaudited>()),
      writer_(ports.journal, ports.signer, ports.clock, [this](Room& room) {
        const std::vector<PlaceId> called = room.take_called();
        if (!called.empty()) ports_.announcer.places_called(room.id(), called);
        if (room.take_place_news()) ports_.announcer.places_changed(room.id());
        audit_changes(room);
      }) {}

Task<void> Host::load() {
  auto stored = co_await ports_.journal.rooms();
  for (StoredRoom& room : stored) co_await load_room(std::move(room));
}

std::unique_ptr<Room> Host::empty_room(const StoredRoom& stored) {
  return std::make_unique<Room>(Room::Identity{stored.id, stored.name, stored.epoch},
                                ports_.random.next_u64(), ports_.signer, ports_.random);
}

// From the newest snapshot that is whole; without one, from the beginning of the log.
Task<Host::Restored> Host::restored(StoredRoom stored) {
  Restored found{.room = empty_room(stored)};
  auto snapshot = co_await ports_.journal.snapshot(stored.id);
  while (snapshot && !found.room->restore(*snapshot)) {
    log::warn("waitroom",
              "a snapshot is broken or of another version; older ones and the log are read",
              {{"room", stored.id.str()}, {"covers", snapshot->covers}});
    found.broken = std::max(found.broken, snapshot->covers);
    found.room = empty_room(stored);
    snapshot = co_await ports_.journal.older_snapshot(stored.id, snapshot->covers);
  }
  co_return std::move(found);
}

Task<void> Host::load_room(StoredRoom stored, bool begins) {
  const RoomId id = stored.id;
  auto [room, broken] = co_await restored(std::move(stored));
  for (;;) {
    const std::uint64_t after = room->last_batch();
    auto batches = co_await ports_.journal.batches(id, after);
    if (batches.empty()) break;
    for (const StoredBatch& batch : batches) {
      // Its link fits, so it is what was written.
      if (!room->replay(batch)) {
        throw BrokenLog(id, batch.number,
                        "its records can't be read; if a newer onsale wrote them, start that one");
      }
    }
  }
  if (room->last_batch() < std::max<std::uint64_t>(broken, 1)) {
    throw BrokenLog(id, room->last_batch() + 1,
                    "it is gone, and no snapshot that holds it can be read");
  }
  if (broken > 0) room->want_snapshot();
  const Timestamp now = ports_.clock.now();
  if (begins) {
    room->begin(now);
  } else if (room->resume(now)) {
    log::info("waitroom", "no orderly end before this start; lost places come back by token",
              {{"room", id.str()}});
  }
  {
    // The life before may have ended between a change and its entry.
    std::lock_guard lock(unaudited_->mutex);
    std::ranges::move(room->take_changed(), std::back_inserter(unaudited_->changes));
  }
  keep(std::move(room));
}

// What is under way first: the orderly end is the last thing in every journal.
Task<void> Host::drain() {
  co_await writer_.drain();
  const Timestamp now = ports_.clock.now();
  for (Room* room : all()) {
    room->stop(now);
    writer_.wake(*room);
  }
  co_await writer_.drain();
}

void Host::tick() {
  const Timestamp now = ports_.clock.now();
  writer_.retry(now);
  const bool failing = writer_.failing();  // in doubt nobody is admitted
  audit_again();
  for (Room* room : all()) {
    failing ? room->hold_admissions(now) : room->tick(now);
    if (room->has_unwritten()) writer_.wake(*room);
    if (room->take_room_news(now, kRoomNewsSpacing)) ports_.announcer.room_changed(room->id());
  }
}

Task<void> Host::compact() {
  for (Room* room : all()) {
    if (room->unaudited() || writer_.failing()) continue;
    if (room->worth_compacting()) co_await compact_room(*room);
  }
}

Task<void> Host::compact_room(Room& room) {
  Room::Frozen frozen = room.freeze();
  writer_.wake(room);
  co_await frozen.durable.wait();
  if (room.unaudited()) {
    room.want_snapshot();
    co_return;
  }
  auto snapshot = std::make_shared<const StoredSnapshot>(std::move(frozen.snapshot));
  const std::size_t bytes = snapshot->bytes.size();
  co_await ports_.journal.compact(room.id(), std::move(snapshot));
  log::info("waitroom", "snapshot written", {{"room", room.id().str()}, {"bytes", bytes}});
}

Task<void> Host::declare_room(RoomId id, std::string name, Settings defaults) {
  if (find(id)) co_return;
  const Timestamp now = ports_.clock.now();
  StoredRoom stored{.id = id,
                    .name = std::move(name),
                    .epoch = static_cast<std::uint32_t>(to_unix_ms(now) / 1000)};
  Records first{{.fact = Fact::configured, .at = now, .text = encode(defaults)}};
  StoredBatch batch = to_stored(id, 1, first);
  co_await ports_.journal.create_room(std::move(stored), std::move(batch));
  // Read back: when two declared it at once, the journal has one of them.
  auto rooms = co_await ports_.journal.rooms();
  for (StoredRoom& room : rooms) {
    if (room.id == id) co_await load_room(std::move(room), true);
  }
}

void Host::want_snapshot(const RoomId& id) {
  if (Room* room = find(id)) room->want_snapshot();
}

std::vector<RoomNumbers> Host::numbers() const {
  std::vector<RoomNumbers> numbers;
  const Timestamp now = ports_.clock.now();
  for (Room* room : all()) numbers.push_back(room->numbers(now));
  return numbers;
}

std::optional<RoomSample> Host::sample(const RoomId& id) const {
  Room* room = find(id);
  if (!room) return {};
  return room->sample(ports_.clock.now());
}

void Host::remember(RoomHistory& history) const {
  const Timestamp now = ports_.clock.now();
  for (Room* room : all()) history.add(room->id(), room->sample(now));
}

std::optional<RoomView> Host::room(const RoomId& id) const {
  Room* room = find(id);
  if (!room) return {};
  return room->view(ports_.clock.now());
}

std::vector<RoomView> Host::rooms() const {
  std::vector<RoomView> views;
  const Timestamp now = ports_.clock.now();
  for (Room* room : all()) views.push_back(room->view(now));
  return views;
}

Task<Result<PlaceView, JoinRefusal>> Host::join(RoomId id, DeviceKey device, LaneId lane,
                                                std::string token) {
  Room* room = find(id);
  if (!room) co_return std::unexpected(JoinRefusal::room_not_found);
  writer_.demand_open();
  std::optional<Sequence> held;
  if (!token.empty()) {
    held = place_of(*room, {.token = token, .device = {}}, ports_.clock.now());
  }
  auto joined = room->join(device, lane, held, ports_.clock.now());
  if (!joined) {
    if (joined.error() == JoinFailure::full) throw Overloaded("the room is full", 60);
    co_return std::unexpected(JoinRefusal::room_closed);
  }
  token.clear();
  if (joined->durable) {
    writer_.wake(*room);
    token = co_await joined->durable->wait();
  }
  const Timestamp now = ports_.clock.now();
  std::optional<PlaceView> view = room->look(joined->place, now, false);
  if (!view) throw Overloaded("the place can't be read yet");
  view->token = token.empty() ? token_for(*room, joined->place, now) : std::move(token);
  view->stood_before = joined->stood_before;
  co_return std::move(*view);
}

Result<PlaceView, PlaceRefusal> Host::look(const RoomId& id, const PlaceProof& proof,
                                           Timestamp now) {
  Room* room = find(id);
  if (!room) return std::unexpected(PlaceRefusal::room_not_found);
  const std::optional<Sequence> place = place_of(*room, proof, now);
  if (!place) return std::unexpected(PlaceRefusal::place_invalid);
  std::optional<PlaceView> view = room->look(*place, now, proof.present);
  if (!view) {
    auto durable = room->restore_lost(*place, proof.device, now);
    if (!durable) return std::unexpected(PlaceRefusal::place_invalid);
    writer_.wake(*room);
    throw Overloaded("the place is being restored; ask again", 1);
  }
  view->token = proof.token.empty() ? token_for(*room, *place, now) : std::string(proof.token);
  return std::move(*view);
}

std::optional<RoomId> Host::room_of(std::string_view token, Timestamp now) {
  const auto payload = ports_.signer.open_place(token, now);
  if (!payload) return {};
  const auto place = decode_place_token(*payload);
  if (!place) return {};
  auto room = RoomId::parse(place->room);
  if (!room || !find(*room)) return {};
  return room;
}

void Host::sign_of_life(const RoomId& id, PlaceId place, Timestamp now) {
  Room* room = find(id);
  if (!room) return;
  if (const auto sequence = sequence_of(place, room->epoch())) room->sign_of_life(*sequence, now);
}

void Host::page_closed(const RoomId& id, PlaceId place, Timestamp now) {
  Room* room = find(id);
  if (!room) return;
  const auto sequence = sequence_of(place, room->epoch());
  if (!sequence) return;
  room->page_closed(*sequence, now);
  ports_.announcer.page_closed(id, place);
}

Task<Result<void, PlaceRefusal>> Host::leave(RoomId id, std::string token,
                                             std::optional<DeviceKey> device) {
  Room* room = find(id);
  if (!room) co_return std::unexpected(PlaceRefusal::room_not_found);
  const Timestamp now = ports_.clock.now();
  const auto place = place_of(*room, {.token = token, .device = device}, now);
  if (!place) co_return std::unexpected(PlaceRefusal::place_invalid);
  auto durable = room->leave(*place, now);
  if (durable) {
    writer_.wake(*room);
    co_await durable->wait();
  }
  co_return Result<void, PlaceRefusal>();
}

Result<Admission, PassRefusal> Host::admit_with(const RoomId& id, std::string_view pass_jwt,
                                                std::string_view account, Timestamp now) {
  Room* room = find(id);
  if (!room) return std::unexpected(PassRefusal::room_not_found);
  const auto claims = ports_.signer.open_pass(pass_jwt, id, now);
  if (!claims) {
    return std::unexpected(claims.error() == PassFault::not_valid_now ? PassRefusal::not_valid_now
                                                                      : PassRefusal::forged);
  }
  const auto place_id = PlaceId::parse(claims->place);
  if (!place_id || claims->room != id.str()) return std::unexpected(PassRefusal::forged);
  const auto place = sequence_of(*place_id, room->epoch());
  if (!place) return std::unexpected(PassRefusal::revoked);
  if (claims->epoch < room->pass_epoch()) {
    return std::unexpected(PassRefusal::revoked);
  }
  const Room::Used used = room->use(*place, account, now);
  if (room->has_unwritten()) writer_.wake(*room);
  switch (used.outcome) {
    case UseOutcome::no_slot:
      return std::unexpected(PassRefusal::slot_gone);
    case UseOutcome::used_by_another:
      return std::unexpected(PassRefusal::used_by_another);
    case UseOutcome::accepted:
      break;
  }
  return Admission{.room = id, .place = *place_id, .ends_at = used.ends_at};
}

Task<void> Host::complete(RoomId id, PlaceId place_id) {
  Room* room = find(id);
  if (!room) co_return;
  const auto place = sequence_of(place_id, room->epoch());
  if (!place) co_return;
  auto durable = room->complete(*place, ports_.clock.now());
  if (durable) {
    writer_.wake(*room);
    co_await durable->wait();
  }
}

std::vector<Sequence> Host::entrants(const RoomId& id) const {
  Room* room = find(id);
  if (!room) return {};
  return room->entrants();
}

bool Host::is_pool(const RoomId& id) const {
  Room* room = find(id);
  return room && room->is_pool();
}

Task<bool> Host::draw(RoomId id, std::vector<Sequence> ranked) {
  Room* room = find(id);
  if (!room) co_return false;
  writer_.demand_open();
  auto drawn = room->draw(ranked, ports_.clock.now());
  if (drawn.durable) {
    writer_.wake(*room);
    co_await drawn.durable->wait();
  }
  co_return drawn.outcome != DrawOutcome::refused;
}

// Every change that is durable, whoever made it and whatever its maker was answered.
void Host::audit_changes(Room& room) {
  for (Room::Changed& changed : room.take_changed()) audit(std::move(changed));
}

void Host::audit(Room::Changed changed) {
  AuditEntry entry = changed.entry;
  start(ports_.audit.changed(std::move(entry)),
        [changed = std::move(changed), unaudited = unaudited_](std::exception_ptr error) mutable {
          if (!error) {
            --*changed.unaudited;
            return changed.audited.set(true);
          }
          log::error("waitroom", "a change is missing in the audit log; it is tried again",
                     {{"room", changed.entry.room.str()}});
          OneShot<bool> audited = std::exchange(changed.audited, {});
          {
            std::lock_guard lock(unaudited->mutex);
            unaudited->changes.push_back(std::move(changed));
          }
          audited.fail(error);
        });
}

void Host::audit_again() {
  std::vector<Room::Changed> changes;
  {
    std::lock_guard lock(unaudited_->mutex);
    auto& all = unaudited_->changes;
    const auto some = all.begin() + std::min<std::ptrdiff_t>(std::ssize(all), kAuditsPerTick);
    changes.assign(std::move_iterator(all.begin()), std::move_iterator(some));
    all.erase(all.begin(), some);
  }
  for (Room::Changed& changed : changes) audit(std::move(changed));
}

Task<Result<RoomView, Refused<ConfigureRefusal>>> Host::configure(RoomId id, SettingsPatch patch,
                                                                  std::string who,
                                                                  std::string seen) {
  Room* room = find(id);
  if (!room) co_return refused(ConfigureRefusal::room_not_found);
  const Timestamp now = ports_.clock.now();
  writer_.demand_open();
  auto configured = room->configure(patch, who, now, seen);
  if (!configured) co_return std::unexpected(std::move(configured.error()));
  const bool proposed = configured->proposed.has_value();
  if (proposed) {
    const ProposalId proposal = configured->proposed->id;
    std::string what = summary(*configured->proposed);
    Change proposing{"proposal", "", std::move(what)};
    co_await note_proposal(id, proposal, std::move(who), now, std::move(proposing));
  } else {
    co_await carry_out(*room, std::move(*configured));
  }
  RoomView view = room->view(ports_.clock.now());
  view.proposed = proposed;
  co_return std::move(view);
}

Task<Result<RoomView, Refused<ConfigureRefusal>>> Host::approve(RoomId id, ProposalId proposal,
                                                                std::string who) {
  Room* room = find(id);
  if (!room) co_return refused(ConfigureRefusal::room_not_found);
  const Timestamp now = ports_.clock.now();
  writer_.demand_open();
  auto configured = room->approve(proposal, who, now);
  if (!configured) co_return std::unexpected(std::move(configured.error()));
  co_await carry_out(*room, std::move(*configured));
  co_return room->view(ports_.clock.now());
}

Task<Result<void, ConfigureRefusal>> Host::withdraw(RoomId id, ProposalId proposal,
                                                    std::string who) {
  Room* room = find(id);
  if (!room) co_return std::unexpected(ConfigureRefusal::room_not_found);
  const Timestamp now = ports_.clock.now();
  if (!room->withdraw(proposal, now)) {
    co_return std::unexpected(ConfigureRefusal::proposal_not_found);
  }
  Change withdrawn{"proposal", proposal.str(), "withdrawn"};
  co_await note_proposal(id, proposal, std::move(who), now, std::move(withdrawn));
  co_return Result<void, ConfigureRefusal>();
}

Task<void> Host::carry_out(Room& room, Room::Configured done) {
  if (done.durable) {
    writer_.wake(room);
    co_await done.durable->wait();
  }
  if (done.audited) co_await done.audited->wait();
}

// Who proposed or withdrew what; tried until it is written, as long as the proposal could be lost
// with the process. An approval is told with the change.
Task<void> Host::note_proposal(RoomId room, ProposalId proposal, std::string who, Timestamp now,
                               Change what) {
  const std::string step = what.before.empty() ? "/proposed" : "/withdrawn";
  AuditEntry entry{.who = std::move(who), .at = now, .room = std::move(room), .changes = {}};
  entry.changes.push_back(std::move(what));
  entry.told_once = proposal.str() + step;
  Room::Changed noted{.entry = std::move(entry),
                      .audited = {},
                      .unaudited = std::make_shared<std::atomic<std::int64_t>>(1)};
  OneShot<bool> audited = noted.audited;
  audit(std::move(noted));
  co_await audited.wait();
}

Room* Host::find(const RoomId& id) const {
  std::shared_lock lock(mutex_);
  const auto found = rooms_.find(id);
  return found == rooms_.end() ? nullptr : found->second.get();
}

std::vector<Room*> Host::all() const {
  std::shared_lock lock(mutex_);
  std::vector<Room*> rooms;
  rooms.reserve(rooms_.size());
  for (const auto& [id, room] : rooms_) rooms.push_back(room.get());
  return rooms;
}

void Host::keep(std::unique_ptr<Room> room) {
  std::lock_guard lock(mutex_);
  const RoomId id = room->id();
  rooms_.try_emplace(id, std::move(room));
}

std::optional<Sequence> Host::place_of(Room& room, const PlaceProof& proof, Timestamp now) {
  if (!proof.token.empty()) {
    const auto payload = ports_.signer.open_place(proof.token, now);
    if (!payload) return {};
    const auto token = decode_place_token(*payload);
    if (!token || token->room != room.id().str() || token->epoch != room.epoch()) return {};
    if (token->expires_s * 1000 <= to_unix_ms(now)) return {};
    return token->place;
  }
  if (!proof.device) return {};
  return room.find(*proof.device);
}

std::string Host::token_for(const Room& room, Sequence place, Timestamp now) {
  return ports_.signer.sign_place(fresh_payload(room.id(), room.epoch(), place, now));
}

}  // namespace onsale::waitroom
