// The providers' stand-in beside a demo: `onsale sandbox` as a child of this process, on a port of
// its own, with its books under the demo's data. Ends with this process, however that ends.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace onsale::app {

class StandIn {
 public:
  // Starts it and waits until it listens. `data` is made when it is not there; webhooks go to
  // `webhook`, nowhere when that is empty. Throws std::runtime_error with a one-line reason.
  StandIn(std::string data, std::string webhook);
  ~StandIn();
  StandIn(const StandIn&) = delete;
  StandIn& operator=(const StandIn&) = delete;

  std::string site() const;  // "http://127.0.0.1:PORT"

  // Starts it again, on the port it had, when it has ended. Blocks for as long as that takes. One
  // thread at a time.
  void watch();

 private:
  bool start();  // false when it ended at once
  void end() noexcept;

  const std::string data_;
  const std::string webhook_;
  std::uint16_t port_ = 0;
  pid_t child_ = -1;
  int output_ = -1;  // what it prints: read up to its address, kept open for the rest
};

}  // namespace onsale::app
