#include "waitroom/log/broken_log.h"

#include "waitroom/log/stored_batch.h"

namespace onsale::waitroom {

BrokenLog::BrokenLog(const RoomId& room, std::uint64_t batch, std::string_view what)
    : std::runtime_error("the log of room " + room.str() + " is broken at batch " +
                         std::to_string(batch) + ": " + std::string(what) +
                         "; look at it with `onsale room replay " + room.str() + "`") {}

void LinkCheck::take(std::uint64_t number, std::string_view records,
                     const std::optional<std::string>& stored) {
  if (number != last_ + 1) {
    throw BrokenLog(room_, last_ + 1,
                    "it is missing, the next one there is " + std::to_string(number));
  }
  const bool begins_unlinked = !stored && link_ == kNoLink;
  if (link_ && !begins_unlinked &&
      (!stored || *stored != digest_(link_text(*link_, room_.str(), number, records)))) {
    throw BrokenLog(room_, number,
                    "its link does not fit its records and the batch before, so one of them is "
                    "not what was written");
  }
  last_ = number;
  link_ = stored;
}

}  // namespace onsale::waitroom
