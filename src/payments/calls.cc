#include "payments/calls.h"

#include <algorithm>

namespace onsale::payments {
namespace {

constexpr std::size_t kWaitingMax = 20'000;
constexpr std::size_t kWrittenAtOnce = 500;

}  // namespace

void Calls::note(ProviderCall call) {
  if (!records_) return;
  std::lock_guard lock(mutex_);
  if (waiting_.size() == kWaitingMax) waiting_.pop_front();
  waiting_.push_back(std::move(call));
}

Task<void> Calls::write() {
  for (;;) {
    std::vector<ProviderCall> some;
    {
      std::lock_guard lock(mutex_);
      const auto count = static_cast<std::ptrdiff_t>(std::min(waiting_.size(), kWrittenAtOnce));
      some.assign(waiting_.begin(), waiting_.begin() + count);
      waiting_.erase(waiting_.begin(), waiting_.begin() + count);
    }
    if (some.empty()) co_return;
    std::exception_ptr error;
    try {
      auto writing = records_->record(some);
      co_await std::move(writing);
    } catch (...) {
      error = std::current_exception();
    }
    if (!error) continue;
    std::lock_guard lock(mutex_);
    if (waiting_.size() + some.size() <= kWaitingMax)
      waiting_.insert(waiting_.begin(), some.begin(), some.end());
    std::rethrow_exception(error);
  }
}

}  // namespace onsale::payments
