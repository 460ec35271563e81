// What goes wrong on purpose: rules for paths, decided call by call from a seed, so that a run can
// be repeated. Pure: nothing here waits or closes anything.
#pragma once

#include <boost/describe.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace onsale::sandbox {

enum class FaultKind {
  drop_before,  // nothing happens and nobody answers
  drop_after,   // it happens and nobody answers
  delay_ms,     // it happens after a while
  status,       // an error of the provider's own, before or after it happened
  duplicate,    // the call arrives twice, max_ms apart; the second answer is told
  reorder,      // the call waits until another one on its rule went past
};
BOOST_DESCRIBE_ENUM(FaultKind, drop_before, drop_after, delay_ms, status, duplicate, reorder)

inline constexpr std::int64_t kDelayMsMax = 600'000;

struct FaultRule {
  std::string path;  // of the calls that it is for: whole, or a beginning that ends at a slash
  FaultKind fault = FaultKind::delay_ms;
  double probability = 1;  // 0 to 1
  std::uint64_t seed = 1;
  std::int64_t min_ms = 0;  // delay_ms: evenly between both; reorder: waits max_ms at most
  std::int64_t max_ms = 0;
  int status = 500;        // of status
  bool after = false;      // status: the work is done first
  std::int64_t times = 0;  // hits before the rule is used up; 0: any number
};

// What becomes of one call. Rules add up; a drop is stronger than a status.
struct FaultVerdict {
  bool drop_before = false;
  bool drop_after = false;
  bool duplicate = false;
  Millis again_after{0};  // of duplicate
  Millis delay{0};
  int status = 0;  // 0: none
  bool status_after = false;
  std::optional<std::size_t> reorder{};  // the rule's number: who waits for whom
  Millis reorder_max{0};
  std::optional<FaultKind> strongest{};  // for the record
};

class Faults {
 public:
  static constexpr std::size_t kRulesMax = 64;

  // Takes the place of a rule of the same path and kind; probability 0 takes that away. False when
  // there are kRulesMax.
  bool set(FaultRule rule);
  void clear() { rules_.clear(); }

  // `path` as called, `pattern` as declared ("/toss/v1/payments/{paymentKey}"). Counts as a hit.
  FaultVerdict judge(std::string_view path, std::string_view pattern);

  struct Standing {
    FaultRule rule;
    std::uint64_t state;     // of its generator
    std::int64_t calls = 0;  // that it looked at
    std::int64_t hits = 0;
  };
  const std::vector<Standing>& rules() const { return rules_; }

 private:
  std::vector<Standing> rules_;
};

}  // namespace onsale::sandbox
