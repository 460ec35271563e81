// Maintained stand-ins for the ports of the waiting room; the journal passes the contract suite of
// the real ones (tests/contract).
#pragma once

#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <stdexcept>

#include "base/fakes.h"
#include "platform/crypto/bytes.h"
#include "waitroom/log/room_log.h"
#include "waitroom/room/ports.h"
#include "waitroom/varint.h"

namespace onsale::waitroom {

// A disk in memory. What was appended stays when the host that wrote it goes. Thread: any.
class FakeJournal final : public Journal, public RoomLog {
 public:
  // Faults. While held, appends wait (nothing is stored) until release() or drop_held().
  void fail(bool on) { failing_ = on; }
  void hold(bool on) { holding_ = on; }
  void release() { settle(true); }
  // The process dies: what waited never reached the disk, and its awaiters never hear anything.
  void drop_held() {
    std::lock_guard lock(mutex_);
    for (Held& held : held_) abandoned_.push_back(held.done);
    held_.clear();
  }
  // The process dies just after the disk took it.
  void store_held_silently() {
    std::lock_guard lock(mutex_);
    for (Held& held : held_) {
      store(*held.batches);
      abandoned_.push_back(held.done);
    }
    held_.clear();
  }
  // Lets the coroutines of dead processes end, so that nothing leaks. Their hosts still exist.
  void bury() {
    std::vector<OneShot<bool>> abandoned;
    {
      std::lock_guard lock(mutex_);
      abandoned.swap(abandoned_);
    }
    for (auto& done : abandoned) done.fail(std::make_exception_ptr(std::runtime_error("killed")));
  }
  // Sees every batch once, when it reaches the disk.
  void on_stored(std::function<void(const StoredBatch&)> watch) { watch_ = std::move(watch); }
  // Those that a start would read.
  std::size_t batch_count(const RoomId& room) {
    std::lock_guard lock(mutex_);
    const Stored& stored = rooms_[room];
    const std::uint64_t covered = stored.bases.empty() ? 0 : stored.bases.rbegin()->first;
    return static_cast<std::size_t>(
        std::distance(stored.batches.upper_bound(covered), stored.batches.end()));
  }
  // Somebody has his hands in the log.
  void tamper(const RoomId& room, std::uint64_t number, const std::string& records) {
    std::lock_guard lock(mutex_);
    rooms_[room].batches.at(number).records = records;
  }
  void remove(const RoomId& room, std::uint64_t number) {
    std::lock_guard lock(mutex_);
    rooms_[room].batches.erase(number);
  }
  // The disk forgot a bit of the newest snapshot.
  void damage_snapshot(const RoomId& room) {
    std::lock_guard lock(mutex_);
    std::string& bytes = rooms_[room].bases.rbegin()->second.bytes;
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  }
  std::size_t appends() const { return appends_; }

  Task<void> append(std::shared_ptr<const std::vector<StoredBatch>> batches) override {
    ++appends_;
    if (failing_) throw std::runtime_error("disk full (fake)");
    if (holding_) {
      OneShot<bool> done;
      {
        std::lock_guard lock(mutex_);
        held_.push_back({batches, done});
      }
      co_await done.wait();
      co_return;
    }
    std::lock_guard lock(mutex_);
    store(*batches);
  }
  Task<void> create_room(StoredRoom room, StoredBatch first) override {
    if (failing_) throw std::runtime_error("disk full (fake)");
    std::lock_guard lock(mutex_);
    if (rooms_.contains(room.id)) co_return;
    const RoomId id = room.id;
    Stored& stored = rooms_[id];
    stored.room = std::move(room);
    store({std::move(first)});
  }
  Task<std::vector<StoredRoom>> rooms() override {
    std::lock_guard lock(mutex_);
    std::vector<StoredRoom> found;
    for (const auto& [id, stored] : rooms_) found.push_back(*stored.room);
    co_return found;
  }
  Task<std::optional<StoredSnapshot>> snapshot(RoomId room) override {
    std::lock_guard lock(mutex_);
    const auto& bases = rooms_[room].bases;
    if (bases.empty()) co_return std::nullopt;
    co_return StoredSnapshot{bases.rbegin()->first, bases.rbegin()->second.bytes};
  }
  Task<std::vector<StoredBatch>> batches(RoomId room, std::uint64_t after) override {
    std::lock_guard lock(mutex_);
    std::vector<StoredBatch> found;
    const auto& stored = rooms_[room].batches;
    LinkCheck check(room, after, link_at(rooms_[room], after), crypto::sha256);
    for (auto batch = stored.upper_bound(after); batch != stored.end() && found.size() < 3;
         ++batch) {
      check.take(batch->first, batch->second.records, batch->second.link);
      found.push_back({room, batch->first, batch->second.records});
    }
    co_return found;
  }
  Task<std::optional<StoredSnapshot>> older_snapshot(RoomId room, std::uint64_t than) override {
    std::lock_guard lock(mutex_);
    const auto& bases = rooms_[room].bases;
    const auto newer = bases.lower_bound(than);
    if (newer == bases.begin()) co_return std::nullopt;
    co_return StoredSnapshot{std::prev(newer)->first, std::prev(newer)->second.bytes};
  }
  Task<void> compact(RoomId room, std::shared_ptr<const StoredSnapshot> snapshot) override {
    std::lock_guard lock(mutex_);
    Stored& stored = rooms_[room];
    const auto last = stored.batches.find(snapshot->covers);
    Base base{.at = {}, .link = kNoLink, .bytes = snapshot->bytes};
    if (last != stored.batches.end()) {
      base.at = last->second.at;
      base.link = last->second.link;
    }
    stored.bases.insert_or_assign(snapshot->covers, std::move(base));
    std::vector<LogBase> bases;
    for (const auto& [covers, each] : stored.bases) bases.push_back({covers, each.at});
    for (const std::uint64_t gone : superseded(bases, base_spacing_)) stored.bases.erase(gone);
    co_return;
  }

