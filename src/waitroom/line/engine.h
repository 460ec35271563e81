// The line of one room: a state machine with no clock, no I/O and no randomness. Every transition
// is one atomic step with its inputs as arguments; it appends the records it produced to `out`, and
// apply() of those records on another engine rebuilds the same line. Signs of life are the one
// thing that is not recorded: after a restart everybody gets a fresh period (resume). Owns I4 and
// I5. There is no way past a lane: a newcomer always joins its end, and admission always takes its
// front, so nobody can be admitted while somebody earlier in the same lane waits.
// Who is called: first those whom a token brought back after a loss, then those with a missed turn
// to make up, then the lanes by their weights (start-time fair queueing, Goyal et al. 1996), in
// each lane first those who had been passed. Only who is there is called (Presence): a slot given
// to somebody who is not is idle for nothing. Thread: none of its own; the host holds the room's
// mutex. Time never goes back inside.
#pragma once

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <expected>
#include <map>
#include <queue>
#include <span>
#include <unordered_set>

#include "base/control.h"
#include "waitroom/line/admissions.h"
#include "waitroom/line/endings.h"
#include "waitroom/line/grace_wheel.h"
#include "waitroom/line/line.h"
#include "waitroom/line/place_table.h"
#include "waitroom/line/record.h"
#include "waitroom/settings.h"
#include "waitroom/varint.h"

