#include "platform/json/json.h"

#include <gtest/gtest.h>

namespace onsale::json {

enum class Colour { red, dark_blue };
BOOST_DESCRIBE_ENUM(Colour, red, dark_blue)

struct ThingKind {
  static constexpr std::string_view prefix = "thg";
};
using ThingId = Id<ThingKind>;

struct Seat {
  std::string id;
  std::optional<int> price;
};
BOOST_DESCRIBE_STRUCT(Seat, (), (id, price))

struct Everything {
  bool flag = false;
  std::int32_t small = 0;
  std::uint8_t byte = 0;
  double ratio = 0;
  std::string text;
  Colour colour{};
  std::optional<std::string> note;
  std::vector<Seat> seats;
  std::map<std::string, std::int64_t> counts;
  Timestamp at{};
  ThingId id;
  Text<2, 4> name;
  Int<1, 4> quantity;
};
BOOST_DESCRIBE_STRUCT(Everything, (),
                      (flag, small, byte, ratio, text, colour, note, seats, counts, at, id, name,
                       quantity))

struct Change {
  Nullable<Timestamp> at;
  Nullable<Text<1, 4>> name;
  Nullable<Colour> colour;
  std::optional<int> price;
};
BOOST_DESCRIBE_STRUCT(Change, (), (at, name, colour, price))

struct Tree {
  std::string label;
  std::vector<Tree> children;
};
BOOST_DESCRIBE_STRUCT(Tree, (), (label, children))

struct Options {
  std::optional<std::int64_t> limit;
  std::optional<Colour> colour;
  std::vector<std::string> tag;
  std::optional<bool> deep;
};
BOOST_DESCRIBE_STRUCT(Options, (), (limit, colour, tag, deep))

namespace other {
struct Seat {
  std::int64_t row = 0;
};
BOOST_DESCRIBE_STRUCT(Seat, (), (row))
}  // namespace other

namespace {

const std::string kGood =
    R"({"flag":true,"small":-7,"byte":255,"ratio":0.5,"text":"좌석 \"A\"\n","colour":"dark_blue",)"
    R"("seats":[{"id":"A-1","price":5},{"id":"A-2"}],"counts":{"a":1,"b":2},)"
    R"("at":"2026-11-21T20:00:00.123Z","id":"thg_01KAJ0000000000000000000AB","name":"좌석",)"
    R"("quantity":4})";

// kGood with the value of one member replaced.
std::string with(std::string_view member, std::string_view value) {
  const std::string key = "\"" + std::string(member) + "\":";
  const auto at = kGood.rfind(key) + key.size();
  int depth = 0;
  bool quoted = false;
  auto end = at;
  for (;; ++end) {
    const char c = kGood[end];
    if (c == '"' && kGood[end - 1] != '\\') quoted = !quoted;
    if (quoted) continue;
    if ((c == ',' || c == '}') && depth == 0) break;
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
  }
  return kGood.substr(0, at) + std::string(value) + kGood.substr(end);
}

TEST(Json, WhatWasWrittenIsReadBack) {
  const auto value = read<Everything>(kGood);
  ASSERT_TRUE(value) << value.error()[0].field << value.error()[0].code;
  EXPECT_EQ(value->seats.size(), 2U);
  EXPECT_EQ(value->colour, Colour::dark_blue);
  EXPECT_FALSE(value->note);
  EXPECT_EQ(value->name.value, "좌석");
  EXPECT_EQ(write(*value), kGood);
}

struct Bad {
  std::string json;
  std::string field, code;
};

class BadJson : public testing::TestWithParam<Bad> {};

TEST_P(BadJson, IsRefusedAtItsExactPath) {
  const auto value = read<Everything>(GetParam().json);
  ASSERT_FALSE(value) << GetParam().json;
  ASSERT_EQ(value.error().size(), 1U) << value.error()[1].field;
  EXPECT_EQ(value.error()[0].field, GetParam().field) << GetParam().json;
  EXPECT_EQ(value.error()[0].code, GetParam().code) << GetParam().json;
  EXPECT_FALSE(value.error()[0].message.empty());
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadJson,
    testing::Values(Bad{"", "", "malformed_json"}, Bad{"{", "", "malformed_json"},
                    Bad{kGood + "x", "", "malformed_json"},
                    Bad{"{\"flag\":\"\xff\"}", "", "malformed_json"},
                    Bad{R"({"text":"\ud800"})", "", "malformed_json"},
                    Bad{std::string(40, '[') + std::string(40, ']'), "", "malformed_json"},
                    Bad{"[]", "", "wrong_type"}, Bad{"null", "", "wrong_type"},
                    Bad{with("flag", "1"), "flag", "wrong_type"},
                    Bad{with("flag", "null"), "flag", "wrong_type"},
                    Bad{with("small", "\"1\""), "small", "wrong_type"},
                    Bad{with("small", "1.5"), "small", "wrong_type"},
                    Bad{with("small", "2147483648"), "small", "out_of_range"},
                    Bad{with("small", "1e300"), "small", "out_of_range"},
                    Bad{with("ratio", "-2e308"), "ratio", "out_of_range"},
                    Bad{with("small", "18446744073709551615"), "small", "out_of_range"},
                    Bad{with("byte", "-1"), "byte", "out_of_range"},
                    Bad{with("byte", "256"), "byte", "out_of_range"},
                    Bad{with("text", "7"), "text", "wrong_type"},
                    Bad{with("text", R"("a\u0000b")"), "text", "malformed"},
                    Bad{with("colour", "\"green\""), "colour", "unknown_value"},
                    Bad{with("colour", "1"), "colour", "wrong_type"},
                    Bad{with("seats", "{}"), "seats", "wrong_type"},
                    Bad{with("seats", R"([{"id":"a"},7])"), "seats[1]", "wrong_type"},
                    Bad{with("seats", R"([{"id":"a"},{"id":"b","price":"x"}])"), "seats[1].price",
                        "wrong_type"},
                    Bad{with("seats", R"([{"price":1}])"), "seats[0].id", "required"},
                    Bad{with("seats", R"([{"id":"a","row":1}])"), "seats[0].row", "unknown_field"},
                    Bad{with("seats", R"([{"id":"a","id":"b"}])"), "seats[0].id",
                        "duplicate_field"},
                    Bad{with("counts", R"({"a":1,"a":2})"), "counts.a", "duplicate_field"},
                    Bad{with("counts", R"({"a":"x"})"), "counts.a", "wrong_type"},
                    Bad{with("at", "\"yesterday\""), "at", "malformed"},
                    Bad{with("id", "\"res_01KAJ0000000000000000000AB\""), "id", "malformed"},
                    Bad{with("name", "\"a\""), "name", "too_short"},
                    Bad{with("name", "\"좌석좌석좌\""), "name", "too_long"},
                    Bad{with("quantity", "0"), "quantity", "out_of_range"},
                    Bad{with("quantity", "5"), "quantity", "out_of_range"},
                    Bad{with("quantity", "4,\"extra\":{\"a\":[1]}"), "extra", "unknown_field"}));

TEST(Json, EveryMissingMemberIsNamed) {
  const auto value = read<Everything>("{}");
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().size(), 12U);  // all but the optional one
}

