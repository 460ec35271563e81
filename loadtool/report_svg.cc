// The picture of a run: who was where, who came and got in per second, how long calls took.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <functional>

#include "loadtool/report.h"

namespace onsale::load {
namespace {

constexpr double kLeft = 70, kWidth = 860, kTop = 74, kHeight = 150, kGap = 66;

constexpr const char* kStyle = R"css(
  svg { --back: #ffffff; --ink: #1b1f24; --soft: #5d6670; --grid: #d9dee3;
        --a: #0b6bcb; --b: #c2410c; --c: #15803d; }
  @media (prefers-color-scheme: dark) {
    svg { --back: #14181d; --ink: #e8ecf0; --soft: #a0aab4; --grid: #333b44;
          --a: #6cb6ff; --b: #ff9d5c; --c: #6fdc8c; } }
  .back { fill: var(--back) } text { fill: var(--ink); font: 13px system-ui, sans-serif }
  .soft { fill: var(--soft); font-size: 11px } .title { font-size: 17px; font-weight: 600 }
  .grid { stroke: var(--grid); stroke-width: 1 }
  .a, .b, .c, .limit { fill: none; stroke-width: 1.8; stroke-linejoin: round }
  .a { stroke: var(--a) } .b { stroke: var(--b) } .c { stroke: var(--c) }
  .limit { stroke: var(--soft); stroke-dasharray: 5 4; stroke-width: 1.2 }
  .area { fill: var(--a); opacity: 0.16; stroke: none }
  .ka { fill: var(--a) } .kb { fill: var(--b) } .kc { fill: var(--c) } .klimit { fill: var(--soft) }
)css";

std::string number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f", value);
  return text.data();
}

std::string label(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(),
                value < 10 && value != std::floor(value) ? "%.1f" : "%.0f", value);
  return text.data();
}

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '<')
      out += "&lt;";
    else if (c == '&')
      out += "&amp;";
    else
      out += c;
  }
  return out;
}

// The next of 1, 2, 5, 10, 20 …
double round_up(double value) {
  if (value <= 1) return 1;
  const double ten = std::pow(10, std::floor(std::log10(value)));
  for (const double step : {1.0, 2.0, 5.0})
    if (value <= step * ten) return step * ten;
  return 10 * ten;
}

struct Line {
  const char* style;  // a, b, c, limit
  const char* name;
  std::function<double(const Row&)> value;  // below 0: nothing seen
  bool area = false;
};

class Panel {
 public:
  // From `lowest` on logarithmically; 0: evenly from 0.
  Panel(int place, const std::vector<Row>& rows, double lowest)
      : rows_(rows), top_(kTop + place * (kHeight + kGap)), lowest_(lowest) {}

  std::string draw(const std::string& title, const std::vector<Line>& lines) {
    scale(lines);
    std::string out = "<text x=\"" + number(kLeft) + "\" y=\"" + number(top_ - 12) + "\">" + title;
    out += "</text>\n" + grid();
    for (const Line& line : lines) out += curve(line);
    return out;
  }

