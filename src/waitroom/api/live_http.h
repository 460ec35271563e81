// Rooms and places as they change, over STOMP and event streams. An open connection is a sign of
// life: while somebody watches a place, it never falls silent.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>

#include "platform/http/live/hub.h"
#include "waitroom/offers.h"
#include "waitroom/room/ports.h"
#include "waitroom/room/views_http.h"

namespace onsale::waitroom {

class LiveRooms final : public Announcer {
 public:
  LiveRooms(http::Hub& hub, const Clock& clock) : hub_(hub), clock_(clock) {}

  // Declares `/topic/rooms/` and `/user/queue/place`; before the server starts. `rooms` outlives
  // it.
  void connect(Waitroom& rooms);
  // Rooms are told with what is on offer behind them; before the server starts.
  void connect(Offers& offers) { offers_ = &offers; }

  // Any thread.
  void room_changed(const RoomId& room) override;
  void places_changed(const RoomId& room) override;
  void places_called(const RoomId& room, const std::vector<PlaceId>& places) override;
  // Connections opened before no longer speak for the place until their page says something: a
  // browser keeps a page that was left, with its connection, to go back to.
  void page_closed(const RoomId& room, PlaceId place) override;
  // Keeps the places of open connections alive. Call it with the host's tick; works every 10 s.
  void tick(Timestamp now);

  RoomJson describe(const RoomView& room, Timestamp now) const;
  // Publishes the rooms whose offers have changed since the last time. Every second or two.
  void publish_offers(Timestamp now);

  // A private view of one place, for event streams too.
  Result<http::UserSubscription, http::SubscribeRefusal> watch(const RoomId& room,
                                                               const std::string& token);

 private:
  struct Watched {
    RoomId room;
    std::shared_ptr<std::atomic<bool>> doubted;  // its page may have been left
  };

  http::Hub& hub_;
  const Clock& clock_;
  Waitroom* rooms_ = nullptr;
  Offers* offers_ = nullptr;
  std::mutex mutex_;
  std::multimap<PlaceId, Watched> watched_;  // one per open subscription
  Timestamp kept_alive_at_{};
  struct Offered {
    std::vector<OfferJson> offers;
    bool called_off = false;
    bool operator==(const Offered&) const = default;
  };
  std::map<RoomId, Offered> offered_;  // of publish_offers() alone
};

}  // namespace onsale::waitroom
