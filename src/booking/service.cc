// Service: what is in memory, what time brings, and what is only looked up.
#include "booking/service.h"

#include "booking/rules.h"

namespace onsale::booking {

namespace {

constexpr std::size_t kSweepBatch = 128;
constexpr std::size_t kFindersMax = 64;  // seat plans in use at once; more than that start over
constexpr Millis kSeatRest = std::chrono::minutes(30);
constexpr std::size_t kRestsMax = 100'000;  // seats and accounts remembered

}  // namespace

Service::Service(Parts parts, Settings settings)
    : parts_(parts),
      settings_(settings),
      holds_({.burst = static_cast<int>(settings.holds_of_a_seat),
              .refill = kSeatRest,
              .keys_max = kRestsMax}) {
  check_settings(settings_);
}

std::shared_ptr<Board> Service::find_board(PerformanceId performance) const {
  std::shared_lock lock(boards_mutex_);
  const auto found = boards_.find(performance);
  return found == boards_.end() ? nullptr : found->second;
}

std::shared_ptr<Board> Service::board(const catalogue::PerformanceSale& sale) {
  if (auto there = find_board(sale.id)) return there;
  // Milliseconds rise faster than versions, so that a restart never counts backwards.
  auto fresh = std::make_shared<Board>(sale.seats_total(),
                                       static_cast<std::uint64_t>(to_unix_ms(parts_.clock.now())));
  std::unique_lock lock(boards_mutex_);
  return boards_.try_emplace(sale.id, std::move(fresh)).first->second;
}

std::shared_ptr<const SeatFinder> Service::finder(
    const std::shared_ptr<const catalogue::SeatPlan>& plan) {
  std::lock_guard lock(finders_mutex_);
  if (finders_.size() >= kFindersMax && !finders_.contains(plan->version())) finders_.clear();
  auto& entry = finders_[plan->version()];
  if (!entry) entry = std::make_shared<const SeatFinder>(plan);
  return entry;
}

void Service::show(const SeatSet& seats, SeatState state, Timestamp until) {
  const auto sale = parts_.catalogue.sale(seats.performance);
  if (!sale) return;
  std::vector<std::uint32_t> indices;
  for (const std::string& name : seats.seats) {
    if (const auto* seat = sale->find_seat(name)) indices.push_back(seat->index);
  }
  board(*sale)->apply(indices, state, until, seats.stamp);
}

Task<void> Service::start() {
  const Store::Live live = co_await parts_.store.live();
  for (const LiveClaim& claim : live.claims) {
    show({.performance = claim.performance, .hold = claim.hold, .seats = {claim.seat}}, claim.state,
         claim.expires_at);
  }
  for (const auto& [hold, expires_at] : live.holds) watch_.add(hold, expires_at);
  const std::vector<StoredPolicy> policies = co_await parts_.store.policies();
  for (const StoredPolicy& policy : policies) remember(policy);
  const std::vector<PerformanceId> called_off = co_await parts_.store.called_off();
  for (const PerformanceId performance : called_off) remember_called_off(performance);
  co_await learn_refunds();
}

Task<void> Service::sweep() {
  co_await expire_due();
  co_await look_again();
}

// After changes whose outcome nobody knows, the boards are what the store says.
Task<void> Service::look_again() {
  const std::uint64_t unanswered = parts_.store.unanswered();
  if (unanswered == looked_at_) co_return;
  std::vector<PerformanceId> performances;
  {
    std::shared_lock lock(boards_mutex_);
    for (const auto& [performance, board] : boards_) performances.push_back(performance);
  }
  for (const PerformanceId performance : performances) {
    const Store::Claims now = co_await parts_.store.claims(performance);
    show_only(performance, now);
  }
  looked_at_ = unanswered;
}

void Service::show_only(PerformanceId performance, const Store::Claims& now) {
  const auto sale = parts_.catalogue.sale(performance);
  if (!sale) return;
  std::vector<bool> claimed(sale->seats_total());
  for (const LiveClaim& claim : now.claims) {
    const auto* seat = sale->find_seat(claim.seat);
    if (!seat) continue;
    claimed[seat->index] = true;
    board(*sale)->apply({&seat->index, 1}, claim.state, claim.expires_at, now.stamp);
  }
  std::vector<std::uint32_t> free;
  for (std::uint32_t index = 0; index < claimed.size(); ++index) {
    if (!claimed[index]) free.push_back(index);
  }
  board(*sale)->apply(free, SeatState::free, {}, now.stamp);
}

Task<void> Service::expire_due() {
  for (;;) {
    const Timestamp now = parts_.clock.now();
    const std::vector<HoldId> due = watch_.due(now, kSweepBatch);
    if (due.empty()) co_return;
    const Expired expired = co_await parts_.store.expire(due, now);
    for (const HoldId hold : due) watch_.remove_due(hold, now);
    for (const auto& [hold, expires_at] : expired.later) watch_.add(hold, expires_at);
    for (const SeatSet& freed : expired.freed) show(freed, SeatState::free);
    if (due.size() < kSweepBatch) co_return;
  }
}

void Service::publish_changes() {
  std::vector<std::pair<PerformanceId, std::shared_ptr<Board>>> boards;
  {
    std::shared_lock lock(boards_mutex_);
    boards.assign(boards_.begin(), boards_.end());
  }
  for (const auto& [performance, board] : boards) {
    const auto changes = board->drain();
    if (!changes) continue;
    const auto sale = parts_.catalogue.sale(performance);
    if (!sale) continue;
    std::vector<SeatChange> seats;
    seats.reserve(changes->seats.size());
    for (const auto& [index, state] : changes->seats) {
      seats.push_back({sale->plan->seat(index).id, state});
    }
    parts_.feed.changed(performance, changes->from_version, changes->version, seats);
  }
}

std::optional<Availability> Service::availability(PerformanceId performance) const {
  const auto sale = parts_.catalogue.sale(performance);
  if (!sale) return {};
  Availability out{.available = static_cast<std::int64_t>(sale->seats_total())};
  if (const auto board = find_board(performance)) out = board->snapshot();
  out.plan = sale->plan;
  out.called_off = called_off(performance);
  if (out.called_off) out.available = 0;
  return out;
}

std::uint64_t Service::changes(PerformanceId performance) const {
  const auto board = find_board(performance);
  return board ? board->changes() : 0;
}

std::int64_t Service::seats_available(PerformanceId performance) const {
  if (called_off(performance)) return 0;
  if (const auto board = find_board(performance)) return board->available();
  const auto sale = parts_.catalogue.sale(performance);
  return sale ? static_cast<std::int64_t>(sale->seats_total()) : 0;
}

std::int64_t Service::seats_sold(PerformanceId performance) const {
  const auto board = find_board(performance);
  return board ? board->sold() : 0;
}

Task<std::optional<Hold>> Service::find_hold(HoldId id, AccountId buyer) {
  auto hold = co_await parts_.store.hold(id);
  if (hold && hold->buyer != buyer) hold.reset();
  if (hold && hold->expires_at <= parts_.clock.now()) hold.reset();
  co_return hold;
}

Task<std::optional<Reservation>> Service::find(ReservationId id, AccountId buyer) {
  auto reservation = co_await parts_.store.find(id);
  if (reservation && reservation->buyer != buyer) reservation.reset();
  co_return reservation;
}

Task<ReservationPage> Service::list(ReservationQuery query) {
  return parts_.store.list(std::move(query));
}

Ticket Service::with_token(Ticket ticket) {
  ticket.token = parts_.signer.sign(ticket_payload(ticket));
  return ticket;
}

Task<std::optional<std::vector<Ticket>>> Service::tickets(ReservationId id, AccountId buyer) {
  auto out = co_await parts_.store.tickets(id, buyer);
  if (!out) co_return std::nullopt;
  for (Ticket& ticket : *out) ticket = with_token(std::move(ticket));
  co_return out;
}

Task<std::optional<Ticket>> Service::ticket(TicketId id, AccountId buyer) {
  auto found = co_await parts_.store.ticket(id);
  if (!found || found->second != buyer) co_return std::nullopt;
  co_return std::optional(with_token(std::move(found->first)));
}

}  // namespace onsale::booking
