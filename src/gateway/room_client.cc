#include "gateway/room_client.h"

#include <algorithm>

#include "base/log.h"
#include "platform/net/fetch.h"

namespace onsale::gateway {
namespace {

constexpr Millis kTimeout{3'000};
constexpr std::size_t kLeasesAtOnce = 100;
constexpr std::size_t kLeasesMax = 5'000;  // of one refresh

}  // namespace

RoomClient::RoomClient(std::string issuer_url, std::string room, GatePasses& passes, Door& door,
                       const Clock& clock)
    : issuer_url_(std::move(issuer_url)),
      room_(std::move(room)),
      passes_(passes),
      door_(door),
      clock_(clock) {}

void RoomClient::refresh() {
  bool fresh = false;
  std::string why = "it does not speak of this room";
  try {
    // The epoch before the leases: whoever it ends needs none.
    fresh = ask_room() && ask_keys();
    if (fresh) renew_leases();
  } catch (const std::exception& error) {
    why = error.what();
  }
  if (fresh) fresh_at_ms_ = to_unix_ms(clock_.now());
  if (!fresh && !away_) {
    log::warn("gateway",
              passes_.ready() ? "the waiting room is away; passes are checked offline"
                              : "the waiting room is away; nobody gets in yet",
              {{"url", issuer_url_}, {"why", why}});
  } else if (fresh && away_) {
    log::info("gateway", "the waiting room is back", {{"url", issuer_url_}});
  }
  away_ = !fresh;
}

std::optional<Timestamp> RoomClient::fresh_at() const {
  const std::int64_t ms = fresh_at_ms_;
  if (ms == 0) return {};
  return from_unix_ms(ms);
}

bool RoomClient::ask_room() {
  const auto answer =
      net::fetch({.url = issuer_url_ + "/api/v1/rooms/" + room_ + "/gate", .timeout = kTimeout});
  const auto facts =
      answer.status == 200 ? passes_.take_room(answer.body, clock_.now()) : std::nullopt;
  if (!facts) return false;
  const bool relative = facts->enter_url.starts_with('/');
  door_.set_room((relative ? issuer_url_ : "") + facts->enter_url, facts->session_seconds);
  return true;
}

bool RoomClient::ask_keys() {
  const auto answer =
      net::fetch({.url = issuer_url_ + "/.well-known/jwks.json", .timeout = kTimeout});
  return answer.status == 200 && passes_.take_keys(answer.body);
}

void RoomClient::renew_leases() {
  const auto due = door_.due_leases(kLeasesMax, clock_.now());
  for (std::size_t from = 0; from < due.size(); from += kLeasesAtOnce) {
    std::string body = R"({"passes":[)";  // verified passes: nothing in them needs an escape
    for (std::size_t i = from; i < std::min(due.size(), from + kLeasesAtOnce); ++i)
      body += (i == from ? "\"" : ",\"") + due[i] + '"';
    const auto answer = net::fetch({.url = issuer_url_ + "/api/v1/rooms/" + room_ + "/gate/leases",
                                    .method = "POST",
                                    .content_type = "application/json",
                                    .body = body + "]}",
                                    .timeout = kTimeout});
    if (answer.status != 200) return door_.due_again(std::span(due).subspan(from));
    door_.ended(ended_leases(answer.body), clock_.now());
  }
}

}  // namespace onsale::gateway
