// Why money goes back: the words that a refund's row keeps, for people at the office, and what of
// them its buyer is told.
#pragma once

#include <array>
#include <string_view>
#include <utility>

namespace onsale::booking {

// cancelled: the buyer asked for it. seats_gone: paid after the time to pay, and somebody else has
// the seats. too_late: and the performance has started. after_cancel: and it was cancelled before.
// paid_twice: another payment bought the seats. seats_max: the account has as many as one may have.
enum class RefundWhy {
  cancelled,
  seats_gone,
  too_late,
  after_cancel,
  paid_twice,
  seats_max,
  other_amount,
  called_off,
};

namespace reasons {
inline constexpr std::string_view kGoesBack = "its money goes back";
inline constexpr std::string_view kPaidAlready = "the reservation is paid already";
inline constexpr std::string_view kCancelled = "the reservation was cancelled";
inline constexpr std::string_view kNoSeats = "the reservation has no seats";
inline constexpr std::string_view kCalledOff = "the performance is called off";
inline constexpr std::string_view kOtherAmount = "another amount was paid";
inline constexpr std::string_view kStarted = "the performance has started";
inline constexpr std::string_view kSeatsSold = "the seats were sold to somebody else";
inline constexpr std::string_view kSeatsMax = "the account has its seats already";
inline constexpr std::string_view kByBuyer = "cancelled by the buyer";
}  // namespace reasons

// `reason` may be somebody's own words: then who called the performance off said them, or who
// cancelled.
constexpr RefundWhy refund_why(std::string_view reason, bool called_off) {
  using Why = RefundWhy;
  constexpr std::array kWhys{
      std::pair(reasons::kGoesBack, Why::seats_gone),
      std::pair(reasons::kPaidAlready, Why::paid_twice),
      std::pair(reasons::kCancelled, Why::after_cancel),
      std::pair(reasons::kNoSeats, Why::after_cancel),
      std::pair(reasons::kCalledOff, Why::called_off),
      std::pair(reasons::kOtherAmount, Why::other_amount),
      std::pair(reasons::kStarted, Why::too_late),
      std::pair(reasons::kSeatsSold, Why::seats_gone),
      std::pair(reasons::kSeatsMax, Why::seats_max),
      std::pair(reasons::kByBuyer, Why::cancelled),
  };
  for (const auto& [text, why] : kWhys)
    if (reason == text) return why;
  return called_off ? Why::called_off : Why::cancelled;
}

}  // namespace onsale::booking
