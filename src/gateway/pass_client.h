// Passes checked by the same header that other origins use: gates/cpp/onsale_gate.h.
#pragma once

#include <memory>

#include "gateway/ports.h"
#include "gateway/use_store.h"

namespace onsale::gateway {

// What GET /rooms/{room}/gate says.
struct RoomFacts {
  std::string enter_url;  // may be relative to the server
  std::int64_t session_seconds = 0;
};

class GatePasses final : public Passes {
 public:
  // Without a store a restart forgets; it must outlive this.
  explicit GatePasses(std::string room, UseStore* store = nullptr);
  ~GatePasses() override;

  // Take what the server said, of /.well-known/jwks.json and of /rooms/{room}/gate. What cannot be
  // read changes nothing: false, or empty. Passes are refused until both have come.
  bool take_keys(std::string_view jwks);
  std::optional<RoomFacts> take_room(std::string_view json, Timestamp now);

  bool ready() const override;
  std::int64_t epoch() const override;
  std::expected<Admitted, Refusal> use(std::string_view pass, std::string_view session,
                                       Timestamp now) override;
  std::string stamp(std::string_view text) const override;
  bool stamped(std::string_view text, std::string_view stamp) const override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The pass ids of the answer to POST /rooms/{room}/gate/leases.
std::vector<std::string> ended_leases(std::string_view json);

}  // namespace onsale::gateway
