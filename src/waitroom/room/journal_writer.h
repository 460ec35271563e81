// Makes records durable: whatever all rooms have produced while one commit ran goes into the next
// one, so a single fsync carries thousands of joins; meanwhile their tokens are signed. Batches of
// a room are written strictly in order. When the journal fails, those who wait are told
// (Overloaded), the batches are kept and tried again, and nothing new is taken until that worked.
#pragma once

#include <atomic>
#include <functional>

#include "waitroom/room/room.h"

namespace onsale::waitroom {

class JournalWriter {
 public:
  // Rooms and ports must outlive it. `written` is called after each commit, without any lock.
  JournalWriter(Journal& journal, Signer& signer, const Clock& clock,
                std::function<void(Room&)> written);

  // From now on commits run on `home`, whose thread must run, until drain(). Before that, and after
  // drain(), they run on whichever thread woke them. Thread: any.
  void run_on(Executor& home) { home_ = &home; }

  // The room has something to write. Starts a commit unless one is under way, in which case the
  // next one takes it. Thread: any.
  void wake(Room& room);
  // Throws Overloaded while the journal fails or lags too far behind. Ask before a transition.
  void demand_open() const;
  bool failing() const { return failing_.load(std::memory_order_relaxed); }
  // Tries again what failed, when it is time to.
  void retry(Timestamp now);
  // Finishes when nothing is unwritten any more, or the journal fails. Leaves the home for good;
  // call it while the home still runs.
  Task<void> drain();

 private:
  struct Flight {
    Room* room;
    Unwritten batch;
  };

  void start_if_idle();
  Task<void> run();
  bool gather();
  std::shared_ptr<const std::vector<StoredBatch>> stored() const;
  std::vector<std::string> payloads() const;
  void settle(Timestamp now);
  void land(std::vector<std::string> tokens);
  void tell_written(const std::vector<Flight>& landed);
  void hold(std::exception_ptr error);

  Journal& journal_;
  Signer& signer_;
  const Clock& clock_;
  const std::function<void(Room&)> written_;

  std::mutex mutex_;
  std::vector<Room*> dirty_;
  bool running_ = false;
  Timestamp retry_at_{};
  Millis pause_{0};
  std::vector<Durable> drained_;
  // Touched by the running commit only.
  std::vector<Flight> flights_;
  std::atomic<Executor*> home_{nullptr};
  std::atomic<bool> failing_{false};
  std::atomic<std::size_t> in_flight_{0};  // records in the commit that runs
};

}  // namespace onsale::waitroom
