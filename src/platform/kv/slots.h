// Where keys are in a cluster: hash slots, the map of who has which, and what a server that has
// them no more says. Reads what servers say and trusts none of it. Pure.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace onsale::kv {

struct Reply;

constexpr int kSlots = 16'384;

// CRC-16 (XMODEM) of the key, or of what is between its first { and the next }, unless that is
// empty.
int hash_slot(std::string_view key);

struct Endpoint {
  std::string host;
  std::uint16_t port = 6379;
  auto operator<=>(const Endpoint&) const = default;
};
std::string to_string(const Endpoint& at);

// MOVED: from now on. ASK: this once, after ASKING.
struct Redirect {
  bool ask = false;
  int slot = 0;
  Endpoint at;
};
// `text` as "MOVED 3999 10.0.0.1:6381". A server that does not know its own host leaves it empty:
// it is then the host of `from`, who said so.
std::optional<Redirect> parse_redirect(std::string_view text, const Endpoint& from);

class SlotMap {
 public:
  struct Shard {
    Endpoint primary;
    std::vector<Endpoint> replicas{};
  };

  // From the answer to CLUSTER SLOTS of the server `from`; none when it makes no sense. Nodes that
  // nobody can reach ("?") are left out.
  static std::optional<SlotMap> parse(const Reply& answer, const Endpoint& from);

  // Null when nobody has it.
  const Shard* at(int slot) const;
  void move(int slot, const Endpoint& to);
  const std::vector<Shard>& shards() const { return shards_; }

 private:
  static constexpr std::uint16_t kNobody = 0xffff;
  static constexpr std::size_t kShardsMax = 4'096;
  static constexpr std::size_t kReplicasMax = 64;

  std::size_t shard_of(const Endpoint& primary);

  std::vector<Shard> shards_;
  std::array<std::uint16_t, kSlots> owner_ = [] {
    std::array<std::uint16_t, kSlots> none;
    none.fill(kNobody);
    return none;
  }();
};

}  // namespace onsale::kv
