// What `--demo` puts into an empty data directory: something of everything, in the coming weeks.
// The shows are data: src/app/demo/shows/NN_name.json (demo_show.h), each with its picture
// NN_name.svg.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "catalogue/catalogue.h"

namespace onsale::app {

struct DemoRoom {
  std::string id;         // film-topgun2
  std::string name;       // what people call it: the show's title
  std::int64_t capacity;  // people at the seats at once
  std::int64_t admit_per_minute;
};
// Those of the shows that have one; mode `queue`.
std::vector<DemoRoom> demo_rooms();

struct DemoAccount {
  std::string_view email;
  std::string_view password;
  std::string_view name;
  bool admin;
};
std::span<const DemoAccount> demo_accounts();

// Six musicals and four films of the inventories and a concert for 60,000, in five theatres, a
// cinema and a stadium. Performances begin on the day after `now` in Seoul; every sale is open
// except that of one musical.
catalogue::Changes demo_catalogue(Timestamp now, Random& random);

// Applies demo_catalogue unless there is a show already; true when it did.
Task<bool> seed_demo(catalogue::Catalogue& catalogue, Timestamp now, Random& random);

}  // namespace onsale::app
