#include "loadtool/scenario.h"

#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace onsale::load {
namespace {

struct Refusal {
  std::string why;
};

// One table of the file; what was not asked for at the end is unknown.
class Section {
 public:
  Section(const toml::table* table, std::string name) : table_(table), name_(std::move(name)) {}

  template <class T>
  void read(const char* key, T& into, double low = 0, double high = 1e9) {
    const auto* node = take(key);
    if (!node) return;
    if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, std::string>) {
      const auto value = node->value_exact<T>();
      if (!value) refuse(key, "has the wrong type");
      into = *value;
    } else {
      const auto value = node->value<double>();
      if (!value || !std::isfinite(*value)) refuse(key, "is not a number");
      if (*value < low || *value > high)
        refuse(key, "is out of range: " + shown(low) + " to " + shown(high));
      into = static_cast<T>(*value);
    }
  }
  // [low, high], or one number for both.
  void read(const char* key, Range& into) {
    const auto* node = take(key);
    if (!node) return;
    if (const auto one = node->value<double>()) {
      into = {*one, *one};
    } else {
      const auto* pair = node->as_array();
      if (!pair || pair->size() != 2) refuse(key, "is a number or [low, high]");
      const auto low = pair->get(0)->value<double>();
      const auto high = pair->get(1)->value<double>();
      if (!low || !high) refuse(key, "is a number or [low, high]");
      into = {*low, *high};
    }
    if (into.low < 0 || into.high < into.low) refuse(key, "needs 0 <= low <= high");
  }
  Section inner(const char* key) {
    const auto* node = take(key);
    if (node && !node->is_table()) refuse(key, "is a table");
    return {node ? node->as_table() : nullptr, name_ + key + "."};
  }
  bool there() const { return table_ != nullptr; }
  void end() const {
    if (!table_) return;
    for (const auto& [key, value] : *table_) {
      if (std::ranges::find(taken_, key.str()) == taken_.end())
        throw Refusal{"unknown key " + name_ + std::string(key.str())};
    }
  }
  [[noreturn]] void refuse(std::string_view key, std::string_view why) const {
    throw Refusal{name_ + std::string(key) + " " + std::string(why)};
  }

 private:
  static std::string shown(double value) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%g", value);
    return text.data();
  }
  const toml::node* take(const char* key) {
    taken_.emplace_back(key);
    return table_ ? table_->get(key) : nullptr;
  }

  const toml::table* table_;
  std::string name_;
  std::vector<std::string> taken_;
};

