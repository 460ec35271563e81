// The waiting room's engine alone: transitions a second, cost against the length of the line, one
// big admission, rebuilding. Each figure has a ratio to std::unordered_map (keyed by the device) of
// the same size in the same run: what anybody would pay who only remembered who is there.
//   waitroom_bench [PEOPLE_MAX]
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <unordered_map>

#include "waitroom/engine.h"
#include "waitroom/view.h"

namespace onsale::waitroom {
namespace {

const Timestamp kStart = from_unix_ms(1'800'000'000'000);

// Spread like digests are.
DeviceKey device(std::uint64_t number) {
  DeviceKey key{};
  for (int half = 0; half < 2; ++half) {
    std::uint64_t mixed =
        (number * 2 + static_cast<std::uint64_t>(half) + 1) * 0x9E3779B97F4A7C15ULL;
    mixed = (mixed ^ (mixed >> 29)) * 0xBF58476D1CE4E5B9ULL;
    mixed ^= mixed >> 32;
    std::memcpy(key.data() + half * 8, &mixed, 8);
  }
  return key;
}

struct HashDevice {
  std::size_t operator()(const DeviceKey& key) const {
    std::size_t hash = 0;
    std::memcpy(&hash, key.data(), sizeof hash);
    return hash;
  }
};

template <class F>
double seconds(F work) {
  const auto began = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

std::uint64_t scattered(std::uint64_t i, std::uint64_t people) {
  return (i * 0x9E3779B97F4A7C15ULL >> 20) % people;
}

Settings paused() {
  Settings settings;
  settings.mode = Mode::paused;
  settings.capacity = kCapacityMax;
  settings.admit_per_minute = kAdmitPerMinuteMax;
  return settings;
}

void print(const char* what, std::uint64_t people, double count, double took, double reference) {
  std::printf("%-22s %9llu waiting  %8.2f M/s  %6.0f ns  %5.2f x unordered_map\n", what,
              static_cast<unsigned long long>(people), count / took / 1e6, took / count * 1e9,
              reference / took);
}

void line_of(std::uint64_t people) {
  std::unordered_map<DeviceKey, std::uint64_t, HashDevice> map;
  const double map_insert = seconds([&] {
    for (std::uint64_t i = 0; i < people; ++i) map.emplace(device(i), i);
  });
  const std::uint64_t steps = 2'000'000;
  std::uint64_t found = 0;
  const double map_find = seconds([&] {
    for (std::uint64_t i = 0; i < steps; ++i)
      found += map.find(device(scattered(i, people)))->second;
  });

  Engine engine{Engine::Options{}};
  View view;
  Records records;
  engine.configure(paused(), kStart, records);
  records.clear();
  const double join = seconds([&] {
    for (std::uint64_t i = 0; i < people; ++i) {
      (void)engine.join(device(i), kMainLane, kStart, records);
      if (records.size() == 4096) {
        for (const Record& record : records) view.apply(record);
        records.clear();
      }
    }
    for (const Record& record : records) view.apply(record);
  });
  print("join", people, static_cast<double>(people), join, map_insert);

  const double poll = seconds([&] {
    for (std::uint64_t i = 0; i < steps; ++i) {
      const Sequence place = 1 + scattered(i, people);
      engine.sign_of_life(place, kStart + Millis(1000), records);
      found += static_cast<std::uint64_t>(view.find(place).position);
    }
  });
  print("sign of life, position", people, static_cast<double>(steps), poll, map_find);

  const double tick = seconds([&] {
    for (int i = 0; i < 1000; ++i) engine.tick(kStart + Millis(2'000 + i), records);
  });
  std::printf("%-22s %9llu waiting  %8.2f us\n", "tick, nothing to do",
              static_cast<unsigned long long>(people), tick * 1e3);

  const std::uint64_t leavers = people / 2;
  const double map_erase = seconds([&] {
    for (std::uint64_t i = 0; i < leavers; ++i) map.erase(device(i * 2));
  });
  records.clear();
  const double leave = seconds([&] {
    for (std::uint64_t i = 0; i < leavers; ++i) {
      engine.leave(1 + i * 2, kStart + Millis(3'500), records);
      if (records.size() == 4096) records.clear();
    }
  });
  print("leave", people, static_cast<double>(leavers), leave, map_erase);
  std::printf("%-22s %9llu waiting  %8.1f bytes each beside the key (view %.2f)\n", "memory",
              static_cast<unsigned long long>(people),
              static_cast<double>(engine.memory_bytes()) / static_cast<double>(people) - 16.0,
              static_cast<double>(view.line().memory_bytes()) / static_cast<double>(people));
  if (found == 42) std::puts("");
}

void one_big_admission(std::uint64_t people) {
  Engine engine{Engine::Options{}};
  Records records;
  engine.configure(paused(), kStart, records);
  for (std::uint64_t i = 0; i < people; ++i)
    (void)engine.join(device(i), kMainLane, kStart, records);
  Settings settings = paused();
  settings.mode = Mode::queue;
  settings.capacity = 50'000;
  records.clear();
  const double took = seconds([&] { engine.configure(settings, kStart + Millis(10), records); });
  std::printf("admit %lld of %llu in one step: %.1f ms\n", static_cast<long long>(engine.active()),
              static_cast<unsigned long long>(people), took * 1e3);
}

void rebuild(std::uint64_t people) {
  Engine engine{Engine::Options{}};
  Records records;
  engine.configure(paused(), kStart, records);
  for (std::uint64_t i = 0; i < people; ++i)
    (void)engine.join(device(i), kMainLane, kStart, records);
  std::string journal;
  const double encode_s = seconds([&] { journal = encode(records); });
  Engine replayed{Engine::Options{}};
  const double replay_s = seconds([&] {
    decode_records(journal, [&](const Record& record) { replayed.apply(record); });
    replayed.resume(kStart);
  });
  std::string snapshot;
  const double freeze_s = seconds([&] { snapshot = engine.snapshot(); });
  Engine restored{Engine::Options{}};
  const double restore_s = seconds([&] {
    restored.restore(snapshot);
    restored.resume(kStart);
  });
  std::printf(
      "rebuild %llu: encode %.0f ms (%.1f bytes each), replay %.0f ms, snapshot %.0f ms (%.1f "
      "bytes each), restore %.0f ms\n",
      static_cast<unsigned long long>(people), encode_s * 1e3,
      static_cast<double>(journal.size()) / static_cast<double>(people), replay_s * 1e3,
      freeze_s * 1e3, static_cast<double>(snapshot.size()) / static_cast<double>(people),
      restore_s * 1e3);
}

}  // namespace

int bench(int argc, char** argv) {
  const std::uint64_t most = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
  for (std::uint64_t people = 1'000; people <= most; people *= 10) line_of(people);
  one_big_admission(std::min<std::uint64_t>(most, 1'000'000));
  rebuild(std::min<std::uint64_t>(most, 1'000'000));
  return 0;
}

}  // namespace onsale::waitroom

int main(int argc, char** argv) { return onsale::waitroom::bench(argc, argv); }
