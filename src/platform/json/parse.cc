#include <boost/json/basic_parser_impl.hpp>

#include "platform/json/json.h"
#include "platform/json/tape.h"

namespace onsale::json {
namespace {

using boost::json::error_code;
using View = boost::json::string_view;

class Builder {
 public:
  static constexpr std::size_t max_object_size = kTextBytesMax;
  static constexpr std::size_t max_array_size = kTextBytesMax;
  static constexpr std::size_t max_key_size = kTextBytesMax;
  static constexpr std::size_t max_string_size = kTextBytesMax;

  explicit Builder(Tape& tape) : tape_(tape) {}

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) { return open(NodeKind::object); }
  bool on_object_end(std::size_t, error_code&) { return close(); }
  bool on_array_begin(error_code&) { return open(NodeKind::array); }
  bool on_array_end(std::size_t, error_code&) { return close(); }
  bool on_key_part(View part, std::size_t, error_code&) { return part_of_text(part); }
  bool on_key(View part, std::size_t n, error_code&) {
    key_ = whole(part, n);
    return true;
  }
  bool on_string_part(View part, std::size_t, error_code&) { return part_of_text(part); }
  bool on_string(View part, std::size_t n, error_code&) {
    add(NodeKind::text).text = whole(part, n);
    return true;
  }
  bool on_number_part(View, error_code&) { return true; }
  bool on_int64(std::int64_t value, View, error_code&) {
    add(NodeKind::integer).integer = value;
    return true;
  }
  bool on_uint64(std::uint64_t, View, error_code&) {  // only called above the signed range
    add(NodeKind::huge);
    return true;
  }
  bool on_double(double value, View, error_code&) {
    add(NodeKind::number).number = value;
    return true;
  }
  bool on_bool(bool value, error_code&) {
    add(NodeKind::boolean).integer = value;
    return true;
  }
  bool on_null(error_code&) {
    add(NodeKind::null);
    return true;
  }
  bool on_comment_part(View, error_code&) { return true; }
  bool on_comment(View, error_code&) { return true; }

 private:
  Node& add(NodeKind kind) {
    auto& node = tape_.nodes.emplace_back();
    node.kind = kind;
    node.key = std::exchange(key_, {});
    node.end = static_cast<std::uint32_t>(tape_.nodes.size());
    return node;
  }
  bool open(NodeKind kind) {
    add(kind);
    open_.push_back(tape_.nodes.size() - 1);
    return true;
  }
  bool close() {
    tape_.nodes[open_.back()].end = static_cast<std::uint32_t>(tape_.nodes.size());
    open_.pop_back();
    return true;
  }
  bool part_of_text(View part) {
    tape_.bytes.append(part.data(), part.size());
    return true;
  }
  std::string_view whole(View part, std::size_t size) {
    part_of_text(part);
    return std::string_view(tape_.bytes).substr(tape_.bytes.size() - size);
  }

  Tape& tape_;
  std::string_view key_;
  std::vector<std::size_t> open_;
};

}  // namespace

bool parse(std::string_view text, Tape& tape) {
  tape.clear(text.size());
  if (text.size() > kTextBytesMax) {
    tape.error = "longer than this server reads";
    return false;
  }
  boost::json::parse_options options;
  options.max_depth = kDepthMax;
  boost::json::basic_parser<Builder> parser(options, tape);
  error_code ec;
  const auto used = parser.write_some(false, text.data(), text.size(), ec);
  if (!ec && used < text.size()) ec = boost::json::error::extra_data;
  if (ec) tape.error = ec.message() + " at byte " + std::to_string(used);
  return !ec;
}

}  // namespace onsale::json
