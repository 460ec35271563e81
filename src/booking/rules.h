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

// The refund of a payment that could not be used: the same one however often this is asked.
RefundId refund_of(PaymentId payment);

// What a ticket's token says, short enough for a small QR code: the id and the performance as 16
// bytes each (high word first), then the seat's name.
std::string ticket_payload(const Ticket& ticket);

}  // namespace onsale::booking
