#include "app/demo/demo_halls.h"

#include <cmath>
#include <functional>
#include <numbers>

namespace onsale::app {
namespace {

using catalogue::kSeatPitch;
using catalogue::SeatMap;
using catalogue::SeatRow;
using catalogue::SeatSpot;
using catalogue::Section;

constexpr int kRowPitch = 30;

std::int32_t whole(double v) { return static_cast<std::int32_t>(std::lround(v)); }

struct House {
  int rows;
  int width;
  int aisle_left;   // an aisle after this seat
  int aisle_right;  // and after this one
  int bend;         // how much nearer to the stage the ends of a row stand
  std::function<std::string(int row)> grade;
  std::function<bool(int row, int seat)> accessible;
};

std::vector<SeatRow> rows_of(const House& house) {
  std::vector<SeatRow> rows;
  const double middle = (house.width + 3) / 2.0;  // with both aisles
  for (int r = 0; r < house.rows; ++r) {
    const std::string label(1, static_cast<char>('A' + r));
    SeatRow row{label, {}};
    for (int n = 1; n <= house.width; ++n) {
      const int aisles = (n > house.aisle_left ? 1 : 0) + (n > house.aisle_right ? 1 : 0);
      const double off = (n + aisles - middle) / middle;  // -1 at the left end, 1 at the right
      row.seats.push_back({label + "-" + std::to_string(n), std::to_string(n),
                           (n + aisles) * kSeatPitch,
                           120 + r * kRowPitch - whole(house.bend * off * off), house.grade(r),
                           house.accessible(r, n), n + aisles});
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

// ---- the stadium

constexpr double kBendRadius = 2'000;  // of the horseshoe's inner edge
constexpr double kSide = 4'860;        // of its straight sides

struct Point {
  double x, y;
};

// A point on the horseshoe `out` units outside its inner edge. `s` runs along that inner edge:
// down the left side, round the bend, up the right side.
Point horseshoe(double s, double out) {
  const double bend = std::numbers::pi * kBendRadius;
  const double radius = kBendRadius + out;
  if (s < kSide) return {-radius, s};
  if (s > kSide + bend) return {radius, kSide - (s - kSide - bend)};
  const double angle = (s - kSide) / kBendRadius;
  return {-radius * std::cos(angle), kSide + radius * std::sin(angle)};
}

struct Tier {
  int first_section;  // number
  int sections;
  int rows;
  int width;
  double out;  // of its first row
  std::string grade;
};

SeatRow tier_row(const Tier& tier, const std::string& section, int index, int r) {
  SeatRow row{std::to_string(r + 1), {}};
  row.seats.reserve(static_cast<std::size_t>(tier.width));
  const double share = (2 * kSide + std::numbers::pi * kBendRadius) / tier.sections;
  const double pitch = share * 0.92 / tier.width;
  for (int n = 1; n <= tier.width; ++n) {
    const double s = (index + 0.5) * share + (n - (tier.width + 1) / 2.0) * pitch;
    const auto at = horseshoe(s, tier.out + r * kRowPitch);
    row.seats.push_back({section + "-" + row.label + "-" + std::to_string(n), std::to_string(n),
                         whole(at.x), whole(at.y), tier.grade, r == 0 && index % 4 == 0 && n <= 2,
                         n});
  }
  return row;
}

void add_tier(SeatMap& map, const Tier& tier) {
  for (int i = 0; i < tier.sections; ++i) {
    const auto number = std::to_string(tier.first_section + i);
    Section section{"S" + number, number, {}};
    for (int r = 0; r < tier.rows; ++r) section.rows.push_back(tier_row(tier, section.id, i, r));
    map.sections.push_back(std::move(section));
  }
}

// Four sections beside each other, five deep, in front of the stage; the first two lines are VIP.
void add_floor(SeatMap& map) {
  constexpr int kAcross = 4, kDeep = 5, kRows = 20, kWidth = 25, kGap = 72;
  for (int i = 0; i < kAcross * kDeep; ++i) {
    const int column = i % kAcross;
    const int line = i / kAcross;
    const auto name = "F" + std::to_string(i + 1);
    const double left = (column - kAcross / 2.0) * (kWidth * kSeatPitch + kGap) + kGap / 2.0;
    const double top = 800 + line * (kRows * kRowPitch + kGap);
    Section section{name, name, {}};
    for (int r = 0; r < kRows; ++r) {
      SeatRow row{std::to_string(r + 1), {}};
      for (int n = 1; n <= kWidth; ++n)
        row.seats.push_back({name + "-" + row.label + "-" + std::to_string(n), std::to_string(n),
                             whole(left + (n - 0.5) * kSeatPitch), whole(top + r * kRowPitch),
                             line < 2 ? "VIP" : "R", false, n});
      section.rows.push_back(std::move(row));
    }
    map.sections.push_back(std::move(section));
  }
}

}  // namespace

SeatMap demo_theatre() {
  SeatMap map;
  const House house{
      .rows = 10,
      .width = 14,
      .aisle_left = 4,
      .aisle_right = 10,
      .bend = 24,
      .grade =
          [](int row) {
            if (row < 2) return "VIP";
            if (row < 5) return "R";
            return row < 8 ? "S" : "A";
          },
      .accessible = [](int row, int seat) { return row == 9 && (seat <= 2 || seat >= 13); }};
  map.sections.push_back({"main", "1층", rows_of(house)});
  map.stage = {3 * kSeatPitch, 20, 11 * kSeatPitch, 44, "STAGE"};
  return map;
}

SeatMap demo_cinema() {
  SeatMap map;
  const House house{
      .rows = 15,
      .width = 20,
      .aisle_left = 5,
      .aisle_right = 15,
      .bend = 30,
      .grade =
          [](int row) {
            if (row < 3) return "ECONOMY";
            return row >= 7 && row < 12 ? "PRIME" : "STANDARD";
          },
      .accessible = [](int row, int seat) { return row == 0 && (seat <= 2 || seat >= 19); }};
  map.sections.push_back({"main", "상영관", rows_of(house)});
  map.stage = {2 * kSeatPitch, 30, 19 * kSeatPitch, 14, "SCREEN"};
  return map;
}

SeatMap demo_stadium() {
  SeatMap map;
  add_floor(map);
  add_tier(map, {101, 40, 30, 15, 0, "S"});
  add_tier(map, {201, 40, 40, 20, 30 * kRowPitch + 200, "A"});
  map.stage = {-1'000, 0, 2'000, 600, "STAGE"};
  return map;
}

}  // namespace onsale::app
