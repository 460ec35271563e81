// The waiting room's engine alone: transitions a second, cost against the length of the line, one
// big admission, rebuilding. A transition of the engine alone has a ratio to std::unordered_map
// (keyed by the device) of the same size in the same run: what anybody would pay who only
// remembered who is there. Everything happens all over the line, so that no cache helps.
//   waitroom_bench [PEOPLE_MAX]
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <unordered_map>

#include "waitroom/line/engine.h"
#include "waitroom/line/view.h"

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

// Processor time of this thread: what else the machine does is not the engine's cost.
double processor_s() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

template <class F>
double seconds(F work) {
  const double began = processor_s();
  work();
  return processor_s() - began;
}

// Somebody anywhere in line, and a different one each time: the multiplier has no factor of 10.
std::uint64_t scattered(std::uint64_t i, std::uint64_t people) {
  return i * 2'654'435'761ULL % people;
}

Settings paused() {
  Settings settings;
  settings.mode = Mode::paused;
  settings.capacity = decltype(SettingKinds::capacity)::kMax;
  settings.admit_per_minute = decltype(SettingKinds::admit_per_minute)::kMax;
  return settings;
}

// How often, and how long it took; of the engine and of the reference.
struct Cost {
  double count = 0, took = 0, reference = 0;
};

void print(const char* what, std::uint64_t people, const Cost& cost) {
  std::printf("%-14s %9llu waiting  %8.2f M/s  %6.0f ns", what,
              static_cast<unsigned long long>(people), cost.count / cost.took / 1e6,
              cost.took / cost.count * 1e9);
  if (cost.reference > 0) std::printf("  %5.2f x unordered_map", cost.reference / cost.took);
  std::puts("");
}

struct Costs {
  Cost join, life, position, idle_tick, call, leave;
  double bytes = 0, view_bytes = 0;
};

// What is looked up, so that no compiler leaves it out.
volatile std::uint64_t found = 0;

using Map = std::unordered_map<DeviceKey, std::uint64_t, HashDevice>;

void refer(std::uint64_t people, std::uint64_t looks, Costs& sum) {
  Map map;
  sum.join.reference += seconds([&] {
    for (std::uint64_t i = 0; i < people; ++i) map.emplace(device(i), i);
  });
  std::uint64_t seen = 0;
  sum.life.reference += seconds([&] {
    for (std::uint64_t i = 0; i < looks; ++i)
      seen += map.find(device(scattered(i, people)))->second;
  });
  found = found + seen;
  sum.leave.reference += seconds([&] {
    for (std::uint64_t i = 0; i < people / 2; ++i) map.erase(device(scattered(i, people)));
  });
}

void look_around(Engine& engine, const View& view, std::uint64_t people, std::uint64_t looks,
                 Costs& sum) {
  Records records;
  sum.life.count += static_cast<double>(looks);
  sum.life.took += seconds([&] {
    for (std::uint64_t i = 0; i < looks; ++i)
      engine.sign_of_life(1 + scattered(i, people), kStart + Millis(1'000), records);
  });
  std::uint64_t seen = 0;
  sum.position.count += static_cast<double>(looks);
  sum.position.took += seconds([&] {
    for (std::uint64_t i = 0; i < looks; ++i)
      seen += static_cast<std::uint64_t>(view.find(1 + scattered(i, people)).position);
  });
  found = found + seen;
  sum.idle_tick.count += 1'000;
  sum.idle_tick.took += seconds([&] {
    for (int i = 0; i < 1'000; ++i) engine.tick(kStart + Millis(2'000 + i), records);
  });
}

// Only who is there is called.
void all_show_life(Engine& engine, std::uint64_t people, Timestamp at) {
  Records records;
  for (std::uint64_t i = 0; i < people; ++i) engine.sign_of_life(1 + i, at, records);
}

// In ticks a second apart: a tenth of a short line, and of a long one no more than the disk takes.
void call_some(Engine& engine, std::uint64_t people, Costs& sum) {
  constexpr int kTicks = 10;
  Settings settings = paused();
  settings.mode = Mode::queue;
  const std::uint64_t each = std::min<std::uint64_t>(people / 10 / kTicks, 5'000);
  settings.admit_per_minute = static_cast<std::int64_t>(each * 60);
  Records records;
  all_show_life(engine, people, kStart + Millis(3'600));
  sum.call.took += seconds([&] {
    engine.configure(settings, kStart + Millis(4'000), records);
    for (int i = 1; i < kTicks; ++i) {
      records.clear();
      engine.tick(kStart + Millis(4'000 + 1'000 * i), records);
    }
  });
  sum.call.count += static_cast<double>(engine.active());
}

void line_of_once(std::uint64_t people, std::uint64_t looks, Costs& sum) {
  Engine engine{Engine::Options{}};
  View view;
  Records records;
  records.reserve(8'192);
  engine.configure(paused(), kStart, records);
  records.clear();
  for (std::uint64_t joined = 0; joined < people;) {
    const std::uint64_t upto = std::min<std::uint64_t>(people, joined + 4'096);
    sum.join.took += seconds([&] {
      for (; joined < upto; ++joined) (void)engine.join(device(joined), kMainLane, kStart, records);
    });
    for (const Record& record : records) view.apply(record);
    records.clear();
  }
  sum.join.count += static_cast<double>(people);
  sum.bytes =
      static_cast<double>(engine.memory_bytes()) / static_cast<double>(people) - sizeof(DeviceKey);
  sum.view_bytes = static_cast<double>(view.line().memory_bytes()) / static_cast<double>(people);
  look_around(engine, view, people, looks, sum);

  const std::uint64_t leavers = people / 2;
  sum.leave.count += static_cast<double>(leavers);
  sum.leave.took += seconds([&] {
    for (std::uint64_t i = 0; i < leavers; ++i) {
      engine.leave(1 + scattered(i, people), kStart + Millis(3'500), records);
      if (records.size() == 4'096) records.clear();
    }
  });
  call_some(engine, people, sum);
}

void line_of(std::uint64_t people) {
  Costs sum;
  const std::uint64_t rounds = std::max<std::uint64_t>(1, 2'000'000 / people);
  const std::uint64_t looks = 2'000'000 / rounds;
  for (std::uint64_t i = 0; i < rounds; ++i) {
    refer(people, looks, sum);
    line_of_once(people, looks, sum);
  }
  print("join", people, sum.join);
  print("sign of life", people, sum.life);
  print("position", people, sum.position);
  print("idle tick", people, sum.idle_tick);
  print("call in a tick", people, sum.call);
  print("leave", people, sum.leave);
  std::printf("%-14s %9llu waiting  %8.1f bytes each beside the key (view %.2f)\n", "memory",
              static_cast<unsigned long long>(people), sum.bytes, sum.view_bytes);
  std::fflush(stdout);
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
  all_show_life(engine, people, kStart + Millis(1'000));
  const double took = seconds([&] { engine.configure(settings, kStart + Millis(2'000), records); });
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
