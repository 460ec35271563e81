#include "waitroom/lottery/lottery_service.h"

#include <algorithm>
#include <stdexcept>

#include "base/log.h"

namespace onsale::waitroom::lottery {

namespace {

constexpr std::size_t kPreparedMax = 4;  // about 50 MB for a million entrants each
constexpr std::string_view kServer = "server";
// After its time a round takes a moment to be published.
constexpr Millis kPublished{2'000};
constexpr Millis kAskAgain{10'000};

std::string describe(const Lottery& lottery) {
  std::string text(to_string(lottery.state));
  if (lottery.state == State::committed) text += " " + hex(bytes_of(lottery.commitment));
  if (lottery.state == State::closed) text += " " + hex(bytes_of(lottery.root));
  if (lottery.state == State::drawn) text += " " + hex(bytes_of(lottery.value));
  return text;
}

Digest random_digest(Random& random) {
  Digest digest;
  random.fill(std::as_writable_bytes(std::span(digest)));
  return digest;
}

}  // namespace

std::vector<Sequence> Lotteries::Prepared::ranked() const {
  std::vector<Sequence> line;
  line.reserve(order.size());
  for (const std::uint32_t index : order) line.push_back(places[index]);
  return line;
}

Task<void> Lotteries::load() {
  auto all = co_await ports_.store.latest();
  for (Stored& one : all) keep(one);
  co_await tick();
}

Task<void> Lotteries::tick() {
  std::vector<Stored> all;
  {
    std::lock_guard lock(mutex_);
    for (const auto& [room, stored] : latest_) all.push_back(stored);
  }
  for (Stored& one : all) {
    const RoomId room = one.lottery.room;
    std::string wrong;
    try {
      co_await advance(std::move(one));
    } catch (const std::exception& e) {  // another room's lottery goes on
      wrong = e.what();
    }
    if (!wrong.empty()) {
      log::error("waitroom", "a lottery is stuck", {{"room", room.str()}, {"reason", wrong}});
    }
  }
}

// What is due of one lottery.
Task<void> Lotteries::advance(Stored one) {
  const Lottery lottery = one.lottery;
  if (lottery.state < State::drawn && ports_.pool.exists(lottery.room) &&
      !ports_.pool.has_lottery(lottery.room)) {
    // Its people stand in line as they joined, and were told so.
    auto given_up = co_await give_up(std::move(one), std::string(kServer));
    (void)given_up;
  } else if (lottery.state == State::drawn && !one.in_force) {
    const bool in_force = co_await put_in_force(std::move(one));
    (void)in_force;
  } else if (lottery.state == State::closed && ports_.rounds.configured()) {
    const auto* drand = std::get_if<DrandBeacon>(&*lottery.beacon);
    const auto time = drand ? round_time(drand->chain, drand->round) : std::nullopt;
    const Timestamp now = ports_.clock.now();
    if (!time || now < *time + kPublished || now < ask_again_at_[lottery.room]) co_return;
    ask_again_at_[lottery.room] = now + kAskAgain;
    std::optional<Evidence> fetched;
    const auto drawn = co_await draw(lottery.room, std::move(fetched), std::string(kServer));
    if (!drawn) {
      log::warn("waitroom", "a lottery is due but can't be drawn",
                {{"room", lottery.room.str()}, {"why", to_string(drawn.error().why)}});
    }
  }
}

Task<Lotteries::Changed> Lotteries::commit(RoomId room, std::string who) {
  if (!ports_.pool.exists(room)) co_return refused(Refusal::room_not_found);
  const auto before = stored(room);
  if (before && before->lottery.state == State::committed) co_return before->lottery;
  if (before && undecided(*before)) co_return refused(Refusal::already_closed);
  if (!ports_.pool.is_pool(room)) co_return refused(Refusal::not_a_pool);
  if (!ports_.pool.entrants(room).empty()) co_return refused(Refusal::joining_began);
  const Secrets secrets{.seed = random_digest(ports_.random),
                        .salt_key = random_digest(ports_.random)};
  Stored fresh{.lottery = {.room = room}, .sealed = {}};
  fresh.lottery.number = before ? before->lottery.number + 1 : 1;
  fresh.lottery.state = State::committed;
  fresh.lottery.committed_at = ports_.clock.now();
  fresh.lottery.commitment = ports_.hashing.sha256(bytes_of(secrets.seed));
  fresh.sealed = ports_.vault.seal(secrets, fresh.lottery.committed_at);
  RoomChanged step = told(fresh.lottery, "none", std::move(who));
  const bool first = co_await ports_.store.commit(fresh, std::move(step));
  if (!first) co_return co_await reread(room, Refusal::already_closed);
  keep(fresh);
  co_return std::move(fresh.lottery);
}

Task<Lotteries::Changed> Lotteries::close(RoomId room, Beacon beacon, std::string who) {
  if (!ports_.pool.exists(room)) co_return refused(Refusal::room_not_found);
  auto before = stored(room);
  if (!before) co_return refused(Refusal::not_committed);
  if (before->lottery.state == State::abandoned) co_return refused(Refusal::abandoned);
  if (before->lottery.state != State::committed) {
    if (*before->lottery.beacon == beacon) co_return std::move(before->lottery);
    co_return refused(Refusal::already_closed);
  }
  if (!ports_.pool.is_pool(room)) co_return refused(Refusal::not_a_pool);
  if (auto fine = judge(beacon, ports_.clock.now()); !fine) {
    co_return std::unexpected(std::move(fine.error()));
  }
  co_return co_await fix_entries(std::move(*before), std::move(beacon), std::move(who));
}

// Whoever joins from here on is no entrant. Nothing counts until it is stored: cut short, the next
// attempt takes those who wait then.
Task<Lotteries::Changed> Lotteries::fix_entries(Stored stored, Beacon beacon, std::string who) {
  const RoomId room = stored.lottery.room;
  std::vector<Sequence> places = ports_.pool.entrants(room);
  std::ranges::sort(places);
  const Secrets secrets = secrets_of(stored);
  auto result = std::make_shared<PreparedPointer>();
  std::function<void()> work = [this, lottery = stored.lottery, secrets, places, result] {
    *result = prepare(lottery, secrets, places);
  };
  Task<void> job = ports_.worker.run(std::move(work));
  co_await std::move(job);

  Lottery closed = stored.lottery;
  closed.state = State::closed;
  closed.closed_at = ports_.clock.now();
  closed.count = places.size();
  closed.root = (*result)->tree.root();
  closed.beacon = beacon;
  // Hashing and the disk took their time.
  if (auto fine = judge(beacon, closed.closed_at); !fine) {
    co_return std::unexpected(std::move(fine.error()));
  }
  RoomChanged step = told(closed, "committed", std::move(who));
  const bool first = co_await ports_.store.close(closed, std::move(places), std::move(step));
  if (!first) {
    auto other = co_await reread(room, Refusal::already_closed);
    if (other && other->beacon && *other->beacon == beacon) co_return other;
    co_return refused(Refusal::already_closed);
  }
  cache(*result);
  stored.lottery = closed;
  keep(std::move(stored));
  co_return closed;
}

Task<Lotteries::Changed> Lotteries::draw(RoomId room, std::optional<Evidence> evidence,
                                         std::string who) {
  if (!ports_.pool.exists(room)) co_return refused(Refusal::room_not_found);
  auto before = stored(room);
  if (!before || before->lottery.state == State::committed) {
    co_return refused(Refusal::not_closed);
  }
  Lottery& lottery = before->lottery;
  if (lottery.state == State::abandoned) co_return refused(Refusal::abandoned);
  if (lottery.state == State::drawn) {
    if (evidence &&
        value_of(ports_.hashing, *lottery.beacon, *evidence, ports_.clock.now()) != lottery.value) {
      co_return refused(Refusal::already_drawn);
    }
    Lottery drawn = lottery;
    bool in_force = before->in_force;
    if (!in_force) in_force = co_await put_in_force(std::move(*before));
    if (!in_force) co_return refused(Refusal::not_a_pool);
    co_return drawn;
  }
  // An open line is never drawn; nor is the seed told for nothing.
  if (!ports_.pool.is_pool(room)) co_return refused(Refusal::not_a_pool);
  if (!evidence) {
    const auto* drand = std::get_if<DrandBeacon>(&*lottery.beacon);
    if (!drand) co_return refused(Refusal::too_few_reveals);
    const auto time = round_time(drand->chain, drand->round);
    if (time && ports_.clock.now() < *time) co_return refused(Refusal::round_not_reached);
    auto round = co_await ports_.rounds.fetch(*drand);
    if (!round) co_return refused(Refusal::beacon_unavailable);
    evidence = std::move(*round);
  }
  co_return co_await decide(std::move(*before), std::move(*evidence), std::move(who));
}

// The moment the outcome exists: seed, beacon and ranks are public from here on, whatever happens.
Task<Lotteries::Changed> Lotteries::decide(Stored stored, Evidence evidence, std::string who) {
  if (auto* reveals = std::get_if<Reveals>(&evidence)) {
    std::ranges::sort(*reveals, {}, &Reveal::party);
  }
  const Timestamp now = ports_.clock.now();
  auto value = value_of(ports_.hashing, *stored.lottery.beacon, evidence, now);
  if (!value) co_return std::unexpected(std::move(value.error()));
  Lottery drawn = stored.lottery;
  drawn.state = State::drawn;
  drawn.drawn_at = now;
  drawn.seed = secrets_of(stored).seed;
  drawn.evidence = std::move(evidence);
  drawn.value = *value;
  RoomChanged step = told(drawn, "closed", std::move(who));
  const bool first = co_await ports_.store.draw(drawn, std::move(step));
  if (!first) {
    auto other = co_await reread(drawn.room, Refusal::already_drawn);
    if (!other || other->value != drawn.value) co_return refused(Refusal::already_drawn);
    co_return other;
  }
  stored.lottery = drawn;
  keep(stored);
  const bool in_force = co_await put_in_force(std::move(stored));
  if (!in_force) co_return refused(Refusal::not_a_pool);
  co_return drawn;
}

// Lining people up twice would move whoever came in between.
class Lotteries::OneAtATime {
 public:
  OneAtATime(Lotteries& all, const RoomId& room) : all_(all), room_(room) {
    std::lock_guard lock(all_.mutex_);
    mine_ = all_.lining_up_.insert(room_).second;
  }
  ~OneAtATime() {
    std::lock_guard lock(all_.mutex_);
    if (mine_) all_.lining_up_.erase(room_);
  }
  OneAtATime(const OneAtATime&) = delete;
  OneAtATime& operator=(const OneAtATime&) = delete;
  bool mine() const { return mine_; }

 private:
  Lotteries& all_;
  const RoomId room_;
  bool mine_ = false;
};

// False when the room is not its pool any more: the lottery is given up then.
Task<bool> Lotteries::put_in_force(Stored stored) {
  const RoomId room = stored.lottery.room;
  const OneAtATime turn(*this, room);
  if (!turn.mine()) co_return true;  // whoever is at it finishes it
  const PreparedPointer ready = co_await prepared(stored);
  const bool lined_up = co_await ports_.pool.draw(room, ready->ranked());
  if (!lined_up) {
    auto given_up = co_await give_up(std::move(stored), std::string(kServer));
    (void)given_up;
    co_return false;
  }
  co_await ports_.store.mark_in_force(room, stored.lottery.number);
  stored.in_force = true;
  keep(std::move(stored));
  co_return true;
}

Task<Lotteries::Changed> Lotteries::abandon(RoomId room, std::string who) {
  if (!ports_.pool.exists(room)) co_return refused(Refusal::room_not_found);
  auto before = stored(room);
  if (!before) co_return refused(Refusal::not_committed);
  if (before->lottery.state == State::abandoned) co_return std::move(before->lottery);
  // What was drawn is put in force by itself, unless its entrants can't be read.
  const bool drawn = before->lottery.state == State::drawn;
  if (before->in_force || (drawn && opens(*before))) co_return refused(Refusal::already_drawn);
  co_return co_await give_up(std::move(*before), std::move(who));
}

bool Lotteries::opens(const Stored& stored) const {
  return ports_.vault.open(stored.sealed, stored.lottery.committed_at).has_value();
}

// It may still decide the order of a line.
bool Lotteries::undecided(const Stored& stored) {
  return stored.lottery.state != State::abandoned && !stored.in_force;
}

Task<Lotteries::Changed> Lotteries::give_up(Stored stored, std::string who) {
  const RoomId room = stored.lottery.room;
  const State before = std::exchange(stored.lottery.state, State::abandoned);
  RoomChanged step = told(stored.lottery, to_string(before), std::move(who));
  const bool first =
      co_await ports_.store.abandon(room, stored.lottery.number, before, std::move(step));
  if (!first) co_return co_await reread(room, Refusal::already_drawn);
  keep(stored);
  co_return std::move(stored.lottery);
}

Result<Lottery, Refusal> Lotteries::find(const RoomId& room) const {
  if (!ports_.pool.exists(room)) return std::unexpected(Refusal::room_not_found);
  if (auto found = stored(room)) return std::move(found->lottery);
  return Lottery{.room = room};
}

Task<Result<EntriesPage, Refusal>> Lotteries::entries(RoomId room, std::uint64_t first,
                                                      std::uint64_t limit) {
  if (!ports_.pool.exists(room)) co_return std::unexpected(Refusal::room_not_found);
  auto found = stored(room);
  if (!found || found->lottery.state == State::committed) {
    co_return std::unexpected(Refusal::not_closed);
  }
  if (found->lottery.state == State::abandoned) co_return std::unexpected(Refusal::abandoned);
  const PreparedPointer ready = co_await prepared(std::move(*found));
  const std::uint64_t count = ready->entries.size();
  EntriesPage page{.first = std::min(first, count), .count = count};
  const std::uint64_t many = std::min({limit, kEntriesPerPage, count - page.first});
  const auto begin = ready->entries.begin() + static_cast<std::ptrdiff_t>(page.first);
  page.entries.assign(begin, begin + static_cast<std::ptrdiff_t>(many));
  co_return page;
}

Task<Result<OwnEntry, Refusal>> Lotteries::mine(RoomId room, std::string token,
                                                std::optional<DeviceKey> device) {
  if (!ports_.pool.exists(room)) co_return std::unexpected(Refusal::room_not_found);
  const PlaceProof proof_of_place{.token = token, .device = device};
  const auto place = ports_.pool.place_of(room, proof_of_place, ports_.clock.now());
  if (!place) co_return std::unexpected(Refusal::place_invalid);
  OwnEntry own{.place = *place};
  auto found = stored(room);
  if (!found) co_return own;
  own.state = found->lottery.state;
  if (own.state == State::abandoned) co_return own;
  own.salt = salt_of(ports_.hashing, secrets_of(*found).salt_key, *place);
  own.entry = entry_of(ports_.hashing, own.salt, room, *place);
  if (own.state == State::committed) co_return own;
  const PreparedPointer ready = co_await prepared(std::move(*found));
  const auto at = std::ranges::lower_bound(ready->places, *place);
  if (at == ready->places.end() || *at != *place) co_return own;  // came after the close
  const auto index = static_cast<std::size_t>(at - ready->places.begin());
  OwnEntry::Proof proof{.index = index, .count = ready->entries.size()};
  proof.path = ready->tree.proof(ports_.hashing, ready->entries, index);
  if (own.state == State::drawn) proof.rank = ready->ranks[index] + 1ULL;
  own.proof = std::move(proof);
  co_return own;
}

std::optional<Stored> Lotteries::stored(const RoomId& room) const {
  std::lock_guard lock(mutex_);
  const auto found = latest_.find(room);
  if (found == latest_.end()) return {};
  return found->second;
}

// Never back to an earlier state: two calls may finish in either order.
void Lotteries::keep(Stored stored) {
  std::lock_guard lock(mutex_);
  const auto [at, fresh] = latest_.try_emplace(stored.lottery.room, stored);
  if (fresh) return;
  const auto age = [](const Stored& s) {
    return std::tuple(s.lottery.number, s.lottery.state, s.in_force);
  };
  if (age(at->second) < age(stored)) at->second = std::move(stored);
}

Secrets Lotteries::secrets_of(const Stored& stored) const {
  auto secrets = ports_.vault.open(stored.sealed, stored.lottery.committed_at);
  if (!secrets) {
    throw std::runtime_error("the seed of the lottery of room " + stored.lottery.room.str() +
                             " can't be opened: the key it was sealed with is gone");
  }
  return *secrets;
}

Task<Lotteries::PreparedPointer> Lotteries::prepared(Stored stored) {
  if (auto ready = cached(stored.lottery)) co_return ready;
  auto places = co_await ports_.store.entrants(stored.lottery.room, stored.lottery.number);
  const Secrets secrets = secrets_of(stored);
  auto result = std::make_shared<PreparedPointer>();
  std::function<void()> work = [this, lottery = stored.lottery, secrets, places, result] {
    std::lock_guard lock(preparing_);  // whoever waits for it finds it made
    *result = cached(lottery);
    if (*result) return;
    *result = prepare(lottery, secrets, places);
    cache(*result);
  };
  Task<void> job = ports_.worker.run(std::move(work));
  co_await std::move(job);
  co_return std::move(*result);
}

Lotteries::PreparedPointer Lotteries::prepare(const Lottery& lottery, const Secrets& secrets,
                                              std::vector<Sequence> places) const {
  std::vector<Digest> entries;
  entries.reserve(places.size());
  for (const Sequence place : places) {
    const Salt salt = salt_of(ports_.hashing, secrets.salt_key, place);
    entries.push_back(entry_of(ports_.hashing, salt, lottery.room, place));
  }
  Tree tree(ports_.hashing, entries);
  std::vector<std::uint32_t> order;
  std::vector<std::uint32_t> ranks;
  if (lottery.state == State::drawn) {
    order = ranking(ports_.hashing, *lottery.seed, lottery.value, entries);
    ranks.resize(order.size());
    for (std::uint32_t rank = 0; rank < order.size(); ++rank) ranks[order[rank]] = rank;
  }
  return std::make_shared<const Prepared>(Prepared{.room = lottery.room,
                                                   .number = lottery.number,
                                                   .places = std::move(places),
                                                   .entries = std::move(entries),
                                                   .tree = std::move(tree),
                                                   .order = std::move(order),
                                                   .ranks = std::move(ranks)});
}

Lotteries::PreparedPointer Lotteries::cached(const Lottery& lottery) const {
  std::lock_guard lock(mutex_);
  for (const auto& ready : prepared_) {
    const bool ranked = lottery.state != State::drawn || ready->order.size() == lottery.count;
    if (ready->room == lottery.room && ready->number == lottery.number && ranked) return ready;
  }
  return nullptr;
}

void Lotteries::cache(PreparedPointer prepared) {
  std::lock_guard lock(mutex_);
  std::erase_if(prepared_, [&](const PreparedPointer& old) { return old->room == prepared->room; });
  prepared_.push_front(std::move(prepared));
  if (prepared_.size() > kPreparedMax) prepared_.pop_back();
}

// Somebody else was first: what they did counts.
Task<Lotteries::Changed> Lotteries::reread(RoomId room, Refusal otherwise) {
  auto all = co_await ports_.store.latest();
  for (Stored& one : all) {
    if (one.lottery.room != room) continue;
    keep(one);
    co_return std::move(one.lottery);
  }
  co_return refused(otherwise);
}

RoomChanged Lotteries::told(const Lottery& after, std::string_view before, std::string who) {
  const Timestamp now = ports_.clock.now();
  return {
      .id = ChangeId::make(now, ports_.random),
      .room = after.room.str(),
      .who = std::move(who),
      .at = now,
      .changes = {{.field = "lottery", .before = std::string(before), .after = describe(after)}}};
}

}  // namespace onsale::waitroom::lottery
