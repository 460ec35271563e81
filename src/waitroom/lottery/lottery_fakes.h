// Maintained stand-ins for the ports of the lottery; the store passes the contract suite of the
// real one (lottery_store_test.cc).
#pragma once

#include <algorithm>
#include <map>
#include <stdexcept>

#include "waitroom/lottery/lottery_ports.h"
#include "waitroom/room/fakes.h"

namespace onsale::waitroom::lottery {

// What an entrant's own program does with a proof: whether `entry` is number `index` (from 0) of
// `count` under `root`. RFC 9162, section 2.1.3.2.
inline bool included(const Hashing& hashing, const Digest& root, const Digest& entry,
                     std::uint64_t index, std::uint64_t count, std::span<const Digest> proof) {
  if (index >= count) return false;
  const auto hashed = [&](char kind, const Digest& first, std::span<const std::uint8_t> second) {
    std::string bytes(1, kind);
    bytes.append(first.begin(), first.end()).append(second.begin(), second.end());
    return hashing.sha256(bytes);
  };
  std::uint64_t at = index;
  std::uint64_t last = count - 1;
  Digest hash = hashed('\0', entry, {});
  for (const Digest& sibling : proof) {
    if (last == 0) return false;
    if (at % 2 == 1 || at == last) {
      hash = hashed('\1', sibling, hash);
      while (at % 2 == 0 && at != 0) {
        at /= 2;
        last /= 2;
      }
    } else {
      hash = hashed('\1', hash, sibling);
    }
    at /= 2;
    last /= 2;
  }
  return last == 0 && hash == root;
}

// The process dies at call number `at` of anything durable, before or after it took effect.
struct Killed : std::runtime_error {
  Killed() : std::runtime_error("killed (fake)") {}
};
struct Fate {
  int at = 0;  // 0: never
  bool after = false;
  int calls = 0;
  template <class F>
  auto meet(F effect) {
    const bool now = ++calls == at;
    if (now && !after) throw Killed();
    if constexpr (std::is_void_v<decltype(effect())>) {
      effect();
      if (now) throw Killed();
    } else {
      auto result = effect();
      if (now) throw Killed();
      return result;
    }
  }
};

// Thread: one at a time.
class FakeStore final : public Store {
 public:
  Fate fate;
  std::vector<RoomChanged> told;  // with what happened
  Task<std::vector<Stored>> latest() override {
    std::map<RoomId, Stored> newest;
    for (const auto& [key, row] : rows_) newest.insert_or_assign(key.first, row.stored);
    std::vector<Stored> all;
    for (auto& [room, stored] : newest) all.push_back(std::move(stored));
    co_return all;
  }
  Task<bool> commit(Stored fresh, RoomChanged step) override {
    co_return fate.meet([&] {
      if (!rows_.try_emplace(key_of(fresh.lottery), Row{fresh}).second) return false;
      told.push_back(step);
      return true;
    });
  }
  Task<bool> close(Lottery closed, std::vector<Sequence> entrants, RoomChanged step) override {
    co_return fate.meet([&] {
      Row& row = rows_.at(key_of(closed));
      if (row.stored.lottery.state != State::committed) return false;
      row.stored.lottery = closed;
      row.entrants = entrants;
      told.push_back(step);
      return true;
    });
  }
  Task<bool> draw(Lottery drawn, RoomChanged step) override {
    co_return fate.meet([&] {
      Row& row = rows_.at(key_of(drawn));
      if (row.stored.lottery.state != State::closed) return false;
      row.stored.lottery = drawn;
      told.push_back(step);
      return true;
    });
  }
  Task<void> mark_in_force(RoomId room, std::int64_t number) override {
    fate.meet([&] { rows_.at({room, number}).stored.in_force = true; });
    co_return;
  }
  Task<bool> abandon(RoomId room, std::int64_t number, State from, RoomChanged step) override {
    co_return fate.meet([&] {
      Stored& stored = rows_.at({room, number}).stored;
      if (stored.lottery.state != from || stored.in_force) return false;
      stored.lottery.state = State::abandoned;
      told.push_back(step);
      return true;
    });
  }
  Task<std::vector<Sequence>> entrants(RoomId room, std::int64_t number) override {
    co_return rows_.at({room, number}).entrants;
  }

 private:
  struct Row {
    Stored stored;
    std::vector<Sequence> entrants{};
  };
  using Key = std::pair<RoomId, std::int64_t>;
  static Key key_of(const Lottery& lottery) { return {lottery.room, lottery.number}; }
  std::map<Key, Row> rows_;
};

// One pre-queue. Places are proven by their number in decimal.
class FakePool final : public Pool {
 public:
  explicit FakePool(RoomId room) : room_(std::move(room)) {}
  Fate fate;
  bool open = true;
  bool lottery = true;                         // switched on
  std::vector<Sequence> waiting;               // in the order of the line
  std::vector<std::vector<Sequence>> draws{};  // as they were asked for

  bool exists(const RoomId& room) const override { return room == room_; }
  bool is_pool(const RoomId& room) const override { return room == room_ && open && lottery; }
  bool has_lottery(const RoomId& room) const override { return room == room_ && lottery; }
  OnePer one_per(const RoomId&) const override { return OnePer::device; }
  std::vector<Sequence> entrants(const RoomId&) const override { return waiting; }
  std::optional<OneShot<bool>> held;  // the next draw waits for it
  Task<bool> draw(RoomId, std::vector<Sequence> ranked) override {
    if (held) {
      OneShot<bool> wait = *held;
      co_await wait.wait();
    }
    if (!lottery) co_return false;
    fate.meet([&] {
      std::vector<Sequence> line;
      const auto has = [](const std::vector<Sequence>& all, Sequence one) {
        return std::ranges::find(all, one) != all.end();
      };
      for (const Sequence place : ranked) {
        if (has(waiting, place)) line.push_back(place);
      }
      for (const Sequence place : waiting) {
        if (!has(ranked, place)) line.push_back(place);
      }
      waiting = line;
      draws.push_back(ranked);
    });
    co_return true;
  }
  std::optional<Sequence> place_of(const RoomId&, const PlaceProof& proof, Timestamp) override {
    if (proof.token.empty()) return {};
    return std::stoull(std::string(proof.token));
  }

 private:
  RoomId room_;
};

// What it sealed looks like noise, and opens only here.
class FakeVault final : public Vault {
 public:
  bool lost = false;  // the key
  std::string seal(const Secrets& secrets, Timestamp) override {
    return turned(std::string(bytes_of(secrets.seed)) + std::string(bytes_of(secrets.salt_key)));
  }
  std::optional<Secrets> open(std::string_view sealed, Timestamp) override {
    if (lost) return {};
    const std::string plain = turned(std::string(sealed));
    Secrets secrets;
    std::ranges::copy(plain.substr(0, kDigestBytes), secrets.seed.begin());
    std::ranges::copy(plain.substr(kDigestBytes), secrets.salt_key.begin());
    return secrets;
  }

 private:
  static std::string turned(std::string text) {
    for (char& c : text) c = static_cast<char>(c ^ 0x5A);
    return text;
  }
};

class FakeRounds final : public RoundSource {
 public:
  bool on = false;
  std::optional<DrandRound> round;
  int fetched = 0;
  bool configured() const override { return on; }
  Task<std::optional<DrandRound>> fetch(DrandBeacon) override {
    ++fetched;
    co_return on ? round : std::nullopt;
  }
};

class ImmediateWorker final : public Worker {
 public:
  Task<void> run(std::function<void()> work) override {
    work();
    co_return;
  }
};

}  // namespace onsale::waitroom::lottery
