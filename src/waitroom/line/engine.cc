#include "waitroom/line/engine.h"

#include <algorithm>

#include "waitroom/line/engine_time.h"

namespace onsale::waitroom {

Engine::Engine(Options options)
    : options_(options), places_(options.salt), lost_places_(options.salt) {}

std::expected<Sequence, JoinFailure> Engine::join(const DeviceKey& device, LaneId lane,
                                                  Timestamp now, Records& out,
                                                  std::optional<Sequence> held) {
  now = step_to(now, out);
  if (held) {
    if (const auto kept = reclaim(*held, device, now, out)) return *kept;
  }
  if (Place* place = place_of(device)) {
    touch(*place, now, out);
    return Sequence{place->sequence};
  }
  if (settings_.mode == Mode::closed || settings_.mode == Mode::drain) {
    return std::unexpected(JoinFailure::closed);
  }
  if (live() >= kPlacesMax) return std::unexpected(JoinFailure::full);
  if (lane != kSlowLane && lane > settings_.lanes.size()) lane = kMainLane;
  const Sequence place = next_;
  commit({.fact = Fact::joined, .place = place, .at = now, .device = device, .lane = lane}, out);
  if (!options_.guards.order && settings_.mode == Mode::queue && allowance(now) > 0) {
    commit({.fact = Fact::admitted, .place = place, .at = now}, out);
  }
  admit(now, out);
  return place;
}

std::optional<Sequence> Engine::reclaim(Sequence held, const DeviceKey& device, Timestamp now,
                                        Records& out) {
  if (line_.lost().covers(held)) restore_lost(held, device, now, out);
  const Place* mine = find(held);
  if (!mine) return {};
  if (const Place* other = place_of(device); other && other != mine) {
    if (other->admitted && mine->admitted) return held;  // both are in use
    const bool keep_other =
        other->admitted || (!mine->admitted && other->sequence < mine->sequence);
    const Sequence ends = keep_other ? mine->sequence : other->sequence;
    commit({.fact = Fact::left, .place = ends, .at = now}, out);
    if (keep_other) return {};
    mine = find(held);
  }
  if (mine->device != device) {
    commit({.fact = Fact::given, .place = held, .at = now, .device = device}, out);
  }
  touch(*place_of(held), now, out);
  admit(now, out);
  return held;
}

bool Engine::sign_of_life(Sequence sequence, Timestamp now, Records& out) {
  Place* place = place_of(sequence);
  if (!place) return false;
  touch(*place, step_to(now, out), out);
  return true;
}

void Engine::page_closed(Sequence sequence, Timestamp now, Records& out) {
  now = step_to(now, out);
  const auto found = slots_.find(sequence);
  if (found == slots_.end()) return;
  Slot& slot = found->second;
  if (!slot.settled || slot_ends(slot) <= now + kPageClosedGrace) return;
  slot.used_at = now + kPageClosedGrace - patience_with(slot);
  watch_slot(sequence, slot);
}

void Engine::leave(Sequence sequence, Timestamp now, Records& out) {
  now = step_to(now, out);
  const Place* place = find(sequence);
  if (!place) return;
  commit({.fact = place->admitted ? Fact::returned : Fact::left, .place = sequence, .at = now},
         out);
  admit(now, out);
}

UseOutcome Engine::use(Sequence sequence, std::string_view account, Timestamp now, Records& out) {
  now = step_to(now, out);
  const auto found = slots_.find(sequence);
  if (found == slots_.end() || slot_ends(found->second) <= now) return UseOutcome::no_slot;
  if (!found->second.account.empty() && found->second.account != account) {
    return UseOutcome::used_by_another;
  }
  if (found->second.account.empty()) {
    commit({.fact = Fact::bound, .place = sequence, .at = now, .text = std::string(account)}, out);
  }
  touch(*place_of(sequence), now, out);
  return UseOutcome::accepted;
}

void Engine::complete(Sequence sequence, Timestamp now, Records& out) {
  now = step_to(now, out);
  if (!slots_.contains(sequence)) return;
  commit({.fact = Fact::completed, .place = sequence, .at = now}, out);
  admit(now, out);
}

void Engine::hold_admissions(Timestamp now, Records& out) {
  step_to(now, out);
  held_ = true;
}

void Engine::tick(Timestamp now, Records& out) {
  now = step_to(now, out);
  held_ = false;
  open_and_follow_plan(now, out);
  free_slots(now, out);
  reap(now, out);
  admit(now, out);
}

void Engine::configure(const Settings& settings, Timestamp now, Records& out,
                       std::vector<std::string> by) {
  now = step_to(now, out);
  if (settings == settings_) return;
  commit({.fact = Fact::configured, .at = now, .text = encode(settings), .by = std::move(by)}, out);
  admit(now, out);
}

bool Engine::restore_lost(Sequence sequence, const std::optional<DeviceKey>& device, Timestamp now,
                          Records& out) {
  now = step_to(now, out);
  const LostNumbers& lost = line_.lost();
  if (!lost.covers(sequence)) return false;
  Place* place = place_of(sequence);
  if (!place && sequence < lost.held_to) return false;  // nobody came for it in time
  const bool unclaimed = !place || place->device == lost_device(sequence);
  if (unclaimed && (!place || device)) {
    Record restored{.fact = Fact::restored, .place = sequence, .at = now};
    restored.device = lost_device(sequence);
    if (device) {
      // One person, one place: the later one ends. Whoever is inside with it stays so.
      const Place* later = place_of(*device);
      if (later && !later->admitted) {
        commit({.fact = Fact::left, .place = later->sequence, .at = now}, out);
        later = nullptr;
      }
      if (!later) restored.device = *device;
    }
    commit(std::move(restored), out);
  }
  touch(*place_of(sequence), now, out);
  admit(now, out);
  return true;
}

bool Engine::is_pool() const {
  return draw_due() && (settings_.mode == Mode::prequeue || settings_.mode == Mode::closed);
}

DrawOutcome Engine::draw(std::span<const Sequence> ranked, Timestamp now, Records& out) {
  const auto of_this_pool = [&](Sequence place) { return place >= pool_since_; };
  if (options_.guards.pool) {
    const bool theirs = settings_.lottery && std::ranges::all_of(ranked, of_this_pool);
    if (theirs && drawn_) return DrawOutcome::drawn_before;
    if (!theirs || !is_pool()) return DrawOutcome::refused;
  }
  now = step_to(now, out);
  const std::vector<Sequence> waiting = entrants();
  const Sequence first = waiting.empty() ? next_ : waiting.front();
  const std::uint64_t numbers = waiting.empty() ? 0 : waiting.back() - first + 1;
  std::string span;
  put_varint(span, numbers);
  put_varint(span, ranked.size());
  commit({.fact = Fact::draw, .place = first, .at = now, .text = std::move(span)}, out);
  std::vector<bool> taken(numbers);
  const auto take = [&](Sequence place, std::string rank) {
    taken[place - first] = true;
    commit({.fact = Fact::drawn, .place = place, .at = now, .text = std::move(rank)}, out);
  };
  for (std::size_t i = 0; i < ranked.size(); ++i) {
    const Sequence place = ranked[i];
    if (place < first || place - first >= numbers || taken[place - first]) continue;
    if (!std::ranges::binary_search(waiting, place)) continue;
    std::string rank;
    put_varint(rank, i + 1);
    take(place, std::move(rank));
  }
  for (const Sequence place : waiting) {
    if (!taken[place - first]) take(place, {});
  }
  return DrawOutcome::drawn;
}

std::vector<Sequence> Engine::entrants() const {
  std::vector<Sequence> found;
  places_.for_each([&](const Place& place) {
    if (place.lane == kMainLane && !place.admitted && !place.away && !place.aside) {
      found.push_back(place.sequence);
    }
  });
  return found;
}

void Engine::stop(Timestamp now, Records& out) {
  if (!stopped_) commit({.fact = Fact::stopped, .at = step_to(now, out)}, out);
}

void Engine::skip_lost(Timestamp now, Records& out) {
  commit({.fact = Fact::skipped, .place = next_ + kLostMax, .at = step_to(now, out)}, out);
}

void Engine::commit(Record record, Records& out) {
  apply(record);
  out.push_back(std::move(record));
}

Timestamp Engine::step_to(Timestamp now, Records& out) {
  if (now > now_ + kStandstill && options_.guards.standstill) forgive(now, out);
  now_ = std::max(now_, now);
  return now_;
}

// Nobody could be heard for so long: every deadline is later by it. Whoever falls due is asked for
// the true time (grace_, slot_dues_), so that these need not move. Only sessions outlast a restart.
void Engine::forgive(Timestamp now, Records& out) {
  const Millis deaf = now - now_;
  const auto whole = static_cast<std::uint32_t>((deaf.count() + 999) / 1000);
  each_place([&](Place& place) { place.seen_s += whole; });
  if (slots_.empty()) return;
  commit({.fact = Fact::lengthened, .at = now, .text = length_text(deaf)}, out);
}

void Engine::admission_settled(Sequence sequence, Timestamp now, Records& out) {
  now = step_to(now, out);
  const auto found = slots_.find(sequence);
  if (found == slots_.end() || found->second.settled) return;
  Slot& slot = found->second;
  const Millis late = now - slot.admitted_at;
  if (late > kStandstill) {
    commit({.fact = Fact::lengthened, .place = sequence, .at = now, .text = length_text(late)},
           out);
  }
  slot.settled = true;
  slot.admitted_at = now;
  slot.used_at = now;
  watch_slot(sequence, slot);
}

// A lottery room opens when it was drawn, however late that is.
void Engine::open_and_follow_plan(Timestamp now, Records& out) {
  if (!plan_due(settings_, now)) return;
  const Settings next = followed(settings_, now, draw_due());
  if (next == settings_) return;
  commit({.fact = Fact::configured, .at = now, .text = encode(next), .by = {kByPlan}}, out);
}

void Engine::free_slots(Timestamp now, Records& out) {
  for (std::size_t steps = 0; steps < kStepsPerTick && !slot_dues_.empty(); ++steps) {
    const Due due = slot_dues_.top();
    if (due.at > now) return;
    slot_dues_.pop();
    const auto found = slots_.find(due.place);
    if (found == slots_.end()) continue;
    const Slot& slot = found->second;
    if (!slot.settled) continue;  // watched from then on
    if (slot_ends(slot) > now) {
      watch_slot(due.place, slot);
      continue;
    }
    Fact fact = slot.came ? Fact::idle : Fact::no_show;
    if (!slot.came && settings_.missed_seconds > 0 && !find(due.place)->missed) fact = Fact::missed;
    if (slot.admitted_at + seconds(settings_.session_seconds) <= now) fact = Fact::overtime;
    commit({.fact = fact, .place = due.place, .at = now}, out);
  }
}

void Engine::reap(Timestamp now, Records& out) {
  const Sequence newest = next_ - 1;
  grace_.take_due(seconds_of(now), kStepsPerTick, [&](std::uint32_t low) {
    // Live numbers lie within 2^32 of the newest, so the low half names one of them.
    const Sequence sequence =
        newest - static_cast<std::uint32_t>(static_cast<std::uint32_t>(newest) - low);
    const Place* place = find(sequence);
    if (!place || place->admitted) return;
    if (silent(*place, now)) {
      skip_ghost(*place, now, out);
    } else {
      grace_.put(due_s(*place), sequence);
    }
  });
}

bool Engine::silent(const Place& place, Timestamp now) const {
  return due_s(place) <= seconds_of(now);
}

// Signs of life are kept in whole seconds, so one more is granted.
std::uint32_t Engine::due_s(const Place& place) const {
  const bool missed = place.away && place.missed;
  const std::int64_t kept = missed ? settings_.missed_seconds : settings_.grace_seconds;
  return place.seen_s + static_cast<std::uint32_t>(kept) + 1;
}

Millis Engine::patience_with(const Slot& slot) const {
  return seconds(slot.came ? settings_.idle_seconds : settings_.no_show_seconds);
}

Timestamp Engine::slot_ends(const Slot& slot) const {
  if (!slot.settled) return Timestamp::max();
  return std::min(slot.admitted_at + seconds(settings_.session_seconds),
                  slot.used_at + patience_with(slot));
}

void Engine::touch(Place& place, Timestamp now, Records& out) {
  if (place.away) {
    if (!silent(place, now)) {
      commit({.fact = Fact::rejoined, .place = place.sequence, .at = now}, out);
    }
    return;  // too late: the next tick ends it
  }
  place.seen_s = seconds_of(now);
  place.heard = true;
  if (!place.admitted) return;
  const auto found = slots_.find(place.sequence);
  Slot& slot = found->second;
  if (slot_ends(slot) <= now) return;  // too late; the next tick frees it
  const Timestamp before = slot_ends(slot);
  slot.used_at = now;
  if (slot.unsure && !slot.came) --unsure_inside_;
  slot.came = true;
  if (slot_ends(slot) < before) watch_slot(place.sequence, slot);
}

std::optional<Sequence> Engine::find(const DeviceKey& device) {
  const Place* place = place_of(device);
  if (!place) return {};
  return place->sequence;
}

const Place* Engine::find(Sequence place) const {
  const Place* found = places_.find(place);
  return found || lost_places_.size() == 0 ? found : lost_places_.find(place);
}

Place* Engine::place_of(Sequence place) {
  Place* found = places_.find(place);
  return found || lost_places_.size() == 0 ? found : lost_places_.find(place);
}

Place* Engine::place_of(const DeviceKey& device) {
  Place* found = places_.find(device);
  return found || lost_places_.size() == 0 ? found : lost_places_.find(device);
}

std::unordered_set<Sequence> Engine::aside() const {
  std::unordered_set<Sequence> found;
  const auto add = [&](const Place& place) {
    if (place.away || place.aside) found.insert(place.sequence);
  };
  places_.for_each(add);
  lost_places_.for_each(add);
  return found;
}

const Slot* Engine::slot(Sequence place) const {
  const auto found = slots_.find(place);
  return found == slots_.end() ? nullptr : &found->second;
}

std::int64_t Engine::admitted_last_minute(Timestamp now) {
  return history_.within(std::max(now_, now), kMinute);
}

std::size_t Engine::memory_bytes() const {
  return places_.memory_bytes() + lost_places_.memory_bytes() + line_.memory_bytes() +
         grace_.memory_bytes();
}

}  // namespace onsale::waitroom
