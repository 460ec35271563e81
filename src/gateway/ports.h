// What the gate needs from outside, in its own words.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "gateway/gateway.h"

namespace onsale::gateway {

// What a good pass says.
struct Admitted {
  std::string pass_id, place;
  std::int64_t epoch = 0;
};

// Keys, epoch, and who came with which pass. Thread: any; no I/O.
class Passes {
 public:
  virtual ~Passes() = default;
  virtual bool ready() const = 0;  // has keys
  virtual std::int64_t epoch() const = 0;
  // Binds a pass to the session that comes with it first.
  virtual std::expected<Admitted, Refusal> use(std::string_view pass, std::string_view session,
                                               Timestamp now) = 0;
  // Text that only this process can have made of `text`; 20 to 40 of A-Z, a-z, 0-9, - and _.
  virtual std::string stamp(std::string_view text) const = 0;
  virtual bool stamped(std::string_view text, std::string_view stamp) const = 0;
};

}  // namespace onsale::gateway
