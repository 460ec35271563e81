#include "loadtool/answer.h"

#include <array>
#include <boost/json.hpp>

#include "base/time.h"
#include "loadtool/codec.h"

namespace onsale::load {
namespace {

namespace json = boost::json;

// A parsed object, or nothing.
class Object {
 public:
  explicit Object(std::string_view text) : value_(json::parse(text, error_, &memory_)) {
    object_ = error_ ? nullptr : value_.if_object();
  }
  explicit Object(const json::object* inner) : object_(inner) {}
  explicit operator bool() const { return object_ != nullptr; }

  std::optional<std::int64_t> number(std::string_view name) const {
    const json::value* value = object_ ? object_->if_contains(name) : nullptr;
    if (!value || !value->is_number()) return {};
    boost::system::error_code error;
    const auto number = value->to_number<std::int64_t>(error);
    if (error) return {};
    return number;
  }
  std::string text(std::string_view name) const {
    const json::value* value = object_ ? object_->if_contains(name) : nullptr;
    const json::string* string = value ? value->if_string() : nullptr;
    return string ? std::string(*string) : std::string();
  }
  const json::object* inner(std::string_view name) const {
    const json::value* value = object_ ? object_->if_contains(name) : nullptr;
    return value ? value->if_object() : nullptr;
  }

 private:
  std::array<unsigned char, 2048> buffer_;
  json::monotonic_resource memory_{buffer_.data(), buffer_.size()};
  boost::system::error_code error_;
  json::value value_;
  const json::object* object_ = nullptr;
};

PlaceState state_named(std::string_view name) {
  if (name == "waiting") return PlaceState::waiting;
  if (name == "prequeue") return PlaceState::prequeue;
  if (name == "admitted") return PlaceState::admitted;
  if (name == "expired") return PlaceState::expired;
  if (name == "left") return PlaceState::left;
  if (name == "completed") return PlaceState::completed;
  return PlaceState::unknown;
}

// Who a pass is for; nobody checks its signature here.
std::string subject_of(std::string_view jwt) {
  const auto first = jwt.find('.');
  if (first == jwt.npos) return {};
  const auto payload = jwt.substr(first + 1, jwt.find('.', first + 1) - first - 1);
  return read_text(base64url(payload), "sub");
}

}  // namespace

std::optional<PlaceAnswer> read_place(std::string_view text) {
  const Object object(text);
  if (!object) return {};
  PlaceAnswer out{.state = state_named(object.text("state")), .place = object.text("place")};
  if (out.state == PlaceState::unknown) return {};
  if (std::string lane = object.text("lane"); !lane.empty()) out.lane = std::move(lane);
  out.number = object.number("number");
  out.position = object.number("position");
  out.poll_after_ms = object.number("poll_after_ms");
  if (const json::object* eta = object.inner("eta")) {
    const Object inner(eta);
    out.p50_s = inner.number("p50_seconds");
    out.p80_s = inner.number("p80_seconds");
    out.p90_s = inner.number("p90_seconds");
  }
  out.passed = object.text("notice") == "passed";
  if (const auto at = parse_rfc3339(object.text("called_at"))) out.called_at_ms = to_unix_ms(*at);
  out.pass = object.text("pass");
  if (!out.pass.empty()) out.place_id = subject_of(out.pass);
  return out;
}

std::optional<std::int64_t> read_reconnect(std::string_view text) {
  const Object object(text);
  if (!object || object.text("type") != "reconnect") return {};
  return object.number("after_ms").value_or(1000);
}

ProblemAnswer read_problem(std::string_view text) {
  const Object object(text);
  ProblemAnswer out{.code = object.text("code")};
  if (const json::object* inner = object.inner("challenge")) {
    const Object challenge(inner);
    out.challenge = Challenge{.token = challenge.text("token"),
                              .bits = static_cast<int>(challenge.number("bits").value_or(0)),
                              .count = static_cast<int>(challenge.number("count").value_or(1))};
  }
  return out;
}

std::optional<RoomAnswer> read_room(std::string_view text) {
  const Object object(text);
  if (!object || object.text("mode").empty()) return {};
  return RoomAnswer{.mode = object.text("mode"),
                    .waiting = object.number("waiting").value_or(0),
                    .active = object.number("active").value_or(0),
                    .capacity = object.number("capacity").value_or(0),
                    .admit_per_minute = object.number("admit_per_minute").value_or(0),
                    .admitted_last_minute = object.number("admitted_last_minute"),
                    .grace_seconds = object.number("grace_seconds"),
                    .idle_seconds = object.number("idle_seconds"),
                    .session_seconds = object.number("session_seconds"),
                    .no_show_seconds = object.number("no_show_seconds")};
}

std::string read_text(std::string_view text, std::string_view name) {
  return Object(text).text(name);
}

}  // namespace onsale::load
