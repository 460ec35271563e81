// What the statements of SqlStore share. Included by this module's *_store.cc only.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "booking/ports.h"
#include "platform/sql/database.h"

namespace onsale::booking::rows {

inline constexpr std::string_view kHeld = "held";
inline constexpr std::string_view kSold = "sold";
inline constexpr std::int64_t kNever = 253'402'300'799'000;  // the year 9999: a sold seat's end

// Ids that were written by us and read back; anything else is a broken table.
template <class I>
I id(const std::string& text) {
  const auto parsed = I::parse(text);
  if (!parsed) throw sql::Failure("a booking table holds a malformed id");
  return *parsed;
}

std::string pack_seats(const std::vector<SeatLine>& seats);
std::vector<SeatLine> unpack_seats(std::string_view text);

// JSON of the steps.
std::string pack_policy(const CancellationPolicy& policy);
CancellationPolicy unpack_policy(std::string_view text);

std::optional<std::string> room_of(const std::optional<Slot>& slot);
std::optional<std::string> place_of(const std::optional<Slot>& slot);
std::optional<Slot> slot_of(const std::optional<std::string>& room,
                            const std::optional<std::string>& place);

ReservationState state_of(const std::string& text);

enum class Lock { no, yes };
// The hold that the reservation was made of: whoever changes both locks the hold first.
std::optional<HoldId> hold_of(sql::Tx& tx, ReservationId reservation);
std::optional<Hold> find_hold(sql::Tx& tx, HoldId hold, Lock lock);
std::optional<Reservation> find_reservation(sql::Tx& tx, ReservationId reservation, Lock lock);
std::optional<Reservation> find_reservation_of(sql::Tx& tx, HoldId hold, Lock lock);
std::vector<Reservation> list_reservations(sql::Tx& tx, const ReservationQuery& query,
                                           std::int64_t limit);
// All of them, a page from behind `after` in the order of their ids.
std::vector<Reservation> reservations_after(sql::Tx& tx, const std::string& after, int limit);
std::vector<Refund> refunds_of(sql::Tx& tx, ReservationId reservation);
std::vector<Refund> refunds_waiting(sql::Tx& tx, Timestamp before, const std::string& after,
                                    int limit);
std::vector<Refund> refunds_in(sql::Tx& tx, payments::RefundState state);
std::optional<Refund> find_refund(sql::Tx& tx, RefundId refund);
void insert_refund(sql::Tx& tx, const Refund& refund);

// Deletes the claims that `hold` still has on `seats`; returns those.
std::vector<std::string> free_claims(sql::Tx& tx, PerformanceId performance, HoldId hold,
                                     const std::vector<SeatLine>& seats);
// The live seats of an account, without those of the hold `besides`.
std::int64_t count_seats(sql::Tx& tx, const std::string& performance, const std::string& account,
                         const std::string& besides, Timestamp now);
// Makes writers of the same account wait for each other, where writers run in parallel.
void lock_quota(sql::Tx& tx, const std::string& performance, const std::string& account,
                Timestamp now);
void publish_ended(sql::Tx& tx, std::string_view topic, const Reservation& reservation,
                   const std::vector<std::string>& seats, bool whole);
void publish_refund(sql::Tx& tx, const Refund& refund);

}  // namespace onsale::booking::rows
