#include "waitroom/views_http.h"

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
                .offers = {}};
  if (!settings.message.empty()) json.message = settings.message;
  json.offers.reserve(offers.size());
  for (const Offer& offer : offers) {
    json.offers.push_back({offer.label, offer.price, offer.currency, offer.available, offer.total});
  }
  return json;
}

PlaceJson to_json(PlaceView place) {
  PlaceJson json{.state = place.state, .place = std::move(place.token)};
  switch (place.state) {
    case PlaceState::waiting:
    case PlaceState::prequeue:
      json.position = place.position;
      json.waiting = place.waiting;
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

AdminRoomJson to_admin_json(const RoomView& room) {
  const Settings& s = room.settings;
  return {.id = room.id.str(),
          .name = room.name,
          .mode = s.mode,
          .waiting = room.waiting,
          .active = room.active,
          .admitted_last_minute = room.admitted_last_minute,
          .capacity = s.capacity,
          .per_node_capacity = s.per_node_capacity,
          .admit_per_minute = s.admit_per_minute,
          .pass_seconds = s.pass_seconds,
          .idle_seconds = s.idle_seconds,
          .session_seconds = s.session_seconds,
          .grace_seconds = s.grace_seconds,
          .opens_at = s.opens_at,
          .message = s.message};
}

}  // namespace onsale::waitroom
