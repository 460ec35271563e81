// A show of the demo as its file says it (src/app/demo/shows/NN_name.json). Days count from the day
// on which the demo is made, in Seoul; times are of the wall there, "19:30".
#pragma once

#include <boost/describe.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/demo/demo_files.h"
#include "catalogue/catalogue.h"

namespace onsale::app {

enum class DemoSeats { theatre, cinema, stadium };  // see demo_halls.h
BOOST_DESCRIBE_ENUM(DemoSeats, theatre, cinema, stadium)

struct DemoPoster {
  std::string title, original;
};
BOOST_DESCRIBE_STRUCT(DemoPoster, (), (title, original))

struct DemoRole {
  std::string performer, role;
};
BOOST_DESCRIBE_STRUCT(DemoRole, (), (performer, role))

struct DemoVenue {
  std::string name, address, hall;
  DemoSeats seats{};
};
BOOST_DESCRIBE_STRUCT(DemoVenue, (), (name, address, hall, seats))

struct DemoShowRoom {
  std::string id;             // film-topgun2
  std::int64_t capacity = 0;  // people at the seats at once
  std::int64_t admit_per_minute = 0;
};
BOOST_DESCRIBE_STRUCT(DemoShowRoom, (), (id, capacity, admit_per_minute))

struct DemoTimes {
  std::vector<std::int32_t> days;
  std::vector<std::string> times;
  std::optional<std::vector<std::string>> weekend_times;  // and these on Saturdays and Sundays
};
BOOST_DESCRIBE_STRUCT(DemoTimes, (), (days, times, weekend_times))

// Either when it opened, to the second, or the day and time at which it will open.
struct DemoSale {
  std::optional<std::int32_t> opened_days_ago, opens_in_days;
  std::optional<std::string> at;
};
BOOST_DESCRIBE_STRUCT(DemoSale, (), (opened_days_ago, opens_in_days, at))

struct DemoShow {
  catalogue::ShowKind kind{};
  std::string title, original, summary;
  std::vector<std::string> description;  // paragraphs
  std::string age_rating;
  std::int32_t running_minutes = 0;
  std::optional<DemoPoster> poster;  // where it says something else than the titles
  std::vector<DemoRole> cast;
  DemoVenue venue;
  std::optional<DemoShowRoom> room;
  std::vector<catalogue::GradePrice> prices;  // one for every grade of the seats
  DemoTimes performances;
  DemoSale sale;
};
BOOST_DESCRIBE_STRUCT(DemoShow, (),
                      (kind, title, original, summary, description, age_rating, running_minutes,
                       poster, cast, venue, room, prices, performances, sale))

// Stops the process when the file is not such a show, and says why.
DemoShow read_demo_show(const DemoFile& file);

}  // namespace onsale::app
