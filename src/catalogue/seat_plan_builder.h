// Puts a SeatPlan together seat by seat, without a SeatMap in between: a stadium is read from the
// store this way. Order of calls: section, its rows, their seats; then finish, once.
// Thread: one.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "catalogue/seat_plan.h"

namespace onsale::catalogue {

class SeatPlanBuilder {
 public:
  SeatPlanBuilder();
  void section(std::string_view id, std::string_view name);
  void row(std::string_view label);
  struct Spot {
    std::string_view id, label, grade;
    std::int32_t x = 0, y = 0, adjacency = 0;
    bool accessible = false;
  };
  void seat(const Spot& spot);
  Result<std::shared_ptr<const SeatPlan>, std::vector<Obstacle>> finish(Stage stage);

 private:
  struct SectionStart {
    std::string_view id, name;
    std::uint32_t first_row;
  };
  std::string_view keep(std::string_view text);
  std::uint16_t grade(std::string_view name);
  std::string path(const SeatInfo& seat, std::string_view member) const;
  void refuse(std::string field, std::string_view code, std::string_view message);
  void examine();
  void examine_sections();
  void index();

  std::shared_ptr<SeatPlan> plan_;
  std::vector<SectionStart> sections_;
  std::vector<Obstacle> obstacles_;
  char* room_ = nullptr;  // the rest of the last block of text
  std::size_t left_ = 0;
};

}  // namespace onsale::catalogue
