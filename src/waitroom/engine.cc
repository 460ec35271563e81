#include "waitroom/engine.h"

#include <algorithm>
#include <limits>

#include "base/check.h"

namespace onsale::waitroom {

namespace {

constexpr Millis kMinute{60'000};
constexpr Millis kPace{999};  // with both its ends, one second
constexpr std::int64_t kUnlimited = std::numeric_limits<std::int64_t>::max();

std::uint32_t seconds_of(Timestamp t) { return static_cast<std::uint32_t>(to_unix_ms(t) / 1000); }
Millis seconds(std::int64_t count) { return Millis(count * 1000); }

Ending ending_of(Fact fact) {
  switch (fact) {
    case Fact::left:
    case Fact::returned:
      return Ending::left;
    case Fact::completed:
      return Ending::completed;
    default:
      return Ending::expired;
  }
}

}  // namespace

Engine::Engine(Options options) : options_(options), places_(options.salt) {}

std::expected<Sequence, JoinFailure> Engine::join(const DeviceKey& device, Timestamp now,
                                                  Records& out) {
  now = step_to(now);
  if (Place* place = places_.find(device)) {
    touch(*place, now);
    return Sequence{place->sequence};
  }
  if (settings_.mode == Mode::closed) return std::unexpected(JoinFailure::closed);
  if (places_.size() >= kPlacesMax) return std::unexpected(JoinFailure::full);
  const Sequence place = next_;
  commit({.fact = Fact::joined, .place = place, .at = now, .device = device}, out);
  if (!options_.guards.order && settings_.mode == Mode::queue && allowance(now) > 0) {
    commit({.fact = Fact::admitted, .place = place, .at = now}, out);
  }
  admit(now, out);
  return place;
}

bool Engine::sign_of_life(Sequence sequence, Timestamp now) {
  Place* place = places_.find(sequence);
  if (!place) return false;
  touch(*place, step_to(now));
  return true;
}

void Engine::leave(Sequence sequence, Timestamp now, Records& out) {
  now = step_to(now);
  const Place* place = places_.find(sequence);
  if (!place) return;
  commit({.fact = place->admitted ? Fact::returned : Fact::left, .place = sequence, .at = now},
         out);
  admit(now, out);
}

UseOutcome Engine::use(Sequence sequence, std::string_view account, Timestamp now, Records& out) {
  now = step_to(now);
  const auto found = slots_.find(sequence);
  if (found == slots_.end() || slot_ends(found->second) <= now) return UseOutcome::no_slot;
  if (!found->second.account.empty() && found->second.account != account) {
    return UseOutcome::used_by_another;
  }
  if (found->second.account.empty()) {
    commit({.fact = Fact::bound, .place = sequence, .at = now, .text = std::string(account)}, out);
  }
  touch(*places_.find(sequence), now);
  return UseOutcome::accepted;
}

void Engine::complete(Sequence sequence, Timestamp now, Records& out) {
  now = step_to(now);
  if (!slots_.contains(sequence)) return;
  commit({.fact = Fact::completed, .place = sequence, .at = now}, out);
  admit(now, out);
}

void Engine::tick(Timestamp now, Records& out) {
  now = step_to(now);
  if (settings_.mode == Mode::prequeue && settings_.opens_at && *settings_.opens_at <= now) {
    Settings opened = settings_;
    opened.mode = Mode::queue;
    opened.opens_at.reset();
    commit({.fact = Fact::configured, .at = now, .text = encode(opened)}, out);
  }
  free_slots(now, out);
  reap(now, out);
  admit(now, out);
}

void Engine::configure(const Settings& settings, Timestamp now, Records& out) {
  now = step_to(now);
  if (settings == settings_) return;
  commit({.fact = Fact::configured, .at = now, .text = encode(settings)}, out);
  admit(now, out);
}

void Engine::commit(Record record, Records& out) {
  apply(record);
  out.push_back(std::move(record));
}

Timestamp Engine::step_to(Timestamp now) {
  now_ = std::max(now_, now);
  return now_;
}

// The only place that admits. Whoever is silent beyond the grace period is skipped at once.
void Engine::admit(Timestamp now, Records& out) {
  if (settings_.mode != Mode::open && settings_.mode != Mode::queue) return;
  std::int64_t left = allowance(now);
  for (std::size_t steps = 0; left > 0 && steps < kStepsPerTick; ++steps) {
    const std::optional<Sequence> first = line_.first();
    if (!first) return;
    if (silent(*places_.find(*first), now)) {
      commit({.fact = Fact::ghosted, .place = *first, .at = now}, out);
      continue;
    }
    commit({.fact = Fact::admitted, .place = *first, .at = now}, out);
    --left;
  }
}

// How many may be admitted now. An open room has no line and no limits. While several wait, their
// admission is spread over the minute instead of coming all in its first second; a newcomer to an
// empty line needs no such patience.
std::int64_t Engine::allowance(Timestamp now) {
  if (settings_.mode == Mode::open) return kUnlimited;
  std::int64_t allowed = kUnlimited;
  if (options_.guards.capacity) {
    allowed = capacity_of(settings_, options_.nodes) - active();
  }
  if (options_.guards.rate) {
    const std::int64_t rate = settings_.admit_per_minute;
    allowed = std::min(allowed, rate - history_.within(now, kMinute));
    if (line_.size() > 1 && allowed > 0) {
      allowed = std::min(allowed, (rate + 59) / 60 - history_.within(now, kPace));
    }
  }
  return allowed;
}

void Engine::free_slots(Timestamp now, Records& out) {
  for (std::size_t steps = 0; steps < kStepsPerTick && !slot_dues_.empty(); ++steps) {
    const Due due = slot_dues_.top();
    if (due.at > now) return;
    slot_dues_.pop();
    const auto found = slots_.find(due.place);
    if (found == slots_.end()) continue;
    const Slot& slot = found->second;
    if (slot_ends(slot) > now) {
      watch_slot(due.place, slot);
      continue;
    }
    Fact fact = slot.came ? Fact::idle : Fact::no_show;
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
    const Place* place = places_.find(sequence);
    if (!place || place->admitted) return;
    if (silent(*place, now)) {
      commit({.fact = Fact::ghosted, .place = sequence, .at = now}, out);
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
  return place.seen_s + static_cast<std::uint32_t>(settings_.grace_seconds) + 1;
}

Timestamp Engine::slot_ends(const Slot& slot) const {
  const std::int64_t patience = slot.came ? settings_.idle_seconds : settings_.no_show_seconds;
  return std::min(slot.admitted_at + seconds(settings_.session_seconds),
                  slot.used_at + seconds(patience));
}

void Engine::touch(Place& place, Timestamp now) {
  place.seen_s = seconds_of(now);
  if (!place.admitted) return;
  const auto found = slots_.find(place.sequence);
  Slot& slot = found->second;
  if (slot_ends(slot) <= now) return;  // too late; the next tick frees it
  const Timestamp before = slot_ends(slot);
  slot.used_at = now;
  slot.came = true;
  if (slot_ends(slot) < before) watch_slot(place.sequence, slot);
}

void Engine::apply(const Record& record) {
  now_ = std::max(now_, record.at);
  switch (record.fact) {
    case Fact::joined:
      return apply_joined(record);
    case Fact::admitted:
      return apply_admitted(record);
    case Fact::bound:
      if (const auto found = slots_.find(record.place); found != slots_.end()) {
        found->second.account = record.text;
      }
      return;
    case Fact::configured: {
      const std::optional<Settings> settings = decode_settings(record.text);
      check(settings.has_value(), "stored settings can be read");
      const bool other_periods = settings->grace_seconds != settings_.grace_seconds ||
                                 settings->idle_seconds != settings_.idle_seconds ||
                                 settings->session_seconds != settings_.session_seconds ||
                                 settings->no_show_seconds != settings_.no_show_seconds;
      settings_ = *settings;
      if (other_periods) watch_everybody();
      return;
    }
    default:
      return apply_ended(record);
  }
}

void Engine::apply_joined(const Record& record) {
  Place* place = places_.append(record.place, record.device);
  place->joined_s = seconds_of(record.at);
  place->seen_s = place->joined_s;
  line_.append(record.place);
  grace_.put(due_s(*place), record.place);
  next_ = record.place + 1;
}

void Engine::apply_admitted(const Record& record) {
  line_.erase(record.place);
  places_.find(record.place)->admitted = true;
  const Slot slot{.admitted_at = record.at, .used_at = record.at};
  slots_.emplace(record.place, slot);
  watch_slot(record.place, slot);
  history_.add(record.at);
}

void Engine::apply_ended(const Record& record) {
  line_.erase(record.place);
  slots_.erase(record.place);
  places_.erase(record.place);
  endings_.set(record.place, ending_of(record.fact));
}

void Engine::resume(Timestamp now) {
  now = step_to(now);
  places_.for_each([&](Place& place) { place.seen_s = seconds_of(now); });
  for (auto& [place, slot] : slots_) {
    slot.used_at = now;
    slot.came = false;
  }
  watch_everybody();
}

// After the periods changed: everybody's due time anew.
void Engine::watch_everybody() {
  grace_.clear();
  places_.for_each([&](const Place& place) {
    if (!place.admitted) grace_.put(due_s(place), place.sequence);
  });
  slot_dues_ = {};
  for (const auto& [place, slot] : slots_) watch_slot(place, slot);
}

std::optional<Sequence> Engine::find(const DeviceKey& device) {
  const Place* place = places_.find(device);
  if (!place) return {};
  return place->sequence;
}

const Slot* Engine::slot(Sequence place) const {
  const auto found = slots_.find(place);
  return found == slots_.end() ? nullptr : &found->second;
}

std::int64_t Engine::admitted_last_minute(Timestamp now) {
  return history_.within(step_to(now), kMinute);
}

std::size_t Engine::memory_bytes() const {
  return places_.memory_bytes() + line_.memory_bytes() + grace_.memory_bytes();
}

}  // namespace onsale::waitroom
