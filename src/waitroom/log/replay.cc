#include "waitroom/log/replay.h"

#include <algorithm>
#include <tuple>

namespace onsale::waitroom {

namespace {

bool same_place(const Place& a, const Place& b) {
  return a.device == b.device && a.lane == b.lane && a.admitted == b.admitted &&
         a.missed == b.missed && a.away == b.away && a.aside == b.aside;
}

std::string differs(Sequence place, const char* how) {
  return "place " + std::to_string(place) + " " + how;
}

}  // namespace

std::string_view to_string(LogWrong wrong) {
  switch (wrong) {
    case LogWrong::chain:
      return "chain";
    case LogWrong::gap:
      return "gap";
    case LogWrong::unreadable:
      return "unreadable";
    case LogWrong::impossible:
      return "impossible";
    case LogWrong::base:
      return "base";
  }
  return "chain";
}

std::vector<Waiting> waiting_in(const Engine& engine) {
  std::vector<Waiting> all;
  engine.visit_live([&](const Place& place) {
    if (place.admitted) return;
    all.push_back({.place = place.sequence,
                   .number = engine.line().number_of(place.sequence),
                   .lane = static_cast<LaneId>(place.lane),
                   .position = place.passed() ? 1 : engine.line().find(place.sequence).position,
                   .joined_at = from_unix_ms(std::int64_t{place.joined_s} * 1000)});
  });
  std::ranges::sort(all, {}, [](const Waiting& each) {
    return std::tuple(each.position == 0, each.lane, each.position, each.place);
  });
  return all;
}

std::string difference(const Engine& log, const Engine& live) {
  if (log.next_sequence() != live.next_sequence()) {
    return "the next number is " + std::to_string(log.next_sequence()) + " by the log and " +
           std::to_string(live.next_sequence()) + " in the room";
  }
  if (log.settings() != live.settings()) return "the settings differ";
  std::string found;
  log.visit_live([&](const Place& ours) {
    if (!found.empty()) return;
    const Sequence place = ours.sequence;
    const Place* theirs = live.find(place);
    if (!theirs) {
      found = differs(place, "is over in the room, not by the log");
    } else if (!same_place(ours, *theirs)) {
      found = differs(place, "is in another state");
    } else if (log.line().find(place).position != live.line().find(place).position) {
      found = differs(place, "has another position");
    }
  });
  live.visit_live([&](const Place& theirs) {
    if (found.empty() && !log.find(theirs.sequence)) {
      found = differs(theirs.sequence, "is over by the log");
    }
  });
  return found;
}

Replay::Replay(RoomId room, const LogStart& start, Digest digest, std::optional<Timestamp> until)
    : room_(std::move(room)), digest_(std::move(digest)), until_(until), link_(start.link) {
  first_ = start.after + 1;
  last_ = start.after;
  if (start.after == 0) return;
  if (!engine_.restore(start.base)) {
    fail(start.after, LogWrong::base, "the base can't be read, or is of another version");
    return;
  }
  auditor_ = LogAuditor(engine_);
  engine_.visit_live([this](const Place& place) { tally_.known(place); });
}

bool Replay::take(const LoggedBatch& batch) {
  if (fault_ || reached_) return false;
  if (batch.number != last_ + 1) {
    return fail(last_ + 1, LogWrong::gap,
                "batch " + std::to_string(last_ + 1) + " is missing; the next one there is " +
                    std::to_string(batch.number));
  }
  const std::string link = digest_(link_text(link_, room_.str(), batch.number, batch.records));
  if (link != batch.link) {
    return fail(batch.number, LogWrong::chain,
                "its link does not fit its records and the batch before: something was changed "
                "or removed");
  }
  bool good = true;
  const bool readable = decode_records(batch.records, [&](const Record& record) {
    good = good && !reached_ && apply(batch.number, record);
  });
  if (fault_) return false;
  if (!readable) return fail(batch.number, LogWrong::unreadable, "its records can't be read");
  link_ = link;
  last_ = batch.number;
  return !reached_;
}

bool Replay::apply(std::uint64_t batch, const Record& record) {
  if (until_ && record.at > *until_) {
    reached_ = true;
    return false;
  }
  if (!from_) from_ = record.at;
  to_ = record.at;
  if (std::string wrong = auditor_.judge(record); !wrong.empty()) {
    return fail(batch, LogWrong::impossible,
                wrong + " (place " + std::to_string(record.place) + ")");
  }
  engine_.apply(record);
  tally_.count(record);
  ++records_;
  if (engine_.active() != auditor_.inside() || engine_.line().size() != auditor_.waiting()) {
    return fail(batch, LogWrong::impossible, "the engine counts other people than the log");
  }
  if (watch_) watch_(batch, record, engine_);
  return true;
}

bool Replay::fail(std::uint64_t batch, LogWrong wrong, std::string what) {
  fault_ = LogFault{.batch = batch, .at = to_, .wrong = wrong, .what = std::move(what)};
  return false;
}

}  // namespace onsale::waitroom
