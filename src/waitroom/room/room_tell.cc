// What a room tells people about their places: only what is durable, or what may still count
// against them.
#include <algorithm>

#include "base/encoding.h"
#include "waitroom/line/engine_time.h"
#include "waitroom/room/room.h"

namespace onsale::waitroom {

namespace {

constexpr Millis kPollInside{10'000};

Timestamp whole_second(Timestamp t) { return from_unix_ms(to_unix_ms(t) / 1000 * 1000); }

}  // namespace

std::optional<PlaceView> Room::look(Sequence place, Timestamp now, bool present) {
  std::lock_guard lock(mutex_);
  if (!view_.knows(place)) return {};
  if (present) engine_.sign_of_life(place, now, open_.records);
  PlaceView out;
  out.id = place_id(identity_.epoch, place);
  out.state = state_of(place);
  out.number = view_.line().number_of(place);
  out.poll_after = kPollInside;
  tell_draw(out, place);
  if (const Place* live = engine_.find(place)) {
    out.lane = static_cast<LaneId>(live->lane);
    out.lane_name = lane_name(view_.settings(), out.lane);
    out.joined_at = from_unix_ms(std::int64_t{live->joined_s} * 1000);
  }
  if (out.state == PlaceState::waiting || out.state == PlaceState::prequeue) {
    tell_wait(out, place, now);
  }
  if (out.state == PlaceState::admitted) {
    out.called_at = inside_.at(place).called_at;
    add_pass(out, place, now);
  }
  return out;
}

// A draw is one batch, so whoever is told a rank keeps it. It is the one that everybody can check,
// whoever has left since; who came after the close was never ranked.
void Room::tell_draw(PlaceView& out, Sequence place) const {
  for (const Line::Draw& draw : view_.line().draws()) {
    if (place < draw.first || place - draw.first >= draw.rank.size()) continue;
    const std::uint32_t rank = draw.rank[place - draw.first];
    if (rank == 0 || draw.published[rank - 1] == 0) continue;
    out.draw_rank = draw.published[rank - 1];
    out.draw_count = static_cast<std::int64_t>(draw.entrants);
  }
}

void Room::tell_wait(PlaceView& out, Sequence place, Timestamp now) {
  const Settings& settings = view_.settings();
  const Line::Standing standing = view_.find(place);
  out.opens_at = settings.opens_at;
  out.notice = notice_of(place, standing.lane);
  const bool hidden = out.notice == Notice::lottery || out.notice == Notice::missed_turn;
  if (hidden) {
    out.poll_after = poll_after(1, place, now);
    return;
  }
  out.position = was_passed(place) ? 1 : standing.position;
  out.waiting = std::max(out.position, view_.line().size(standing.lane));
  const PaceAsker asker{.place = place,
                        .position = was_passed(place) ? 1 : ahead_in_all_lanes(standing),
                        .joined = out.joined_at.value_or(Timestamp{})};
  const std::optional<Forecast> said = pace_.forecast(asker, pace_room(), now);
  if (said) out.eta = said->eta();
  if (out.notice == Notice::none && out.state == PlaceState::waiting) {
    out.notice = notice_of(said ? said->rise : pace_.rise(now, asker.joined));
  }
  // An early first word tells people from robots that keep no cookie (engine.h).
  const Place* live = engine_.find(place);
  out.poll_after = poll_after(live && live->heard ? out.position : 1, place, now);
}

// How long a line of one kind this is like: while others wait too, a lane only gets its share.
std::int64_t Room::ahead_in_all_lanes(const Line::Standing& standing) const {
  const Settings& settings = view_.settings();
  const std::int64_t own = share_of(settings, standing.lane);
  if (own == 0) return standing.position;
  std::int64_t ahead = view_.line().size(kRestoredLane) + standing.position;
  for (LaneId lane = kMainLane; lane <= kSlowLane; ++lane) {
    if (lane == standing.lane) continue;
    const std::int64_t called = standing.position * share_of(settings, lane) / own;
    ahead += std::min(view_.line().size(lane), called);
  }
  return ahead;
}

Notice Room::notice_of(EtaRise rise) {
  switch (rise) {
    case EtaRise::none:
      return Notice::none;
    case EtaRise::paused:
      return Notice::paused;
    case EtaRise::rate_cut:
      return Notice::slower_rate;
    case EtaRise::capacity_cut:
      return Notice::less_capacity;
    case EtaRise::slower_turnover:
      return Notice::slower_buyers;
    case EtaRise::fewer_drop_outs:
      return Notice::fewer_gave_up;
  }
  return Notice::none;
}

bool Room::stands_aside(Sequence place) const {
  const Place* live = engine_.find(place);
  return view_.aside(place) || (live && (live->away || live->aside));
}

// Being the first is told when it is durable.
bool Room::was_passed(Sequence place) const {
  const Place* live = engine_.find(place);
  return view_.aside(place) && live && !live->missed;
}

Notice Room::notice_of(Sequence place, LaneId lane) const {
  const Place* live = engine_.find(place);
  if (stands_aside(place) && (!live || live->missed)) return Notice::missed_turn;
  if (was_passed(place)) return Notice::passed;
  if (view_.settings().lottery && !view_.drawn()) return Notice::lottery;
  if (lane == kSlowLane) return Notice::slow_lane;
  if (lane == kRestoredLane) return Notice::restored;
  return Notice::none;
}

// What is decided but not durable yet still counts as waiting, and as being inside: what kill -9
// could undo was told to nobody.
PlaceState Room::state_of(Sequence place) const {
  if (view_.find(place).position > 0 || stands_aside(place)) {
    return view_.settings().mode == Mode::prequeue ? PlaceState::prequeue : PlaceState::waiting;
  }
  if (inside_.contains(place)) return PlaceState::admitted;
  switch (engine_.ending(place)) {
    case Ending::left:
      return PlaceState::left;
    case Ending::completed:
      return PlaceState::completed;
    default:
      return PlaceState::expired;
  }
}

// Told by what is durable. The engine may give a little more: what an admission was on its way for,
// when that is too short to be recorded, and what a standstill has just added. A kill takes that
// back, and nobody was told of it.
Timestamp Room::session_ends(const Inside& inside) const {
  return inside.session_began + seconds(view_.settings().session_seconds);
}

void Room::add_pass(PlaceView& out, Sequence place, Timestamp now) {
  IssuedPass& pass = passes_[place];
  const Settings& settings = engine_.settings();
  // The slot is gone when its end is on its way to the disk.
  if (!engine_.slot(place) && !pass.jwt.empty()) {
    out.pass = pass.jwt;
    out.pass_expires_at = pass.expires_at;
    return;
  }
  const Timestamp fresh_expires =
      whole_second(std::min(now + seconds(settings.pass_seconds), session_ends(inside_.at(place))));
  // In the last third of its life a pass is replaced, unless the session itself is ending.
  const bool old = (pass.expires_at - now) * 3 < pass.expires_at - pass.issued_at;
  const bool revoked = pass.epoch != settings.pass_epoch;
  if (pass.jwt.empty() || revoked || (old && fresh_expires > pass.expires_at)) {
    pass.epoch = settings.pass_epoch;
    pass.issued_at = whole_second(now);
    pass.expires_at = fresh_expires;
    pass.jwt = signer_.sign_pass({.room = identity_.id.str(),
                                  .place = out.id.str(),
                                  .id = random_hex(random_),
                                  .issued_at = pass.issued_at,
                                  .expires_at = pass.expires_at,
                                  .epoch = pass.epoch});
  }
  out.pass = pass.jwt;
  out.pass_expires_at = pass.expires_at;
}

}  // namespace onsale::waitroom
