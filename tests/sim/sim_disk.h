// A disk in virtual time with every fault we can think of: slow, full, an answer that gets lost, a
// power cut in the middle of a write, and one that lied about what was durable. What is stored is
// as in FakeJournal (which passes the contract suite of the real ones).
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <stdexcept>

#include "base/task.h"
#include "waitroom/room/ports.h"

namespace onsale::waitroom::sim {

class SimDisk final : public Journal {
 public:
  // Every append takes this long from now on; 0 is at once.
  void take(std::function<Millis()> latency) { latency_ = std::move(latency); }
  void full(bool on) { full_ = on; }
  // The next appends are stored, but whoever waits is told that they failed.
  void lose_answers(int count) { lost_answers_ = count; }

  // Time passes: what is due is stored and told, in order.
  void advance(Timestamp now) {
    now_ = now;
    while (!pending_.empty() && pending_.front().due <= now) {
      Pending next = std::move(pending_.front());
      pending_.pop_front();
      finish(next);
    }
  }
  // Everything that waits is stored and told now.
  void settle() {
    while (!pending_.empty()) advance(std::max(now_, pending_.front().due));
  }
  std::size_t waiting() const { return pending_.size(); }
  // Something is stored that the process believes is not.
  bool untold() const { return untold_; }

  // The process dies. The first `stored` of what waits had reached the disk; nobody hears of it.
  void cut(std::size_t stored) {
    for (Pending& one : pending_) {
      if (stored > 0) {
        store(*one.batches);
        --stored;
      }
      abandoned_.push_back(one.done);
    }
    pending_.clear();
    untold_ = false;
  }
  // Lets the coroutines of dead processes end. Their hosts still exist.
  void bury() {
    for (auto& done : std::exchange(abandoned_, {})) {
      done.fail(std::make_exception_ptr(std::runtime_error("killed")));
    }
  }
  // It had lied: the latest `count` batches are gone, though they were acknowledged. Those that a
  // snapshot covers stay.
  std::size_t forget(const RoomId& room, std::size_t count) {
    auto& batches = rooms_[room].batches;
    std::size_t gone = 0;
    for (; gone < count && batches.size() > 1; ++gone) batches.erase(std::prev(batches.end()));
    return gone;
  }

  // Sees every batch once, when it reaches the disk.
  void on_stored(std::function<void(const StoredBatch&)> watch) { watch_ = std::move(watch); }

  Task<void> append(std::shared_ptr<const std::vector<StoredBatch>> batches) override {
    if (full_) throw std::runtime_error("disk full (simulated)");
    Pending pending{
        .due = now_ + (latency_ ? latency_() : Millis(0)), .batches = batches, .done = {}};
    if (!pending_.empty()) pending.due = std::max(pending.due, pending_.back().due);
    if (pending.due <= now_) {
      store(*batches);
      answer();
      co_return;
    }
    OneShot<bool> done = pending.done;
    pending_.push_back(std::move(pending));
    co_await done.wait();
  }
  Task<void> create_room(StoredRoom room, StoredBatch first) override {
    if (rooms_.contains(room.id)) co_return;
    const RoomId id = room.id;
    Stored& stored = rooms_[id];
    stored.room = std::move(room);
    stored.batches.emplace(first.number, first.records);
    if (watch_) watch_(first);
  }
  Task<std::vector<StoredRoom>> rooms() override {
    std::vector<StoredRoom> found;
    for (const auto& [id, stored] : rooms_) found.push_back(*stored.room);
    co_return found;
  }
  Task<std::optional<StoredSnapshot>> snapshot(RoomId room) override {
    co_return rooms_[room].snapshot;
  }
  Task<std::optional<StoredSnapshot>> older_snapshot(RoomId, std::uint64_t) override {
    co_return std::nullopt;
  }
  Task<std::vector<StoredBatch>> batches(RoomId room, std::uint64_t after) override {
    std::vector<StoredBatch> found;
    const auto& stored = rooms_[room].batches;
    for (auto batch = stored.upper_bound(after); batch != stored.end() && found.size() < 100;
         ++batch) {
      found.push_back({room, batch->first, batch->second});
    }
    co_return found;
  }
  Task<void> compact(RoomId room, std::shared_ptr<const StoredSnapshot> snapshot) override {
    Stored& stored = rooms_[room];
    stored.snapshot = *snapshot;
    stored.batches.erase(stored.batches.begin(), stored.batches.upper_bound(snapshot->covers));
    co_return;
  }

 private:
  struct Stored {
    std::optional<StoredRoom> room;
    std::optional<StoredSnapshot> snapshot;
    std::map<std::uint64_t, std::string> batches;
  };
  struct Pending {
    Timestamp due{};
    std::shared_ptr<const std::vector<StoredBatch>> batches;
    OneShot<bool> done;
  };

  void answer() {
    untold_ = lost_answers_ > 0;
    if (untold_ && lost_answers_-- > 0) throw std::runtime_error("the answer was lost");
  }
  void finish(Pending& pending) {
    try {
      store(*pending.batches);
      answer();
    } catch (...) {
      pending.done.fail(std::current_exception());
      return;
    }
    pending.done.set(true);
  }
  void store(const std::vector<StoredBatch>& batches) {
    for (const StoredBatch& batch : batches) {
      const auto& stored = rooms_[batch.room].batches;
      const auto there = stored.find(batch.number);
      if (there != stored.end() && there->second != batch.records) {
        throw std::runtime_error("somebody else writes this room");
      }
    }
    for (const StoredBatch& batch : batches) {
      const bool fresh = rooms_[batch.room].batches.emplace(batch.number, batch.records).second;
      if (fresh && watch_) watch_(batch);
    }
  }

  std::map<RoomId, Stored> rooms_;
  std::deque<Pending> pending_;
  std::vector<OneShot<bool>> abandoned_;
  std::function<Millis()> latency_;
  std::function<void(const StoredBatch&)> watch_;
  Timestamp now_{};
  bool full_ = false;
  int lost_answers_ = 0;
  bool untold_ = false;
};

}  // namespace onsale::waitroom::sim
