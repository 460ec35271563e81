// Service: seats are held and let go.
#include <algorithm>
#include <chrono>

#include "base/overload.h"
#include "booking/rules.h"
#include "booking/service.h"

namespace onsale::booking {

namespace {

constexpr int kBestTries = 8;
constexpr int kUsedIdsMax = 3;  // old reservations of one key that are stepped over

// Seats that other searches skip while a claim for them is under way.
class Picked {
 public:
  explicit Picked(Board& board) : board_(board) {}
  Picked(const Picked&) = delete;
  Picked& operator=(const Picked&) = delete;
  ~Picked() { board_.put_back(seats_); }
  void add(const std::vector<std::uint32_t>& seats) {
    seats_.insert(seats_.end(), seats.begin(), seats.end());
  }

 private:
  Board& board_;
  std::vector<std::uint32_t> seats_;
};

std::unexpected<Refused<HoldRefusal>> too_many(std::int64_t most) {
  return refused(HoldRefusal::too_many_seats,
                 {{"seats", "too_many_seats",
                   "at most " + std::to_string(most) + " seats per account and performance"}});
}

// GCC 12 refuses braced lists of strings inside coroutines: they are made here.
std::unexpected<Refused<HoldRefusal>> refused_at(HoldRefusal why, std::string field,
                                                 std::string code, std::string message) {
  return refused(why, {{std::move(field), std::move(code), std::move(message)}});
}

std::unexpected<Refused<HoldRefusal>> held_too_often(Millis wait) {
  Refused<HoldRefusal> refusal{.why = HoldRefusal::held_too_often};
  refusal.retry_after_s = static_cast<int>((wait.count() + 999) / 1000);
  return std::unexpected(std::move(refusal));
}

std::string rest_key(const Hold& hold, const std::string& seat) {
  return hold.buyer.str() + '\n' + hold.performance.str() + '\n' + seat;
}

std::unexpected<Refused<HoldRefusal>> unavailable(const std::vector<std::size_t>& taken) {
  std::vector<Obstacle> obstacles;
  for (const std::size_t i : taken) {
    obstacles.push_back(
        {"seats[" + std::to_string(i) + "]", "seat_unavailable", "somebody else has this seat"});
  }
  return refused(HoldRefusal::seat_unavailable, std::move(obstacles));
}

}  // namespace

Result<std::optional<Slot>, HoldRefusal> Service::admitted(const catalogue::PerformanceSale& sale,
                                                           const HoldRequest& request,
                                                           Timestamp now) const {
  if (!sale.room) return std::nullopt;
  if (request.pass.empty()) return std::unexpected(HoldRefusal::pass_required);
  const auto room = waitroom::RoomId::parse(*sale.room);
  if (!room) return std::unexpected(HoldRefusal::pass_invalid);
  const auto admission = parts_.rooms.admit_with(*room, request.pass, request.buyer.str(), now);
  if (!admission) return std::unexpected(HoldRefusal::pass_invalid);
  return Slot{admission->room.str(), admission->place};
}

Task<Result<Hold, Refused<HoldRefusal>>> Service::hold(HoldRequest request) {
  Wish wish{.request = std::move(request), .now = parts_.clock.now()};
  wish.sale = parts_.catalogue.sale(wish.request.performance);
  if (!wish.sale) co_return refused(HoldRefusal::performance_unknown);
  const bool off = called_off(wish.request.performance);
  if (off || !wish.sale->open(wish.now)) co_return refused(HoldRefusal::not_on_sale);
  auto slot = admitted(*wish.sale, wish.request, wish.now);
  if (!slot) co_return refused(slot.error());
  wish.slot = std::move(*slot);
  wish.board = board(*wish.sale);
  if (const auto* named = std::get_if<NamedSeats>(&wish.request.choice)) {
    auto names = named->seats;
    Held held = co_await hold_named(std::move(wish), std::move(names));
    co_return held;
  }
  BestSeats best = std::get<BestSeats>(wish.request.choice);
  Held held = co_await hold_best(std::move(wish), std::move(best));
  co_return held;
}

Task<Service::Held> Service::hold_named(Wish wish, std::vector<std::string> names) {
  auto lines = lines_of(*wish.sale, names, settings_.seats_per_account);
  if (!lines) co_return std::unexpected(std::move(lines.error()));
  std::vector<std::uint32_t> indices;
  std::vector<std::size_t> taken;
  for (std::size_t i = 0; i < names.size(); ++i) {
    indices.push_back(wish.sale->find_seat(names[i])->index);
    if (wish.board->taken(indices[i], wish.now)) taken.push_back(i);
  }
  // Hopeless, unless it is a repeat, which the store knows.
  if (!taken.empty() && !may_be_repeat(wish.request.id)) co_return unavailable(taken);
  if (settings_.orphan_rule && taken.empty()) {
    const auto seats = finder(wish.sale->plan);
    if (wish.board->strands_needlessly(*seats, indices)) {
      co_return refused_at(HoldRefusal::orphan_seat, "seats", "orphan_seat",
                           "this leaves a single seat alone");
    }
  }
  auto held = co_await claim(wish, std::move(*lines));
  if (held) co_return std::move(*held);
  if (held.error().too_many) co_return too_many(settings_.seats_per_account);
  if (held.error().cooling > Millis(0)) co_return held_too_often(held.error().cooling);
  co_return unavailable(held.error().taken);
}

Task<Service::Held> Service::hold_best(Wish wish, BestSeats best) {
  if (best.quantity < 1) {
    co_return refused_at(HoldRefusal::choice_invalid, "best.quantity", "out_of_range",
                         "at least one seat");
  }
  if (best.quantity > settings_.seats_per_account) co_return too_many(settings_.seats_per_account);
  std::optional<std::uint16_t> grade;
  if (best.grade) {
    const auto grades = wish.sale->plan->grades();
    const auto found = std::ranges::find(grades, *best.grade);
    if (found == grades.end()) {
      co_return refused_at(HoldRefusal::grade_unknown, "best.grade", "grade_unknown",
                           "the hall has no such grade");
    }
    grade = static_cast<std::uint16_t>(found - grades.begin());
  }
  const auto seats = finder(wish.sale->plan);
  Picked picked(*wish.board);
  Millis cooling{0};
  for (int attempt = 0; attempt < kBestTries; ++attempt) {
    const auto indices = wish.board->pick(*seats, static_cast<std::size_t>(best.quantity), grade);
    if (indices.empty() && !may_be_repeat(wish.request.id)) {
      co_return refused(HoldRefusal::sold_out);
    }
    picked.add(indices);
    std::vector<SeatLine> lines;
    for (const std::uint32_t index : indices) {
      lines.push_back(line_of(*wish.sale, wish.sale->plan->seat(index)));
    }
    auto held = co_await claim(wish, std::move(lines));
    if (held) co_return std::move(*held);
    if (held.error().too_many) co_return too_many(settings_.seats_per_account);
    cooling = held.error().cooling;
    if (indices.empty()) co_return refused(HoldRefusal::sold_out);  // no repeat after all
  }
  if (cooling > Millis(0)) co_return held_too_often(cooling);
  co_return refused(HoldRefusal::seat_unavailable);
}

// Whether a hold of this id is there, or of one that it stands for since it was used up.
bool Service::may_be_repeat(HoldId id) const {
  for (int used = 0; used <= kUsedIdsMax; ++used, id = hold_after(id)) {
    if (watch_.contains(id)) return true;
  }
  return false;
}

// An account that takes the same seats again and again without buying keeps them from others. How
// long it has to leave one of them alone; zero when it may hold them.
Millis Service::rest_of(const Hold& hold, Timestamp now) const {
  Millis longest{0};
  if (settings_.holds_of_a_seat == 0) return longest;
  for (const SeatLine& line : hold.seats) {
    longest = std::max(longest, holds_.wait(rest_key(hold, line.seat), now));
  }
  return longest;
}

void Service::count_hold(const Hold& hold, Timestamp now) {
  for (const SeatLine& line : hold.seats) (void)holds_.take(rest_key(hold, line.seat), now);
}

// An answer that was lost may hide a hold: it is watched, so that its seats come back.
Task<Result<Claimed, ClaimRefused>> Service::claim_watched(ClaimOrder order) {
  const HoldId id = order.hold.id;
  const Timestamp expires_at = order.hold.expires_at;
  try {
    auto claimed = co_await parts_.store.claim(std::move(order));
    co_return std::move(claimed);
  } catch (const Overloaded&) {
    throw;
  } catch (...) {
    watch_.add(id, expires_at);
    throw;
  }
}

// Under the order's id, or the next one of those that follow from it: an old key that comes again
// after its hold was bought makes another hold, and the same one when that is repeated.
Task<Result<Claimed, ClaimRefused>> Service::claim_unused(ClaimOrder& order) {
  auto claimed = co_await claim_watched(order);
  for (int used = 0; !claimed && claimed.error().used; ++used) {
    order.hold.id =
        used < kUsedIdsMax ? hold_after(order.hold.id) : HoldId::make(order.now, parts_.random);
    claimed = co_await claim_watched(order);
  }
  co_return std::move(claimed);
}

Task<Result<Hold, ClaimRefused>> Service::claim(const Wish& wish, std::vector<SeatLine> lines) {
  const Timestamp now = wish.now;
  ClaimOrder order{.hold = {.id = wish.request.id,
                            .performance = wish.request.performance,
                            .buyer = wish.request.buyer,
                            .seats = std::move(lines),
                            .created_at = now,
                            .expires_at = now + std::chrono::seconds(settings_.hold_seconds),
                            .slot = wish.slot},
                   .seats_max = settings_.seats_per_account,
                   .now = now};
  order.hold.total = {total_of(order.hold.seats), wish.sale->currency};
  const Millis rest = rest_of(order.hold, now);
  if (rest > Millis(0) && !may_be_repeat(wish.request.id)) {
    co_return std::unexpected(ClaimRefused{.cooling = rest});
  }
  auto claimed = co_await claim_unused(order);
  if (claimed && claimed->repeated && claimed->hold.expires_at <= now) {
    // The same request again after its hold ran out: a new hold, once the old one is gone.
    if (rest > Millis(0)) co_return std::unexpected(ClaimRefused{.cooling = rest});
    std::vector<HoldId> old(1, order.hold.id);
    const Expired expired = co_await parts_.store.expire(std::move(old), now);
    for (const SeatSet& freed : expired.freed) show(freed, SeatState::free);
    claimed = co_await claim_unused(order);
  }
  if (!claimed) co_return std::unexpected(std::move(claimed.error()));
  if (!claimed->repeated) {  // seats are claimed by one hold at a time, so each counts in turn
    count_hold(claimed->hold, now);
    SeatSet seats{.performance = wish.request.performance, .hold = claimed->hold.id};
    for (const SeatLine& line : claimed->hold.seats) seats.seats.push_back(line.seat);
    seats.stamp = claimed->stamp;
    show(seats, SeatState::held, claimed->hold.expires_at);
  }
  watch_.add(claimed->hold.id, claimed->hold.expires_at);
  co_return std::move(claimed->hold);
}

Task<bool> Service::release(HoldId id, AccountId buyer) {
  auto freed = co_await parts_.store.release(id, buyer);
  if (freed) {
    // Still watched: its key may have made another hold of this id by now.
    show(*freed, SeatState::free);
    co_return true;
  }
  if (freed.error() == ReleaseRefusal::unknown) co_return false;
  const auto reservation = co_await parts_.store.find_by_hold(id);
  if (!reservation) co_return false;
  CancelOrder order{.reservation = reservation->id,
                    .buyer = buyer,
                    .refund = RefundId::make(parts_.clock.now(), parts_.random),
                    .reason = "hold released",
                    .only_pending = true,
                    .now = parts_.clock.now()};
  const auto cancelled = co_await give_up(std::move(order));
  co_return cancelled.has_value();
}

}  // namespace onsale::booking