 private:
  void scale(const std::vector<Line>& lines) {
    double most = 0;
    for (const Line& line : lines)
      for (const Row& row : rows_) most = std::max(most, line.value(row));
    most_ = round_up(most);
    if (lowest_ > 0) most_ = std::max(10.0, std::pow(10, std::ceil(std::log10(most_))));
  }
  double x(double second) const {
    return kLeft + second / std::max<double>(1, static_cast<double>(rows_.size()) - 1) * kWidth;
  }
  double y(double value) const {
    double share = value / most_;
    if (lowest_ > 0)
      share = std::log10(std::max(value, lowest_) / lowest_) / std::log10(most_ / lowest_);
    return top_ + kHeight * (1 - share);
  }
  std::string grid() const {
    std::string out;
    std::vector<double> values{0, most_ / 2, most_};
    if (lowest_ > 0) {
      values.clear();
      for (double value = lowest_; value <= most_ * 1.01; value *= 10) values.push_back(value);
    }
    for (const double value : values) {
      const std::string at = number(y(value));
      out += "<line class=\"grid\" x1=\"" + number(kLeft) + "\" x2=\"" + number(kLeft + kWidth) +
             "\" y1=\"" + at + "\" y2=\"" + at +
             "\"/><text class=\"soft\" text-anchor=\"end\" x=\"" + number(kLeft - 8) + "\" y=\"" +
             number(y(value) + 4) + "\">" + label(value) + "</text>\n";
    }
    const double seconds = std::max<double>(1, static_cast<double>(rows_.size()) - 1);
    const double step = round_up(seconds / 10);
    for (double second = 0; second <= seconds; second += step) {
      out += "<text class=\"soft\" text-anchor=\"middle\" x=\"" + number(x(second)) + "\" y=\"" +
             number(top_ + kHeight + 18) + "\">" + label(second) + " s</text>\n";
    }
    return out;
  }
  std::string curve(const Line& line) const {
    std::string path;
    double first = 0, last = 0;
    for (const Row& row : rows_) {
      const double value = line.value(row);
      if (value < 0) continue;
      last = x(row.second);
      if (path.empty()) first = last;
      path += (path.empty() ? "M" : "L") + number(last) + " " + number(y(value));
    }
    if (path.empty()) return {};
    std::string out;
    if (line.area) {
      const std::string floor = number(top_ + kHeight);
      out = "<path class=\"area\" d=\"" + path + "L" + number(last) + " " + floor + "L" +
            number(first) + " " + floor + "Z\"/>\n";
    }
    return out + "<path class=\"" + line.style + "\" d=\"" + path + "\"/>\n";
  }

  const std::vector<Row>& rows_;
  const double top_;
  const double lowest_;
  double most_ = 1;
};

// Names stand beside their colours, so the lines can be told apart without seeing colours.
std::string legend(int place, const std::vector<Line>& lines) {
  std::string out;
  double x = kLeft + kWidth;
  const double y = kTop + place * (kHeight + kGap) - 12;
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
    const std::string name = line->name;
    out += "<text class=\"k" + std::string(line->style) + "\" text-anchor=\"end\" x=\"" +
           number(x) + "\" y=\"" + number(y) + "\">&#9644; " + name + "</text>\n";
    x -= 7.2 * static_cast<double>(name.size()) + 34;
  }
  return out;
}

std::string panel(int place, const Report& r, double lowest, const std::string& title,
                  const std::vector<Line>& lines) {
  return Panel(place, r.series, lowest).draw(title, lines) + legend(place, lines);
}

}  // namespace

std::string to_svg(const Report& r) {
  const double height = kTop + 3 * (kHeight + kGap);
  const std::string title = escaped(r.scenario.name) + ": " + (r.passed ? "passed" : "FAILED");
  std::string out = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 960 " +
                    number(height) + "\" role=\"img\" aria-label=\"" + title + "\">\n<style>" +
                    kStyle + "</style>\n<rect class=\"back\" width=\"960\" height=\"" +
                    number(height) + "\"/>\n<text class=\"title\" x=\"20\" y=\"30\">" + title +
                    "</text>\n";
  out += panel(
      0, r, false, "People",
      {{"a", "waiting", [](const Row& row) { return static_cast<double>(row.waiting); }, true},
       {"c", "inside", [](const Row& row) { return static_cast<double>(row.inside); }},
       {"limit", "capacity", [](const Row& row) { return static_cast<double>(row.capacity); }}});
  out += panel(1, r, 1, "Per second",
               {{"a", "joined", [](const Row& row) { return static_cast<double>(row.joined); }},
                {"c", "admitted", [](const Row& row) { return static_cast<double>(row.admitted); }},
                {"b", "errors", [](const Row& row) { return static_cast<double>(row.errors); }}});
  out += panel(2, r, 0.1, "Joins and looks, ms",
               {{"a", "p50", [](const Row& row) { return row.p50_ms; }},
                {"b", "p99", [](const Row& row) { return row.p99_ms; }}});
  return out + "</svg>\n";
}

}  // namespace onsale::load
