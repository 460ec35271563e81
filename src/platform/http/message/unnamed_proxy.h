// A proxy of ours that no setting names says for whom it asks and is not believed: all its people
// are one address then, for every limit and quota. Operators are told. Thread: any.
#pragma once

#include <string>
#include <string_view>

#include "base/throttle.h"
#include "platform/http/message/address.h"

namespace onsale::http {

// Of this machine or a network of our own (RFC 1918, 4193, 6598, link-local).
bool is_near(const Address& address);

class UnnamedProxy {
 public:
  // `setting` is the one that should name it; `module` speaks.
  UnnamedProxy(std::string_view module, std::string_view setting)
      : module_(module), setting_(setting) {}

  // A request with X-Forwarded-For came from `peer`. A line in the log, at most one an hour for
  // each peer; none for those farther away, who may be anybody and write what they like.
  void seen(std::string_view peer, Timestamp now);

 private:
  const std::string module_, setting_;
  Throttle told_{{.burst = 1, .refill = std::chrono::hours(1), .keys_max = 64}};
};

}  // namespace onsale::http
