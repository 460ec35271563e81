// Watches the room from outside while the crowd is in it, on a loop of its own.
#pragma once

#include <atomic>
#include <mutex>

#include "loadtool/crowd.h"
#include "loadtool/report.h"

namespace onsale::load {

class Observer {
 public:
  // Starts at once. With an operator's token it sees what operators see.
  Observer(const Run& run, std::string admin_token);
  ~Observer();
  Observer(const Observer&) = delete;
  Observer& operator=(const Observer&) = delete;

  std::string mode() const;  // of the room, last seen; any thread
  std::vector<RoomSample> stop();
  Tally take();  // after stop(): its own calls

 private:
  void look();
  void seen(const Reply& reply);

  const Run& run_;
  std::string admin_token_;
  exec::Loops loops_{1};
  Wiring wiring_;
  HttpLink http_;
  Timer timer_;
  Tally tally_;
  std::vector<RoomSample> samples_;
  mutable std::mutex mutex_;
  std::string mode_;
};

}  // namespace onsale::load
