// A waiting room's passes as text: "good:<id>:<place>:<epoch>"; anything else is forged.
#pragma once

#include <map>
#include <string>

#include "gateway/ports.h"

namespace onsale::gateway {

class FakePasses final : public Passes {
 public:
  bool ready() const override { return has_keys; }
  std::int64_t epoch() const override { return now_epoch; }
  std::expected<Admitted, Refusal> use(std::string_view pass, std::string_view session,
                                       Timestamp) override {
    const std::string text(pass);
    if (!text.starts_with("good:")) return std::unexpected(Refusal::pass_invalid);
    const auto first = text.find(':', 5);
    const auto second = text.find(':', first + 1);
    Admitted said{.pass_id = text.substr(5, first - 5),
                  .place = text.substr(first + 1, second - first - 1),
                  .epoch = std::stoll(text.substr(second + 1))};
    if (said.epoch < now_epoch) return std::unexpected(Refusal::pass_revoked);
    const auto owner = owners_.emplace(said.pass_id, session).first;
    if (binds && owner->second != session) return std::unexpected(Refusal::pass_used);
    return said;
  }
  std::string stamp(std::string_view text) const override {
    return std::to_string(std::hash<std::string_view>()(text));
  }
  bool stamped(std::string_view text, std::string_view stamp_of) const override {
    return stamp(text) == stamp_of;
  }

  bool has_keys = true;
  bool binds = true;
  std::int64_t now_epoch = 0;

 private:
  std::map<std::string, std::string> owners_;
};

}  // namespace onsale::gateway
