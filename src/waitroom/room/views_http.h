// The JSON of rooms and places, shared by answers, events and topics.
#pragma once

#include <boost/describe.hpp>

#include "platform/json/json.h"
#include "waitroom/offers.h"
#include "waitroom/room/approvals.h"
#include "waitroom/settings.h"
#include "waitroom/waitroom.h"

namespace onsale::waitroom {

BOOST_DESCRIBE_ENUM(Mode, open, queue, paused, prequeue, closed, drain)
BOOST_DESCRIBE_ENUM(PlaceState, waiting, prequeue, admitted, expired, left, completed)

struct OfferJson {
  std::string label;
  std::int64_t price = 0;
  std::string currency;
  std::optional<std::int64_t> available, total;  // where the room shows the stock
  bool operator==(const OfferJson&) const = default;
};
BOOST_DESCRIBE_STRUCT(OfferJson, (), (label, price, currency, available, total))

struct RoomJson {
  std::string id, name;
  Mode mode{};
  std::int64_t waiting = 0, active = 0, capacity = 0, admit_per_minute = 0;
  std::optional<Timestamp> opens_at;
  std::optional<std::string> message;
  std::vector<OfferJson> offers;  // what the room shows of them, the dearest first
};
BOOST_DESCRIBE_STRUCT(RoomJson, (),
                      (id, name, mode, waiting, active, capacity, admit_per_minute, opens_at,
                       message, offers))

struct EtaJson {
  std::int64_t p50_seconds = 0, p80_seconds = 0, p90_seconds = 0;
};
BOOST_DESCRIBE_STRUCT(EtaJson, (), (p50_seconds, p80_seconds, p90_seconds))

BOOST_DESCRIBE_ENUM(Notice, none, missed_turn, passed, slow_lane, lottery, restored, paused,
                    slower_rate, less_capacity, slower_buyers, fewer_gave_up)
BOOST_DESCRIBE_ENUM(OnePer, device, account)
BOOST_DESCRIBE_ENUM(ProofMode, off, automatic, on)
BOOST_DESCRIBE_ENUM(OffersShown, prices_and_stock, prices, none)

struct DrawnJson {
  std::int64_t rank = 0, of = 0;  // drawn as the `rank`-th of so many
};
BOOST_DESCRIBE_STRUCT(DrawnJson, (), (rank, of))

struct PlaceJson {
  PlaceState state{};
  std::string place;  // the token
  std::optional<std::int64_t> position, waiting;
  std::optional<EtaJson> eta;
  std::optional<std::int64_t> poll_after_ms;
  std::optional<Timestamp> opens_at;
  std::optional<std::string> pass;
  std::optional<Timestamp> pass_expires_at;
  std::optional<std::int64_t> number;  // "joined as number n"
  std::optional<std::string> lane;     // the name of a priority lane
  std::optional<Notice> notice;
  std::optional<Timestamp> joined_at, called_at;
  std::optional<DrawnJson> drawn;
};
BOOST_DESCRIBE_STRUCT(PlaceJson, (),
                      (state, place, position, waiting, eta, poll_after_ms, opens_at, pass,
                       pass_expires_at, number, lane, notice, joined_at, called_at, drawn))

struct LaneJson {
  json::Text<1, kLaneNameBytesMax> name;
  json::Int<kLaneShareMin, kLaneShareMax> share;
};
BOOST_DESCRIBE_STRUCT(LaneJson, (), (name, share))

struct PlannedJson {
  Timestamp at{};
  std::optional<Mode> mode;
  std::optional<json::Int<0, kCapacityMax>> capacity;
  std::optional<json::Int<0, kAdmitPerMinuteMax>> admit_per_minute;
  std::optional<json::Text<0, kMessageBytesMax>> message;
};
BOOST_DESCRIBE_STRUCT(PlannedJson, (), (at, mode, capacity, admit_per_minute, message))

struct ChangeJson {
  std::string field, before, after;
};
BOOST_DESCRIBE_STRUCT(ChangeJson, (), (field, before, after))

// Waits for a second operator.
struct PendingJson {
  ProposalId id;
  std::string by;
  Timestamp at{}, expires_at{};
  std::vector<ChangeJson> changes;
};
BOOST_DESCRIBE_STRUCT(PendingJson, (), (id, by, at, expires_at, changes))

// What an operator sees and may change.
struct AdminRoomJson {
  std::string id, name;
  Mode mode{};
  std::int64_t waiting = 0, active = 0, admitted_last_minute = 0;
  std::int64_t capacity = 0, per_node_capacity = 0, admit_per_minute = 0, pass_seconds = 0,
               idle_seconds = 0, session_seconds = 0, grace_seconds = 0, no_show_seconds = 0,
               missed_seconds = 0, pass_epoch = 0;
  OnePer one_per{};
  bool lottery = false, two_person = false;
  ProofMode proof{};
  std::int64_t proof_bits = 0, proof_count = 0, joins_per_prefix = 0;
  std::optional<Timestamp> opens_at;
  std::string message;
  OffersShown offers_shown{};
  std::vector<LaneJson> lanes;
  std::vector<PlannedJson> schedule;
  std::optional<PendingJson> pending;
};
BOOST_DESCRIBE_STRUCT(AdminRoomJson, (),
                      (id, name, mode, waiting, active, admitted_last_minute, capacity,
                       per_node_capacity, admit_per_minute, pass_seconds, idle_seconds,
                       session_seconds, grace_seconds, no_show_seconds, missed_seconds, pass_epoch,
                       one_per, lottery, two_person, proof, proof_bits, proof_count,
                       joins_per_prefix, opens_at, message, offers_shown, lanes, schedule, pending))

std::vector<LaneJson> to_json(const std::vector<PriorityLane>& lanes);
std::vector<PlannedJson> to_json(const std::vector<PlannedChange>& schedule);
std::vector<PriorityLane> to_lanes(std::vector<LaneJson> lanes);
std::vector<PlannedChange> to_schedule(std::vector<PlannedJson> schedule);

// As much of the offers as the room's settings show to those in line.
std::vector<OfferJson> to_json(const OfferList& offers, OffersShown shown);
RoomJson to_json(const RoomView& room, const OfferList& offers = {});
PlaceJson to_json(PlaceView place);
AdminRoomJson to_admin_json(const RoomView& room);

}  // namespace onsale::waitroom