void read_arrivals(Section section, Arrivals& into) {
  std::string curve(name_of(into.curve));
  section.read("curve", curve);
  const auto kind = curve_named(curve);
  if (!kind) section.refuse("curve", "is one of flat, ramp, spike, stampede, tail");
  into.curve = *kind;
  section.read("over_s", into.over_s, 0.001, 86'400);
  section.read("at_s", into.at_s, 0, 86'400);
  section.read("share", into.share, 0, 0.999);
  section.read("spike_s", into.spike_s, 0, 86'400);
  section.end();
}

void read_room(const toml::table& root, RoomSetup& into) {
  const toml::node* node = root.get("room");
  if (!node) return;
  if (!node->is_table()) throw Refusal{"room is a table"};
  for (const auto& [key, value] : *node->as_table()) {
    const std::string name(key.str());
    if (const auto* flag = value.as_boolean())
      into[name] = flag->get();
    else if (const auto* whole = value.as_integer())
      into[name] = whole->get();
    else if (const auto* real = value.as_floating_point())
      into[name] = real->get();
    else if (const auto* text = value.as_string())
      into[name] = text->get();
    else
      throw Refusal{"room." + name + " is a number, a text, true or false"};
  }
}

void read_people(Section section, People& into) {
  section.read("think_s", into.think_s);
  Section transport = section.inner("transport");
  if (transport.there()) into.websocket = into.sse = into.polling = 0;
  transport.read("websocket", into.websocket);
  transport.read("sse", into.sse);
  transport.read("polling", into.polling);
  transport.end();
  if (into.websocket + into.sse + into.polling <= 0) section.refuse("transport", "is empty");
  section.read("lost_answers", into.lost_answers, 0, 1);
  section.read("reconnects", into.reconnects, 0, 1);
  section.read("reconnect_times", into.reconnect_times);
  section.read("reconnect_after_s", into.reconnect_after_s);
  section.read("away_s", into.away_s);
  section.read("by_token", into.by_token, 0, 1);
  section.read("drop_outs", into.drop_outs, 0, 1);
  section.read("drop_out_after_s", into.drop_out_after_s);
  section.read("vanish", into.vanish, 0, 1);
  section.read("inside_s", into.inside_s);
  section.read("leave", into.leave, 0, 1);
  section.read("look_every_s", into.look_every_s);
  section.end();
}

void read_bots(Section section, Bots& into) {
  section.read("count", into.count, 0, 10'000'000);
  section.read("joins", into.joins);
  section.read("every_s", into.every_s);
  section.read("solve_proof", into.solve_proof);
  section.read("one_network", into.one_network);
  read_arrivals(section.inner("arrivals"), into.arrivals);
  section.end();
}

void read_purchase(Section section, Purchase& into) {
  section.read("share", into.share, 0, 1);
  section.read("seats", into.seats);
  section.read("hold_s", into.hold_s);
  section.read("accounts", into.accounts, 1, 100'000);
  section.read("performance", into.performance);
  section.end();
}

Range times(Range range, double factor) { return {range.low * factor, range.high * factor}; }

void hasten(Arrivals& arrivals, double factor) {
  arrivals.over_s *= factor;
  arrivals.at_s *= factor;
  arrivals.spike_s *= factor;
}

}  // namespace

std::optional<std::int64_t> number_in(const RoomSetup& setup, const std::string& name) {
  const auto found = setup.find(name);
  if (found == setup.end()) return {};
  const auto* number = std::get_if<std::int64_t>(&found->second);
  if (!number) return {};
  return *number;
}

std::expected<Scenario, std::string> parse_scenario(std::string_view text) {
  try {
    const toml::table table = toml::parse(text);
    Scenario out;
    Section root(&table, "");
    root.read("name", out.name);
    root.read("people", out.people, 0, 10'000'000);
    root.read("end_s", out.end_s, 0.1, 86'400);
    root.read("request_timeout_s", out.request_timeout_s, 0.1, 600);
    root.read("order", out.order);
    read_arrivals(root.inner("arrivals"), out.arrivals);
    root.inner("room");
    read_room(table, out.room);
    read_people(root.inner("behaviour"), out.behaviour);
    out.bots.arrivals = out.arrivals;
    read_bots(root.inner("bots"), out.bots);
    read_purchase(root.inner("purchase"), out.purchase);
    root.end();
    return out;
  } catch (const toml::parse_error& error) {
    return std::unexpected("line " + std::to_string(error.source().begin.line) + ": " +
                           std::string(error.description()));
  } catch (const Refusal& refusal) {
    return std::unexpected(refusal.why);
  }
}

void rescale(Scenario& s, double scale, double speed) {
  const auto resize = [scale](auto value) {
    using T = decltype(value);
    return value == 0
               ? value
               : std::max<T>(1, static_cast<T>(std::llround(static_cast<double>(value) * scale)));
  };
  s.people = resize(s.people);
  s.bots.count = resize(s.bots.count);
  s.purchase.accounts = resize(s.purchase.accounts);
  if (const auto capacity = number_in(s.room, "capacity")) s.room["capacity"] = resize(*capacity);
  if (const auto rate = number_in(s.room, "admit_per_minute")) {
    s.room["admit_per_minute"] =
        static_cast<std::int64_t>(std::llround(static_cast<double>(resize(*rate)) * speed));
  }
  const double slower = 1 / speed;
  hasten(s.arrivals, slower);
  hasten(s.bots.arrivals, slower);
  s.end_s *= slower;
  for (Range* range : {&s.behaviour.think_s, &s.behaviour.reconnect_after_s, &s.behaviour.away_s,
                       &s.behaviour.drop_out_after_s, &s.behaviour.inside_s, &s.bots.every_s,
                       &s.purchase.hold_s}) {
    *range = times(*range, slower);
  }
  s.behaviour.look_every_s *= slower;
}

}  // namespace onsale::load
