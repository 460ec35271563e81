// Maintained stand-ins for the ports of the gatekeeper, and somebody who solves challenges.
#pragma once

#include <algorithm>
#include <map>

#include "waitroom/join/gatekeeper.h"

namespace onsale::waitroom {

// What an honest page does: the first `count` numbers that solve it, in rising order.
inline std::vector<std::uint64_t> solve(ProofCrypto& crypto, std::string_view token,
                                        std::int64_t bits, std::int64_t count) {
  std::vector<std::uint64_t> numbers;
  for (std::uint64_t n = 0; std::cmp_less(numbers.size(), count); ++n) {
    if (zero_bits(crypto, token, n) >= bits) numbers.push_back(n);
  }
  return numbers;
}

// Passes the contract suite of the real one. Thread: one.
class FakeInviteBook final : public InviteBook {
 public:
  std::vector<RoomChanged> told;
  Task<std::optional<InviteBatch>> add(RoomId room, std::uint32_t epoch, InviteBatch batch,
                                       TellInvites tell) override {
    auto& all = books_[{room, epoch}].batches;
    batch.first = all.empty() ? 1 : all.back().first + all.back().count;
    if (batch.first + batch.count - 1 > kInvitesPerRoom) co_return std::nullopt;
    all.push_back(batch);
    told.push_back(tell(batch));
    co_return batch;
  }
  Task<std::vector<InviteBatch>> batches(RoomId room, std::uint32_t epoch) override {
    const Book& book = books_[{room, epoch}];
    std::vector<InviteBatch> all = book.batches;
    for (InviteBatch& batch : all) {
      batch.used = std::ranges::count_if(book.used, [&](const auto& use) {
        return use.first >= batch.first && use.first < batch.first + batch.count;
      });
    }
    co_return all;
  }
  Task<InviteUse> use(RoomId room, std::uint32_t epoch, std::int64_t number, DeviceKey device,
                      Timestamp) override {
    const auto [there, fresh] = books_[{room, epoch}].used.emplace(number, device);
    if (fresh) co_return InviteUse::taken;
    co_return there->second == device ? InviteUse::ours_already : InviteUse::used_by_another;
  }

 private:
  struct Book {
    std::vector<InviteBatch> batches;
    std::map<std::int64_t, DeviceKey> used;
  };
  std::map<std::pair<RoomId, std::uint32_t>, Book> books_;
};

// Says what it is told to.
class FakeExternalChallenge final : public ExternalChallenge {
 public:
  std::string url() const override {
    return answer == ExternalAnswer::unavailable ? "" : "https://challenge.test/site";
  }
  Task<ExternalAnswer> check(std::string response, std::string) override {
    ++calls;
    last = std::move(response);
    co_return answer;
  }

  ExternalAnswer answer = ExternalAnswer::passed;
  std::string last;
  int calls = 0;
};

}  // namespace onsale::waitroom
