#include "loadtool/facts.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_map>

namespace onsale::load {
namespace {

using Line = std::vector<const Facts*>;

void add(Verdict& verdict, BreachKind kind, std::string what) {
  auto& count = verdict.counts[static_cast<std::size_t>(kind)];
  if (count++ < kExamplesMax) verdict.examples.push_back({kind, std::move(what)});
}

std::string who(const Facts& facts) {
  std::string text = "person " + std::to_string(facts.index);
  if (facts.number >= 0) text += " (number " + std::to_string(facts.number) + ")";
  return text;
}

std::string ms(Micros micros) { return std::to_string(micros / 1000) + " ms"; }

void overtaken(Verdict& verdict, const Facts& earlier, const Facts& later) {
  const Micros by = earlier.waiting_at - later.admitted;
  verdict.worst_overtaking = std::max(verdict.worst_overtaking, by);
  add(verdict, BreachKind::inversion,
      who(later) + " was in at " + ms(later.admitted) + " while " + who(earlier) +
          " of the same lane still waited at " + ms(earlier.waiting_at));
}

// The line in the order of numbers: nobody may be in while somebody before surely still waits.
void judge_numbered(Verdict& verdict, Line& line) {
  std::ranges::sort(line, {}, [](const Facts* f) { return f->number; });
  const Facts* latest = nullptr;  // of those before: who waited longest
  const Facts* called = nullptr;  // of those before: who was called last
  for (const Facts* f : line) {
    const bool seen = latest && f->admitted >= 0 && latest->waiting_at > f->admitted;
    if (seen) overtaken(verdict, *latest, *f);
    if (!seen && called && f->called_at_ms >= 0 && f->called_at_ms < called->called_at_ms) {
      add(verdict, BreachKind::inversion,
          who(*f) + " was called " + std::to_string(called->called_at_ms - f->called_at_ms) +
              " ms before " + who(*called) + " of the same lane");
    }
    if (f->missed_turn) continue;
    if (f->waiting_at >= 0 && (!latest || f->waiting_at > latest->waiting_at)) latest = f;
    if (f->called_at_ms >= 0 && (!called || f->called_at_ms > called->called_at_ms)) called = f;
  }
}

// Without numbers: who had an answer before somebody else asked is before them.
void judge_seen(Verdict& verdict, const Line& line) {
  Line joined = line;
  std::erase_if(joined, [](const Facts* f) { return f->joined < 0 || f->missed_turn; });
  std::ranges::sort(joined, {}, [](const Facts* f) { return f->joined; });
  Line asked = line;
  std::erase_if(asked, [](const Facts* f) { return f->admitted < 0; });
  std::ranges::sort(asked, {}, [](const Facts* f) { return f->join_sent; });
  const Facts* latest = nullptr;
  std::size_t next = 0;
  for (const Facts* f : asked) {
    for (; next < joined.size() && joined[next]->joined < f->join_sent; ++next) {
      if (!latest || joined[next]->waiting_at > latest->waiting_at) latest = joined[next];
    }
    if (latest && latest->waiting_at > f->admitted) overtaken(verdict, *latest, *f);
  }
}

void judge_order(Verdict& verdict, const std::vector<Facts>& facts) {
  std::map<std::string, Line> lanes;
  for (const Facts& f : facts)
    if (f.joined >= 0 && f.kind == Kind::person) lanes[f.lane].push_back(&f);
  verdict.exact_order = !lanes.empty();
  for (auto& [lane, line] : lanes) {
    const bool numbered = std::ranges::all_of(line, [](const Facts* f) { return f->number >= 0; });
    if (!numbered) verdict.exact_order = false;
    if (numbered)
      judge_numbered(verdict, line);
    else
      judge_seen(verdict, line);
  }
}

// The same place for two, by whatever names it.
template <class Key>
void judge_unique(Verdict& verdict, const std::vector<Facts>& facts, const char* by, Key key_of) {
  std::map<decltype(key_of(facts.front())), const Facts*> owners;
  for (const Facts& f : facts) {
    const auto key = key_of(f);
    if (key == decltype(key){}) continue;
    const auto [found, fresh] = owners.emplace(key, &f);
    if (!fresh)
      add(verdict, BreachKind::duplicate,
          who(*found->second) + " and " + who(f) + " have the same place by its " + by);
  }
}

std::int64_t unclaimed(const std::vector<Facts>& facts) {
  std::vector<std::int64_t> numbers;
  for (const Facts& f : facts)
    if (f.number >= 0) numbers.push_back(f.number);
  if (numbers.empty()) return -1;
  std::ranges::sort(numbers);
  const auto same = std::ranges::unique(numbers);
  numbers.erase(same.begin(), same.end());
  return numbers.back() - numbers.front() + 1 - static_cast<std::int64_t>(numbers.size());
}

}  // namespace

const char* name_of(Outcome outcome) {
  constexpr const char* kNames[kOutcomes] = {
      "under_way", "never_came",    "no_answer",    "refused", "gave_up", "vanished",
      "done",      "still_waiting", "still_inside", "expired", "lost"};
  return kNames[static_cast<std::size_t>(outcome)];
}

Verdict judge(const std::vector<Facts>& facts, bool order) {
  Verdict verdict;
  if (facts.empty()) return verdict;
  if (order) judge_order(verdict, facts);
  judge_unique(verdict, facts, "token", [](const Facts& f) { return f.token_hash; });
  judge_unique(verdict, facts, "pass", [](const Facts& f) { return f.place_id_hash; });
  judge_unique(verdict, facts, "number", [](const Facts& f) {
    return f.number < 0 ? std::pair<std::string, std::int64_t>()
                        : std::pair(f.lane + "#", f.number);
  });
  verdict.numbers_unclaimed = unclaimed(facts);
  return verdict;
}

Coverage coverage(const std::vector<Facts>& facts, Estimate Facts::* told) {
  Coverage out;
  std::vector<double> errors;
  double within[3]{};
  for (const Facts& f : facts) {
    const Estimate& estimate = f.*told;
    if (f.kind != Kind::person || estimate.at < 0 || f.admitted < estimate.at) continue;
    if (f.missed_turn) continue;
    const double waited = static_cast<double>(f.admitted - estimate.at) / 1e6;
    ++out.people;
    // Estimates are whole seconds: a wait within the second told is within the estimate.
    within[0] += waited < estimate.p50_s + 1;
    within[1] += waited < estimate.p80_s + 1;
    within[2] += waited < estimate.p90_s + 1;
    errors.push_back(std::abs(estimate.p50_s - waited) / std::max(waited, 1.0));
  }
  if (out.people == 0) return out;
  const auto people = static_cast<double>(out.people);
  out.p50 = within[0] / people;
  out.p80 = within[1] / people;
  out.p90 = within[2] / people;
  const auto middle = errors.begin() + static_cast<std::ptrdiff_t>(errors.size() / 2);
  std::nth_element(errors.begin(), middle, errors.end());
  out.median_error = *middle;
  return out;
}

}  // namespace onsale::load
