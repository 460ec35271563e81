#include "catalogue/seat_row_text.h"

#include <array>
#include <charconv>

namespace onsale::catalogue {
namespace {

constexpr std::size_t kMembers = 7;

bool number(std::string_view text, std::int32_t& out) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), out);
  return read.ec == std::errc() && read.ptr == text.data() + text.size();
}

bool read_seat(std::string_view line, SeatPlanBuilder& builder) {
  std::array<std::string_view, kMembers> part;
  for (std::size_t i = 0; i < kMembers; ++i) {
    const auto tab = line.find('\t');
    if ((tab == std::string_view::npos) != (i + 1 == kMembers)) return false;
    part[i] = line.substr(0, tab);
    if (tab != std::string_view::npos) line.remove_prefix(tab + 1);
  }
  SeatPlanBuilder::Spot spot{.id = part[0], .label = part[1], .grade = part[2]};
  if (!number(part[3], spot.x) || !number(part[4], spot.y) || !number(part[5], spot.adjacency))
    return false;
  if (part[6] != "0" && part[6] != "1") return false;
  spot.accessible = part[6] == "1";
  builder.seat(spot);
  return true;
}

}  // namespace

std::string write_seats(const SeatPlan& plan, const PlanRow& row) {
  std::string out;
  out.reserve(row.count * 36);
  for (const auto& seat : plan.seats_of(row)) {
    out.append(seat.id).append("\t").append(seat.label).append("\t");
    out.append(plan.grades()[seat.grade]).append("\t");
    for (const auto n : {seat.x, seat.y, seat.adjacency})
      out.append(std::to_string(n)).append("\t");
    out.append(seat.accessible ? "1\n" : "0\n");
  }
  return out;
}

bool read_seats(std::string_view text, SeatPlanBuilder& builder) {
  while (!text.empty()) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos || !read_seat(text.substr(0, end), builder)) return false;
    text.remove_prefix(end + 1);
  }
  return true;
}

}  // namespace onsale::catalogue
