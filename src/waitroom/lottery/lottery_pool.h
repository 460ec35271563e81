// lottery::Pool on the rooms of this process.
#pragma once

#include "waitroom/lottery/lottery_ports.h"
#include "waitroom/room/host.h"

namespace onsale::waitroom::lottery {

// `host` must outlive it.
class HostPool final : public Pool {
 public:
  explicit HostPool(Host& host) : host_(host) {}
  bool exists(const RoomId& room) const override { return host_.room(room).has_value(); }
  bool is_pool(const RoomId& room) const override { return host_.is_pool(room); }
  bool has_lottery(const RoomId& room) const override;
  OnePer one_per(const RoomId& room) const override;
  std::vector<Sequence> entrants(const RoomId& room) const override { return host_.entrants(room); }
  Task<bool> draw(RoomId room, std::vector<Sequence> ranked) override {
    return host_.draw(std::move(room), std::move(ranked));
  }
  std::optional<Sequence> place_of(const RoomId& room, const PlaceProof& proof,
                                   Timestamp now) override;

 private:
  Host& host_;
};

}  // namespace onsale::waitroom::lottery
