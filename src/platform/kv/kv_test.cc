// What needs no server: words on the wire, slots, what an error means.
#include "platform/kv/kv.h"

#include <gtest/gtest.h>
#include <hiredis/hiredis.h>

#include "platform/kv/failure.h"
#include "platform/kv/reader.h"
#include "platform/kv/slots.h"

namespace onsale::kv {
namespace {

TEST(KvCommand, IsWrittenAsItIsReadBack) {
  EXPECT_EQ(Command("SET", std::string("k\0y", 3), 17).wire(),
            std::string_view("*3\r\n$3\r\nSET\r\n$3\r\nk\0y\r\n$2\r\n17\r\n", 30));
  const char* texts[] = {"SET", "a key", ""};
  const std::size_t sizes[] = {3, 5, 0};
  char* theirs = nullptr;
  const int size = redisFormatCommandArgv(&theirs, 3, texts, sizes);
  EXPECT_EQ(Command("SET", "a key", "").wire(),
            std::string_view(theirs, static_cast<std::size_t>(size)));
  redisFreeCommand(theirs);
  std::vector<std::string> many(40, "x");
  std::vector<Word> words = {Word("MGET")};
  words.insert(words.end(), many.begin(), many.end());
  Reader reader;
  reader.feed(Command(std::span<const Word>(words)).wire());
  Reply reply;
  ASSERT_EQ(reader.next(reply), Reader::Got::reply);
  EXPECT_EQ(reply.items.size(), 41u);
  EXPECT_EQ(reader.next(reply), Reader::Got::more);
}

TEST(KvCommand, KnowsWhereItsFirstKeyIs) {
  const int slot = hash_slot("{a}1");
  EXPECT_EQ(Command("GET", "{a}2").slot(), slot);
  EXPECT_EQ(Command("xread", "BLOCK", 5, "streams", "{a}3", "$").slot(), slot);
  const Script script("return 1");
  EXPECT_EQ(script.call({"{a}4"}, {"x"}).slot(), slot);
  for (const auto& keyless : {script.call({}, {"x"}).slot(), Command("TIME").slot(),
                              Command("publish", "{a}", "x").slot(), Command("WAIT", 1, 5).slot()})
    EXPECT_EQ(keyless, -1);
}

TEST(KvCommand, KnowsWhetherItBlocks) {
  EXPECT_TRUE(Command("XREAD", "COUNT", 5, "BLOCK", 5, "STREAMS", "s", "$").blocks());
  EXPECT_TRUE(Command("wait", 1, 5).blocks());
  EXPECT_FALSE(Command("XREAD", "COUNT", 5, "STREAMS", "BLOCK", "$").blocks());
  EXPECT_FALSE(Command("GET", "BLOCK").blocks());
}

TEST(KvScript, IsNamedByItsHash) {
  EXPECT_EQ(Script("return 1").hash(), "e0e1f9fabfc9d4800c877a703b823ac0578ff8db");
}

// From the cluster specification: CRC-16 of 123456789 is 0x31C3.
TEST(KvSlots, AreThoseOfTheSpecification) {
  EXPECT_EQ(hash_slot("123456789"), 0x31C3);
  EXPECT_EQ(hash_slot(""), 0);
  EXPECT_EQ(hash_slot("foo"), 12'182);
  EXPECT_EQ(hash_slot("{user1000}.following"), hash_slot("{user1000}.followers"));
  EXPECT_EQ(hash_slot("foo{bar}{zap}"), hash_slot("bar"));
  EXPECT_EQ(hash_slot("foo{{bar}}zap"), hash_slot("{bar"));
  EXPECT_NE(hash_slot("foo{}{bar}"), hash_slot("bar"));
  EXPECT_NE(hash_slot("{foo"), hash_slot("foo"));
}

TEST(KvSlots, RedirectsSayWhereToGo) {
  const Endpoint from{"10.0.0.1", 7000};
  const auto moved = parse_redirect("MOVED 3999 10.0.0.2:6381", from);
  ASSERT_TRUE(moved);
  EXPECT_FALSE(moved->ask);
  EXPECT_EQ(moved->slot, 3'999);
  EXPECT_EQ(moved->at, (Endpoint{"10.0.0.2", 6381}));
  EXPECT_TRUE(parse_redirect("ASK 1 h:1", from)->ask);
  EXPECT_EQ(parse_redirect("MOVED 1 :6381", from)->at, (Endpoint{"10.0.0.1", 6381}));
  EXPECT_EQ(parse_redirect("MOVED 1 ::1:6381", from)->at, (Endpoint{"::1", 6381}));
  for (const char* nonsense :
       {"", "MOVED", "MOVED 1", "MOVED 1 h", "MOVED x h:1", "MOVED 16384 h:1", "MOVED -1 h:1",
        "MOVED 1 h:0", "MOVED 1 h:65536", "MOVED 1 h:", "MOVED 1 ?:1", "ERR 1 h:1", "MOVED  h:1",
        "MOVED :1 h"})
    EXPECT_FALSE(parse_redirect(nonsense, from)) << nonsense;
}

Reply integer(std::int64_t value) { return {.kind = Reply::Kind::integer, .integer = value}; }
Reply text(std::string value) { return {.kind = Reply::Kind::text, .text = std::move(value)}; }
Reply array(std::vector<Reply> items) {
  return {.kind = Reply::Kind::array, .items = std::move(items)};
}

TEST(KvSlots, AMapKnowsWhoHasWhat) {
  const Endpoint from{"seed", 7000};
  const Reply answer = array({
      array({integer(0), integer(99), array({text("a"), integer(1), text("id"), array({})}),
             array({text("b"), integer(2)}), array({text("?"), integer(3)})}),
      array({integer(200), integer(200), array({Reply(), integer(4)})}),
  });
  auto map = SlotMap::parse(answer, from);
  ASSERT_TRUE(map);
  EXPECT_EQ(map->at(99)->primary, (Endpoint{"a", 1}));
  EXPECT_EQ(map->at(99)->replicas, (std::vector<Endpoint>{{"b", 2}}));
  EXPECT_EQ(map->at(100), nullptr);
  EXPECT_EQ(map->at(200)->primary, (Endpoint{"seed", 4}));
  map->move(100, {"c", 5});
  map->move(99, {"seed", 4});
  EXPECT_EQ(map->at(100)->primary, (Endpoint{"c", 5}));
  EXPECT_EQ(map->at(99)->primary, (Endpoint{"seed", 4}));
  EXPECT_EQ(map->at(98)->primary, (Endpoint{"a", 1}));
  for (const Reply& nonsense :
       {Reply(), text("x"), array({integer(1)}),
        array({array({integer(5), integer(4), array({})})}),
        array({array({integer(0), integer(16'384), array({text("a"), integer(1)})})})})
    EXPECT_FALSE(SlotMap::parse(nonsense, from));
}

TEST(KvFailure, SaysWhatMayHaveHappened) {
  EXPECT_EQ(classify("LOADING Redis is loading the dataset in memory"), Why::unavailable);
  EXPECT_EQ(classify("NOREPLICAS Not enough good replicas to write."), Why::unavailable);
  EXPECT_EQ(classify("READONLY You can't write against a read only replica."), Why::read_only);
  EXPECT_EQ(classify("OOM command not allowed when used memory > 'maxmemory'."), Why::full);
  EXPECT_EQ(classify("NOPERM this user has no permissions"), Why::denied);
  EXPECT_EQ(classify("WRONGTYPE Operation"), Why::wrong);
  EXPECT_EQ(classify("LOADINGS"), Why::wrong);
  EXPECT_EQ(classify(""), Why::wrong);
  EXPECT_TRUE(untouched(Why::not_sent) && untouched(Why::full));
  EXPECT_FALSE(untouched(Why::unknown) || untouched(Why::wrong));
}

TEST(KvReader, HoldsNoMoreThanItMay) {
  Reply reply;
  Reader many;
  many.feed("*1000001\r\n");
  EXPECT_EQ(many.next(reply), Reader::Got::broken);
  Reader large;
  large.feed("$2000000000\r\n");
  const std::string piece(Reader::kFeedMax, 'x');
  int fed = 0;
  while (large.next(reply) == Reader::Got::more && fed < 20'000) {
    large.feed(piece);
    ++fed;
  }
  EXPECT_LE(fed, 4'097);
  EXPECT_EQ(large.next(reply), Reader::Got::broken);
}

}  // namespace
}  // namespace onsale::kv
