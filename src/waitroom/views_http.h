// The JSON of rooms and places, shared by answers, events and topics.
#pragma once

#include <boost/describe.hpp>

#include "waitroom/offers.h"
#include "waitroom/waitroom.h"

namespace onsale::waitroom {

BOOST_DESCRIBE_ENUM(Mode, open, queue, paused, prequeue, closed, drain)
BOOST_DESCRIBE_ENUM(PlaceState, waiting, prequeue, admitted, expired, left, completed)

struct OfferJson {
  std::string label;
  std::int64_t price = 0;
  std::string currency;
  std::int64_t available = 0, total = 0;
};
BOOST_DESCRIBE_STRUCT(OfferJson, (), (label, price, currency, available, total))

struct RoomJson {
  std::string id, name;
  Mode mode{};
  std::int64_t waiting = 0, active = 0, capacity = 0, admit_per_minute = 0;
  std::optional<Timestamp> opens_at;
  std::optional<std::string> message;
  std::vector<OfferJson> offers;  // prices and what is left, the dearest first
};
BOOST_DESCRIBE_STRUCT(RoomJson, (),
                      (id, name, mode, waiting, active, capacity, admit_per_minute, opens_at,
                       message, offers))

struct EtaJson {
  std::int64_t p50_seconds = 0, p80_seconds = 0, p90_seconds = 0;
};
BOOST_DESCRIBE_STRUCT(EtaJson, (), (p50_seconds, p80_seconds, p90_seconds))

struct PlaceJson {
  PlaceState state{};
  std::string place;  // the token
  std::optional<std::int64_t> position, waiting;
  std::optional<EtaJson> eta;
  std::optional<std::int64_t> poll_after_ms;
  std::optional<Timestamp> opens_at;
  std::optional<std::string> pass;
  std::optional<Timestamp> pass_expires_at;
};
BOOST_DESCRIBE_STRUCT(PlaceJson, (),
                      (state, place, position, waiting, eta, poll_after_ms, opens_at, pass,
                       pass_expires_at))

// What an operator sees and may change.
struct AdminRoomJson {
  std::string id, name;
  Mode mode{};
  std::int64_t waiting = 0, active = 0, admitted_last_minute = 0;
  std::int64_t capacity = 0, per_node_capacity = 0, admit_per_minute = 0, pass_seconds = 0,
               idle_seconds = 0, session_seconds = 0, grace_seconds = 0;
  std::optional<Timestamp> opens_at;
  std::string message;
};
BOOST_DESCRIBE_STRUCT(AdminRoomJson, (),
                      (id, name, mode, waiting, active, admitted_last_minute, capacity,
                       per_node_capacity, admit_per_minute, pass_seconds, idle_seconds,
                       session_seconds, grace_seconds, opens_at, message))

RoomJson to_json(const RoomView& room, const OfferList& offers = {});
PlaceJson to_json(PlaceView place);
AdminRoomJson to_admin_json(const RoomView& room);

}  // namespace onsale::waitroom