TEST(Json, ErrorsAreBounded) {
  std::string many = "{";
  for (int i = 0; i < 1000; ++i) many += "\"x" + std::to_string(i) + "\":1,";
  many.back() = '}';
  EXPECT_EQ(read<Everything>(many).error().size(), kErrorsMax);
}

TEST(Json, NullAndAbsentAreTheSameForAnOptional) {
  EXPECT_FALSE(read<Seat>(R"({"id":"a","price":null})")->price);
  EXPECT_EQ(read<Seat>(R"({"id":"a","price":3.0})")->price, 3);
}

TEST(Json, NullAndAbsentDifferForANullable) {
  const auto absent = read<Change>("{}");
  EXPECT_FALSE(absent->at);
  EXPECT_EQ(write(*absent), "{}");
  const auto cleared = read<Change>(R"({"at":null,"name":null,"colour":null,"price":null})");
  ASSERT_TRUE(cleared);
  EXPECT_TRUE(cleared->at && !*cleared->at);
  EXPECT_TRUE(cleared->name && !*cleared->name);
  EXPECT_TRUE(cleared->colour && !*cleared->colour);
  EXPECT_EQ(write(*cleared), R"({"at":null,"name":null,"colour":null})");
  const std::string set = R"({"at":"2026-11-21T20:00:00.123Z","name":"abcd","colour":"red"})";
  const auto changed = read<Change>(set);
  ASSERT_TRUE(changed && changed->at && changed->name);
  EXPECT_EQ((*changed->name)->value, "abcd");
  EXPECT_EQ(write(*changed), set);
}

