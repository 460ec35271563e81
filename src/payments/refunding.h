// Money on its way back. A refund is a row before it is asked for, and asked for until the provider
// gives a final answer. Where a provider does not know a repeat, the refunds of a payment take
// turns there, and each is looked for before it is asked for again: what was refundable before the
// first time is written down, and compared.
#pragma once

#include "payments/asking.h"
#include "payments/ports.h"

namespace onsale::payments {

// Thread: any. Everything must outlive it.
class Refunding {
 public:
  Refunding(Store& store, const Asking& asking, const Clock& clock, Random& random)
      : store_(store), asking_(asking), clock_(clock), random_(random) {}

  Task<Result<Refund, RefundRefusal>> refund(RefundRequest request);
  Task<RefundTaskPage> tasks(int limit, std::optional<RefundId> after);
  Task<Result<Refund, RefundTaskRefusal>> retry(RefundRetry request);
  Task<Result<Refund, RefundTaskRefusal>> settle(RefundSettlement request);
  Task<Result<Refund, RefundTaskRefusal>> decide(ReversalDecision request);
  // How many came to an end.
  Task<int> reconcile(std::string provider, Timestamp now);

 private:
  Task<bool> reconcile_one(StoredRefund due);
  Task<bool> give_back(StoredRefund asked);
  Task<std::optional<RefundAnswer>> look_before(StoredRefund asked, Stored& stored,
                                                std::int64_t& refundable);
  Task<RefundAnswer> look_after(Refund refund, Stored stored, std::int64_t before,
                                RefundAnswer refusal);
  Task<bool> finish(Refund refund, RefundAnswer answer);

  Store& store_;
  const Asking& asking_;
  const Clock& clock_;
  Random& random_;
};

}  // namespace onsale::payments
