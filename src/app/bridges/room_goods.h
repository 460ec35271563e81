// What the waiting rooms lead to: the performances of the shows they protect, their prices and what
// is left of them.
#pragma once

#include <map>
#include <mutex>
#include <set>

#include "booking/booking.h"
#include "catalogue/catalogue.h"
#include "waitroom/offers.h"

namespace onsale::app {

// Thread: any; one mutex, held for as long as counting the seats that changed takes. Memory: one
// entry per room and per performance that has not started.
class RoomGoods final : public waitroom::Offers, public waitroom::Destinations {
 public:
  RoomGoods(const catalogue::Catalogue& catalogue, const booking::Booking& booking)
      : catalogue_(catalogue), booking_(booking) {}

  std::shared_ptr<const waitroom::OfferList> offers(const waitroom::RoomId& room,
                                                    Timestamp now) override;
  bool called_off(const waitroom::RoomId& room, Timestamp now) override;
  // `wanted` is a performance; without one it is the room's next show.
  std::optional<waitroom::Destination> destination(const waitroom::RoomId& room,
                                                   std::string_view wanted,
                                                   Timestamp now) const override;

 private:
  // Of one performance, by grade.
  struct Stock {
    std::uint64_t changes = 0;
    std::vector<std::int64_t> available, total;
  };
  void keep_fresh(Timestamp now);
  void recount(Timestamp now);
  const Stock& stock(const catalogue::PerformanceSale& sale);

  const catalogue::Catalogue& catalogue_;
  const booking::Booking& booking_;
  std::mutex mutex_;
  Timestamp counted_at_{};
  std::map<std::string, std::shared_ptr<const waitroom::OfferList>, std::less<>> by_room_;
  std::set<std::string, std::less<>> called_off_;  // rooms all of whose performances are
  std::map<catalogue::PerformanceId, Stock> stocks_;
};

}  // namespace onsale::app
