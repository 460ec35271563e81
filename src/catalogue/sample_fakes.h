// A small catalogue for tests: one venue and hall, two performers, shows and performances to taste.
#pragma once

#include <string>

#include "base/fakes.h"
#include "catalogue/fakes.h"

namespace onsale::catalogue::sample {

using std::chrono::hours;

inline const Timestamp kNow = from_unix_ms(1'800'000'000'000);  // 2027-01-15T08:00:00Z

struct Sample {
  SeededRandom random{7};
  Changes changes;
  VenueId venue = VenueId::make(kNow, random);
  HallId hall = HallId::make(kNow, random);
  PerformerId performer = PerformerId::make(kNow, random);

  Sample() {
    changes.venues.push_back({venue, "블루스퀘어", "서울", 540});
    changes.halls.push_back({hall, venue, "신한카드홀", small_house()});
    changes.performers.push_back({performer, "Kim"});
  }
  // Shows made later are newer.
  ShowId add_show(std::string title, ShowKind kind = ShowKind::musical) {
    Show show;
    show.id = ShowId::make(kNow + Millis(changes.shows.size()), random);
    show.kind = kind;
    show.title = std::move(title);
    show.age_rating = "12";
    show.running_minutes = 150;
    show.cast.push_back({performer, "Elphaba"});
    changes.shows.push_back(show);
    return show.id;
  }
  PerformanceId add_performance(ShowId show, Timestamp starts_at,
                                Timestamp sale_opens_at = kNow - hours(24)) {
    Performance one;
    one.id = PerformanceId::make(kNow, random);
    one.show = show;
    one.hall = hall;
    one.starts_at = starts_at;
    one.sale_opens_at = sale_opens_at;
    one.prices = {{"VIP", 150'000}, {"R", 130'000}};
    changes.performances.push_back(one);
    return one.id;
  }
};

}  // namespace onsale::catalogue::sample
