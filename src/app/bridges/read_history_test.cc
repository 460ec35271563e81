#include "app/bridges/read_history.h"

#include <gtest/gtest.h>

#include "platform/crypto/fakes.h"

namespace onsale::app {
namespace {

std::string demanded(const std::unique_ptr<TaskContext>& context) {
  const auto* reads = dynamic_cast<const sql::ReadsAfter*>(context.get());
  return reads ? "after " + reads->position.text() : "the primary";
}

TEST(SealedHistory, IsBelievedOnlyWhenItIsOurs) {
  const Timestamp now = from_unix_ms(1'800'000'000'000);
  crypto::MemoryKeyStore store;
  const crypto::KeyRing keys(store, now);
  sql::Position newest;
  SealedHistory history([&] { return newest; }, keys);
  EXPECT_EQ(history.now(now), "") << "there is nothing to remember";
  newest = sql::Position::parse("0-1-77");
  const std::string seen = history.now(now);
  EXPECT_EQ(demanded(history.since(seen, true, now)), "after 0-1-77");
  EXPECT_EQ(demanded(history.since(seen, false, now)), "after 0-1-77");

  // A stranger may see anything old; who is signed in and has no word of ours, nothing old.
  for (const std::string& not_ours : {std::string(), std::string("0-1-999999"), seen + "A"}) {
    EXPECT_EQ(demanded(history.since(not_ours, false, now)), "after ");
    EXPECT_EQ(demanded(history.since(not_ours, true, now)), "the primary");
  }
  EXPECT_EQ(demanded(history.since(seen, true, now + std::chrono::minutes(5))), "the primary");
}

}  // namespace
}  // namespace onsale::app
