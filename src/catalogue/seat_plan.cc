#include "catalogue/seat_plan.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "catalogue/content_hash.h"
#include "catalogue/seat_plan_builder.h"

namespace onsale::catalogue {
namespace {

constexpr std::size_t kTextBlock = 32 * 1024;
constexpr std::size_t kObstaclesMax = 20;
constexpr std::size_t kLabelSizeMax = 60;
constexpr std::size_t kGradeSizeMax = 16;
constexpr std::int32_t kCoordinateMax = 1'000'000;

std::size_t hash_of(std::string_view text) {
  ContentHash hash;
  hash.add(text);
  return hash.value();
}

bool printable(std::string_view text, std::size_t size_max) {
  return !text.empty() && text.size() <= size_max &&
         std::ranges::none_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

bool good_id(std::string_view id) {
  return !id.empty() && id.size() <= kSeatIdSizeMax && id.front() != '-' && id.back() != '-' &&
         std::ranges::all_of(id, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                  c == '-';
         });
}

bool good_coordinate(std::int32_t v) { return v >= -kCoordinateMax && v <= kCoordinateMax; }

std::string content_version(const SeatPlan& plan) {
  ContentHash hash;
  for (const auto& grade : plan.grades()) hash.add(grade);
  for (const auto& row : plan.rows()) {
    hash.add(row.section);
    hash.add(row.section_name);
    hash.add(row.label);
    for (const auto& seat : plan.seats_of(row)) {
      hash.add(seat.id);
      hash.add(seat.label);
      for (const std::int64_t n : {seat.x, seat.y, seat.adjacency}) hash.add(n);
      hash.add(std::int64_t{seat.grade});
      hash.add(std::int64_t{seat.accessible});
    }
  }
  const auto& stage = plan.stage();
  for (const std::int64_t n : {stage.x, stage.y, stage.width, stage.height}) hash.add(n);
  hash.add(stage.label);
  return hash.hex();
}

}  // namespace

SeatPlanBuilder::SeatPlanBuilder() : plan_(std::make_shared<SeatPlan>(SeatPlan::Key())) {}

std::string_view SeatPlanBuilder::keep(std::string_view text) {
  if (text.size() > left_) {
    left_ = std::max(kTextBlock, text.size());
    plan_->text_.push_back(std::make_unique_for_overwrite<char[]>(left_));
    room_ = plan_->text_.back().get();
  }
  if (text.empty()) return {};
  std::memcpy(room_, text.data(), text.size());
  const std::string_view kept(room_, text.size());
  room_ += text.size();
  left_ -= text.size();
  return kept;
}

std::uint16_t SeatPlanBuilder::grade(std::string_view name) {
  auto& grades = plan_->grades_;
  // The seat before nearly always has the same grade, and there are few.
  const auto at = std::ranges::find(grades, name);
  if (at != grades.end()) return static_cast<std::uint16_t>(at - grades.begin());
  if (grades.size() > kGradesPerHallMax) return 0;  // already refused in examine()
  grades.emplace_back(name);
  return static_cast<std::uint16_t>(grades.size() - 1);
}

void SeatPlanBuilder::section(std::string_view id, std::string_view name) {
  sections_.push_back({keep(id), keep(name), static_cast<std::uint32_t>(plan_->rows_.size())});
}

void SeatPlanBuilder::row(std::string_view label) {
  if (sections_.empty()) section("", "");
  plan_->rows_.push_back({keep(label), sections_.back().id, sections_.back().name,
                          static_cast<std::uint32_t>(plan_->seats_.size()), 0});
}

void SeatPlanBuilder::seat(const Spot& spot) {
  if (plan_->rows_.empty()) row("");
  if (plan_->seats_.size() > kSeatsPerHallMax) return;  // refused in examine()
  ++plan_->rows_.back().count;
  plan_->seats_.push_back({keep(spot.id), keep(spot.label),
                           static_cast<std::uint32_t>(plan_->seats_.size()),
                           static_cast<std::uint32_t>(plan_->rows_.size() - 1), spot.adjacency,
                           spot.x, spot.y, grade(spot.grade), spot.accessible});
}

std::string SeatPlanBuilder::path(const SeatInfo& seat, std::string_view member) const {
  std::size_t section = sections_.size() - 1;
  while (section > 0 && sections_[section].first_row > seat.row) --section;
  std::string out = "sections[" + std::to_string(section) + "].rows[" +
                    std::to_string(seat.row - sections_[section].first_row) + "].seats[" +
                    std::to_string(seat.index - plan_->rows_[seat.row].first) + "].";
  return out.append(member);
}

void SeatPlanBuilder::refuse(std::string field, std::string_view code, std::string_view message) {
  if (obstacles_.size() < kObstaclesMax)
    obstacles_.push_back({std::move(field), std::string(code), std::string(message)});
}

void SeatPlanBuilder::examine_sections() {
  for (std::size_t i = 0; i < sections_.size(); ++i) {
    const auto field = "sections[" + std::to_string(i) + "]";
    if (!good_id(sections_[i].id)) refuse(field + ".id", "malformed", "letters, digits and dashes");
    if (!printable(sections_[i].name, kLabelSizeMax))
      refuse(field + ".name", "malformed", "1 to 60 bytes of text");
    const auto next = i + 1 < sections_.size() ? sections_[i + 1].first_row : plan_->rows_.size();
    if (sections_[i].first_row == next)
      refuse(field + ".rows", "required", "every section has at least one row");
    for (std::size_t j = 0; j < i; ++j)
      if (sections_[j].id == sections_[i].id)
        refuse(field + ".id", "duplicate", "another section has this id");
  }
}

void SeatPlanBuilder::examine() {
  const auto& seats = plan_->seats_;
  if (seats.empty()) refuse("sections", "required", "a hall has at least one seat");
  if (seats.size() > kSeatsPerHallMax) refuse("sections", "too_long", "at most 120,000 seats");
  if (plan_->grades_.size() > kGradesPerHallMax)
    refuse("sections", "too_long", "at most 32 grades");
  examine_sections();
  for (const auto& seat : seats) {
    const auto& grade = plan_->grades_[seat.grade];
    if (!good_id(seat.id)) refuse(path(seat, "id"), "malformed", "letters, digits and dashes");
    if (!printable(seat.label, kLabelSizeMax))
      refuse(path(seat, "label"), "malformed", "1 to 60 bytes of text");
    if (!printable(grade, kGradeSizeMax))
      refuse(path(seat, "grade"), "malformed", "1 to 16 bytes of text");
    if (!good_coordinate(seat.x)) refuse(path(seat, "x"), "out_of_range", "a million at most");
    if (!good_coordinate(seat.y)) refuse(path(seat, "y"), "out_of_range", "a million at most");
    if (seat.index > plan_->rows_[seat.row].first &&
        seats[seat.index - 1].adjacency >= seat.adjacency)
      refuse(path(seat, "adjacency"), "out_of_order", "rises along the row");
  }
  for (const auto& row : plan_->rows_) {
    if (row.count == 0)
      refuse("sections", "required", "every row has at least one seat");
    else if (!printable(row.label, kLabelSizeMax))
      refuse(path(seats[row.first], "row"), "malformed", "a row has a label");
  }
}

void SeatPlanBuilder::index() {
  auto& buckets = plan_->buckets_;
  buckets.assign(std::bit_ceil(plan_->seats_.size() * 2 + 1), 0);
  const std::size_t mask = buckets.size() - 1;
  for (const auto& seat : plan_->seats_) {
    std::size_t at = hash_of(seat.id) & mask;
    while (buckets[at] != 0) {
      if (plan_->seats_[buckets[at] - 1].id == seat.id) {
        refuse(path(seat, "id"), "duplicate", "another seat of the hall has this id");
        break;
      }
      at = (at + 1) & mask;
    }
    if (buckets[at] == 0) buckets[at] = seat.index + 1;
  }
}

Result<std::shared_ptr<const SeatPlan>, std::vector<Obstacle>> SeatPlanBuilder::finish(
    Stage stage) {
  plan_->stage_ = std::move(stage);
  if (plan_->stage_.label.size() > kLabelSizeMax)
    refuse("stage.label", "too_long", "at most 60 bytes");
  if (plan_->stage_.width < 0 || plan_->stage_.height < 0)
    refuse("stage", "out_of_range", "width and height are not negative");
  examine();
  index();
  if (!obstacles_.empty()) return std::unexpected(std::move(obstacles_));
  plan_->seats_.shrink_to_fit();
  plan_->rows_.shrink_to_fit();
  plan_->version_ = content_version(*plan_);
  return plan_;
}

Result<std::shared_ptr<const SeatPlan>, std::vector<Obstacle>> SeatPlan::make(const SeatMap& map) {
  SeatPlanBuilder builder;
  for (const auto& section : map.sections) {
    builder.section(section.id, section.name);
    for (const auto& row : section.rows) {
      builder.row(row.label);
      for (const auto& seat : row.seats)
        builder.seat(
            {seat.id, seat.label, seat.grade, seat.x, seat.y, seat.adjacency, seat.accessible});
    }
  }
  return builder.finish(map.stage);
}

const SeatInfo* SeatPlan::find(std::string_view id) const {
  const std::size_t mask = buckets_.size() - 1;
  for (std::size_t at = hash_of(id) & mask; buckets_[at] != 0; at = (at + 1) & mask) {
    const auto& seat = seats_[buckets_[at] - 1];
    if (seat.id == id) return &seat;
  }
  return nullptr;
}

SeatMap SeatPlan::to_map() const {
  SeatMap map;
  map.stage = stage_;
  for (const auto& row : rows_) {
    if (map.sections.empty() || map.sections.back().id != row.section)
      map.sections.push_back({std::string(row.section), std::string(row.section_name), {}});
    auto& seats = map.sections.back().rows.emplace_back(SeatRow{std::string(row.label), {}}).seats;
    seats.reserve(row.count);
    for (const auto& seat : seats_of(row))
      seats.push_back({std::string(seat.id), std::string(seat.label), seat.x, seat.y,
                       grades_[seat.grade], seat.accessible, seat.adjacency});
  }
  return map;
}

}  // namespace onsale::catalogue
