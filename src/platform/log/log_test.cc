#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/fakes.h"
#include "platform/log/sink.h"

namespace onsale::log {
namespace {

const Timestamp kAt = *parse_rfc3339("2026-11-21T20:00:00.123Z");

TEST(Log, JsonLineHasFixedMembersAndKeepsTypes) {
  EXPECT_EQ(json_line(kAt, Level::warn, "http", "slow answer",
                      {{"took_ms", 250}, {"path", "/a\"b\n"}, {"trace_id", "4bf9"}}),
            R"({"time":"2026-11-21T20:00:00.123Z","level":"warn","module":"http",)"
            R"("message":"slow answer","trace_id":"4bf9",)"
            R"("fields":{"took_ms":250,"path":"/a\"b\u000a"}})");
  EXPECT_EQ(json_line(kAt, Level::info, "http", "x", {}),
            R"({"time":"2026-11-21T20:00:00.123Z","level":"info","module":"http","message":"x"})");
}

TEST(Log, BytesThatAreNoTextCannotBreakTheLine) {
  const std::string line = json_line(kAt, Level::info, "http", "\xff\xc3(\xe2\x82 영화", {});
  EXPECT_NE(line.find("\xEF\xBF\xBD\xEF\xBF\xBD("), line.npos);
  EXPECT_NE(line.find("영화"), line.npos);
  const std::string pretty = pretty_line(kAt, Level::info, "http", "a\x1b[2Jb", {});
  EXPECT_EQ(pretty.find("\x1b[2J"), pretty.npos);
}

TEST(Log, AFullQueueDropsTheOldestAndNeverBlocks) {
  FakeClock clock(kAt);
  std::mutex mutex;
  std::condition_variable changed;
  bool open = false;
  std::vector<std::string> lines;
  {
    AsyncSink sink(clock, {.format = Format::json, .queue_lines_max = 8}, [&](std::string_view l) {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return open; });
      lines.emplace_back(l);
    });
    for (int i = 0; i < 100; ++i) sink.write(Level::info, "test", std::to_string(i), {});
    sink.write(Level::debug, "test", "below the level", {});
    EXPECT_GE(sink.dropped(), 90U);
    std::lock_guard lock(mutex);
    open = true;
    changed.notify_all();
  }
  ASSERT_FALSE(lines.empty());
  EXPECT_LE(lines.size(), 10U);
  EXPECT_NE(lines.back().find("\"99\""), std::string::npos);
}

}  // namespace
}  // namespace onsale::log
