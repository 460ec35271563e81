// Maintained stand-ins for what booking works with. Thread: any.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "booking/ports.h"

namespace onsale::booking {

// Remembers what was told, and mirrors it as a reader of the topic would.
class RecordingFeed final : public SeatFeed {
 public:
  void changed(PerformanceId performance, std::uint64_t from_version, std::uint64_t version,
               const std::vector<SeatChange>& changes) override {
    std::lock_guard lock(mutex_);
    Mirror& mirror = mirrors_[performance];
    if (mirror.version != 0 && mirror.version != from_version) mirror.gap = true;
    mirror.version = version;
    for (const SeatChange& change : changes) {
      if (change.state == SeatState::free) {
        mirror.taken.erase(std::string(change.seat));
      } else {
        mirror.taken[std::string(change.seat)] = change.state;
      }
    }
  }
  std::map<std::string, SeatState> taken(PerformanceId performance) {
    std::lock_guard lock(mutex_);
    return mirrors_[performance].taken;
  }
  // Everybody looks anew, as after a restart.
  void forget() {
    std::lock_guard lock(mutex_);
    mirrors_.clear();
  }
  bool gap(PerformanceId performance) {
    std::lock_guard lock(mutex_);
    return mirrors_[performance].gap;
  }

 private:
  struct Mirror {
    std::uint64_t version = 0;
    bool gap = false;
    std::map<std::string, SeatState> taken;
  };
  std::mutex mutex_;
  std::map<PerformanceId, Mirror> mirrors_;
};

class PlainSigner final : public TicketSigner {
 public:
  std::string sign(std::string_view payload) override { return "signed:" + std::string(payload); }
};

// Rooms whose passes are "pass-" and the account's id; remembers which places were completed.
class FakeWaitroom final : public waitroom::Waitroom {
 public:
  explicit FakeWaitroom(waitroom::PlaceId place) : place_(place) {}

  Task<void> declare_room(waitroom::RoomId, std::string, waitroom::Settings) override { co_return; }
  std::optional<waitroom::RoomView> room(const waitroom::RoomId&) const override { return {}; }
  std::vector<waitroom::RoomView> rooms() const override { return {}; }
  Task<Result<waitroom::PlaceView, waitroom::JoinRefusal>> join(waitroom::RoomId,
                                                                waitroom::DeviceKey,
                                                                waitroom::LaneId,
                                                                std::string) override {
    co_return std::unexpected(waitroom::JoinRefusal::room_not_found);
  }
  Result<waitroom::PlaceView, waitroom::PlaceRefusal> look(const waitroom::RoomId&,
                                                           const waitroom::PlaceProof&,
                                                           Timestamp) override {
    return std::unexpected(waitroom::PlaceRefusal::place_invalid);
  }
  std::optional<waitroom::RoomId> room_of(std::string_view, Timestamp) override { return {}; }
  void sign_of_life(const waitroom::RoomId&, waitroom::PlaceId, Timestamp) override {}
  void page_closed(const waitroom::RoomId&, waitroom::PlaceId, Timestamp) override {}
  Task<Result<void, waitroom::PlaceRefusal>> leave(waitroom::RoomId, std::string,
                                                   std::optional<waitroom::DeviceKey>) override {
    co_return Result<void, waitroom::PlaceRefusal>{};
  }
  Result<waitroom::Admission, waitroom::PassRefusal> admit_with(const waitroom::RoomId& room,
                                                                std::string_view pass,
                                                                std::string_view account,
                                                                Timestamp now) override {
    if (pass != "pass-" + std::string(account)) {
      return std::unexpected(waitroom::PassRefusal::forged);
    }
    return waitroom::Admission{room, place_, now + std::chrono::minutes(10)};
  }
  Task<void> complete(waitroom::RoomId room, waitroom::PlaceId place) override {
    std::lock_guard lock(mutex_);
    completed_.insert(room.str() + "/" + place.str());
    co_return;
  }
  Task<Result<waitroom::RoomView, Refused<waitroom::ConfigureRefusal>>> configure(
      waitroom::RoomId, waitroom::SettingsPatch, std::string, std::string) override {
    co_return refused(waitroom::ConfigureRefusal::room_not_found);
  }
  Task<Result<waitroom::RoomView, Refused<waitroom::ConfigureRefusal>>> approve(
      waitroom::RoomId, waitroom::ProposalId, std::string) override {
    co_return refused(waitroom::ConfigureRefusal::room_not_found);
  }
  Task<Result<void, waitroom::ConfigureRefusal>> withdraw(waitroom::RoomId, waitroom::ProposalId,
                                                          std::string) override {
    co_return std::unexpected(waitroom::ConfigureRefusal::room_not_found);
  }

  std::set<std::string> completed() {
    std::lock_guard lock(mutex_);
    return completed_;
  }

 private:
  const waitroom::PlaceId place_;
  std::mutex mutex_;
  std::set<std::string> completed_;
};

}  // namespace onsale::booking
