#include "app/demo/demo.h"

#include "app/demo/demo_halls.h"
#include "app/demo/demo_posters.h"
#include "app/demo/demo_show.h"
#include "base/check.h"

namespace onsale::app {
namespace {

using catalogue::Changes;
using catalogue::HallId;
using catalogue::PerformanceId;
using catalogue::PerformerId;
using catalogue::SeatMap;
using catalogue::Show;
using catalogue::ShowId;
using catalogue::VenueId;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

constexpr minutes kSeoul{540};

constexpr DemoAccount kAccounts[] = {
    {"admin@onsale.test", "onsale-demo-1!", "Demo Admin", true},
    {"buyer@onsale.test", "onsale-demo-1!", "Demo Buyer", false},
};

// "19:30" since midnight.
minutes wall_time(std::string_view text) {
  const auto digit = [&](std::size_t i) {
    check(i < text.size() && text[i] >= '0' && text[i] <= '9', "a time of the demo is HH:MM");
    return text[i] - '0';
  };
  return hours(10 * digit(0) + digit(1)) + minutes(10 * digit(3) + digit(4));
}

SeatMap seat_map(DemoSeats seats) {
  switch (seats) {
    case DemoSeats::theatre:
      return demo_theatre();
    case DemoSeats::cinema:
      return demo_cinema();
    case DemoSeats::stadium:
      return demo_stadium();
  }
  return {};
}

class Demo {
 public:
  Demo(Timestamp now, Random& random) : now_(now), random_(random) {}

  Changes make() {
    for (const auto& file : demo_files()) add(read_demo_show(file), file.picture);
    return std::move(changes_);
  }

 private:
  std::chrono::sys_days day(int ahead) const {
    return std::chrono::floor<days>(now_ + kSeoul) + days(ahead);
  }
  Timestamp at(int ahead, std::string_view time) const {
    return day(ahead) + wall_time(time) - kSeoul;
  }
  bool weekend(int ahead) const {
    const std::chrono::weekday weekday(day(ahead));
    return weekday == std::chrono::Saturday || weekday == std::chrono::Sunday;
  }

  VenueId venue(const DemoVenue& wanted) {
    for (const auto& venue : changes_.venues)
      if (venue.name == wanted.name) return venue.id;
    const auto id = VenueId::make(now_, random_);
    changes_.venues.push_back({id, wanted.name, wanted.address, 540});
    return id;
  }

  // Every show is a day newer than the one before, so that "newest" has an order.
  ShowId add_show(Show show, const std::vector<DemoRole>& cast) {
    show.id = ShowId::make(now_ - days(30) + days(changes_.shows.size()), random_);
    for (const auto& [performer, role] : cast) {
      const auto id = PerformerId::make(now_, random_);
      changes_.performers.push_back({id, performer});
      show.cast.push_back({id, role});
    }
    changes_.shows.push_back(std::move(show));
    return changes_.shows.back().id;
  }

  void add(const DemoShow& from, std::string_view picture) {
    const auto venue_id = venue(from.venue);
    const auto hall = HallId::make(now_, random_);
    changes_.halls.push_back({hall, venue_id, from.venue.hall, seat_map(from.venue.seats)});
    Show show;
    show.kind = from.kind;
    show.title = from.title;
    show.summary = from.original + " · " + from.summary;
    for (const auto& paragraph : from.description)
      show.description += (show.description.empty() ? "" : "\n\n") + paragraph;
    show.age_rating = from.age_rating;
    show.running_minutes = from.running_minutes;
    if (from.room) show.room = from.room->id;
    const auto poster = from.poster.value_or(DemoPoster{from.title, from.original});
    show.poster_svg = demo_poster(picture, {poster.title, poster.original, from.venue.name});
    add_performances(add_show(std::move(show), from.cast), hall, from);
  }

  void add_performances(ShowId show, HallId hall, const DemoShow& from) {
    const auto& sale = from.sale;
    const auto opens = sale.opened_days_ago ? now_ - days(*sale.opened_days_ago)
                                            : at(*sale.opens_in_days, *sale.at);
    const auto add = [&](int ahead, std::string_view time) {
      changes_.performances.push_back({PerformanceId::make(now_, random_), show, hall,
                                       at(ahead, time), opens, "KRW", from.prices});
    };
    for (const int ahead : from.performances.days) {
      for (const auto& time : from.performances.times) add(ahead, time);
      if (!weekend(ahead) || !from.performances.weekend_times) continue;
      for (const auto& time : *from.performances.weekend_times) add(ahead, time);
    }
  }

  const Timestamp now_;
  Random& random_;
  Changes changes_;
};

}  // namespace

std::vector<DemoRoom> demo_rooms() {
  std::vector<DemoRoom> rooms;
  for (const auto& file : demo_files()) {
    const auto show = read_demo_show(file);
    if (!show.room) continue;
    rooms.push_back({show.room->id, show.title, show.room->capacity, show.room->admit_per_minute});
  }
  return rooms;
}

std::span<const DemoAccount> demo_accounts() { return kAccounts; }

Changes demo_catalogue(Timestamp now, Random& random) { return Demo(now, random).make(); }

Task<bool> seed_demo(catalogue::Catalogue& catalogue, Timestamp now, Random& random) {
  co_await catalogue.refresh();
  const auto present = catalogue.shows({.limit = 1}, now);
  if (!present || !present->items.empty()) co_return false;
  const auto done = co_await catalogue.apply(demo_catalogue(now, random));
  check(done.has_value(), "the demo keeps the catalogue's rules");
  co_return true;
}

}  // namespace onsale::app
