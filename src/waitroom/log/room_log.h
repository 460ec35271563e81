// The log of a room as it is kept: every durable batch, each with its link to the one before, from
// the beginning or from a base (a snapshot at which an older part was cut off).
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/task.h"
#include "waitroom/log/stored_batch.h"

namespace onsale::waitroom {

struct LoggedBatch {
  std::uint64_t number = 0;
  std::string records;
  std::string link;  // 32 bytes
};

// Where the kept log begins. What is before it is gone; its last link is kept.
struct LogStart {
  std::uint64_t after = 0;  // the batch before the first kept one
  std::string link = kNoLink;
  std::string base{};  // the room's state then, as Engine::snapshot wrote it; empty at batch 1
};

// A fact of somebody, and the batch it is in.
struct LoggedFact {
  std::uint64_t batch = 0;
  std::string link;
  Record record;
};

struct LogHead {
  std::uint64_t batch = 0;
  std::string link;
};

// A snapshot that a start, or a log that was cut, may begin with.
struct LogBase {
  std::uint64_t covers = 0;
  Timestamp at{};  // of the last batch in it
};

// Of the bases of a room, by rising number, those that are of no use any more: the newest is for
// the next start, the oldest is where the log begins or may begin next, and those between serve to
// cut the log every `spacing` or so.
std::vector<std::uint64_t> superseded(const std::vector<LogBase>& bases, Millis spacing);
// The spacing for a log that is kept this long; 0 keeps it for ever.
Millis base_spacing(Millis kept);

// Those of one place in a batch, appended.
void pick_facts(const LoggedBatch& batch, Sequence place, std::vector<LoggedFact>& out);

// Reading the log, and cutting off its front. Thread: any.
class RoomLog {
 public:
  virtual ~RoomLog() = default;
  // Empty for a room that was never declared.
  virtual Task<std::optional<LogStart>> start(RoomId room) = 0;
  // The next few batches after this number, in order; empty when there are no more.
  virtual Task<std::vector<LoggedBatch>> read(RoomId room, std::uint64_t after) = 0;
  // What the newest (at most kTouchingMax) of the batches up to `up_to` that hold facts of this
  // place say of it, in order. Place 0 is the room itself. Draws are not among them.
  static constexpr std::size_t kTouchingMax = 32;
  static constexpr std::uint64_t kNewest = std::numeric_limits<std::int64_t>::max();
  virtual Task<std::vector<LoggedFact>> facts_of(RoomId room, Sequence place,
                                                 std::uint64_t up_to = kNewest) = 0;
  virtual Task<std::optional<LogHead>> head(RoomId room) = 0;
  // The number before the first batch that ends at or after `from`.
  virtual Task<std::uint64_t> before(RoomId room, Timestamp from) = 0;
  // The end of the newest base, or of the first batch when there is none; empty without batches
  // after it.
  virtual Task<std::optional<Timestamp>> unbased_since(RoomId room) = 0;
  // Cuts off a small piece of what is older than `oldest`, up to a base. True when there is more.
  virtual Task<bool> trim(RoomId room, Timestamp oldest) = 0;
};

}  // namespace onsale::waitroom
