// The gate's line to the waiting room's server: keys, the epoch, and the slots of people inside.
// Everything it learns stays good while the server is away.
#pragma once

#include <atomic>

#include "base/time.h"
#include "gateway/door.h"
#include "gateway/pass_client.h"

namespace onsale::gateway {

class RoomClient {
 public:
  // Both must outlive it. `issuer_url` has no slash at its end.
  RoomClient(std::string issuer_url, std::string room, GatePasses& passes, Door& door,
             const Clock& clock);

  // Asks for everything once. Blocks for some seconds at most, never throws; one thread at a time.
  void refresh();

  // Since when keys and epoch are as they are; empty before the first time. Thread: any.
  std::optional<Timestamp> fresh_at() const;

 private:
  bool ask_keys();
  bool ask_room();
  void renew_leases();

  const std::string issuer_url_, room_;
  GatePasses& passes_;
  Door& door_;
  const Clock& clock_;
  std::atomic<std::int64_t> fresh_at_ms_{0};
  bool away_ = false;  // said so in the log already
};

}  // namespace onsale::gateway
