// Service: what cancelling costs, and what shows say about it.
#include "booking/rules.h"
#include "booking/service.h"

namespace onsale::booking {

// By the same rule that decides when it is done, so that it is done as it was told.
Task<Result<Cancellation, CancelRefusal>> Service::cancellation(ReservationId id, AccountId buyer,
                                                                std::vector<std::string> seats) {
  const auto reservation = co_await parts_.store.find(id);
  if (!reservation) co_return std::unexpected(CancelRefusal::reservation_unknown);
  const CancelOrder order{
      .reservation = id, .buyer = buyer, .seats = std::move(seats), .now = parts_.clock.now()};
  auto verdict = may_cancel(*reservation, order);
  if (!verdict) co_return std::unexpected(verdict.error());
  if (reservation->payment) {
    const std::int64_t gone = co_await taken_back(*reservation->payment);
    if (gone > 0) co_return std::unexpected(CancelRefusal::not_cancellable);  // as give_up() says
  }
  co_return std::move(verdict->cost);
}

ShowPolicy Service::policy_of(catalogue::ShowId show, catalogue::ShowKind kind) const {
  std::shared_lock lock(office_mutex_);
  const auto own = policies_.find(show);
  if (own == policies_.end()) return {.steps = default_policy(kind)};
  return {.steps = own->second.steps, .is_default = false};
}

// The newer one stays, whoever comes first.
void Service::remember(StoredPolicy policy) {
  std::unique_lock lock(office_mutex_);
  StoredPolicy& known = policies_[policy.show];
  if (known.version < policy.version) known = std::move(policy);
}

std::optional<ShowPolicy> Service::policy(catalogue::ShowId show) const {
  const auto found = parts_.catalogue.show(show, parts_.clock.now());
  if (!found) return {};
  return policy_of(show, found->show.kind);
}

Task<Result<ShowPolicy, Refused<PolicyRefusal>>> Service::set_policy(PolicyChange change) {
  auto obstacles = policy_obstacles(change.steps);
  if (!obstacles.empty()) co_return refused(PolicyRefusal::policy_invalid, std::move(obstacles));
  auto before = policy(change.show);
  if (!before) co_return refused(PolicyRefusal::show_unknown);
  const Timestamp now = parts_.clock.now();
  PolicyOrder order{.id = OfficeActId::make(now, parts_.random),
                    .change = std::move(change),
                    .before = std::move(before->steps),
                    .now = now};
  StoredPolicy stored = co_await parts_.store.set_policy(std::move(order));
  ShowPolicy out{.steps = stored.steps, .is_default = false};
  remember(std::move(stored));
  co_return out;
}

}  // namespace onsale::booking
