#include "waitroom/lottery_pool.h"

namespace onsale::waitroom::lottery {

bool HostPool::is_pool(const RoomId& room) const {
  const auto view = host_.room(room);
  return view && view->settings.lottery && view->settings.mode == Mode::prequeue;
}

std::optional<Sequence> HostPool::place_of(const RoomId& room, const PlaceProof& proof,
                                           Timestamp now) {
  const auto place = host_.look(room, proof, now);
  if (!place) return {};
  return place->id.raw().low;
}

}  // namespace onsale::waitroom::lottery
