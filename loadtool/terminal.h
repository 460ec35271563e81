// What is seen while it runs: one live line on a terminal, plain lines elsewhere.
#pragma once

#include <string>
#include <string_view>

namespace onsale::load {

// Writes to standard output or standard error, whole; errors of the terminal are nobody's business.
void say(std::string_view text);
void complain(std::string_view text);

struct Glance {
  double second = 0, end_s = 0;
  std::int64_t people = 0, arrived = 0, joining = 0, waiting = 0, inside = 0, ended = 0;
  std::int64_t joined_total = 0, admitted_total = 0, calls = 0, errors = 0, breaches = 0;
  double late_ms = 0;
  std::string mode;
};
// `before` was a moment ago: rates come from both.
std::string progress_line(const Glance& now, const Glance& before, int columns);

class Progress {
 public:
  explicit Progress(bool quiet);
  void show(const Glance& now);  // as often as wanted; plain lines come every 5 s
  void end();

 private:
  const bool quiet_;
  const bool live_;
  bool shown_ = false;
  Glance before_;
};

}  // namespace onsale::load
