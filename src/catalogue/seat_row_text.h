// How the seats of one row are kept in one column: a line per seat, members between tabs.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "catalogue/seat_plan.h"
#include "catalogue/seat_plan_builder.h"

namespace onsale::catalogue {

std::string write_seats(const SeatPlan& plan, const PlanRow& row);
// False when the text is not what write_seats made.
bool read_seats(std::string_view text, SeatPlanBuilder& builder);

}  // namespace onsale::catalogue
