#include "waitroom/lottery/lottery_pool.h"

namespace onsale::waitroom::lottery {

bool HostPool::has_lottery(const RoomId& room) const {
  const auto view = host_.room(room);
  return view && view->settings.lottery;
}

OnePer HostPool::one_per(const RoomId& room) const {
  const auto view = host_.room(room);
  return view ? view->settings.one_per : OnePer::device;
}

std::optional<Sequence> HostPool::place_of(const RoomId& room, const PlaceProof& proof,
                                           Timestamp now) {
  const auto place = host_.look(room, proof, now);
  if (!place) return {};
  return place->id.raw().low;
}

}  // namespace onsale::waitroom::lottery
