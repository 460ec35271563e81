// The calls to providers on their way to the history: kept in memory and written together, so that
// a payment costs no write more. What a crash loses is history, never money.
#pragma once

#include <deque>
#include <mutex>

#include "payments/ports.h"

namespace onsale::payments {

// Thread: any.
class Calls {
 public:
  // `records` must outlive it; null: nothing is kept.
  explicit Calls(Records* records) : records_(records) {}

  void note(ProviderCall call);
  // Writes what there is. Throws what the records throw; what was not written comes next time.
  Task<void> write();

 private:
  Records* const records_;
  std::mutex mutex_;
  std::deque<ProviderCall> waiting_;  // guarded by mutex_; at most kWaitingMax, the newest
};

}  // namespace onsale::payments
