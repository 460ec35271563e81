// Described types with one member of every kind, as the targets for JSON and requests read them.
#pragma once

#include "base/id.h"
#include "platform/json/json.h"

namespace onsale::fuzz {

enum class Colour { red, dark_blue };
BOOST_DESCRIBE_ENUM(Colour, red, dark_blue)

struct ThingKind {
  static constexpr std::string_view prefix = "thg";
};
using ThingId = Id<ThingKind>;

struct Piece {
  std::string id;
  std::optional<int> price;
  std::vector<Piece> pieces;
};
BOOST_DESCRIBE_STRUCT(Piece, (), (id, price, pieces))

struct Whole {
  std::optional<bool> flag;
  std::optional<std::uint8_t> byte;
  std::optional<std::int64_t> large;
  std::optional<double> ratio;
  std::optional<Colour> colour;
  std::vector<Piece> pieces;
  std::map<std::string, std::int64_t> counts;
  std::optional<Timestamp> at;
  std::optional<ThingId> id;
  json::Text<2, 4> name;
  std::optional<json::Int<-1, 4>> quantity;
};
BOOST_DESCRIBE_STRUCT(Whole, (),
                      (flag, byte, large, ratio, colour, pieces, counts, at, id, name, quantity))

struct Change {
  json::Nullable<Timestamp> at;
  json::Nullable<json::Text<1, 4>> name;
  std::optional<std::string> note;
};
BOOST_DESCRIBE_STRUCT(Change, (), (at, name, note))

struct Search {
  std::optional<std::int64_t> limit;
  std::optional<Colour> colour;
  std::vector<std::string> tag;
  std::optional<bool> deep;
  std::optional<Timestamp> since;
};
BOOST_DESCRIBE_STRUCT(Search, (), (limit, colour, tag, deep, since))

}  // namespace onsale::fuzz
