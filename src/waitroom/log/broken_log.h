// When what is stored of a room is not what was written: a start refuses it, in one line that says
// what is wrong and how to look at it.
#pragma once

#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "waitroom/waitroom.h"

namespace onsale::waitroom {

class BrokenLog : public std::runtime_error {
 public:
  BrokenLog(const RoomId& room, std::uint64_t batch, std::string_view what);
};

// Goes along a log as it is read and looks at every batch before anybody applies it.
class LinkCheck {
 public:
  using Digest = std::function<std::string(std::string_view)>;  // SHA-256, 32 raw bytes

  // `link` is that of the batch `after`; empty when it is not known: then the next one is believed.
  LinkCheck(const RoomId& room, std::uint64_t after, std::optional<std::string> link, Digest digest)
      : room_(room), last_(after), link_(std::move(link)), digest_(std::move(digest)) {}

  // `stored` is empty in rows of a version that kept no links; after one with a link it is broken.
  void take(std::uint64_t number, std::string_view records,
            const std::optional<std::string>& stored);

  std::uint64_t last() const { return last_; }
  const std::optional<std::string>& link() const { return link_; }

 private:
  const RoomId& room_;
  std::uint64_t last_;
  std::optional<std::string> link_;
  Digest digest_;
};

}  // namespace onsale::waitroom
