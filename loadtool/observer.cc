#include "loadtool/observer.h"

namespace onsale::load {
namespace {

constexpr double kEveryS = 0.5;
constexpr double kTimeoutS = 5;

}  // namespace

Observer::Observer(const Run& run, std::string admin_token)
    : run_(run),
      admin_token_(std::move(admin_token)),
      wiring_{.loop = loops_.at(0),
              .target = run.target,
              .source = 255U << 16,
              .now = [&run] { return run.now(); },
              .connected = {}},
      http_(wiring_, kTimeoutS),
      timer_(loops_.at(0)) {
  loops_.at(0).post([this] { look(); });
  loops_.start();
}

Observer::~Observer() { loops_.stop(); }

void Observer::look() {
  Request request{.path = run_.room_path};
  if (!admin_token_.empty()) {
    request.path = "/api/v1/admin/rooms/" + run_.room;
    request.headers.emplace_back("Authorization", "Bearer " + admin_token_);
  }
  http_.call(std::move(request), [this](const Reply& reply) { seen(reply); });
}

void Observer::seen(const Reply& reply) {
  // The token may run out in a long run; what everybody sees is enough.
  if (reply.status() == 401 || reply.status() == 403) admin_token_.clear();
  if (auto room = reply.status() == 200 ? read_room(reply.body()) : std::nullopt) {
    tally_.record(Call::room, reply.got - reply.sent, reply.got);
    const std::lock_guard lock(mutex_);
    mode_ = room->mode;
    if (reply.got >= 0) samples_.push_back({reply.got, std::move(*room)});
  } else {
    ++tally_.errors["room " + (reply.status() == 0 ? std::string(reply.error)
                                                   : std::to_string(reply.status()))];
  }
  timer_.after(seconds_of(kEveryS), [this] { look(); });
}

std::string Observer::mode() const {
  const std::lock_guard lock(mutex_);
  return mode_;
}

std::vector<RoomSample> Observer::stop() {
  loops_.stop();
  return std::move(samples_);
}

Tally Observer::take() { return std::move(tally_); }

}  // namespace onsale::load
