#include "waitroom/room/views_http.h"

namespace onsale::waitroom {

RoomJson to_json(const RoomView& room, const OfferList& offers) {
  const Settings& settings = room.settings;
  RoomJson json{.id = room.id.str(),
                .name = room.name,
                .mode = settings.mode,
                .waiting = room.waiting,
                .active = room.active,
                .capacity = settings.capacity,
                .admit_per_minute = settings.admit_per_minute,
                .opens_at = settings.opens_at,
                .message = {},
                .offers = to_json(offers, settings.offers_shown)};
  if (!settings.message.empty()) json.message = settings.message;
  return json;
}

std::vector<OfferJson> to_json(const OfferList& offers, OffersShown shown) {
  std::vector<OfferJson> json;
  if (shown == OffersShown::none) return json;
  json.reserve(offers.size());
  for (const Offer& offer : offers) {
    OfferJson& each = json.emplace_back();
    each.label = offer.label;
    each.price = offer.price;
    each.currency = offer.currency;
    if (shown == OffersShown::prices) continue;
    each.available = offer.available;
    each.total = offer.total;
  }
  return json;
}

PlaceJson to_json(PlaceView place) {
  PlaceJson json{.state = place.state, .place = std::move(place.token)};
  if (place.number > 0) json.number = place.number;
  if (!place.lane_name.empty()) json.lane = std::move(place.lane_name);
  if (place.notice != Notice::none) json.notice = place.notice;
  json.joined_at = place.joined_at;
  json.called_at = place.called_at;
  if (place.draw_rank > 0) json.drawn = {.rank = place.draw_rank, .of = place.draw_count};
  switch (place.state) {
    case PlaceState::waiting:
    case PlaceState::prequeue:
      if (place.position > 0) {
        json.position = place.position;
        json.waiting = place.waiting;
      }
      json.poll_after_ms = place.poll_after.count();
      json.opens_at = place.opens_at;
      if (place.eta) {
        json.eta = EtaJson{place.eta->p50_seconds, place.eta->p80_seconds, place.eta->p90_seconds};
      }
      break;
    case PlaceState::admitted:
      json.pass = std::move(place.pass);
      json.pass_expires_at = place.pass_expires_at;
      break;
    default:
      break;
  }
  return json;
}

namespace {

// A setting's value in the form that is shown, and one that is asked for as a value.
template <class T>
const T& shown(const T& value) {
  return value;
}

std::vector<LaneJson> shown(const std::vector<PriorityLane>& lanes) {
  std::vector<LaneJson> json;
  for (const PriorityLane& lane : lanes) json.push_back({{lane.name}, {lane.share}});
  return json;
}

std::vector<PlannedJson> shown(const std::vector<PlannedChange>& schedule) {
  std::vector<PlannedJson> json;
  for (const PlannedChange& planned : schedule) {
    PlannedJson& each = json.emplace_back();
    each.at = planned.at;
    each.mode = planned.mode;
    if (planned.capacity) each.capacity.emplace().value = *planned.capacity;
    if (planned.admit_per_minute) each.admit_per_minute.emplace().value = *planned.admit_per_minute;
    if (planned.message) each.message.emplace().value = *planned.message;
  }
  return json;
}

template <class T>
T value_of(T asked) {
  return asked;
}

template <std::int64_t Min, std::int64_t Max>
std::int64_t value_of(json::Int<Min, Max> asked) {
  return asked.value;
}

template <std::size_t Min, std::size_t Max>
std::string value_of(json::Text<Min, Max> asked) {
  return std::move(asked.value);
}

std::vector<PriorityLane> value_of(std::vector<LaneJson> json) {
  std::vector<PriorityLane> lanes;
  for (LaneJson& lane : json) {
    lanes.push_back({.name = std::move(lane.name.value), .share = lane.share.value});
  }
  return lanes;
}

std::vector<PlannedChange> value_of(std::vector<PlannedJson> json) {
  std::vector<PlannedChange> schedule;
  for (PlannedJson& planned : json) {
    PlannedChange& change = schedule.emplace_back();
    change.at = planned.at;
    change.mode = planned.mode;
    if (planned.capacity) change.capacity = planned.capacity->value;
    if (planned.admit_per_minute) change.admit_per_minute = planned.admit_per_minute->value;
    if (planned.message) change.message = std::move(planned.message->value);
  }
  return schedule;
}

}  // namespace

AdminRoomJson to_admin_json(const RoomView& room) {
  AdminRoomJson json;
  json.id = room.id.str();
  json.name = room.name;
  json.version = version_of(room.settings);
  json.waiting = room.waiting;
  json.active = room.active;
  json.admitted_last_minute = room.admitted_last_minute;
  each_setting([&](auto setting) { setting.of(json) = shown(setting.of(room.settings)); });
  if (!room.pending) return json;
  PendingJson& pending = json.pending.emplace();
  pending.id = room.pending->id;
  pending.by = room.pending->by;
  pending.at = room.pending->at;
  pending.expires_at = room.pending->expires_at;
  for (const Change& change : room.pending->changes) {
    pending.changes.push_back({change.field, change.before, change.after});
  }
  return json;
}

SettingsPatch to_patch(RoomPatchBody body) {
  SettingsPatch patch;
  each_setting([&](auto setting) {
    if (auto& asked = setting.of(body)) setting.of(patch) = value_of(std::move(*asked));
  });
  return patch;
}

}  // namespace onsale::waitroom
