#include "report.h"

#include <array>
#include <cstdarg>
#include <cstdio>

namespace onsale::compare {
namespace {

std::string text(const char* format, ...) {
  std::array<char, 2'048> line{};
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(line.data(), line.size(), format, arguments);
  va_end(arguments);
  return line.data();
}

std::string percent(double share) { return text("%.1f %%", share * 100); }

std::string count(std::int64_t number) {
  if (number >= 10'000'000) return text("%.0f M", static_cast<double>(number) / 1e6);
  if (number >= 10'000) return text("%.0f k", static_cast<double>(number) / 1e3);
  return text("%lld", static_cast<long long>(number));
}

constexpr std::array<const char*, 5> kColours{"#0f766e", "#f59e0b", "#2563eb", "#dc2626",
                                              "#7c3aed"};

constexpr const char* kIntroduction =
    R"(# Five waiting rooms in front of the same people

Written by `tools/compare_waiting_rooms`; do not edit. One simulated crowd, second by second the
same for everybody, in front of our production host (engine, view, journal writer, pace) and of
small models of four other queues **as their sources describe them**. The models are ours, not
theirs: none of the four was run or measured. Where a source leaves something open, the model takes
what is best for the modelled queue; the assumptions are listed below. The models' code is in
`tests/sim/compare/`, the pass marks are in `tests/sim/compare_test.cc`.

## What is counted

- **used by the live**: share of all slots with somebody really there inside, over the time in which
  live people wait. 100 % can't be reached: people walk away inside without a word, and it takes
  each queue its own time to find out.
- **given**: the same with slots that the queue had given to anybody, there or not.
- **inversions**: pairs in which a later arrival got in while an earlier one, still there, waited.
  **overtaken**: share of live people to whom that happened.
- **backward**: times that somebody's shown position rose. "none shown" where there is no number.
- **stall**: longest time that nobody got in although a slot was free and live people waited.
- **over**: most people inside at once beyond the capacity.
- **wait error**: median of |shown − real| ÷ real, looked at once a minute, for waits over 30 s.
- **told p99**: from a slot coming free to the next person knowing, in a full room.
- **last in**: when the last live person got in. **unserved**: live people in line after two hours.

)";

constexpr const char* kAssumptions = R"(## Assumptions

Everybody: virtual time; the network takes no time, except 50 ms for a push; messages from an
origin about people who finished are sent at once and are never lost. Sessions are log-normal with
a mean of 90 s, at most 240 s; one in ten leaves without a word (nobody in the calm scenario). Of
those who give up in line, seven in ten just close the page. A bot joins once and never comes back.
Nobody helps a queue by hand.

**onsale.** Nothing is modelled: it is the production host, over a disk in memory. A page is heard
of every ten seconds at least; who is called is told by a push. A node's death is `kill -9`, back
after 2 s.

**Cloudflare FIFO.** Order by minute of arrival; a bucket must be empty before the next one's turn;
places are kept 5 min after the last refresh; a refresh every 20 s; sessions end 5 min after the
last request or when the origin revokes them; the wait, in whole minutes, is people ahead over the
rate of the last 5 min. In its favour: counters are exact and global, so there is no overshoot (the
FAQ describes one in spikes) and nobody queues too early; the death of a node changes nothing.

**AWS VWR.** Numbers come from a function behind a standard message queue: delivered within 2 s in
any order, one in a thousand again after 30 s, and the later number stays. The "max size" inlet: the
serving counter rises by those who left, as long as fewer than the maximum are inside. Polls every 3
to 5 s. Numbers that nobody takes up expire after 15 min, swept each minute. No wait is shown, as
there is none. In its favour: the sweep replaces expired numbers; origins report people silent for
5 min as abandoned, at once; warm functions never count twice; the death of a node changes nothing.

**CGV seed.** A sorted set scored with a node's clock; whoever enters while a slot is free takes it;
promotion every 2 s; sessions end 300 s after admission, swept every 10 s; nobody in line expires;
the wait is ⌊(rank − 1) ÷ sessions of a node⌋ × 10 s. In its favour: promotion is atomic and on one
node, in batches of 5,000; pushes always arrive. A dead node's film is unserved for 4 min (the code
says 3 to 5).

**Akamai VP.** Every request is let in with a probability; others try again after 30 s; sessions end
300 s after the last request or when the purchase is done. In its favour: the percentage, which in
the product an operator sets, follows the free slots every 5 s from exact numbers, and drops to
nothing when all are taken.

## Sources

- Cloudflare: cloudflare/cloudflare-docs `waiting-room/` (queueing-methods, troubleshooting,
  configuration-settings, cookie), blog.cloudflare.com/how-waiting-room-queues.
- AWS: aws-solutions/virtual-waiting-room-on-aws (`assign_queue_num`, `generate_token_base`,
  `max_size_inlet`, `set_max_queue_position_expired`).
- CGV: the seed's README and its later repository (enter, queue processor, session timeout).
- Akamai: techdocs.akamai.com, what-visitor-prioritization and the behaviour's default settings.

## Limits

A model shows what a design does when nobody helps it, not what a vendor's service does today: an
operator can raise AWS's counter by hand or shut bots out before they reach any of these. Crowds are
synthetic. Our
own numbers come from our own code and would be as wrong as it is; the same host runs in production.
)";

