// The rules of buying seats, without clock, I/O or randomness.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "booking/ports.h"

namespace onsale::booking {

inline constexpr std::size_t kReturnUrlMax = 2000;  // characters
inline constexpr std::size_t kNumberSize = 8;       // characters of a reservation number

// Throws std::invalid_argument with a line that names the setting.
void check_settings(const Settings& settings);

// Named seats as lines with prices, or what is wrong with the list.
Result<std::vector<SeatLine>, Refused<HoldRefusal>> lines_of(const catalogue::PerformanceSale& sale,
                                                             const std::vector<std::string>& seats,
                                                             std::int64_t seats_max);
SeatLine line_of(const catalogue::PerformanceSale& sale, const catalogue::SeatInfo& seat);
std::int64_t total_of(const std::vector<SeatLine>& lines);  // without the cancelled ones

// Until when a hold made at `created_at` lives when somebody starts to pay at `now`; never earlier
// than `expires_at`.
Timestamp extended_until(const Settings& settings, Timestamp created_at, Timestamp expires_at,
                         Timestamp now);

// The same when the buyer was given an account to pay into, open until `due` (empty: who knows).
Timestamp deposit_until(const Settings& settings, Timestamp created_at, Timestamp expires_at,
                        std::optional<Timestamp> due, Timestamp starts_at);

// What to give back for `now_cancelled` (a part of list) when `before_cancelled` went already: a
// fair share of what was paid, so that all parts together are exactly `payable`.
std::int64_t refund_share(std::int64_t list, std::int64_t payable, std::int64_t before_cancelled,
                          std::int64_t now_cancelled);

// An absolute http(s) address, or a path of this site.
bool valid_return_url(std::string_view url);
// Whether a valid return URL stays with us: a path, or an origin of `ours` (addresses), or one of
// the setting (see Settings::return_origins).
bool return_allowed(std::string_view url, const std::vector<std::string>& ours,
                    std::string_view return_origins);
// Adds a query to an address, before its fragment. Values must not need encoding.
std::string with_query(std::string_view url, std::string_view query);

// Eight characters that are told apart on the telephone (no I, L, O, U).
std::string reservation_number(std::uint64_t random);

// The id to try when this one was used up: always the same one.
HoldId hold_after(HoldId used);

// What may happen to a reservation as it stands. The store asks under the reservation's lock, so
// that what was decided is what is written.

// Seats that are kept, in the order in which everybody claims.
std::vector<std::string> kept_seats(const Reservation& reservation);

// What this money does to the reservation; `why` is empty unless refused. `goes_back`: it was
// decided before that this payment's money goes back, and that stands.
struct ConfirmVerdict {
  ConfirmState state = ConfirmState::confirmed;
  std::string why;  // for the refund's reason
};
ConfirmVerdict may_confirm(const Reservation& reservation, const ConfirmOrder& order,
                           bool goes_back);

// Whether the payment's money may be sent back as unused: not what the reservation was bought with.
bool may_write_off(const Reservation& reservation, PaymentId payment);

struct CancelVerdict {
  std::vector<SeatLine> seats;  // those that go
  bool whole = true;            // none is left
  bool pending = false;         // it was not paid yet
  Cancellation cost;
  std::optional<Refund> refund;
};
Result<CancelVerdict, CancelRefusal> may_cancel(const Reservation& reservation,
                                                const CancelOrder& order);

// The refund of a payment that could not be used: the same one however often this is asked.
RefundId refund_of(PaymentId payment);

// The refund of what a provider left of a purchase that it took money back of: likewise.
RefundId refund_of(RefundId reversal);

// What a ticket's token says, short enough for a small QR code: the id and the performance as 16
// bytes each (high word first), then the seat's name.
std::string ticket_payload(const Ticket& ticket);

}  // namespace onsale::booking
