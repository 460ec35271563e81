// Rebuilds a room from its log alone, with the production engine, and verifies the log on the way:
// every link, every number, every record, and that each fact may follow those before it
// (log_auditor.h). Stops at the first thing that is wrong. Thread: none of its own; no I/O.
#pragma once

#include <functional>
#include <optional>

#include "waitroom/log/log_auditor.h"
#include "waitroom/log/room_log.h"
#include "waitroom/log/tally.h"

namespace onsale::waitroom {

using Digest = std::function<std::string(std::string_view)>;  // SHA-256, 32 raw bytes

// What is wrong with a log.
enum class LogWrong { chain, gap, unreadable, impossible, base };
std::string_view to_string(LogWrong wrong);

struct LogFault {
  std::uint64_t batch = 0;
  std::optional<Timestamp> at;  // of the record; before an unreadable batch, of the last good one
  LogWrong wrong{};
  std::string what;
};

// A person in line, for those who want to know what the log says about them.
struct Waiting {
  Sequence place = 0;
  std::int64_t number = 0;  // joined as number n
  LaneId lane = kMainLane;
  std::int64_t position = 0;  // 1 for the first of the lane; 0: has a missed turn to make up
  Timestamp joined_at{};
  bool operator==(const Waiting&) const = default;
};

// Who waits, by lane and position; those with a missed turn last, by number.
std::vector<Waiting> waiting_in(const Engine& engine);
// Empty when both are the same to everybody in them, otherwise the first difference.
std::string difference(const Engine& log, const Engine& live);

class Replay {
 public:
  // Where the log is to stop: at the first record after `until`.
  Replay(RoomId room, const LogStart& start, Digest digest,
         std::optional<Timestamp> until = std::nullopt);

  // Sees every record after it was applied.
  void watch(std::function<void(std::uint64_t batch, const Record&, const Engine&)> watch) {
    watch_ = std::move(watch);
  }
  // The next batch. False when no more is wanted: something is wrong, or `until` was reached.
  bool take(const LoggedBatch& batch);

  const std::optional<LogFault>& fault() const { return fault_; }
  const Engine& engine() const { return engine_; }
  const Tally& tally() const { return tally_; }
  std::uint64_t first() const { return first_; }  // batch number of the beginning
  std::uint64_t batches() const { return last_ - first_ + 1; }
  const std::string& link() const { return link_; }
  std::uint64_t last() const { return last_; }
  std::optional<Timestamp> from() const { return from_; }
  std::optional<Timestamp> to() const { return to_; }
  std::uint64_t records() const { return records_; }

 private:
  bool fail(std::uint64_t batch, LogWrong wrong, std::string what);
  bool apply(std::uint64_t batch, const Record& record);

  const RoomId room_;
  const Digest digest_;
  const std::optional<Timestamp> until_;
  std::function<void(std::uint64_t, const Record&, const Engine&)> watch_;
  Engine engine_;
  LogAuditor auditor_;
  Tally tally_;
  std::uint64_t first_ = 1, last_ = 0, records_ = 0;
  std::string link_;
  std::optional<Timestamp> from_, to_;
  std::optional<LogFault> fault_;
  bool reached_ = false;  // `until`
};

}  // namespace onsale::waitroom
