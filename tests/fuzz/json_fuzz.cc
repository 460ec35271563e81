// Typed JSON and query strings: whatever is read can be written and read again as the same, a
// second reader finds it well-formed too, and whatever is refused says why.
#include <boost/json.hpp>

#include "platform/http/exchange.h"
#include "tests/fuzz/bodies.h"
#include "tests/fuzz/fuzz.h"

namespace onsale::fuzz {
namespace {

// An independent reader; it takes deeper and longer texts.
bool well_formed(std::string_view text) {
  boost::system::error_code error;
  boost::json::stream_parser parser;
  parser.write(text, error);
  if (!error) parser.finish(error);
  return !error;
}

template <class T>
void written_and_read(const T& value) {
  const std::string once = json::write(value);
  check(well_formed(once), "what is written is JSON");
  const auto again = json::read<T>(once);
  // But for whole numbers beyond 64 bits, which are refused without a point or an exponent.
  const auto too_large = [](const Obstacle& each) { return each.code == "out_of_range"; };
  if (!again && std::ranges::all_of(again.error(), too_large)) return;
  check(again.has_value(), "what is written can be read");
  // A minus zero is a zero the second time.
  check(json::write(*again) == once || once.find("-0") != once.npos, "and is the same");
}

void explained(const json::Errors& errors) {
  check(!errors.empty() && errors.size() <= json::kErrorsMax, "a refusal has some reasons");
  check(std::ranges::none_of(errors, [](const Obstacle& each) { return each.code.empty(); }),
        "each with a code");
}

template <class T>
void read_as(std::string_view text) {
  const auto read = json::read<T>(text);
  if (!read) return explained(read.error());
  check(well_formed(text), "only JSON is read as JSON");
  written_and_read(*read);
}

template <class T>
void read_query(const std::vector<std::pair<std::string, std::string>>& pairs) {
  T value{};
  const auto errors = json::read_pairs(pairs, json::kTypeOf<T>, &value);
  if (!errors.empty()) return explained(errors);
  written_and_read(value);
}

void json_text(std::string_view bytes) {
  read_as<Whole>(bytes);
  read_as<Change>(bytes);
  read_as<Piece>(bytes);
  read_as<std::map<std::string, std::vector<double>>>(bytes);
  const auto pairs = http::parse_pairs(bytes);
  if (!pairs) return;
  read_query<Search>(*pairs);
  read_query<Whole>(*pairs);
}

const Declare kDeclared("json", json_text);

}  // namespace
}  // namespace onsale::fuzz
