#include "sandbox/faults.h"

#include <algorithm>

namespace onsale::sandbox {
namespace {

// SplitMix64: one word of state, and the same numbers for the same seed everywhere.
std::uint64_t next(std::uint64_t& state) {
  std::uint64_t z = (state += 0x9E3779B97F4A7C15ULL);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

double next_share(std::uint64_t& state) {
  return static_cast<double>(next(state) >> 11) * 0x1.0p-53;  // 0 to below 1
}

bool fits(std::string_view rule, std::string_view path) {
  if (!path.starts_with(rule)) return false;
  return path.size() == rule.size() || rule.ends_with('/') || path[rule.size()] == '/';
}

void apply(FaultVerdict& out, Faults::Standing& standing, std::size_t number) {
  const FaultRule& rule = standing.rule;
  switch (rule.fault) {
    case FaultKind::drop_before:
      out.drop_before = true;
      break;
    case FaultKind::drop_after:
      out.drop_after = true;
      break;
    case FaultKind::delay_ms: {
      const auto span = static_cast<std::uint64_t>(rule.max_ms - rule.min_ms) + 1;
      out.delay += Millis(rule.min_ms + static_cast<std::int64_t>(next(standing.state) % span));
      break;
    }
    case FaultKind::status:
      out.status = rule.status;
      out.status_after = rule.after;
      break;
    case FaultKind::duplicate:
      out.duplicate = true;
      out.again_after = Millis(rule.max_ms);
      break;
    case FaultKind::reorder:
      out.reorder = number;
      out.reorder_max = Millis(rule.max_ms);
      break;
  }
  if (!out.strongest || rule.fault < *out.strongest) out.strongest = rule.fault;
}

}  // namespace

bool Faults::set(FaultRule rule) {
  rule.max_ms = std::max(rule.min_ms, rule.max_ms);
  const auto same = std::ranges::find_if(rules_, [&](const Standing& s) {
    return s.rule.path == rule.path && s.rule.fault == rule.fault;
  });
  if (rule.probability <= 0) {
    if (same != rules_.end()) rules_.erase(same);
    return true;
  }
  Standing standing{.rule = std::move(rule), .state = 0};
  standing.state = standing.rule.seed;
  if (same != rules_.end()) {
    *same = std::move(standing);
    return true;
  }
  if (rules_.size() >= kRulesMax) return false;
  rules_.push_back(std::move(standing));
  return true;
}

FaultVerdict Faults::judge(std::string_view path, std::string_view pattern) {
  FaultVerdict out;
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    Standing& standing = rules_[i];
    if (standing.rule.times > 0 && standing.hits >= standing.rule.times) continue;
    if (!fits(standing.rule.path, path) && !fits(standing.rule.path, pattern)) continue;
    ++standing.calls;
    if (next_share(standing.state) >= standing.rule.probability) continue;
    ++standing.hits;
    apply(out, standing, i);
  }
  return out;
}

}  // namespace onsale::sandbox