  Task<std::optional<LogStart>> start(RoomId room) override {
    std::lock_guard lock(mutex_);
    const Stored& stored = rooms_[room];
    if (!stored.room) co_return std::nullopt;
    const bool whole = !stored.batches.empty() && stored.batches.begin()->first == 1;
    if (whole) co_return LogStart{};
    const std::uint64_t from = stored.batches.empty() ? 0 : stored.batches.begin()->first - 1;
    const auto base = stored.bases.lower_bound(from);
    if (base == stored.bases.end()) co_return LogStart{};
    co_return LogStart{base->first, base->second.link, base->second.bytes};
  }
  Task<std::vector<LoggedBatch>> read(RoomId room, std::uint64_t after) override {
    std::lock_guard lock(mutex_);
    std::vector<LoggedBatch> found;
    const auto& stored = rooms_[room].batches;
    for (auto batch = stored.upper_bound(after); batch != stored.end() && found.size() < 3;
         ++batch) {
      found.push_back(logged(*batch));
    }
    co_return found;
  }
  Task<std::vector<LoggedFact>> facts_of(RoomId room, Sequence place,
                                         std::uint64_t up_to) override {
    std::lock_guard lock(mutex_);
    std::vector<LoggedBatch> batches;
    for (const auto& entry : rooms_[room].batches) {
      if (entry.first > up_to) break;
      for (const TouchedPlaces& each : entry.second.touched) {
        const bool there = (each.places >> (place % TouchedPlaces::kBlock) & 1U) != 0;
        if (each.block == place / TouchedPlaces::kBlock && there) batches.push_back(logged(entry));
      }
    }
    if (batches.size() > kTouchingMax) batches.erase(batches.begin(), batches.end() - kTouchingMax);
    std::vector<LoggedFact> found;
    for (const LoggedBatch& batch : batches) pick_facts(batch, place, found);
    co_return found;
  }
  Task<std::optional<LogHead>> head(RoomId room) override {
    std::lock_guard lock(mutex_);
    const Stored& stored = rooms_[room];
    if (!stored.batches.empty()) {
      co_return LogHead{stored.batches.rbegin()->first, stored.batches.rbegin()->second.link};
    }
    if (stored.bases.empty()) co_return std::nullopt;
    co_return LogHead{stored.bases.rbegin()->first, stored.bases.rbegin()->second.link};
  }
  Task<std::uint64_t> before(RoomId room, Timestamp from) override {
    std::lock_guard lock(mutex_);
    const auto& stored = rooms_[room].batches;
    for (const auto& [number, batch] : stored) {
      if (batch.at >= from) co_return number - 1;
    }
    co_return stored.empty() ? 0 : stored.rbegin()->first;
  }
  Task<std::optional<Timestamp>> unbased_since(RoomId room) override {
    std::lock_guard lock(mutex_);
    const Stored& stored = rooms_[room];
    const bool based = !stored.bases.empty();
    const auto next = stored.batches.upper_bound(based ? stored.bases.rbegin()->first : 0);
    if (next == stored.batches.end()) co_return std::nullopt;
    co_return based ? stored.bases.rbegin()->second.at : next->second.at;
  }
  Task<bool> trim(RoomId room, Timestamp oldest) override {
    std::lock_guard lock(mutex_);
    Stored& stored = rooms_[room];
    auto target = stored.bases.end();
    for (auto base = stored.bases.begin(); base != stored.bases.end(); ++base) {
      if (base->second.at < oldest) target = base;
    }
    if (target == stored.bases.end()) co_return false;
    stored.bases.erase(stored.bases.begin(), target);
    const auto end = stored.batches.upper_bound(target->first);
    int pieces = 0;
    for (auto batch = stored.batches.begin(); batch != end && pieces < 3; ++pieces) {
      batch = stored.batches.erase(batch);
    }
    co_return pieces == 3;
  }
  void base_spacing(Millis spacing) { base_spacing_ = spacing; }