void chart(std::string& out, const Chapter& chapter, double x, double y) {
  constexpr double kWidth = 250, kHeight = 90;
  double end = 60;
  for (const Result& result : chapter.results) {
    if (!result.use_over_time.empty()) end = std::max(end, result.use_over_time.back().first);
  }
  out +=
      text("<text x='%.0f' y='%.0f' class='t'>%s</text>", x, y - 6, chapter.scenario.title.c_str());
  out += text("<path class='a' d='M%.0f %.0fv%.0fh%.0f'/>", x, y, kHeight, kWidth);
  out += text("<text x='%.0f' y='%.0f' class='s'>100 %%</text>", x + 2, y + 8);
  out += text("<text x='%.0f' y='%.0f' class='s' text-anchor='end'>%.0f min</text>", x + kWidth,
              y + kHeight + 11, end / 60);
  for (std::size_t i = chapter.results.size(); i-- > 0;) {
    std::string points;
    for (const auto& [at, used] : chapter.results[i].use_over_time) {
      points += text("%.1f,%.1f ", x + kWidth * at / end, y + kHeight * (1 - used));
    }
    out += text("<polyline stroke='%s' points='", kColours[i % kColours.size()]) + points + "'/>";
  }
}

}  // namespace

std::vector<Contender> contenders() {
  return {ours, minute_buckets, batch_counter, sorted_set, probability};
}

std::string table(const Chapter& chapter) {
  std::string out = "### " + chapter.scenario.title + "\n\n";
  out += text("%u people, %lld slots.\n\n", chapter.scenario.people,
              static_cast<long long>(chapter.scenario.limits.capacity));
  out +=
      "| | used by the live | given | inversions | overtaken | backward | stall | over | wait "
      "error "
      "| told p99 | last in | unserved "
      "|\n|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n";
  for (const Result& result : chapter.results) {
    const std::string backward =
        result.shows_position ? count(result.backward) : std::string("none shown");
    const std::string error = result.wait_error >= 0 ? percent(result.wait_error)
                              : result.shows_wait    ? std::string("too few")
                                                     : std::string("none shown");
    const std::string told =
        result.told_p99 >= 0 ? text("%.1f s", result.told_p99) : std::string("–");
    out += text("| %s | %s | %s | %s | %s | %s | %.0f s | %lld | %s | %s | %.0f min | %s |\n",
                result.queue.c_str(), percent(result.used).c_str(), percent(result.given).c_str(),
                count(result.inversions).c_str(), percent(result.overtaken).c_str(),
                backward.c_str(), result.stall, static_cast<long long>(result.over), error.c_str(),
                told.c_str(), result.last_in / 60, count(result.unserved).c_str());
  }
  return out;
}

std::string document(const std::vector<Chapter>& chapters, const std::string& plot) {
  std::string out = kIntroduction;
  if (!plot.empty()) {
    out += "![Slots used by live people, over time](" + plot.substr(plot.rfind('/') + 1) + ")\n\n";
  }
  out += "## Results\n\n";
  for (const Chapter& chapter : chapters) out += table(chapter) + "\n";
  return out + kAssumptions;
}

std::string svg(const std::vector<Chapter>& chapters) {
  const std::size_t rows = (chapters.size() + 2) / 3;
  const double height = 56 + static_cast<double>(rows) * 140;
  std::string out = text(
      "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 860 %.0f' role='img'>"
      "<title>Share of slots used by live people while live people wait, by minute</title>"
      "<style>text{font:12px sans-serif;fill:#475569}.t{font-weight:600}.s{font-size:9px}"
      ".a{fill:none;stroke:#94a3b8}polyline{fill:none;stroke-width:1.6}</style>\n",
      height);
  if (!chapters.empty()) {
    for (std::size_t i = 0; i < chapters.front().results.size(); ++i) {
      const double x = 16 + 160 * static_cast<double>(i);
      out += text(
          "<path stroke='%s' stroke-width='3' d='M%.0f 18h18'/>"
          "<text x='%.0f' y='22'>%s</text>\n",
          kColours[i % kColours.size()], x, x + 24, chapters.front().results[i].queue.c_str());
    }
  }
  for (std::size_t i = 0; i < chapters.size(); ++i) {
    const std::size_t row = i / 3;
    chart(out, chapters[i], 16 + 284 * static_cast<double>(i % 3),
          56 + 140 * static_cast<double>(row));
    out += "\n";
  }
  return out + "</svg>\n";
}

}  // namespace onsale::compare
