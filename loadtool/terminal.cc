#include "loadtool/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>

namespace onsale::load {
namespace {

constexpr double kPlainEveryS = 5;

void write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(fd, text.data(), text.size());
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

int columns() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 120;
  return size.ws_col;
}

std::string bar(double share, int width) {
  std::string out = "[";
  const int full = static_cast<int>(std::clamp(share, 0.0, 1.0) * width);
  for (int i = 0; i < width; ++i) out += i < full ? '#' : '.';
  return out + "]";
}

// What most people are doing.
const char* stage(const Glance& now) {
  if (now.arrived < now.people) return "arriving";
  if (now.ended == now.people) return "done";
  if (now.waiting > 0 || now.joining > 0) return "waiting";
  return "leaving";
}

}  // namespace

void say(std::string_view text) { write_all(STDOUT_FILENO, text); }
void complain(std::string_view text) { write_all(STDERR_FILENO, text); }

std::string progress_line(const Glance& now, const Glance& before, int columns) {
  const double seconds = std::max(0.001, now.second - before.second);
  const auto rate = [seconds](std::int64_t a, std::int64_t b) {
    return static_cast<double>(a - b) / seconds;
  };
  std::array<char, 400> text{};
  std::snprintf(text.data(), text.size(),
                "%5.0f/%.0f s %-8s %s  waiting %lld  inside %lld  done %lld/%lld  |  joins/s %.0f  "
                "admitted/s %.0f  calls/s %.0f  |  errors %lld  broken %lld%s",
                now.second, now.end_s, stage(now),
                bar(static_cast<double>(now.ended) /
                        static_cast<double>(std::max<std::int64_t>(now.people, 1)),
                    12)
                    .c_str(),
                static_cast<long long>(now.waiting), static_cast<long long>(now.inside),
                static_cast<long long>(now.ended), static_cast<long long>(now.people),
                rate(now.joined_total, before.joined_total),
                rate(now.admitted_total, before.admitted_total), rate(now.calls, before.calls),
                static_cast<long long>(now.errors), static_cast<long long>(now.breaches),
                now.mode.empty() || now.mode == "queue" ? "" : ("  (" + now.mode + ")").c_str());
  std::string out = text.data();
  if (columns > 0 && out.size() > static_cast<std::size_t>(columns))
    out.resize(static_cast<std::size_t>(columns));
  return out;
}

Progress::Progress(bool quiet) : quiet_(quiet), live_(isatty(STDOUT_FILENO) != 0) {}

void Progress::show(const Glance& now) {
  if (quiet_) return;
  if (!live_ && shown_ && now.second - before_.second < kPlainEveryS) return;
  const std::string line = progress_line(now, before_, live_ ? columns() - 1 : 0);
  say(live_ ? "\r\x1b[K" + line : line + "\n");
  before_ = now;
  shown_ = true;
}

void Progress::end() {
  if (!quiet_ && live_ && shown_) say("\n");
}

}  // namespace onsale::load