 private:
  struct Batch {
    std::string records, link;
    Timestamp at{};
    std::vector<TouchedPlaces> touched;
  };
  struct Base {
    Timestamp at{};
    std::string link, bytes;
  };
  struct Stored {
    std::optional<StoredRoom> room;
    std::map<std::uint64_t, Batch> batches;
    std::map<std::uint64_t, Base> bases;
  };
  struct Held {
    std::shared_ptr<const std::vector<StoredBatch>> batches;
    OneShot<bool> done;
  };

  static std::optional<std::string> link_at(const Stored& stored, std::uint64_t number) {
    if (number == 0) return kNoLink;
    if (const auto batch = stored.batches.find(number); batch != stored.batches.end()) {
      return batch->second.link;
    }
    if (const auto base = stored.bases.find(number); base != stored.bases.end()) {
      return base->second.link;
    }
    return {};
  }
  void settle(bool stored) {
    std::vector<Held> held;
    {
      std::lock_guard lock(mutex_);
      held.swap(held_);
      for (Held& one : held) store(*one.batches);
    }
    for (Held& one : held) one.done.set(stored);
  }
  static LoggedBatch logged(const std::pair<const std::uint64_t, Batch>& entry) {
    return {.number = entry.first, .records = entry.second.records, .link = entry.second.link};
  }
  void store(const std::vector<StoredBatch>& batches) {
    for (const StoredBatch& batch : batches) {
      const auto& stored = rooms_[batch.room].batches;
      const auto there = stored.find(batch.number);
      if (there != stored.end() && there->second.records != batch.records) {
        throw std::runtime_error("somebody else writes this room");
      }
    }
    for (const StoredBatch& batch : batches) {
      Stored& room = rooms_[batch.room];
      const std::string link = link_at(room, batch.number - 1).value_or(kNoLink);
      Batch kept{
          .records = batch.records,
          .link = crypto::sha256(link_text(link, batch.room.str(), batch.number, batch.records)),
          .at = batch.at,
          .touched = batch.touched};
      const bool fresh = room.batches.emplace(batch.number, std::move(kept)).second;
      if (fresh && watch_) watch_(batch);
    }
  }

  std::mutex mutex_;
  std::map<RoomId, Stored> rooms_;
  std::vector<Held> held_;
  std::vector<OneShot<bool>> abandoned_;  // keeps the suspended coroutines reachable
  std::function<void(const StoredBatch&)> watch_;
  Millis base_spacing_{7LL * 86'400'000};
  std::atomic<bool> failing_{false};
  std::atomic<bool> holding_{false};
  std::atomic<std::size_t> appends_{0};
};

// The disk, whichever, as one process sees it: the process dies, the disk stays. To kill a host:
// die(), bury() the disk, drain() the host (its coroutines end unheard), destroy it.
class LifeJournal final : public Journal {
 public:
  explicit LifeJournal(Journal& disk) : disk_(disk) {}
  void die() { dead_ = true; }

  Task<void> append(std::shared_ptr<const std::vector<StoredBatch>> batches) override {
    if (dead_) throw std::runtime_error("killed");
    return disk_.append(std::move(batches));
  }
  Task<void> create_room(StoredRoom room, StoredBatch first) override {
    return disk_.create_room(std::move(room), std::move(first));
  }
  Task<std::vector<StoredRoom>> rooms() override { return disk_.rooms(); }
  Task<std::optional<StoredSnapshot>> snapshot(RoomId room) override {
    return disk_.snapshot(std::move(room));
  }
  Task<std::optional<StoredSnapshot>> older_snapshot(RoomId room, std::uint64_t than) override {
    return disk_.older_snapshot(std::move(room), than);
  }
  Task<std::vector<StoredBatch>> batches(RoomId room, std::uint64_t after) override {
    return disk_.batches(std::move(room), after);
  }
  Task<void> compact(RoomId room, std::shared_ptr<const StoredSnapshot> snapshot) override {
    if (dead_) throw std::runtime_error("killed");
    return disk_.compact(std::move(room), std::move(snapshot));
  }

