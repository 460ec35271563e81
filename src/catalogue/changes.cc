#include "catalogue/changes.h"

#include <algorithm>
#include <set>

namespace onsale::catalogue {
namespace {

constexpr std::size_t kObstaclesMax = 20;
constexpr std::int32_t kOffsetMinutesMax = 14 * 60;
constexpr std::int32_t kRunningMinutesMax = 24 * 60;

std::string at(std::string_view list, std::size_t index, std::string_view member) {
  std::string out(list);
  out.append("[").append(std::to_string(index)).append("]");
  if (!member.empty()) out.append(".").append(member);
  return out;
}

bool room_name(std::string_view text) {
  return !text.empty() && text.size() <= 40 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

class Check {
 public:
  Check(const Changes& changes, const Snapshot& present) : changes_(changes), present_(present) {
    out_->changes = {changes.venues, {}, changes.performers, changes.shows, changes.performances};
    for (const auto& hall : changes.halls)  // its seats are in the plan
      out_->changes.halls.push_back({hall.id, hall.venue, hall.name, {}});
  }

  Result<std::shared_ptr<const CheckedChanges>, Refused<ChangeRefusal>> run() {
    once("venues", changes_.venues);
    once("halls", changes_.halls);
    once("performers", changes_.performers);
    once("shows", changes_.shows);
    once("performances", changes_.performances);
    for (std::size_t i = 0; i < changes_.venues.size(); ++i) venue(i);
    for (std::size_t i = 0; i < changes_.halls.size(); ++i) hall(i);
    for (std::size_t i = 0; i < changes_.performers.size(); ++i)
      text(at("performers", i, "name"), changes_.performers[i].name, 1, 200);
    for (std::size_t i = 0; i < changes_.shows.size(); ++i) show(i);
    // Prices can only be checked against plans that exist.
    if (obstacles_.empty())
      for (std::size_t i = 0; i < changes_.performances.size(); ++i) performance(i);
    if (obstacles_.empty()) return out_;
    return refused(why_, std::move(obstacles_));
  }

 private:
  // The first refusal names the whole; the others are listed beside it.
  void refuse(ChangeRefusal why, std::string field, std::string_view code,
              std::string_view message) {
    if (obstacles_.empty()) why_ = why;
    if (obstacles_.size() < kObstaclesMax)
      obstacles_.push_back({std::move(field), std::string(code), std::string(message)});
  }
  void invalid(std::string field, std::string_view code, std::string_view message) {
    refuse(ChangeRefusal::invalid, std::move(field), code, message);
  }
  void unknown(std::string field, std::string_view message) {
    refuse(ChangeRefusal::unknown_reference, std::move(field), "unknown_reference", message);
  }
  void text(std::string field, const std::string& value, std::size_t size_min,
            std::size_t size_max) {
    if (value.size() < size_min) return invalid(std::move(field), "required", "must not be empty");
    if (value.size() > size_max) invalid(std::move(field), "too_long", "too many bytes");
  }
  template <class T>
  void once(std::string_view list, const std::vector<T>& records) {
    std::set<decltype(T::id)> seen;
    for (std::size_t i = 0; i < records.size(); ++i)
      if (!seen.insert(records[i].id).second)
        invalid(at(list, i, "id"), "duplicate", "is in the list already");
  }
  template <class T, class I>
  static const T* named(const std::vector<T>& list, I id) {
    const auto found = std::ranges::find(list, id, &T::id);
    return found == list.end() ? nullptr : &*found;
  }

  void venue(std::size_t i) {
    const auto& one = changes_.venues[i];
    text(at("venues", i, "name"), one.name, 1, 200);
    text(at("venues", i, "address"), one.address, 0, 500);
    if (std::abs(one.utc_offset_minutes) > kOffsetMinutesMax)
      invalid(at("venues", i, "utc_offset_minutes"), "out_of_range", "14 hours at most");
  }

  void hall(std::size_t i) {
    const auto& one = changes_.halls[i];
    text(at("halls", i, "name"), one.name, 1, 200);
    if (!present_.venue(one.venue) && !named(changes_.venues, one.venue))
      unknown(at("halls", i, "venue"), "no such venue");
    auto plan = SeatPlan::make(one.seats);
    if (!plan) {
      for (auto& obstacle : plan.error())
        invalid(at("halls", i, "seats") + "." + obstacle.field, obstacle.code, obstacle.message);
      out_->plans.push_back(nullptr);
      return;
    }
    const auto* before = present_.hall(one.id);
    // Claims are kept by seat and its index; a plan must never drop or move a sold seat.
    if (before && present_.hall_in_use(one.id) &&
        !std::ranges::equal(before->plan->seats(), (*plan)->seats(), {}, &SeatInfo::id,
                            &SeatInfo::id))
      refuse(ChangeRefusal::seats_fixed, at("halls", i, "seats"), "seats_fixed",
             "performances in this hall need exactly the seats it has");
    if (before && present_.hall_in_use(one.id) &&
        !std::ranges::equal(before->plan->grades(), (*plan)->grades()))
      refuse(ChangeRefusal::seats_fixed, at("halls", i, "seats"), "seats_fixed",
             "performances in this hall have prices for exactly the grades it has");
    out_->plans.push_back(*plan);
  }

  void show(std::size_t i) {
    const auto& one = changes_.shows[i];
    text(at("shows", i, "title"), one.title, 1, 200);
    text(at("shows", i, "summary"), one.summary, 0, 1'000);
    text(at("shows", i, "description"), one.description, 0, 20'000);
    text(at("shows", i, "age_rating"), one.age_rating, 1, 16);
    if (one.running_minutes < 1 || one.running_minutes > kRunningMinutesMax)
      invalid(at("shows", i, "running_minutes"), "out_of_range", "1 to 1440");
    if (one.room && !room_name(*one.room))
      invalid(at("shows", i, "room"), "malformed", "lower-case letters, digits and dashes");
    text(at("shows", i, "poster_svg"), one.poster_svg, 0, kPosterSizeMax);
    if (!one.poster_svg.empty() && !one.poster_svg.starts_with("<svg"))
      invalid(at("shows", i, "poster_svg"), "malformed", "an SVG document begins with <svg");
    std::set<PerformerId> seen;
    for (std::size_t j = 0; j < one.cast.size(); ++j) {
      const auto& member = one.cast[j];
      const auto field = at("shows", i, at("cast", j, ""));
      text(field + ".role", member.role, 0, 200);
      if (!present_.performer(member.performer) && !named(changes_.performers, member.performer))
        unknown(field + ".performer", "no such performer");
      if (!seen.insert(member.performer).second)
        invalid(field + ".performer", "duplicate", "is in the cast already");
    }
  }

  void performance(std::size_t i) {
    const auto& one = changes_.performances[i];
    if (!present_.show(one.show) && !named(changes_.shows, one.show))
      unknown(at("performances", i, "show"), "no such show");
    if (one.sale_opens_at >= one.starts_at)
      invalid(at("performances", i, "sale_opens_at"), "out_of_range", "before it starts");
    if (one.currency.size() != 3)
      invalid(at("performances", i, "currency"), "malformed", "ISO 4217");
    const auto* before = present_.performance(one.id);
    if (before && before->hall != one.hall)
      refuse(ChangeRefusal::hall_fixed, at("performances", i, "hall"), "hall_fixed",
             "a performance stays in its hall");
    const auto plan = plan_of(one.hall);
    if (!plan) return unknown(at("performances", i, "hall"), "no such hall");
    prices(i, one, *plan);
  }

  std::shared_ptr<const SeatPlan> plan_of(HallId id) const {
    for (std::size_t i = 0; i < changes_.halls.size(); ++i)
      if (changes_.halls[i].id == id) return out_->plans[i];
    const auto* hall = present_.hall(id);
    return hall ? hall->plan : nullptr;
  }

  void prices(std::size_t i, const Performance& one, const SeatPlan& plan) {
    const auto field = at("performances", i, "prices");
    for (const auto& grade : plan.grades())
      if (std::ranges::count(one.prices, grade, &GradePrice::grade) != 1)
        invalid(field, "required", "exactly one price for grade " + grade);
    if (one.prices.size() > plan.grades().size())
      invalid(field, "too_long", "a price for a grade that the hall does not have");
    for (std::size_t j = 0; j < one.prices.size(); ++j)
      if (one.prices[j].price < 0 || one.prices[j].price > kPriceMax)
        invalid(at("performances", i, at("prices", j, "price")), "out_of_range",
                "0 to 1,000,000,000,000");
  }

  const Changes& changes_;
  const Snapshot& present_;
  std::shared_ptr<CheckedChanges> out_ = std::make_shared<CheckedChanges>();
  ChangeRefusal why_ = ChangeRefusal::invalid;
  std::vector<Obstacle> obstacles_;
};

}  // namespace

Result<std::shared_ptr<const CheckedChanges>, Refused<ChangeRefusal>> check_changes(
    const Changes& changes, const Snapshot& present) {
  return Check(changes, present).run();
}

}  // namespace onsale::catalogue
