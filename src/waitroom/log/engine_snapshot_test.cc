// A room comes back from its snapshot as it was, or not at all: whatever the bytes are.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "waitroom/line/checksum.h"
#include "waitroom/line/engine_time.h"
#include "waitroom/log/replay.h"
#include "waitroom/varint.h"

namespace onsale::waitroom {
namespace {

const Timestamp kNow = from_unix_ms(1'800'000'000'000);

DeviceKey device(std::uint64_t number) {
  DeviceKey key{};
  std::memcpy(key.data(), &number, sizeof number);
  return key;
}

// Written by the version before there was a checksum. From the root, where tests run.
std::string written_before(const std::string& name) {
  std::ifstream file("tests/fuzz/corpus/snapshot/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

bool restores(std::string_view bytes) { return Engine().restore(bytes); }

// A snapshot, written by hand: somebody waits, is inside, missed a turn, is back for it, was drawn,
// was lost; and somebody's place is over.
struct Kept {
  struct Person {
    Sequence number;
    std::uint64_t lane, flags;
    DeviceKey device;
    std::uint64_t joined_s = 1'799'999'000;
    std::int64_t admitted_ms = 1'799'999'500'000;
  };
  using Pairs = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

  std::uint64_t format = 4;
  std::string settings = encode(Settings{.capacity = 1});
  Sequence next = 2'000;
  std::int64_t now_ms = to_unix_ms(kNow);
  std::uint64_t flags = 0;
  Sequence pool_since = 1;
  std::vector<std::pair<std::int64_t, std::int64_t>> history{{1'799'999'990'000, 3}};
  std::vector<Line::Draw> draws{{.first = 1,
                                 .rank = {0, 2, 1},
                                 .base = 10,
                                 .at = {2, 1},
                                 .entrants = 3,
                                 .published = {1, 3}}};
  Pairs gaps{{10, 2}, {1'020, 1'000}};
  LostNumbers lost{.first = 20, .end = 1'020, .held_to = 22};
  std::vector<Person> people{{1, 0, 0, device(1)},     {2, 0, 0, device(2)}, {3, 0, 0, device(3)},
                             {4, 0, 3, device(4)},     {5, 0, 6, device(5)}, {6, 9, 10, device(6)},
                             {7, 0, 10, device(7)},    {8, 1, 0, device(8)}, {9, 0, 0, device(9)},
                             {1'500, 0, 0, device(10)}};
  std::vector<Person> back{{20, 10, 0, lost_device(20)}, {21, 10, 0, device(21)}};
  std::uint64_t next_aside = 5;
  Pairs aside{{2, 7}, {4, 6}};
  std::vector<std::uint64_t> ended_chunks{0};
  std::string tail;

  static void put(std::string& out, const std::vector<std::uint32_t>& numbers) {
    put_varint(out, numbers.size());
    for (const std::uint32_t each : numbers) put_varint(out, each);
  }
  static void put(std::string& out, const Pairs& pairs) {
    put_varint(out, pairs.size());
    for (const auto& [first, second] : pairs) {
      put_varint(out, first);
      put_varint(out, second);
    }
  }
  static void put(std::string& out, const std::vector<Person>& people) {
    put_varint(out, people.size());
    Sequence last = 0;
    for (const Person& each : people) {
      put_varint(out, each.number - last);
      last = each.number;
      put_varint(out, each.joined_s);
      put_varint(out, each.flags | each.lane << 4);
      out.append(reinterpret_cast<const char*>(each.device.data()), each.device.size());
      if (each.flags & 1U) {
        put_signed(out, each.admitted_ms);
        put_text(out, "acc_1");
      }
    }
  }
  std::string bytes() const {
    std::string out;
    put_varint(out, format);
    put_text(out, settings);
    put_varint(out, next);
    put_signed(out, now_ms);
    put_varint(out, flags);
    if (format > 3) put_varint(out, pool_since);
    put_varint(out, history.size());
    for (const auto& [at, count] : history) {
      put_signed(out, at);
      put_signed(out, count);
    }
    put_varint(out, draws.size());
    for (const Line::Draw& draw : draws) {
      put_varint(out, draw.first);
      put_varint(out, draw.base);
      put(out, draw.rank);
      put(out, draw.at);
      if (format < 4) continue;
      put_varint(out, draw.entrants);
      put(out, draw.published);
    }
    put(out, gaps);
    for (const Sequence each : {lost.first, lost.end, lost.held_to}) put_varint(out, each);
    for (std::size_t i = 0; i < kLanes + 1; ++i) put_varint(out, i * 1'000);  // virtual times
    put(out, people);
    put(out, back);
    put_varint(out, next_aside);
    put(out, aside);
    put_varint(out, ended_chunks.size());
    for (const std::uint64_t number : ended_chunks) {
      put_varint(out, number);
      for (std::size_t i = 0; i < Endings::kWords; ++i) put_varint(out, i);
    }
    out += tail;
    return format >= 3 ? out + checksum_of(out) : out;
  }
};

// As RFC 3720 has it in B.4, and as the bytes one by one come to.
TEST(Seal, IsTheChecksumThatOthersKnow) {
  EXPECT_EQ(crc32c(""), 0U);
  EXPECT_EQ(crc32c("123456789"), 0xE3069283U);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAU);
  EXPECT_EQ(crc32c(std::string(32, '\xFF')), 0x62A8AB43U);
}

TEST(Snapshot, WhatWasWrittenComesBackToTheByte) {
  const Kept kept;
  Engine engine;
  ASSERT_TRUE(engine.restore(kept.bytes()));
  EXPECT_EQ(engine.snapshot(), kept.bytes());
  EXPECT_EQ(engine.line().find(3).position, 3) << "the drawn come after 1 and 9, by rank";
  EXPECT_EQ(engine.line().find(2).position, 4);
  EXPECT_EQ(engine.active(), 1);
  EXPECT_EQ(engine.aside().size(), 3U);
  EXPECT_EQ(engine.admitted_last_minute(kNow), 3);
  Records out;
  engine.resume(kNow);
  EXPECT_TRUE(engine.restore_lost(25, device(25), kNow, out));
  EXPECT_EQ(engine.line().find(25).position, 6);
}

TEST(Snapshot, OfTheVersionBeforeTheSealIsRead) {
  Engine line;
  ASSERT_TRUE(line.restore(written_before("format_2_line")));
  EXPECT_GT(line.line().size(), 0);
  EXPECT_GT(line.active(), 0);
  Engine lost;
  ASSERT_TRUE(lost.restore(written_before("format_2_lost")));
  EXPECT_EQ(lost.line().size(kRestoredLane), 3);
  EXPECT_TRUE(lost.stopped());
  for (const Engine* each : {&line, &lost}) {
    Engine again;
    ASSERT_TRUE(again.restore(each->snapshot())) << "written anew, with a checksum";
    EXPECT_EQ(difference(*each, again), "");
  }
  Kept kept;
  kept.format = 2;
  EXPECT_TRUE(restores(kept.bytes()));
  kept.format = 3;
  EXPECT_TRUE(restores(kept.bytes()));
  Engine drawn;
  const std::string before = written_before("format_3_drawn");
  ASSERT_TRUE(drawn.restore(before + checksum_of(before)));
  EXPECT_FALSE(drawn.line().draws().empty());
}

TEST(Snapshot, OneChangedBitAnywhereIsNoticed) {
  const std::string good = Kept().bytes();
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(restores(bad)) << bit;
  }
}

TEST(Snapshot, NegativeControlWithoutTheSealManyChangedBitsPass) {
  Kept kept;
  kept.format = 2;
  const std::string good = kept.bytes();
  int taken = 0;
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
    taken += restores(bad);
  }
  EXPECT_GT(taken, 1'000) << "somebody's device, a time, ...";
}

TEST(Snapshot, APieceOfOneIsRefused) {
  const std::string good = Kept().bytes();
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(restores(good.substr(0, size))) << size;
    const std::string piece = good.substr(0, size);
    EXPECT_FALSE(restores(piece + checksum_of(piece)) && size != good.size() - kChecksumBytes)
        << size;
  }
  EXPECT_FALSE(restores(good + good));
}

struct Broken {
  const char* how;
  void (*breaks)(Kept&);
};

// Each differs from the good one above by what it says, its checksum fits.
const Broken kBroken[] = {
    {"another version", [](Kept& k) { k.format = 5; }},
    {"settings that are none", [](Kept& k) { k.settings = "x"; }},
    {"no number was next", [](Kept& k) { k.next = 0; }},
    {"numbers beyond all", [](Kept& k) { k.next = Sequence{1} << 54; }},
    {"the last place is the next", [](Kept& k) { k.next = 1'500; }},
    {"a time that overflows", [](Kept& k) { k.now_ms = std::int64_t{1} << 62; }},
    {"flags nobody knows", [](Kept& k) { k.flags = 4; }},
    {"admissions without end", [](Kept& k) { k.history[0].second = std::int64_t{1} << 60; }},
    {"fewer admissions than none", [](Kept& k) { k.history[0].second = -1; }},
    {"admissions at no time", [](Kept& k) { k.history[0].first = -(std::int64_t{1} << 60); }},
    {"a draw of number 0", [](Kept& k) { k.draws[0].first = 0; }},
    {"a draw of numbers to come", [](Kept& k) { k.draws[0].first = 1'998; }},
    {"ranks among numbers to come", [](Kept& k) { k.draws[0].base = 1'999; }},
    {"ranks among skipped numbers", [](Kept& k) { k.draws[0].base = 500; }},
    {"ranks without a base", [](Kept& k) { k.draws[0].base = 0; }},
    {"one rank for two", [](Kept& k) { k.draws[0].rank = {2, 2, 1}; }},
    {"a rank of somebody else", [](Kept& k) { k.draws[0].at = {1, 2}; }},
    {"a rank of nobody", [](Kept& k) { k.draws[0].at = {2, 9}; }},
    {"somebody has a drawn number", [](Kept& k) { k.draws[0].base = 8; }},
    {"a pool of numbers to come", [](Kept& k) { k.pool_since = 2'001; }},
    {"more published than there were", [](Kept& k) { k.draws[0].published = {1, 4}; }},
    {"a rank that was not published", [](Kept& k) { k.draws[0].published = {1}; }},
    {"gaps that fall", [](Kept& k) { std::swap(k.gaps[0], k.gaps[1]); }},
    {"gaps of more than there were", [](Kept& k) { k.gaps[0].second = 10; }},
    {"lost numbers that end first", [](Kept& k) { k.lost.end = 10; }},
    {"number 0 was lost",
     [](Kept& k) {
       k.lost = {.first = 0, .end = 1, .held_to = 0};
       k.people.pop_back();
       k.back.clear();
     }},
    {"more held than lost", [](Kept& k) { k.lost.held_to = 1'021; }},
    {"lost numbers to come", [](Kept& k) { k.lost.end = 2'001; }},
    {"more lost than are skipped",
     [](Kept& k) {
       k.next = 3'000'000;
       k.lost.end = 2'000'000;
     }},
    {"two places of one number", [](Kept& k) { k.people[1].number = 1; }},
    {"places out of order", [](Kept& k) { std::swap(k.people[0], k.people[1]); }},
    {"two places of one device", [](Kept& k) { k.people[1].device = device(1); }},
    {"one device here and back", [](Kept& k) { k.back[1].device = device(1); }},
    {"a lane there isn't", [](Kept& k) { k.people[0].lane = 11; }},
    {"nobody joins this lane", [](Kept& k) { k.people[0].lane = 10; }},
    {"inside and away", [](Kept& k) { k.people[3].flags = 5; }},
    {"a second beyond all", [](Kept& k) { k.people[0].joined_s = std::uint64_t{1} << 32; }},
    {"admitted at no time", [](Kept& k) { k.people[3].admitted_ms = std::int64_t{1} << 60; }},
    {"the name of a lost one", [](Kept& k) { k.people[0].device = lost_device(30); }},
    {"a skipped number joined", [](Kept& k) { k.people[9].number = 1'000; }},
    {"back, and not yet", [](Kept& k) { k.back[1].number = 22; }},
    {"back into another lane", [](Kept& k) { k.back[0].lane = 0; }},
    {"back with another's name", [](Kept& k) { k.back[0].device = lost_device(25); }},
    {"here and back", [](Kept& k) { k.back[0] = {9, 10, 0, device(99)}; }},
    {"nobody is aside", [](Kept& k) { k.aside.clear(); }},
    {"one is aside twice", [](Kept& k) { k.aside = {{2, 7}, {4, 7}}; }},
    {"two with one turn", [](Kept& k) { k.aside = {{2, 7}, {2, 6}}; }},
    {"aside without having been", [](Kept& k) { k.aside[0].second = 1; }},
    {"aside and nobody", [](Kept& k) { k.aside[0].second = 1'400; }},
    {"a turn to come", [](Kept& k) { k.next_aside = 4; }},
    {"endings to come", [](Kept& k) { k.ended_chunks = {1}; }},
    {"endings told twice", [](Kept& k) { k.ended_chunks = {0, 0}; }},
    {"something behind it", [](Kept& k) { k.tail = "x"; }},
};

TEST(Snapshot, WhatCannotBeIsRefused) {
  for (const Broken& broken : kBroken) {
    Kept kept;
    broken.breaks(kept);
    EXPECT_FALSE(restores(kept.bytes())) << broken.how;
  }
}

// A few bytes that promise very much: it ends when they do.
TEST(Snapshot, CountsBeyondTheBytesEndWithThem) {
  const std::string good = Kept().bytes();
  const std::string huge("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F");
  for (std::size_t at = 1; at + kChecksumBytes < good.size(); ++at) {
    std::string bad = good.substr(0, at) + huge + good.substr(at + 1, good.size() - at - 5);
    bad += checksum_of(bad);
    Engine engine;
    if (!engine.restore(bad)) continue;
    EXPECT_LT(engine.memory_bytes(), 2'000'000U) << at;
  }
}

TEST(Snapshot, SettingsThatWouldOverflowAreNone) {
  EXPECT_TRUE(decode_settings(encode(Settings{})));
  EXPECT_FALSE(decode_settings(encode(Settings{.session_seconds = std::int64_t{1} << 60})));
  EXPECT_FALSE(decode_settings(encode(Settings{.capacity = -(std::int64_t{1} << 60)})));
  EXPECT_FALSE(decode_settings(encode(Settings{.opens_at = from_unix_ms(std::int64_t{1} << 60)})));
  Settings planned;
  planned.schedule = {{.at = kNow, .mode = static_cast<Mode>(9)}};
  EXPECT_FALSE(decode_settings(encode(planned)));
}

TEST(Records, TimesThatOverflowAreNone) {
  Records records{{.fact = Fact::joined, .place = 1, .at = kNow}};
  EXPECT_TRUE(decode_records(encode(records), [](const Record&) {}));
  records[0].at = from_unix_ms(std::int64_t{1} << 60);
  EXPECT_FALSE(decode_records(encode(records), [](const Record&) {}));
}

}  // namespace
}  // namespace onsale::waitroom
