// The working half of the outbox. Everything but the statistics is touched on the relay's own
// thread only. A consumer has a cursor (the last sequence it was given) and a short queue; the pump
// reads once for all consumers that stand at the same cursor, so a slow one falls behind alone and
// reads for itself later.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "platform/sql/outbox.h"
#include "platform/sql/worker.h"

namespace onsale::sql {

class Outbox::Relay {
 public:
  Relay(Database& database, OutboxOptions options);
  void subscribe(std::string consumer, std::string topic, Handler handler);
  void start();
  void stop();
  OutboxStatistics statistics() const;
  void skip(Millis time) { worker_->skip(time); }

 private:
  struct Consumer {
    std::string name;
    std::map<std::string, Handler, std::less<>> handlers;  // by topic
    std::deque<Event> queue;      // in order of sequence, but for the front one while busy
    std::deque<Event> replays;    // parked ones that an operator asked for; they go first
    std::int64_t cursor = 0;      // everything up to here was given to the queue
    std::int64_t persisted = -1;  // the last position written down
    int attempts = 0;             // of the front event, those that count
    int tries = 0;                // all of them
    bool busy = false;            // the front event is handled, or its next attempt waits
    bool replaying = false;       // and it is the front one of `replays`
    const Event& front() const { return replaying ? replays.front() : queue.front(); }
    std::int64_t handled_upto() const;
  };
  using Steady = Worker::Steady;
  using Gaps = std::map<std::int64_t, Steady::time_point>;

  void wake();
  void poll();
  void request_pump();
  void pumped(const std::exception_ptr& error);
  Task<void> pump();
  Task<void> load_positions();
  Task<bool> read_from(std::int64_t cursor);
  Task<void> read_late(Millis younger_than);
  Task<void> read_parked();
  Task<void> save_positions();
  Task<void> discard_all();
  void note_gaps(const std::vector<Event>& events);
  std::set<std::int64_t> cursors_to_read() const;
  bool has_room(const Consumer& consumer) const;

  void give(Consumer& consumer, Event event);
  void deliver(Consumer& consumer);
  void delivered(Consumer& consumer, const std::exception_ptr& error);
  void park(Consumer& consumer, std::string why);
  void unpark(Consumer& consumer);
  void finish_front(Consumer& consumer);
  void mark_dirty();
  void note_progress();

  Database& database_;
  const OutboxOptions options_;
  std::vector<std::unique_ptr<Consumer>> consumers_;
  std::int64_t frontier_ = 0;  // the highest sequence ever seen
  // Numbers that were missing below the frontier: on MySQL a unit with a lower number may commit
  // later. SQLite has one writer and no such gaps.
  Gaps gaps_;
  bool loaded_ = false;
  bool pumping_ = false;
  bool again_ = false;
  bool polled_ = false;      // look at old gaps too
  bool dirty_ = false;       // positions moved since they were written down
  bool save_armed_ = false;  // a timer for writing them down runs
  bool save_due_ = false;    // it has fired
  bool final_save_ = false;
  bool ended_ = false;  // stop() was answered; nothing starts any more
  int running_ = 0;     // handlers and parkings that have not ended

  std::atomic<bool> woken_{false};
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  bool quiet_ = false;
  OutboxStatistics statistics_;
  std::optional<Timestamp> oldest_;

  std::unique_ptr<Worker> worker_;  // last: its thread ends before anything else goes
};

}  // namespace onsale::sql
