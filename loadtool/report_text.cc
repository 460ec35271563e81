// The report as JSON and as Markdown.
#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cstdio>

#include "loadtool/report.h"

namespace onsale::load {
namespace {

namespace json = boost::json;

double rounded(double value) {
  return static_cast<double>(static_cast<std::int64_t>(value * 1000 + (value < 0 ? -0.5 : 0.5))) /
         1000;
}
double ms(std::int64_t micros) { return rounded(static_cast<double>(micros) / 1000); }

json::object latency(const Histogram& h, double seconds) {
  return {{"count", h.count()},
          {"per_second", rounded(seconds > 0 ? static_cast<double>(h.count()) / seconds : 0)},
          {"mean_ms", rounded(h.mean() / 1000)},
          {"p50_ms", ms(h.at(0.5))},
          {"p90_ms", ms(h.at(0.9))},
          {"p99_ms", ms(h.at(0.99))},
          {"p999_ms", ms(h.at(0.999))},
          {"max_ms", ms(h.max())}};
}

json::object counts(const std::map<std::string, std::uint64_t>& map) {
  json::object out;
  for (const auto& [name, count] : map) out[name] = count;
  return out;
}

json::array series(const std::vector<Row>& rows) {
  json::array out;
  for (const Row& row : rows) {
    json::object one{{"second", row.second},     {"arrived", row.arrived}, {"joined", row.joined},
                     {"admitted", row.admitted}, {"ended", row.ended},     {"errors", row.errors}};
    if (row.waiting >= 0) one["waiting"] = row.waiting;
    if (row.inside >= 0) one["inside"] = row.inside;
    if (row.capacity >= 0) one["capacity"] = row.capacity;
    if (row.p50_ms >= 0) one["p50_ms"] = rounded(row.p50_ms);
    if (row.p99_ms >= 0) one["p99_ms"] = rounded(row.p99_ms);
    out.push_back(std::move(one));
  }
  return out;
}

json::object waits(const Coverage& c) {
  json::object out{{"people", c.people}};
  if (c.people == 0) return out;
  out["within_p50"] = rounded(c.p50);
  out["within_p80"] = rounded(c.p80);
  out["within_p90"] = rounded(c.p90);
  out["median_error"] = rounded(c.median_error);
  return out;
}

json::object waits(const Report& r) {
  json::object out = waits(r.waits);
  out["halfway"] = waits(r.halfway);
  Histogram real;
  for (const Facts& f : r.tally.facts)
    if (f.kind == Kind::person && f.admitted >= f.joined && f.joined >= 0)
      real.record(f.admitted - f.joined);
  out["admitted"] = real.count();
  out["real_p50_s"] = ms(real.at(0.5)) / 1000;
  out["real_p80_s"] = ms(real.at(0.8)) / 1000;
  out["real_p90_s"] = ms(real.at(0.9)) / 1000;
  out["real_max_s"] = ms(real.max()) / 1000;
  return out;
}

json::object slots(const RoomUse& use) {
  return {{"capacity", use.capacity},
          {"most_inside", use.most_inside},
          {"most_waiting", use.most_waiting},
          {"watched_s", rounded(use.watched_s)},
          {"use", rounded(use.slot_use)},
          {"steady_s", rounded(use.steady_s)},
          {"steady_use", rounded(use.steady_use)},
          {"live_use", rounded(use.live_use)},
          {"rate_use", rounded(use.rate_use)}};
}

// One level of indentation: rows stay readable in a diff.
std::string pretty(const json::object& object) {
  std::string out = "{";
  bool first = true;
  for (const auto& member : object) {
    out += (first ? "\n  " : ",\n  ") + json::serialize(json::value(member.key())) + ": ";
    first = false;
    if (!member.value().is_array()) {
      out += json::serialize(member.value());
      continue;
    }
    out += "[";
    const json::array& items = member.value().as_array();
    for (std::size_t i = 0; i < items.size(); ++i)
      out += (i == 0 ? "\n    " : ",\n    ") + json::serialize(items[i]);
    out += items.empty() ? "]" : "\n  ]";
  }
  return out + "\n}\n";
}

template <class... A>
std::string line(const char* format, A... values) {
  std::array<char, 400> text{};
  std::snprintf(text.data(), text.size(), format, values...);
  return text.data();
}

std::string call_table(const Report& r) {
  std::string out =
      "| call       |    count |     /s |   p50 ms |   p90 ms |   p99 ms | p99.9 ms |   max ms |\n"
      "|------------|---------:|-------:|---------:|---------:|---------:|---------:|---------:|\n";
  for (std::size_t i = 0; i < kCalls; ++i) {
    const Histogram& h = r.tally.calls[i];
    if (h.count() == 0) continue;
    out += line("| %-10s | %8llu | %6.0f | %8.2f | %8.2f | %8.2f | %8.2f | %8.2f |\n",
                name_of(static_cast<Call>(i)), static_cast<unsigned long long>(h.count()),
                r.info.seconds > 0 ? static_cast<double>(h.count()) / r.info.seconds : 0,
                ms(h.at(0.5)), ms(h.at(0.9)), ms(h.at(0.99)), ms(h.at(0.999)), ms(h.max()));
  }
  return out;
}

std::string invariant_table(const Report& r) {
  std::string out = "| must be 0           |    seen |\n|---------------------|--------:|\n";
  for (std::size_t i = 0; i < kBreachKinds; ++i) {
    out += line("| %-19s | %7llu |\n", name_of(static_cast<BreachKind>(i)),
                static_cast<unsigned long long>(r.breaches[i]));
  }
  for (const Breach& breach : r.examples)
    out += std::string("\n- ") + name_of(breach.kind) + ": " + breach.what;
  return out + (r.examples.empty() ? "" : "\n");
}

std::string count_lines(const std::map<std::string, std::uint64_t>& map) {
  std::string out;
  for (const auto& [name, count] : map)
    out += line("- %s: %llu\n", name.c_str(), static_cast<unsigned long long>(count));
  return out.empty() ? "none\n" : out;
}

std::string order_line(const Report& r) {
  if (!r.scenario.order) return "Order: not judged (order = false).\n";
  std::string out = r.verdict.exact_order
                        ? "Order: judged by the numbers that the server gave.\n"
                        : "Order: judged by what was seen when (the server gave no numbers).\n";
  if (r.verdict.numbers_unclaimed >= 0)
    out += line("Numbers that nobody of this run has: %lld.\n",
                static_cast<long long>(r.verdict.numbers_unclaimed));
  return out;
}

std::string wait_line(const char* when, const Coverage& c) {
  if (c.people == 0) return std::string("Nobody was told an estimate ") + when + ".\n";
  return line(
      "Estimates %s, of %llu people who were admitted: %.1f %% waited no longer than P50, %.1f %% "
      "than P80, %.1f %% than P90; the median error of P50 is %.0f %%.\n",
      when, static_cast<unsigned long long>(c.people), c.p50 * 100, c.p80 * 100, c.p90 * 100,
      c.median_error * 100);
}

std::string wait_lines(const Report& r) {
  return wait_line("at first", r.waits) + wait_line("halfway", r.halfway);
}

std::string slot_lines(const RoomUse& use) {
  std::string out = line(
      "Capacity %lld; most inside %lld, most waiting %lld.\n", static_cast<long long>(use.capacity),
      static_cast<long long>(use.most_inside), static_cast<long long>(use.most_waiting));
  if (use.watched_s > 0)
    out += line("While somebody waited (%.1f s): %.1f %% of the slots in use.\n", use.watched_s,
                use.slot_use * 100);
  if (use.steady_s > 0)
    out += line("Of that, after they were first full (%.1f s): %.1f %%.\n", use.steady_s,
                use.steady_use * 100);
  if (use.live_use >= 0)
    out += line("Slots that people of this run had while others of it waited: %.1f %%.\n",
                use.live_use * 100);
  if (use.rate_use > 0)
    out += line("Admitted: %.1f %% of what the rate allows.\n", use.rate_use * 100);
  return out;
}

}  // namespace

std::string to_json(const Report& r) {
  json::object invariants, outcomes, calls;
  json::array examples;
  for (std::size_t i = 0; i < kBreachKinds; ++i)
    invariants[name_of(static_cast<BreachKind>(i))] = r.breaches[i];
  for (std::size_t i = 0; i < kOutcomes; ++i)
    outcomes[name_of(static_cast<Outcome>(i))] = r.outcomes[i];
  for (std::size_t i = 0; i < kCalls; ++i)
    calls[name_of(static_cast<Call>(i))] = latency(r.tally.calls[i], r.info.seconds);
  for (const Breach& b : r.examples)
    examples.push_back(json::object{{"kind", name_of(b.kind)}, {"what", b.what}});
  json::object order{{"judged", r.scenario.order},
                     {"by_numbers", r.verdict.exact_order},
                     {"worst_overtaking_ms", ms(r.verdict.worst_overtaking)}};
  if (r.verdict.numbers_unclaimed >= 0) order["numbers_unclaimed"] = r.verdict.numbers_unclaimed;
  return pretty({{"tool", "onsale-load"},
                 {"version", ONSALE_VERSION},
                 {"scenario", r.scenario.name},
                 {"server", r.info.server},
                 {"room", r.info.room},
                 {"seed", r.info.seed},
                 {"started_at", r.info.started_at},
                 {"seconds", rounded(r.info.seconds)},
                 {"processes", r.info.processes},
                 {"loops", r.info.loops},
                 {"interrupted", r.info.interrupted},
                 {"note", r.info.note},
                 {"passed", r.passed},
                 {"invariants", std::move(invariants)},
                 {"examples", std::move(examples)},
                 {"order", std::move(order)},
                 {"people", r.scenario.people},
                 {"outcomes", std::move(outcomes)},
                 {"bots", r.scenario.bots.count},
                 {"bot_places", r.tally.bot_places},
                 {"lines_broken", r.tally.lines_broken},
                 {"came_back", r.tally.came_back},
                 {"calls", std::move(calls)},
                 {"answers", counts(r.tally.answers)},
                 {"errors", counts(r.tally.errors)},
                 {"waits", waits(r)},
                 {"slots", slots(r.room)},
                 {"series", series(r.series)}});
}

std::string to_markdown(const Report& r) {
  std::string out = "# " + r.scenario.name + ": " + (r.passed ? "passed" : "FAILED") + "\n\n";
  out += line("%d people and %d bots, seed %llu, %.1f s, room %s on %s, %s.\n", r.scenario.people,
              r.scenario.bots.count, static_cast<unsigned long long>(r.info.seed), r.info.seconds,
              r.info.room.c_str(), r.info.server.c_str(), r.info.started_at.c_str());
  if (r.info.interrupted) out += "Interrupted: people who had not come yet are not counted.\n";
  if (!r.info.note.empty()) out += "**" + r.info.note + "**\n";
  out += "\n## Invariants\n\n" + invariant_table(r) + "\n" + order_line(r);
  out += "\n## People\n\n";
  for (std::size_t i = 0; i < kOutcomes; ++i) {
    if (r.outcomes[i] > 0)
      out += line("- %s: %llu\n", name_of(static_cast<Outcome>(i)),
                  static_cast<unsigned long long>(r.outcomes[i]));
  }
  out += line("- lines that broke: %llu; places found again: %llu\n",
              static_cast<unsigned long long>(r.tally.lines_broken),
              static_cast<unsigned long long>(r.tally.came_back));
  if (r.scenario.bots.count > 0)
    out +=
        line("- places made for bots: %llu\n", static_cast<unsigned long long>(r.tally.bot_places));
  out += "\n## Calls\n\n" + call_table(r);
  out += "\n## Slots\n\n" + slot_lines(r.room);
  out += "\n## Waits\n\n" + wait_lines(r);
  out += "\n## Errors\n\n" + count_lines(r.tally.errors);
  return out + "\n## Answers\n\n" + count_lines(r.tally.answers);
}

}  // namespace onsale::load
