#include "loadtool/tally.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <iterator>
#include <type_traits>

namespace onsale::load {
namespace {

constexpr std::size_t kSecondsMax = 86'400 + 600;

class Writer {
 public:
  template <class T>
    requires std::is_trivially_copyable_v<T>
  void put(const T& value) {
    out_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void put(const std::string& text) {
    put(text.size());
    out_ += text;
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  template <class T>
    requires std::is_trivially_copyable_v<T>
  void get(T& value) {
    if (!has(sizeof value)) return;
    std::memcpy(&value, rest_.data(), sizeof value);
    rest_.remove_prefix(sizeof value);
  }
  void get(std::string& text) {
    const std::size_t size = count();
    if (!has(size)) return;
    text = rest_.substr(0, size);
    rest_.remove_prefix(size);
  }
  // How many follow; each takes a byte at least.
  std::size_t count() {
    std::size_t size = 0;
    get(size);
    return has(size) ? size : 0;
  }
  bool good() const { return good_; }
  bool ended() const { return rest_.empty(); }

 private:
  bool has(std::size_t size) {
    if (rest_.size() < size) good_ = false;
    return good_;
  }
  std::string_view rest_;
  bool good_ = true;
};

// Everything of Facts but its text.
struct Fixed {
  std::uint32_t index;
  Kind kind;
  Outcome outcome;
  bool missed_turn;
  std::uint16_t came_back;
  std::int64_t number;
  std::uint64_t token_hash, place_id_hash;
  Micros join_sent, joined, waiting_at, admitted, left;
  std::int64_t called_at_ms, first_position;
  Estimate first, halfway;
};

void put(Writer& out, const Facts& f) {
  out.put(f.lane);
  out.put(Fixed{f.index, f.kind, f.outcome, f.missed_turn, f.came_back, f.number, f.token_hash,
                f.place_id_hash, f.join_sent, f.joined, f.waiting_at, f.admitted, f.left,
                f.called_at_ms, f.first_position, f.first, f.halfway});
}

Facts facts_from(Reader& in) {
  std::string lane;
  in.get(lane);
  Fixed x{};
  in.get(x);
  return {.index = x.index,
          .kind = x.kind,
          .outcome = x.outcome,
          .lane = std::move(lane),
          .number = x.number,
          .token_hash = x.token_hash,
          .place_id_hash = x.place_id_hash,
          .join_sent = x.join_sent,
          .joined = x.joined,
          .waiting_at = x.waiting_at,
          .admitted = x.admitted,
          .left = x.left,
          .called_at_ms = x.called_at_ms,
          .first_position = x.first_position,
          .first = x.first,
          .halfway = x.halfway,
          .missed_turn = x.missed_turn,
          .came_back = x.came_back};
}

using Counts = std::map<std::string, std::uint64_t>;

void put(Writer& out, const Counts& counts) {
  out.put(counts.size());
  for (const auto& [name, count] : counts) {
    out.put(name);
    out.put(count);
  }
}

void get(Reader& in, Counts& counts) {
  const std::size_t size = in.count();
  for (std::size_t i = 0; i < size && in.good(); ++i) {
    std::string name;
    in.get(name);
    in.get(counts[name]);
  }
}

}  // namespace

const char* name_of(Call call) {
  constexpr const char* kNames[kCalls] = {"connect", "join",    "look", "subscribe", "leave",
                                          "hold",    "release", "room", "news",      "asked_news",
                                          "solve",   "late",    "away"};
  return kNames[static_cast<std::size_t>(call)];
}

std::size_t coarse_of(Micros micros) {
  if (micros <= 100) return 0;
  const double steps = std::log2(static_cast<double>(micros) / 100.0) * 4;
  return std::min(static_cast<std::size_t>(std::ceil(steps)), kCoarse - 1);
}

Micros coarse_upper(std::size_t bucket) {
  return std::llround(100.0 * std::exp2(static_cast<double>(bucket) / 4));
}

Second& Tally::at(Micros now) {
  const auto second =
      std::min(static_cast<std::size_t>(std::max<Micros>(now, 0) / 1'000'000), kSecondsMax);
  if (seconds.size() <= second) seconds.resize(second + 1);
  return seconds[second];
}

void Tally::record(Call call, Micros took, Micros now) {
  calls[static_cast<std::size_t>(call)].record(took);
  if (call == Call::join || call == Call::look) ++at(now).latency[coarse_of(took)];
}

void Tally::breach(BreachKind kind, std::string what) {
  auto& count = breaches[static_cast<std::size_t>(kind)];
  if (count++ < kExamplesMax) examples.push_back({kind, std::move(what)});
}

void Tally::merge(Tally&& other) {
  for (std::size_t i = 0; i < kCalls; ++i) calls[i].merge(other.calls[i]);
  for (const auto& [name, count] : other.answers) answers[name] += count;
  for (const auto& [name, count] : other.errors) errors[name] += count;
  if (seconds.size() < other.seconds.size()) seconds.resize(other.seconds.size());
  for (std::size_t i = 0; i < other.seconds.size(); ++i) {
    const Second& from = other.seconds[i];
    Second& to = seconds[i];
    to.arrived += from.arrived;
    to.joined += from.joined;
    to.admitted += from.admitted;
    to.ended += from.ended;
    to.errors += from.errors;
    for (std::size_t b = 0; b < kCoarse; ++b) to.latency[b] += from.latency[b];
  }
  std::ranges::move(other.facts, std::back_inserter(facts));
  for (std::size_t i = 0; i < kBreachKinds; ++i) breaches[i] += other.breaches[i];
  std::ranges::move(other.examples, std::back_inserter(examples));
  lines_broken += other.lines_broken;
  came_back += other.came_back;
  bot_places += other.bot_places;
}

std::string encode(const Tally& tally) {
  Writer out;
  for (const Histogram& histogram : tally.calls) out.put(histogram);
  put(out, tally.answers);
  put(out, tally.errors);
  out.put(tally.seconds.size());
  for (const Second& second : tally.seconds) out.put(second);
  out.put(tally.facts.size());
  for (const Facts& facts : tally.facts) put(out, facts);
  for (const std::uint64_t count : tally.breaches) out.put(count);
  out.put(tally.examples.size());
  for (const Breach& breach : tally.examples) {
    out.put(breach.kind);
    out.put(breach.what);
  }
  out.put(tally.lines_broken);
  out.put(tally.came_back);
  out.put(tally.bot_places);
  return out.take();
}

std::optional<Tally> decode_tally(std::string_view bytes) {
  Reader in(bytes);
  Tally out;
  for (Histogram& histogram : out.calls) in.get(histogram);
  get(in, out.answers);
  get(in, out.errors);
  out.seconds.resize(in.count());
  for (Second& second : out.seconds) in.get(second);
  const std::size_t people = in.count();
  for (std::size_t i = 0; i < people && in.good(); ++i) out.facts.push_back(facts_from(in));
  for (std::uint64_t& count : out.breaches) in.get(count);
  const std::size_t examples = in.count();
  for (std::size_t i = 0; i < examples && in.good(); ++i) {
    Breach breach;
    in.get(breach.kind);
    in.get(breach.what);
    out.examples.push_back(std::move(breach));
  }
  in.get(out.lines_broken);
  in.get(out.came_back);
  in.get(out.bot_places);
  if (!in.good() || !in.ended()) return {};
  return out;
}

}  // namespace onsale::load