TEST(Json, ANullableIsCheckedLikeWhatItHolds) {
  for (const auto& [json, code] : std::vector<std::pair<std::string, std::string>>{
           {R"({"at":"soon"})", "malformed"},
           {R"({"at":0})", "wrong_type"},
           {R"({"name":""})", "too_short"},
           {R"({"colour":"green"})", "unknown_value"}}) {
    const auto value = read<Change>(json);
    ASSERT_FALSE(value) << json;
    EXPECT_EQ(value.error()[0].code, code) << json;
  }
  Change change;  // a query has no null; an empty value is an absent one
  EXPECT_TRUE(read_pairs(std::vector<std::pair<std::string, std::string>>{{"at", ""}},
                         kTypeOf<Change>, &change)
                  .empty());
  EXPECT_FALSE(change.at);
}

TEST(Json, SchemaSaysThatANullableMayBeNull) {
  SchemaBook book;
  book.reference(kTypeOf<Change>);
  const auto text = book.components();
  for (const char* part :
       {R"("at":{"type":["string","null"],"format":"date-time"})",
        R"("name":{"type":["string","null"],"minLength":1,"maxLength":4})",
        R"("colour":{"anyOf":[{"$ref":"#/components/schemas/Colour"},{"type":"null"}]})",
        R"("price":{"type":"integer")"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  EXPECT_EQ(text.find(R"("required")"), std::string::npos) << text;
}

TEST(Json, ControlCharactersAreEscaped) {
  EXPECT_EQ(write(std::string("a\x01\t\"\\/\x1f")), R"("a\u0001\t\"\\/\u001f")");
}

TEST(Json, QueryIsReadByTheSameDeclaration) {
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  Options options;
  EXPECT_TRUE(
      read_pairs(
          Pairs{{"limit", "10"}, {"colour", "red"}, {"tag", "a"}, {"tag", "b"}, {"deep", "true"}},
          kTypeOf<Options>, &options)
          .empty());
  EXPECT_EQ(options.limit, 10);
  EXPECT_EQ(options.tag.size(), 2U);
  EXPECT_TRUE(*options.deep);
  for (const auto& [pairs, code] : std::vector<std::pair<Pairs, std::string>>{
           {{{"limit", "ten"}}, "wrong_type"},
           {{{"limit", "1"}, {"limit", "2"}}, "duplicate_field"},
           {{{"limit", "99999999999999999999"}}, "out_of_range"},
           {{{"other", "1"}}, "unknown_field"},
           {{{"colour", "green"}}, "unknown_value"},
           {{{"tag", "\xff"}}, "malformed"}}) {
    Options out;
    const auto errors = read_pairs(pairs, kTypeOf<Options>, &out);
    ASSERT_EQ(errors.size(), 1U) << code;
    EXPECT_EQ(errors[0].code, code);
  }
}

TEST(Json, SchemaSaysWhatTheReaderChecks) {
  SchemaBook book;
  EXPECT_EQ(book.reference(kTypeOf<Everything>), R"({"$ref":"#/components/schemas/Everything"})");
  const auto text = book.components();
  for (const char* part :
       {R"("name":{"type":"string","minLength":2,"maxLength":4})",
        R"("quantity":{"type":"integer","format":"int64","minimum":1,"maximum":4})",
        R"("Colour":{"type":"string","enum":["red","dark_blue"]})",
        R"("at":{"type":"string","format":"date-time"})", R"("pattern":"^thg_)",
        R"("required":["id"])"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  EXPECT_EQ(text.find(R"("note",)"), std::string::npos);  // optional: not required
}

struct Cached {
  RawOf<std::map<std::string, Colour>> colours;
};
BOOST_DESCRIBE_STRUCT(Cached, (), (colours))

TEST(Json, TextMadeElsewhereSaysInTheSchemaWhatItIs) {
  Cached cached;
  cached.colours.text = R"({"a":"red"})";
  EXPECT_EQ(write(cached), R"({"colours":{"a":"red"}})");
  EXPECT_EQ(read<Cached>(R"({"colours":{"a":"red"}})").error()[0].code, "wrong_type");
  SchemaBook book;
  book.reference(kTypeOf<Cached>);
  EXPECT_NE(book.components().find(
                R"("colours":{"type":"object","additionalProperties":{"$ref":"#/components/)"
                R"(schemas/Colour"}})"),
            std::string::npos)
      << book.components();
}

TEST(Json, SchemaOfARecursiveTypeEndsAndNamesDoNotCollide) {
  SchemaBook book;
  book.reference(kTypeOf<Tree>);
  book.reference(kTypeOf<Seat>);
  EXPECT_EQ(book.reference(kTypeOf<other::Seat>), R"({"$ref":"#/components/schemas/JsonSeat"})");
}

}  // namespace
}  // namespace onsale::json
