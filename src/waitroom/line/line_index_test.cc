#include "waitroom/line/line_index.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

namespace onsale::waitroom {
namespace {

TEST(LineIndex, CountsPeopleNotNumbers) {
  LineIndex line;
  for (const Sequence sequence : {3U, 64U, 65U, 4000U}) line.append(sequence);
  EXPECT_EQ(line.position(3), 1);
  EXPECT_EQ(line.position(65), 3);
  EXPECT_EQ(line.position(4000), 4);
  EXPECT_EQ(line.position(66), 0);
  EXPECT_EQ(line.position(5000), 0);
  EXPECT_TRUE(line.erase(3));
  EXPECT_FALSE(line.erase(3));
  EXPECT_EQ(line.first(), 64U);
  EXPECT_EQ(line.position(4000), 3);
}

RC_GTEST_PROP(LineIndex, AgreesWithASortedSet, ()) {
  const auto steps = *rc::gen::container<std::vector<std::pair<int, int>>>(
      *rc::gen::inRange(0, 3000),
      rc::gen::pair(rc::gen::inRange(0, 10), rc::gen::inRange(0, 100'000)));
  LineIndex line;
  std::set<Sequence> model;
  Sequence next = 1;
  for (const auto& [kind, number] : steps) {
    if (kind < 5) {
      next += kind == 0 ? static_cast<Sequence>(number) : 1;
      line.append(next);
      model.insert(next++);
    } else if (!model.empty()) {
      auto chosen = model.lower_bound(static_cast<Sequence>(number) % next);
      if (kind == 9 || chosen == model.end()) chosen = model.begin();
      RC_ASSERT(line.position(*chosen) == 1 + std::distance(model.begin(), chosen));
      RC_ASSERT(line.erase(*chosen));
      RC_ASSERT(!line.contains(*chosen));
      model.erase(chosen);
    }
    RC_ASSERT(line.size() == static_cast<std::int64_t>(model.size()));
    RC_ASSERT(line.first() == (model.empty() ? std::nullopt : std::optional(*model.begin())));
  }
  std::int64_t position = 0;
  for (const Sequence sequence : model) RC_ASSERT(line.position(sequence) == ++position);
}

// Thousands of removals, so that empty blocks are dropped underway.
TEST(LineIndex, KeepsRanksWhileItShrinks) {
  LineIndex line;
  constexpr Sequence kPeople = 100'000;
  for (Sequence s = 1; s <= kPeople; ++s) line.append(s);
  const std::size_t full = line.memory_bytes();
  for (Sequence s = 1; s <= kPeople; ++s) {
    if (s % 1000 != 0) {
      EXPECT_TRUE(line.erase(s));
    }
  }
  for (Sequence s = 1000; s <= kPeople; s += 1000) {
    EXPECT_EQ(line.position(s), static_cast<std::int64_t>(s / 1000));
  }
  EXPECT_LE(full, kPeople);  // less than a byte each
  line.append(kPeople + 1);
  EXPECT_EQ(line.position(kPeople + 1), static_cast<std::int64_t>(kPeople / 1000 + 1));
}

}  // namespace
}  // namespace onsale::waitroom
