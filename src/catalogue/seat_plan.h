// The seats of a hall, in two shapes. SeatMap is what people draw and edit: sections, rows, seats.
// SeatPlan is what the hot path asks: immutable, compact (about 70 bytes a seat), every seat under
// a dense index 0..n-1 in the order sections, rows, seats. Part of the facade: include catalogue.h.
// Thread: any; a SeatPlan never changes.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace onsale::catalogue {

inline constexpr std::size_t kSeatsPerHallMax = 120'000;
inline constexpr std::size_t kSeatIdSizeMax = 24;  // characters
inline constexpr std::size_t kGradesPerHallMax = 32;

// Coordinates are whole units of the drawing: x grows to the right, y away from the stage. Seats of
// a row stand about kSeatPitch apart.
inline constexpr std::int32_t kSeatPitch = 24;

// Where people look: a box, and what is written on it ("STAGE", "SCREEN").
struct Stage {
  std::int32_t x = 0;  // left
  std::int32_t y = 0;  // top
  std::int32_t width = 0;
  std::int32_t height = 0;
  std::string label;
  bool operator==(const Stage&) const = default;
};

struct SeatSpot {
  std::string id;     // unique in the hall: A-12, S101-12-8
  std::string label;  // what is printed on the chair: 12
  std::int32_t x = 0;
  std::int32_t y = 0;
  std::string grade;  // VIP, R, S, A
  bool accessible = false;
  // Two seats of one row are neighbours when this differs by one. Strictly rising within the row;
  // an aisle is a gap. Never derived from the printed number.
  std::int32_t adjacency = 0;
  bool operator==(const SeatSpot&) const = default;
};
struct SeatRow {
  std::string label;
  std::vector<SeatSpot> seats;
  bool operator==(const SeatRow&) const = default;
};
struct Section {
  std::string id;  // unique in the hall
  std::string name;
  std::vector<SeatRow> rows;
  bool operator==(const Section&) const = default;
};
struct SeatMap {
  std::vector<Section> sections;
  Stage stage;
  bool operator==(const SeatMap&) const = default;
};

// One seat as the plan knows it. The views live as long as the plan.
struct SeatInfo {
  std::string_view id;
  std::string_view label;
  std::uint32_t index = 0;  // dense, 0..n-1; seats of a row are consecutive
  std::uint32_t row = 0;    // SeatPlan::rows()
  std::int32_t adjacency = 0;
  std::int32_t x = 0;
  std::int32_t y = 0;
  std::uint16_t grade = 0;  // SeatPlan::grades(), PerformanceSale::prices()
  bool accessible = false;
};

struct PlanRow {
  std::string_view label;
  std::string_view section;       // id
  std::string_view section_name;  // what people call it
  std::uint32_t first = 0;        // index of its first seat
  std::uint32_t count = 0;
};

class SeatPlan {
 public:
  // Refused with a path for everything that is wrong: `sections[0].rows[2].seats[1].id`, code
  // `duplicate`. At most 20 obstacles are listed.
  static Result<std::shared_ptr<const SeatPlan>, std::vector<Obstacle>> make(const SeatMap& map);

  class Key {  // only a builder makes one
    friend class SeatPlanBuilder;
    explicit Key() = default;
  };
  explicit SeatPlan(Key) {}
  SeatPlan(const SeatPlan&) = delete;
  SeatPlan& operator=(const SeatPlan&) = delete;

  std::size_t size() const { return seats_.size(); }
  const SeatInfo* find(std::string_view id) const;  // null when the hall has no such seat
  const SeatInfo& seat(std::uint32_t index) const { return seats_[index]; }
  std::span<const SeatInfo> seats() const { return seats_; }
  std::span<const PlanRow> rows() const { return rows_; }
  const PlanRow& row_of(const SeatInfo& seat) const { return rows_[seat.row]; }
  std::span<const SeatInfo> seats_of(const PlanRow& row) const {
    return std::span(seats_).subspan(row.first, row.count);
  }
  // Side by side: same row, and nobody and no aisle between them.
  bool neighbours(const SeatInfo& a, const SeatInfo& b) const {
    return a.row == b.row && (a.adjacency - b.adjacency == 1 || b.adjacency - a.adjacency == 1);
  }
  std::span<const std::string> grades() const { return grades_; }  // in order of first appearance
  const Stage& stage() const { return stage_; }
  const std::string& version() const {
    return version_;
  }  // hash of everything above, 16 hex digits
  SeatMap to_map() const;  // the drawing back; make(to_map()) is an equal plan

 private:
  friend class SeatPlanBuilder;

  std::vector<std::unique_ptr<char[]>> text_;  // every id, label and name; the views point here
  std::vector<SeatInfo> seats_;
  std::vector<PlanRow> rows_;
  std::vector<std::string> grades_;
  std::vector<std::uint32_t> buckets_;  // open addressing over ids: index + 1, 0 is empty
  Stage stage_;
  std::string version_;
};

}  // namespace onsale::catalogue
