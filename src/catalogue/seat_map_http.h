// Seat maps as JSON, written once per plan: a stadium is 5 MB, too much to write for every viewer.
// Thread: any.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "catalogue/seat_plan.h"

namespace onsale::catalogue {

class SeatMapTexts {
 public:
  std::shared_ptr<const std::string> get(const SeatPlan& plan);

 private:
  static constexpr std::size_t kBytesMax = 16 << 20;
  struct Entry {
    std::string version;
    std::shared_ptr<const std::string> text;
  };
  std::shared_ptr<const std::string> find(std::string_view version);

  std::mutex mutex_;          // guards what follows
  std::list<Entry> entries_;  // last used first
  std::size_t bytes_ = 0;
};

}  // namespace onsale::catalogue