 private:
  Journal& disk_;
  bool dead_ = false;
};

// Readable tokens with a checksum. Proves nothing to an attacker; enough for rules.
class FakeSigner final : public Signer {
 public:
  void fail(bool on) { failing_ = on; }  // sign_places throws
  std::string sign_place(std::string_view payload) override { return sum(payload) + hex(payload); }
  OneShot<std::vector<std::string>> sign_places(std::vector<std::string> payloads,
                                                Timestamp) override {
    if (failing_) throw std::runtime_error("no key (fake)");
    OneShot<std::vector<std::string>> done;
    for (std::string& payload : payloads) payload = sign_place(payload);
    done.set(std::move(payloads));
    return done;
  }
  std::shared_ptr<const std::string> open_place(std::string_view token, Timestamp) override {
    const auto payload = unhex(token.substr(std::min<std::size_t>(16, token.size())));
    if (!payload || token.substr(0, 16) != sum(*payload)) return {};
    return std::make_shared<const std::string>(*payload);
  }
  std::string sign_pass(const PassClaims& claims) override {
    ++passes_;
    std::string payload;
    put_text(payload, claims.room);
    put_text(payload, claims.place);
    put_text(payload, claims.id);
    put_signed(payload, to_unix_ms(claims.issued_at));
    put_signed(payload, to_unix_ms(claims.expires_at));
    put_signed(payload, claims.epoch);
    return sign_place(payload);
  }
  Result<PassClaims, PassFault> open_pass(std::string_view jwt, const RoomId& room,
                                          Timestamp now) override {
    const auto payload = open_place(jwt, now);
    if (!payload) return std::unexpected(PassFault::forged);
    ByteReader reader(*payload);
    PassClaims claims;
    claims.room = std::string(reader.text());
    claims.place = std::string(reader.text());
    claims.id = std::string(reader.text());
    claims.issued_at = from_unix_ms(reader.signed_varint());
    claims.expires_at = from_unix_ms(reader.signed_varint());
    claims.epoch = reader.signed_varint();
    if (reader.failed() || claims.room != room.str()) return std::unexpected(PassFault::forged);
    if (claims.expires_at <= now) return std::unexpected(PassFault::not_valid_now);
    return claims;
  }
  std::size_t passes() const { return passes_; }

 private:
  static std::string sum(std::string_view payload) {
    std::uint64_t hash = 14695981039346656037ULL;
    for (const char c : payload) hash = (hash ^ static_cast<std::uint8_t>(c)) * 1099511628211ULL;
    return hex(std::string_view(reinterpret_cast<const char*>(&hash), sizeof hash));
  }
  static std::string hex(std::string_view bytes) {
    std::string out;
    for (const char c : bytes) {
      out.push_back("0123456789abcdef"[static_cast<std::uint8_t>(c) >> 4]);
      out.push_back("0123456789abcdef"[static_cast<std::uint8_t>(c) & 15]);
    }
    return out;
  }
  static std::optional<std::string> unhex(std::string_view text) {
    const std::string_view digits = "0123456789abcdef";
    std::string out;
    if (text.size() % 2 != 0) return {};
    for (std::size_t i = 0; i < text.size(); i += 2) {
      const std::size_t high = digits.find(text[i]);
      const std::size_t low = digits.find(text[i + 1]);
      if (high == digits.npos || low == digits.npos) return {};
      out.push_back(static_cast<char>(high * 16 + low));
    }
    return out;
  }

  std::atomic<std::size_t> passes_{0};
  std::atomic<bool> failing_{false};
};

// A loop that only runs when told.
class ManualExecutor final : public Executor {
 public:
  void post(std::move_only_function<void()> work) override { work_.push_back(std::move(work)); }
  void run() {
    Executor* before = std::exchange(current_, this);
    while (!work_.empty()) {
      auto work = std::move(work_.front());
      work_.pop_front();
      work();
    }
    current_ = before;
  }

 private:
  std::deque<std::move_only_function<void()>> work_;
};

// Remembers what it was told.
class FakeAnnouncer final : public Announcer {
 public:
  void room_changed(const RoomId&) override { ++rooms; }
  void places_changed(const RoomId&) override { ++places; }
  void places_called(const RoomId&, const std::vector<PlaceId>& who) override {
    called += static_cast<int>(who.size());
  }
  void page_closed(const RoomId&, PlaceId) override {}
  std::atomic<int> rooms{0}, places{0}, called{0};
};

class FakeAuditLog final : public AuditLog {
 public:
  bool failing = false;
  Task<void> changed(AuditEntry entry) override {
    if (failing) throw std::runtime_error("no audit log (fake)");
    const bool first = entry.told_once.empty() || told_.insert(entry.told_once).second;
    if (first) entries.push_back(std::move(entry));
    co_return;
  }
  std::vector<AuditEntry> entries;

 private:
  std::set<std::string> told_;
};

}  // namespace onsale::waitroom