namespace onsale::waitroom {

inline constexpr std::int64_t kPlacesMax = 16'000'000;  // live ones in one room
// One tick does at most this much of each kind of work, so that it never holds the room for long.
inline constexpr std::size_t kStepsPerTick = 100'000;

// Rules that a negative control takes away, to see their properties fail.
struct Guards {
  Guard order{};  // newcomers join the end of the line
  Guard capacity{};
  Guard rate{};
  Guard spread{};      // newcomers, too, do not use up the minute at once
  Guard presence{};    // who is not there is passed instead of being given a slot
  Guard standstill{};  // silence while nothing could be heard is no evidence
  Guard pool{};        // only a pool is drawn
};

// Every room is stepped several times a second. Without a step for so long its process stood still
// and could hear nobody; an open page that is heard of every ten seconds is not taken for gone by
// less (kHeardWithinS).
inline constexpr Millis kStandstill{5'000};

// A page that is left for the next one says so too; the next one needs a moment to show up, and an
// open tab is heard of every ten seconds.
inline constexpr Millis kPageClosedGrace{15'000};

// An open page is heard of every ten seconds at least, a new one within two: it polls or opens its
// socket at once.
inline constexpr std::uint32_t kHeardWithinS = 15, kFirstWordWithinS = 2;
// So many newcomers are let straight in, whatever the rate and before a first word of theirs...
inline constexpr std::int64_t kStraightIn = 10;
// ... and in a large room so many slots are risked for those who may never say one.
inline std::int64_t unsure_slots_max(std::int64_t capacity) {
  return std::max(kStraightIn, capacity / 50);
}

// Of whom nothing was heard since joining: `unsure` in the first moment, `doubtful` after it.
enum class Presence { here, unsure, doubtful, gone };
enum class JoinFailure { closed, full };
enum class UseOutcome { accepted, no_slot, used_by_another };
enum class DrawOutcome { drawn, drawn_before, refused };

struct Slot {
  Timestamp admitted_at;
  Timestamp used_at;    // the last sign of life inside
  bool came = false;    // has shown up since admission (or restart)
  bool unsure = false;  // let in before a first word
  bool settled = true;  // the admission is durable: its owner could know
  std::string account;  // who used a pass first; empty: nobody yet
};

class Engine {
 public:
  struct Options {
    std::uint64_t salt = 0;  // for the device index
    std::int64_t nodes = 1;
    Guards guards{};
    bool settles = false;  // whoever holds it says when an admission is durable
  };
  Engine() : Engine(Options{}) {}
  explicit Engine(Options options);

  // The place of this device: its old one, or a new one at the end of the line, which may be
  // admitted in the same step when nobody is before it. `held` is what a token of ours names: while
  // it lives, or may have been lost, it is this person's place and this device's from now on. Of
  // two places of one person the later one ends, unless it is the one inside.
  // A lane the room doesn't have is the main lane.
  std::expected<Sequence, JoinFailure> join(const DeviceKey& device, LaneId lane, Timestamp now,
                                            Records& out, std::optional<Sequence> held = {});
  // False when the place is over.
  bool sign_of_life(Sequence place, Timestamp now, Records& out);
  // A page of somebody inside was closed: unless a sign of life follows, from another tab or the
  // next page, the slot is free after kPageClosedGrace.
  void page_closed(Sequence place, Timestamp now, Records& out);
  // The admission is durable: until then nobody could know of it, so their time begins here.
  // Recorded when it was long on its way, so that a restart doesn't shorten the session again.
  void admission_settled(Sequence place, Timestamp now, Records& out);
  // Instead of a tick: until the next one no step admits anybody. People are heard all the same.
  void hold_admissions(Timestamp now, Records& out);
  void leave(Sequence place, Timestamp now, Records& out);
  // A pass of this place is presented by `account`; renews the slot.
  UseOutcome use(Sequence place, std::string_view account, Timestamp now, Records& out);
  void complete(Sequence place, Timestamp now, Records& out);
  // Opens, frees what ran out, reaps the silent, then admits. Call it several times a second.
  void tick(Timestamp now, Records& out);
  // A token of ours names a place that a lost end of the journal held: true when it lives (again).
  // With a device, the place is that device's from now on, and a later one of it ends.
  bool restore_lost(Sequence place, const std::optional<DeviceKey>& device, Timestamp now,
                    Records& out);
  // The lottery: the main lane takes this order, of all entrants by rank. Who is no longer in it is
  // passed over; who is in it and not among `ranked` comes after, as they joined. Refused unless
  // the room is the pool of these entrants: an open line, or one that became a pool after they had
  // joined, is never re-ordered. A pool is drawn once.
  DrawOutcome draw(std::span<const Sequence> ranked, Timestamp now, Records& out);
  // Whoever joins now is in a lottery that is not drawn yet.
  bool is_pool() const;
  // Those a lottery may be among: who waits in the main lane, as they joined.
  std::vector<Sequence> entrants() const;
  // An orderly end; without one, the next life skips the numbers that may have been lost.
  void stop(Timestamp now, Records& out);
  void skip_lost(Timestamp now, Records& out);
  bool stopped() const { return stopped_; }
  // `settings` are in range (out_of_range is empty). `by` as in Record.
  void configure(const Settings& settings, Timestamp now, Records& out,
                 std::vector<std::string> by = {});

  // Rebuilding: apply every record, then resume once; or restore a snapshot first.
  void apply(const Record& record);
  void resume(Timestamp now);
  std::string snapshot() const;
  // Into an empty engine; false when the bytes are broken, or are of another version. Whatever they
  // are, it ends soon and takes memory in proportion to them. After a false the engine is of no
  // use.
  bool restore(std::string_view bytes);

  const Settings& settings() const { return settings_; }
  const Place* find(Sequence place) const;
  std::optional<Sequence> find(const DeviceKey& device);
  template <class F>
  void visit_slots(F visit) const {
    for (const auto& [place, slot] : slots_) visit(place, slot);
  }
  const Slot* slot(Sequence place) const;
  // Everybody who has a place; those of the restored lane last, each group by rising number.
  template <class F>
  void visit_live(F visit) const {
    places_.for_each(visit);
    lost_places_.for_each(visit);
  }
  Ending ending(Sequence place) const { return endings_.get(place); }
  const Line& line() const { return line_; }
  // A lottery room may open only then.
  bool draw_due() const { return settings_.lottery && !drawn_; }
  bool drawn() const { return drawn_; }
  // Everybody with a missed turn to make up, and the passed; there or not.
  std::unordered_set<Sequence> aside() const;
  std::int64_t active() const { return static_cast<std::int64_t>(slots_.size()); }
  std::int64_t admitted_last_minute(Timestamp now);
  Sequence next_sequence() const { return next_; }
  std::int64_t live() const { return places_.size() + lost_places_.size(); }
  // Line, places, index and grace wheel; slots are extra.
  std::size_t memory_bytes() const;

 private:
  struct Due {
    Timestamp at;
    Sequence place;
    bool operator>(const Due& other) const { return at > other.at; }
  };

  Place* place_of(Sequence place);
  Place* place_of(const DeviceKey& device);
  template <class F>
  void each_place(F visit) {
    places_.for_each(visit);
    lost_places_.for_each(visit);
  }
  std::optional<Sequence> reclaim(Sequence held, const DeviceKey& device, Timestamp now,
                                  Records& out);
  void commit(Record record, Records& out);
  Timestamp step_to(Timestamp now, Records& out);
  void forgive(Timestamp now, Records& out);
  void open_and_follow_plan(Timestamp now, Records& out);
  void admit(Timestamp now, Records& out);
  std::optional<Sequence> next_to_call(Timestamp now, bool unsure_too) const;
  std::optional<Sequence> first_of(LaneId lane) const;
  Presence presence(const Place& place, Timestamp now) const;
  bool takes_unsure() const;
  void forget_slot(Sequence place);
  std::int64_t aside_count() const;
  std::int64_t allowance(Timestamp now);
  std::int64_t poured(Timestamp now) const;
  void pour(Timestamp at);
  void free_slots(Timestamp now, Records& out);
  void reap(Timestamp now, Records& out);
  void skip_ghost(const Place& place, Timestamp now, Records& out);
  bool silent(const Place& place, Timestamp now) const;
  std::uint32_t due_s(const Place& place) const;
  Millis patience_with(const Slot& slot) const;
  Timestamp slot_ends(const Slot& slot) const;
  void watch_slot(Sequence place, const Slot& slot) { slot_dues_.push({slot_ends(slot), place}); }
  void watch_everybody();
  void touch(Place& place, Timestamp now, Records& out);
  void apply_joined(const Record& record);
  void apply_admitted(const Record& record);
  void apply_missed(const Record& record);
  void apply_passed(const Record& record);
  void apply_rejoined(const Record& record);
  void apply_ended(const Record& record);
  void apply_restored(const Record& record);
  void apply_configured(const Record& record);
  void apply_lengthened(const Record& record);
  void leave_line(const Place& place);
  void put_places(std::string& out, const PlaceTable& places) const;
  bool read_room(ByteReader& reader, bool with_pool);
  bool read_history(ByteReader& reader);
  bool read_places(ByteReader& reader, PlaceTable& places,
                   std::vector<std::pair<Sequence, LaneId>>& waiting);
  bool read_aside(ByteReader& reader);
  bool read_endings(ByteReader& reader);
  bool sound_places() const;

  Options options_;
  Settings settings_;
  Sequence next_ = 1;
  Timestamp now_{};
  PlaceTable places_;
  PlaceTable lost_places_;  // of the restored lane; its numbers come back out of order
  Line line_;
  std::array<std::uint64_t, kLanes> served_{};  // virtual finish time of each lane
  std::uint64_t virtual_now_ = 0;
  // The side lanes (side_lane): order -> place.
  std::array<std::map<Sequence, Sequence>, kSides> aside_;
  Sequence next_aside_ = 1;
  GraceWheel grace_;
  boost::unordered_flat_map<Sequence, Slot> slots_;
  std::int64_t unsure_inside_ = 0;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> slot_dues_;  // never later than due
  AdmissionHistory history_;
  // A bucket that admissions fill and the rate empties, in 1/60,000 of an admission.
  std::int64_t poured_ = 0;
  Timestamp poured_at_{};
  Endings endings_;
  bool drawn_ = false;
  Sequence pool_since_ = 0;  // the next number when the room last became a pool; 0: not known
  bool stopped_ = false;
  bool held_ = false;
};

}  // namespace onsale::waitroom
