// The line of one room: a state machine with no clock, no I/O and no randomness. Every transition
// is one atomic step with its inputs as arguments; it appends the records it produced to `out`, and
// apply() of those records on another engine rebuilds the same line. Signs of life are the one
// thing that is not recorded: after a restart everybody gets a fresh period (resume). Owns I4 and
// I5. There is no way past the line: a newcomer always joins its end, and admission always takes
// its front, so nobody can be admitted while somebody earlier waits. Thread: none of its own; the
// host holds the room's mutex. Time never goes back inside.
#pragma once

#include <expected>
#include <queue>
#include <unordered_map>

#include "waitroom/endings.h"
#include "waitroom/grace_wheel.h"
#include "waitroom/history.h"
#include "waitroom/line_index.h"
#include "waitroom/place_table.h"
#include "waitroom/record.h"
#include "waitroom/settings.h"

namespace onsale::waitroom {

inline constexpr std::int64_t kPlacesMax = 16'000'000;  // live ones in one room
// One tick does at most this much of each kind of work, so that it never holds the room for long.
inline constexpr std::size_t kStepsPerTick = 100'000;

// Rules that tests switch off to see their properties fail. Everything is on in the product.
struct Guards {
  bool order = true;  // newcomers join the end of the line
  bool capacity = true;
  bool rate = true;
};

enum class JoinFailure { closed, full };
enum class UseOutcome { accepted, no_slot, used_by_another };

struct Slot {
  Timestamp admitted_at;
  Timestamp used_at;    // the last sign of life inside
  bool came = false;    // has shown up since admission (or restart)
  std::string account;  // who used a pass first; empty: nobody yet
};

class Engine {
 public:
  struct Options {
    std::uint64_t salt = 0;  // for the device index
    std::int64_t nodes = 1;
    Guards guards{};
  };
  Engine() : Engine(Options{}) {}
  explicit Engine(Options options);

  // The place of this device: its old one, or a new one at the end of the line, which may be
  // admitted in the same step when nobody is before it.
  std::expected<Sequence, JoinFailure> join(const DeviceKey& device, Timestamp now, Records& out);
  // False when the place is over.
  bool sign_of_life(Sequence place, Timestamp now);
  void leave(Sequence place, Timestamp now, Records& out);
  // A pass of this place is presented by `account`; renews the slot.
  UseOutcome use(Sequence place, std::string_view account, Timestamp now, Records& out);
  void complete(Sequence place, Timestamp now, Records& out);
  // Opens, frees what ran out, reaps the silent, then admits. Call it several times a second.
  void tick(Timestamp now, Records& out);
  // `settings` are in range (out_of_range is empty).
  void configure(const Settings& settings, Timestamp now, Records& out);

  // Rebuilding: apply every record, then resume once; or restore a snapshot first.
  void apply(const Record& record);
  void resume(Timestamp now);
  std::string snapshot() const;
  bool restore(std::string_view bytes);  // into an empty engine; false when they are broken

  const Settings& settings() const { return settings_; }
  const Place* find(Sequence place) const { return places_.find(place); }
  std::optional<Sequence> find(const DeviceKey& device);
  const Slot* slot(Sequence place) const;
  Ending ending(Sequence place) const { return endings_.get(place); }
  const LineIndex& line() const { return line_; }
  std::int64_t active() const { return static_cast<std::int64_t>(slots_.size()); }
  std::int64_t admitted_last_minute(Timestamp now);
  Sequence next_sequence() const { return next_; }
  std::int64_t live() const { return places_.size(); }
  // Line, places, index and grace wheel; slots are extra.
  std::size_t memory_bytes() const;

 private:
  struct Due {
    Timestamp at;
    Sequence place;
    bool operator>(const Due& other) const { return at > other.at; }
  };

  void commit(Record record, Records& out);
  Timestamp step_to(Timestamp now);
  void admit(Timestamp now, Records& out);
  std::int64_t allowance(Timestamp now);
  void free_slots(Timestamp now, Records& out);
  void reap(Timestamp now, Records& out);
  bool silent(const Place& place, Timestamp now) const;
  std::uint32_t due_s(const Place& place) const;
  Timestamp slot_ends(const Slot& slot) const;
  void watch_slot(Sequence place, const Slot& slot) { slot_dues_.push({slot_ends(slot), place}); }
  void watch_everybody();
  void touch(Place& place, Timestamp now);
  void apply_joined(const Record& record);
  void apply_admitted(const Record& record);
  void apply_ended(const Record& record);

  Options options_;
  Settings settings_;
  Sequence next_ = 1;
  Timestamp now_{};
  PlaceTable places_;
  LineIndex line_;
  GraceWheel grace_;
  std::unordered_map<Sequence, Slot> slots_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> slot_dues_;  // never later than due
  AdmissionHistory history_;
  Endings endings_;
};

}  // namespace onsale::waitroom
