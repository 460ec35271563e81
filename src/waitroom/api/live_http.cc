#include "waitroom/api/live_http.h"

#include "platform/json/json.h"

namespace onsale::waitroom {
namespace {

constexpr std::string_view kRoomTopic = "/topic/rooms/";
constexpr std::string_view kPlaceDestination = "/user/queue/place";
constexpr Millis kKeepAlive{10'000};

std::string topic_of(const RoomId& room) { return std::string(kRoomTopic) + room.str(); }
std::string key_of(const RoomId& room) { return "waitroom/" + room.str(); }
std::string key_of(const RoomId& room, PlaceId place) { return key_of(room) + "/" + place.str(); }

}  // namespace

void LiveRooms::connect(Waitroom& rooms) {
  rooms_ = &rooms;
  hub_.topic_source(std::string(kRoomTopic),
                    [this](std::string_view rest) -> std::optional<std::string> {
                      const auto room = RoomId::parse(rest);
                      const auto view = room ? rooms_->room(*room) : std::nullopt;
                      if (!view) return {};
                      return json::write(describe(*view, clock_.now()));
                    });
  hub_.on_user_destination(
      std::string(kPlaceDestination),
      [this](const http::stomp::Headers& headers, const std::optional<http::Principal>&)
          -> Result<http::UserSubscription, http::SubscribeRefusal> {
        const std::string token(headers.get("place"));
        const auto room = rooms_->room_of(token, clock_.now());
        if (!room) {
          return std::unexpected(http::SubscribeRefusal{
              "place_invalid", "Send the place token in the header 'place'."});
        }
        return watch(*room, token);
      });
}

void LiveRooms::room_changed(const RoomId& room) {
  if (!rooms_) return;
  if (const auto view = rooms_->room(room))
    hub_.publish(topic_of(room), json::write(describe(*view, clock_.now())));
}

RoomJson LiveRooms::describe(const RoomView& room, Timestamp now) const {
  if (!offers_) return to_json(room);
  RoomJson json = to_json(room, *offers_->offers(room.id, now));
  json.called_off = offers_->called_off(room.id, now);
  return json;
}

void LiveRooms::publish_offers(Timestamp now) {
  if (!rooms_ || !offers_) return;
  for (const RoomView& room : rooms_->rooms()) {
    Offered offers{to_json(*offers_->offers(room.id, now), room.settings.offers_shown),
                   offers_->called_off(room.id, now)};
    const auto [before, first] = offered_.try_emplace(room.id, offers);
    const bool news = !first && before->second != offers;
    before->second = std::move(offers);
    if (news) hub_.publish(topic_of(room.id), json::write(describe(room, now)));
  }
}

void LiveRooms::places_changed(const RoomId& room) { hub_.poke(key_of(room)); }

void LiveRooms::places_called(const RoomId& room, const std::vector<PlaceId>& places) {
  std::vector<std::string> keys;
  keys.reserve(places.size());
  for (const PlaceId place : places) keys.push_back(key_of(room, place));
  hub_.poke_now(std::move(keys));
}

void LiveRooms::page_closed(const RoomId& room, PlaceId place) {
  std::lock_guard lock(mutex_);
  const auto [begin, end] = watched_.equal_range(place);
  for (auto it = begin; it != end; ++it)
    if (it->second.room == room) *it->second.doubted = true;
}

void LiveRooms::tick(Timestamp now) {
  std::lock_guard lock(mutex_);
  if (now < kept_alive_at_ + kKeepAlive) return;
  kept_alive_at_ = now;
  for (const auto& [place, watched] : watched_) {
    if (watched.doubted->load(std::memory_order_relaxed)) continue;
    rooms_->sign_of_life(watched.room, place, now);
  }
}

Result<http::UserSubscription, http::SubscribeRefusal> LiveRooms::watch(const RoomId& room,
                                                                        const std::string& token) {
  const auto place = rooms_->look(room, {.token = token, .device = {}}, clock_.now());
  if (!place) {
    return std::unexpected(http::SubscribeRefusal{"place_invalid", "No such place in this room."});
  }
  const auto doubted = std::make_shared<std::atomic<bool>>(false);
  const auto watched = [&] {
    std::lock_guard lock(mutex_);
    return watched_.emplace(place->id, Watched{room, doubted});
  }();
  return http::UserSubscription{
      .key = key_of(room),
      .current_json =
          [this, room, token] {
            // News are pushed to dead connections too; only tick() keeps an open one alive.
            auto now =
                rooms_->look(room, {.token = token, .device = {}, .present = false}, clock_.now());
            return now ? json::write(to_json(std::move(*now))) : std::string();
          },
      .on_close =
          [this, watched] {
            std::lock_guard lock(mutex_);
            watched_.erase(watched);
          },
      .own_key = key_of(room, place->id),
      .on_word = [doubted] { doubted->store(false, std::memory_order_relaxed); }};
}

}  // namespace onsale::waitroom
