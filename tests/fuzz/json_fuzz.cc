// Typed JSON and query strings: whatever is read can be written and read again as the same, a
// second reader finds it well-formed too, and whatever is refused says why.
#include <boost/json.hpp>
#include <cmath>

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

// Boost.JSON 1.81 reads a number with a point or an exponent to within the last few bits.
bool alike(const boost::json::value& a, const boost::json::value& b) {
  if (a.is_number() && b.is_number()) {
    const double x = a.to_number<double>(), y = b.to_number<double>();
    return std::abs(x - y) <= 1e-14 * std::max(std::abs(x), std::abs(y));
  }
  if (a.is_array() && b.is_array()) return std::ranges::equal(a.get_array(), b.get_array(), alike);
  if (!a.is_object() || !b.is_object()) return a == b;
  return std::ranges::equal(a.get_object(), b.get_object(), [](const auto& x, const auto& y) {
    return x.key() == y.key() && alike(x.value(), y.value());
  });
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
  const std::string twice = json::write(*again);
  check(twice == once || alike(boost::json::parse(twice), boost::json::parse(once)),
        "and is the same");
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
