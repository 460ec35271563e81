#include "catalogue/seat_map_http.h"

#include <algorithm>

#include "catalogue/views_http.h"
#include "platform/http/message/encode.h"

namespace onsale::catalogue {
namespace {

constexpr int kGzipLevel = 3;  // of a stadium: half the time of 6 for a tenth more bytes

RowView row_view(const SeatPlan& plan, const PlanRow& row) {
  RowView view{std::string(row.label), {}};
  view.seats.reserve(row.count);
  for (const SeatInfo& seat : plan.seats_of(row))
    view.seats.push_back({std::string(seat.id), std::string(seat.label), seat.x, seat.y,
                          plan.grades()[seat.grade], seat.accessible, seat.adjacency});
  return view;
}

void open_section(std::string& out, const PlanRow& row) {
  json::write_text(out += R"({"id":)", row.section);
  json::write_text(out += R"(,"name":)", row.section_name);
  out += R"(,"rows":[)";
}

}  // namespace

// Row by row, so that a stadium never stands in memory as one tree.
std::string seat_map_json(const SeatPlan& plan) {
  std::string out;
  out.reserve(plan.size() * 100 + 1024);
  json::write_text(out += R"({"version":)", plan.version());
  out += R"(,"sections":[)";
  const PlanRow* last = nullptr;
  for (const PlanRow& row : plan.rows()) {
    if (last && last->section == row.section) {
      out += ',';
    } else {
      if (last) out += "]},";
      open_section(out, row);
    }
    json::write(out, row_view(plan, row));
    last = &row;
  }
  json::write(out += R"(]}],"stage":)", plan.stage());
  return out += '}';
}

std::shared_ptr<const std::string> SeatMapTexts::find(const SeatPlan& plan, Form form) {
  const auto at = std::ranges::find_if(entries_, [&](const Entry& entry) {
    return entry.form == form && entry.version == plan.version();
  });
  if (at == entries_.end()) return {};
  entries_.splice(entries_.begin(), entries_, at);
  return at->text;
}

std::shared_ptr<const std::string> SeatMapTexts::get(const SeatPlan& plan, Form form) {
  {
    std::lock_guard lock(mutex_);
    if (auto text = find(plan, form)) return text;
  }
  // Outside the lock: two loops may both write it, none waits for the other.
  auto text = std::make_shared<std::string>(seat_map_json(plan));
  if (form == Form::gzip) *text = http::gzip(*text, kGzipLevel);
  text->shrink_to_fit();
  std::lock_guard lock(mutex_);
  if (auto first = find(plan, form)) return first;
  bytes_ += text->size();
  entries_.push_front({plan.version(), form, text});
  while (bytes_ > kBytesMax && entries_.size() > 1) {
    bytes_ -= entries_.back().text->size();
    entries_.pop_back();
  }
  return text;
}

}  // namespace onsale::catalogue
