// What a room leads to, told in its own words. The app wires these ports to whoever sells.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "waitroom/waitroom.h"

namespace onsale::waitroom {

inline constexpr std::size_t kOffersMax = 16;

// One price of what is behind the room.
struct Offer {
  std::string label;       // a grade: VIP, R, S
  std::int64_t price = 0;  // smallest unit of the currency
  std::string currency;
  std::int64_t available = 0, total = 0;
  bool operator==(const Offer&) const = default;
};
using OfferList = std::vector<Offer>;

class Offers {
 public:
  virtual ~Offers() = default;
  // The dearest first, at most kOffersMax, at most a second old; never null. Thread: any; no I/O.
  virtual std::shared_ptr<const OfferList> offers(const RoomId& room, Timestamp now) = 0;
  // Everything behind the room is called off: those in line are told, and stay until an operator
  // closes it. Likewise.
  virtual bool called_off(const RoomId&, Timestamp) { return false; }
};

// Where an admitted person goes, and what they wait for.
struct Destination {
  std::string title;
  std::string detail;           // where: "Hall 1 · Seoul"; may be empty
  std::optional<Timestamp> at;  // when it begins
  std::string image;            // address of a picture; may be empty
  std::string address;          // a path of this site
  bool called_off = false;      // what was asked for, or all that there is
};

class Destinations {
 public:
  virtual ~Destinations() = default;
  // `wanted` is what the visitor's address asks for, unchecked; something unknown is ignored.
  // Empty when the room leads nowhere. Thread: any; no I/O.
  virtual std::optional<Destination> destination(const RoomId& room, std::string_view wanted,
                                                 Timestamp now) const = 0;
};

}  // namespace onsale::waitroom
