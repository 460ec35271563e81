// Seat maps as JSON, written and packed once per plan: a stadium is 6 MB of text, too much to
// write, compress or send in full for every viewer. Thread: any.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <string>

#include "catalogue/seat_plan.h"

namespace onsale::catalogue {

enum class Form { plain, gzip };

// The JSON of a SeatMapView.
std::string seat_map_json(const SeatPlan& plan);

class SeatMapTexts {
 public:
  std::shared_ptr<const std::string> get(const SeatPlan& plan, Form form);

 private:
  static constexpr std::size_t kBytesMax = 16 << 20;
  struct Entry {
    std::string version;
    Form form;
    std::shared_ptr<const std::string> text;
  };
  std::shared_ptr<const std::string> find(const SeatPlan& plan, Form form);

  std::mutex mutex_;          // guards what follows
  std::list<Entry> entries_;  // last used first
  std::size_t bytes_ = 0;
};

}  // namespace onsale::catalogue
