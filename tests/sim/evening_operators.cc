// What goes wrong around the room, and operators who change their minds.
#include "evening.h"

namespace onsale::waitroom::sim {

void Evening::trouble() {
  const std::uint64_t chance = dice(4'000);
  if (chance < 8 && disk_is_well()) {
    ++report_.disk_faults;
    const bool full = chance < 2;
    if (full) {
      disk_.full(true);
    } else if (chance < 4) {
      disk_.lose_answers(1 + static_cast<int>(dice(3)));
    } else {  // slow: everything takes up to two seconds
      disk_.take([this] { return Millis(200) + millis(1'800); });
    }
    // Now and then for minutes: longer than any period of the room.
    const std::uint64_t longest = percent(10) ? 240'000 : full ? 15'000 : 5'000;
    disk_heals_at_ = clock_.now() + millis(longest) + Millis(1);
  } else if (chance < 14 || (!disk_is_well() && dice(60) == 0) ||
             (disk_.waiting() > 1 && dice(200) == 0)) {
    crash(chance == 8);  // most of all while something is on its way to the disk
  } else if (chance == 14) {
    restart();
  } else if (chance < 32) {
    change_settings();
  } else if (chance < 36) {
    compact();
  } else if (chance < 60) {
    draw_lottery();
  } else if (chance < 66) {
    draw_late();
  } else if (chance < 69) {
    stand_still();
  }
}

void Evening::change_settings() {
  SettingsPatch patch;
  switch (dice(6)) {
    case 0:
      patch.capacity = static_cast<std::int64_t>(dice(40));
      break;
    case 1:
      patch.admit_per_minute = static_cast<std::int64_t>(dice(300));
      break;
    case 2:
      patch.grace_seconds = 20 + static_cast<std::int64_t>(dice(200));
      break;
    case 3:
      patch.missed_seconds = static_cast<std::int64_t>(dice(4)) * 60;
      break;
    default: {
      static constexpr Mode kModes[] = {Mode::queue, Mode::queue,  Mode::queue, Mode::queue,
                                        Mode::queue, Mode::queue,  Mode::queue, Mode::queue,
                                        Mode::drain, Mode::paused, Mode::open,  Mode::closed};
      patch.mode = kModes[dice(12)];
    }
  }
  change(std::move(patch));
}

// Again at once, or later; then it names what the operator saw, as the console does.
void Evening::change(SettingsPatch patch) {
  patch.message = std::to_string(++changes_);
  const std::int64_t number = changes_;
  const std::string seen = version_of(host_->room(room_)->settings);
  start(change_into(patch, number), ignore);
  if (percent(20)) start(change_into(patch, number), ignore);
  keep([this, patch, number, seen] { start(change_into(patch, number, seen), ignore); });
}

// No lottery after all: the line opens as people joined, and were told so.
void Evening::change_mind() {
  ++report_.changed_minds;
  closed_with_ = host_->entrants(room_);
  std::ranges::shuffle(closed_with_, random_);
  SettingsPatch off;
  off.mode = Mode::closed;
  off.lottery = false;
  change(std::move(off));
  SettingsPatch open;
  open.mode = Mode::queue;
  change(std::move(open));
}

// The beacon of a lottery that was given up comes all the same.
void Evening::draw_late() {
  if (closed_with_.empty()) return;
  ++report_.late_draws;
  ask([this, ranked = closed_with_] { start(draw_into(ranked), ignore); });
  if (guards_.pool || auditor_.settings().lottery) return;
  auditor_.read(encode({{.fact = Fact::draw, .place = 1, .at = clock_.now(), .text = {1, 1}}}));
}

// The machine is suspended for minutes: nothing runs, nobody is heard.
void Evening::stand_still() {
  if (!disk_is_well() || clock_.now() < disk_well_since_ + Millis(8'000)) return;
  ++report_.standstills;
  disk_.take({});
  host_->tick();
  disk_.settle();
  const std::uint64_t before = auditor_.ended_by_silence();
  const std::uint64_t lengthened = auditor_.facts(Fact::lengthened);
  const bool inside = auditor_.inside() > 0;
  clock_.advance(Millis(5'001) + millis(600'000));
  disk_.advance(clock_.now());
  if (!guards_.standstill) {  // as if ticks had gone on
    for (int i = 0; i < 600; ++i) {
      clock_.advance(Millis(1'000));
      host_->tick();
    }
  }
  host_->tick();
  disk_.settle();
  demand(auditor_.ended_by_silence() == before, "a standstill ends nobody's place");
  demand(!inside || auditor_.facts(Fact::lengthened) > lengthened,
         "a standstill uses up nobody's session");
  if (!guards_.lengths) {
    auditor_.read(encode(
        {{.fact = Fact::lengthened, .at = clock_.now(), .text = length_text(Millis(3'600'000))}}));
  }
  disk_.take([this] { return percent(30) ? millis(80) : Millis(0); });
  could_admit_since_.reset();
  disk_well_since_ = clock_.now();
}

// The room opens with the draw.
void Evening::draw_lottery() {
  if (!disk_is_well() || disk_.waiting() > 0) return;
  const Settings& settings = auditor_.settings();
  if (!settings.lottery || settings.mode != Mode::prequeue || auditor_.facts(Fact::draw) > 0) {
    return;
  }
  std::vector<Sequence> ranked = host_->entrants(room_);
  if (ranked.size() < 20) return;
  if (percent(30)) return change_mind();
  std::ranges::shuffle(ranked, random_);
  ++report_.draws;
  disk_.take({});
  ask([this, ranked] { start(draw_into(ranked), ignore); });
  disk_.take([this] { return percent(30) ? millis(80) : Millis(0); });
  SettingsPatch open;
  open.mode = Mode::queue;
  change(std::move(open));
}

}  // namespace onsale::waitroom::sim
