#include "waitroom/line/place_table.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstring>
#include <map>

namespace onsale::waitroom {
namespace {

DeviceKey device(std::uint64_t number) {
  DeviceKey key{};
  std::memcpy(key.data(), &number, sizeof number);
  return key;
}

RC_GTEST_PROP(PlaceTable, AgreesWithAMapThroughGrowthAndGaps, ()) {
  const auto steps = *rc::gen::container<std::vector<std::pair<int, std::uint64_t>>>(
      *rc::gen::inRange(0, 2000),
      rc::gen::pair(rc::gen::inRange(0, 10), rc::gen::inRange<std::uint64_t>(0, 1000)));
  PlaceTable table(42);
  std::map<Sequence, std::uint64_t> model;
  Sequence next = 1;
  std::uint64_t next_device = 0;
  for (const auto& [kind, number] : steps) {
    if (kind < 6) {
      table.append(next, device(next_device));
      model.emplace(next++, next_device++);
    } else if (!model.empty()) {
      auto chosen = model.lower_bound(number);
      if (chosen == model.end()) chosen = model.begin();
      table.erase(chosen->first);
      RC_ASSERT(table.find(chosen->first) == nullptr);
      RC_ASSERT(table.find(device(chosen->second)) == nullptr);
      model.erase(chosen);
    }
    RC_ASSERT(table.size() == static_cast<std::int64_t>(model.size()));
  }
  for (const auto& [sequence, number] : model) {
    RC_ASSERT(table.find(sequence) != nullptr);
    RC_ASSERT(table.find(device(number)) == table.find(sequence));
  }
}

TEST(PlaceTable, AFrontThatStaysDoesNotKeepTheMemoryOfThoseWhoLeft) {
  PlaceTable table;
  table.append(1, device(0));
  for (Sequence s = 2; s <= 500'000; ++s) {
    table.append(s, device(s));
    if (s > 1000) table.erase(s - 998);
  }
  EXPECT_LT(table.memory_bytes(), 1U << 20);
  EXPECT_NE(table.find(device(0)), nullptr);
  EXPECT_EQ(table.find(500'000)->device, device(500'000));
  EXPECT_EQ(table.find(250'000), nullptr);
}

}  // namespace
}  // namespace onsale::waitroom
