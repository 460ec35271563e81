// The JSON of rooms and places, shared by answers, events and topics.
#pragma once

#include <boost/describe.hpp>

#include "platform/json/json.h"
#include "waitroom/offers.h"
#include "waitroom/settings.h"
#include "waitroom/waitroom.h"

namespace onsale::waitroom {

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
  bool called_off = false;        // all that it leads to
};
BOOST_DESCRIBE_STRUCT(RoomJson, (),
                      (id, name, mode, waiting, active, capacity, admit_per_minute, opens_at,
                       message, offers, called_off))

struct EtaJson {
  std::int64_t p50_seconds = 0, p80_seconds = 0, p90_seconds = 0;
};
BOOST_DESCRIBE_STRUCT(EtaJson, (), (p50_seconds, p80_seconds, p90_seconds))

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

// A setting in JSON: as it is shown, and as it is asked for.
template <class Kind>
struct JsonOf {
  using Shown = typename Kind::Value;
  using Body = Shown;
};
template <std::int64_t Min, std::int64_t Max>
struct JsonOf<Whole<Min, Max>> {
  using Shown = std::int64_t;  // what was stored yesterday may be out of the range of today
  using Body = json::Int<Min, Max>;
};
template <std::size_t Max>
struct JsonOf<Words<Max>> {
  using Shown = std::string;
  using Body = json::Text<0, Max>;
};

struct PlannedJson {
  Timestamp at{};
  std::optional<Mode> mode;
  std::optional<JsonOf<decltype(SettingKinds::capacity)>::Body> capacity;
  std::optional<JsonOf<decltype(SettingKinds::admit_per_minute)>::Body> admit_per_minute;
  std::optional<JsonOf<decltype(SettingKinds::message)>::Body> message;
};
BOOST_DESCRIBE_STRUCT(PlannedJson, (), (at, mode, capacity, admit_per_minute, message))

template <>
struct JsonOf<Lanes> {
  using Shown = std::vector<LaneJson>;
  using Body = Shown;
};
template <>
struct JsonOf<Plan> {
  using Shown = std::vector<PlannedJson>;
  using Body = Shown;
};

struct AsShown {
  template <class Kind>
  using Of = typename JsonOf<Kind>::Shown;
  template <auto Value>
  static constexpr auto of = Value;
};
struct AsBody {
  template <class Kind>
  using Of = std::optional<typename JsonOf<Kind>::Body>;
  template <auto>
  static constexpr std::nullopt_t of = std::nullopt;
};

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
struct AdminRoomJson : RoomSettings<AsShown> {
  std::string id, name;
  std::string version;  // of the settings, for If-Match
  std::int64_t waiting = 0, active = 0, admitted_last_minute = 0;
  std::optional<PendingJson> pending;
};
BOOST_DESCRIBE_STRUCT(AdminRoomJson, (RoomSettings<AsShown>),
                      (id, name, version, waiting, active, admitted_last_minute, pending))

struct RoomPatchBody : RoomSettings<AsBody> {};
BOOST_DESCRIBE_STRUCT(RoomPatchBody, (RoomSettings<AsBody>), ())

// As much of the offers as the room's settings show to those in line.
std::vector<OfferJson> to_json(const OfferList& offers, OffersShown shown);
RoomJson to_json(const RoomView& room, const OfferList& offers = {});
PlaceJson to_json(PlaceView place);
AdminRoomJson to_admin_json(const RoomView& room);
SettingsPatch to_patch(RoomPatchBody body);

}  // namespace onsale::waitroom
