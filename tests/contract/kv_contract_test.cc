// What every kind of kv does: inside the process, a server (TLS, a user with a password), a
// cluster.
#include <algorithm>
#include <set>

#include "platform/kv/memory.h"
#include "tests/contract/kv_fixture.h"
#include "tests/contract/kv_servers.h"

namespace onsale::kv {
namespace {

using testing_support::RedisCluster;
using testing_support::RedisServer;

const Script kPutIfHigher(
    "local old = redis.call('GET', KEYS[1]) "
    "if old and tonumber(old) >= tonumber(ARGV[1]) then return redis.error_reply('STALE ' .. old) "
    "end "
    "redis.call('SET', KEYS[1], ARGV[1]) "
    "return redis.call('INCRBY', KEYS[2], 1)");

Reply put_if_higher(const Memory::Run& run, std::span<const std::string> keys,
                    std::span<const std::string> arguments) {
  const Reply old = run({"GET", keys[0]});
  if (!old.is_nil() && std::stoll(old.text) >= std::stoll(arguments[0]))
    return {.kind = Reply::Kind::error, .text = "STALE " + old.text};
  run({"SET", keys[0], arguments[0]});
  return run({"INCRBY", keys[1], 1});
}

RedisServer& shared_server() {
  static RedisServer server{{.tls = true}};
  return server;
}

std::unique_ptr<Client> client_of(const std::string& kind, exec::Loops& loops) {
  if (kind == "redis") return open(loops, shared_server().config());
  if (kind == "cluster") return open(loops, RedisCluster::shared().config());
  auto memory = std::make_unique<Memory>(loops.at(0));
  memory->define(kPutIfHigher, put_if_higher);
  return memory;
}

class Kv : public testing::TestWithParam<std::string> {
 protected:
  // A key of this test; those with the same `tag` are together.
  std::string key(const std::string& name, const std::string& tag = "") const {
    const std::string test = testing::UnitTest::GetInstance()->current_test_info()->name();
    return "{" + test + tag + "}" + name;
  }
  template <class... Words>
  std::string does(const Words&... words) {
    return say(*client_, words...);
  }
  template <class... Words>
  std::vector<std::string> lists(const Words&... words) {
    return texts_of(ask(*client_, Command(words...)));
  }
  exec::Loop& loop() { return running_.loops.at(0); }

  RunningLoops running_;
  std::unique_ptr<Client> client_ = client_of(GetParam(), running_.loops);
};

using List = std::vector<std::string>;

TEST_P(Kv, TextsAreSetOnConditionAndGone) {
  EXPECT_EQ(does("GET", key("a")), "-");
  EXPECT_EQ(does("SET", key("a"), "1", "XX"), "-");
  EXPECT_EQ(does("SET", key("a"), "1", "NX"), "OK");
  EXPECT_EQ(does("SET", key("a"), "2", "NX"), "-");
  EXPECT_EQ(does("SET", key("a"), "3", "XX"), "OK");
  EXPECT_EQ(does("GET", key("a")), "3");
  EXPECT_EQ(does("set", key("b"), 7), "OK");
  EXPECT_EQ(lists("MGET", key("a"), key("none"), key("b")), (List{"3", "-", "7"}));
  EXPECT_EQ(does("DEL", key("a"), key("b"), key("none")), "2");
  EXPECT_EQ(does("GET", key("a")), "-");
}

TEST_P(Kv, AnyBytesOfAnySizeComeBack) {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  std::string large(1'500'000, 'x');
  large[700'000] = '\0';
  for (const std::string& value : {std::string(), std::string("\r\n"), all, large}) {
    EXPECT_EQ(does("SET", key(all), value), "OK");
    EXPECT_EQ(does("GET", key(all)), value);
  }
}

TEST_P(Kv, CountersRefuseWhatIsNoNumber) {
  EXPECT_EQ(does("INCRBY", key("n"), 5), "5");
  EXPECT_EQ(does("INCRBY", key("n"), -7), "-2");
  EXPECT_EQ(does("GET", key("n")), "-2");
  EXPECT_EQ(does("INCRBY", key("n"), INT64_MIN),
            "!wrong ERR increment or decrement would overflow");
  EXPECT_EQ(does("INCRBY", key("n"), "x"), "!wrong ERR value is not an integer or out of range");
  EXPECT_EQ(does("HGET", key("n"), "f"),
            "!wrong WRONGTYPE Operation against a key holding the wrong kind of value");
  EXPECT_EQ(does("GET", key("n")), "-2");
  EXPECT_TRUE(does("NOSUCH", key("n")).starts_with("!wrong ERR unknown command"));
}

TEST_P(Kv, KeysExpire) {
  EXPECT_EQ(does("SET", key("a"), "1", "PX", 60), "OK");
  EXPECT_EQ(does("SET", key("b"), "1"), "OK");
  EXPECT_EQ(does("PTTL", key("b")), "-1");
  EXPECT_EQ(does("PEXPIRE", key("b"), 60), "1");
  EXPECT_EQ(does("PEXPIRE", key("none"), 60), "0");
  EXPECT_EQ(does("SET", key("c"), "1", "EX", 100), "OK");
  EXPECT_EQ(does("EXPIRE", key("c"), 50), "1");
  const int left = std::stoi(does("PTTL", key("c")));
  EXPECT_TRUE(left > 49'000 && left <= 50'000) << left;
  EXPECT_TRUE(soon([&] { return does("GET", key("a")) == "-" && does("GET", key("b")) == "-"; }));
  EXPECT_EQ(does("PTTL", key("a")), "-2");
  EXPECT_EQ(does("SET", key("c"), "2"), "OK");  // a new value has no end
  EXPECT_EQ(does("PTTL", key("c")), "-1");
  EXPECT_EQ(does("SET", key("c"), "2", "PX", 0), "!wrong ERR invalid expire time in 'set' command");
}

TEST_P(Kv, Hashes) {
  EXPECT_EQ(does("HSET", key("h"), "a", "1", "b", "2"), "2");
  EXPECT_EQ(does("HSET", key("h"), "b", "3", "c", "4"), "1");
  EXPECT_EQ(does("HGET", key("h"), "b"), "3");
  EXPECT_EQ(does("HGET", key("h"), "x"), "-");
  EXPECT_EQ(does("HGET", key("none"), "x"), "-");
  const List all = lists("HGETALL", key("h"));
  EXPECT_EQ(std::multiset(all.begin(), all.end()),
            (std::multiset<std::string>{"a", "1", "b", "3", "c", "4"}));
  EXPECT_EQ(does("HDEL", key("h"), "a", "b", "x"), "2");
  EXPECT_EQ(does("HDEL", key("h"), "c"), "1");
  EXPECT_EQ(does("PTTL", key("h")), "-2");  // an empty one is none
  EXPECT_TRUE(does("HSET", key("h"), "a").starts_with("!wrong ERR wrong number of arguments"));
}

TEST_P(Kv, SortedSets) {
  EXPECT_EQ(does("ZADD", key("z"), 3, "c", 1, "a", 2, "b"), "3");
  EXPECT_EQ(does("ZADD", key("z"), "2.5", "a"), "0");
  EXPECT_EQ(lists("ZRANGEBYSCORE", key("z"), "-inf", "+inf", "WITHSCORES"),
            (List{"b", "2", "a", "2.5", "c", "3"}));
  EXPECT_EQ(lists("ZRANGEBYSCORE", key("z"), "(2", 3), (List{"a", "c"}));
  EXPECT_EQ(lists("ZRANGEBYSCORE", key("z"), 2, "(3", "LIMIT", 1, 5), (List{"a"}));
  EXPECT_EQ(does("ZREM", key("z"), "a", "x"), "1");
  EXPECT_EQ(lists("ZRANGEBYSCORE", key("z"), 0, 9), (List{"b", "c"}));
  EXPECT_EQ(does("ZADD", key("z"), "x", "c"), "!wrong ERR value is not a valid float");
}

// Ids of an entry list: "1-1 1-2".
std::string ids(const Reply& entries) {
  std::string out;
  for (const Reply& entry : entries.items) out += (out.empty() ? "" : " ") + entry.items[0].text;
  return out;
}

TEST_P(Kv, StreamsOnlyGoForward) {
  EXPECT_EQ(does("XADD", key("s"), "7-1", "f", "a"), "7-1");
  EXPECT_EQ(does("XADD", key("s"), "7-2", "f", "b", "g", "c"), "7-2");
  for (const char* old : {"7-2", "7-1", "6-9"})
    EXPECT_EQ(does("XADD", key("s"), old, "f", "x"),
              "!wrong ERR The ID specified in XADD is equal or smaller than the target stream top "
              "item");
  EXPECT_EQ(does("XADD", key("s"), "8-1", "f", "d"), "8-1");
  EXPECT_EQ(does("XLEN", key("s")), "3");
  const Outcome some = ask(*client_, Command("XRANGE", key("s"), "7-2", "+", "COUNT", 5));
  EXPECT_EQ(ids(*some), "7-2 8-1");
  EXPECT_EQ(some->items[0].items[1].items[3].text, "c");
  EXPECT_EQ(ids(*ask(*client_, Command("XRANGE", key("s"), "-", "7"))), "7-1 7-2");
  EXPECT_EQ(ids(*ask(*client_, Command("XRANGE", key("s"), "(7-1", "+", "COUNT", 1))), "7-2");
  EXPECT_EQ(does("XTRIM", key("s"), "MAXLEN", 1), "2");
  EXPECT_EQ(ids(*ask(*client_, Command("XRANGE", key("s"), "-", "+"))), "8-1");
  EXPECT_EQ(does("XADD", key("s"), "7-9", "f", "x").substr(0, 6),
            "!wrong");  // trimmed, not forgotten
  EXPECT_EQ(does("XTRIM", key("s"), "MINID", "9"), "1");
  EXPECT_EQ(does("XLEN", key("s")), "0");
}

TEST_P(Kv, LongStreamsAreCutWhileTheyGrow) {
  for (int i = 1; i <= 450; ++i)
    does("XADD", key("s"), "MAXLEN", "~", 100, "1-" + std::to_string(i), "f", "x");
  const int left = std::stoi(does("XLEN", key("s")));
  EXPECT_GE(left, 100);
  EXPECT_LT(left, 300);
  EXPECT_EQ(does("XADD", key("s"), "MAXLEN", "=", 10, "2-1", "f", "x"), "2-1");
  EXPECT_EQ(does("XLEN", key("s")), "10");
}

TEST_P(Kv, AReaderWaitsForWhatComes) {
  does("XADD", key("s"), "1-1", "f", "a");
  const Outcome there = ask(*client_, Command("XREAD", "COUNT", 10, "STREAMS", key("s"), "0-0"));
  EXPECT_EQ(there->items[0].items[0].text, key("s"));
  EXPECT_EQ(ids(there->items[0].items[1]), "1-1");
  EXPECT_EQ(does("XREAD", "STREAMS", key("s"), "1-1"), "-");
  EXPECT_EQ(does("XREAD", "BLOCK", 30, "STREAMS", key("s"), "1-1"), "-");
  Many waiting;
  for (int i = 0; i < 8; ++i)
    waiting.begin(loop(), *client_,
                  [this] { return Command("XREAD", "BLOCK", 9'000, "STREAMS", key("s"), "$"); },
                  {.timeout = Millis(10'000)});
  std::this_thread::sleep_for(Millis(200));
  EXPECT_FALSE(waiting.done());
  EXPECT_EQ(does("SET", key("other"), "1"), "OK");  // nobody waits behind them
  does("XADD", key("s"), "1-2", "f", "b");
  EXPECT_TRUE(soon([&] { return waiting.done(); }));
  for (const auto& one : waiting.results()) EXPECT_EQ(ids((*one)->items[0].items[1]), "1-2");
}

TEST_P(Kv, AWaitThatTheDeadlineEndsIsUnknown) {
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(why_of(ask(*client_, Command("XREAD", "BLOCK", 9'000, "STREAMS", key("s"), "$"),
                       {.timeout = Millis(100)})),
            "unknown");
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(2));
}

TEST_P(Kv, APipelineIsAnsweredInOrderEachByItself) {
  std::vector<Command> commands;
  for (int i = 0; i < 200; ++i) {
    commands.emplace_back("SET", key("k", std::to_string(i)), i);  // on all servers of a cluster
    commands.emplace_back("INCRBY", key("n"), 1);
  }
  commands.emplace_back("INCRBY", key("n"), "x");
  commands.emplace_back("GET", key("k", "17"));
  const auto outcomes =
      sync_wait(client_->pipeline(std::move(commands), {.timeout = Millis(5'000)}));
  ASSERT_EQ(outcomes.size(), 402u);
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(text_of(outcomes[static_cast<std::size_t>(2 * i)]), "OK");
    EXPECT_EQ(text_of(outcomes[static_cast<std::size_t>(2 * i + 1)]), std::to_string(i + 1));
  }
  EXPECT_EQ(why_of(outcomes[400]), "wrong");
  EXPECT_TRUE(sync_wait(client_->pipeline({}, {})).empty());
}

TEST_P(Kv, AWriteIsWaitedForInItsPipeline) {
  std::vector<Command> commands;
  commands.push_back(kPutIfHigher.call({key("v"), key("n")}, {5}));
  commands.emplace_back("WAIT", 0, 100);
  const auto outcomes =
      sync_wait(client_->pipeline(std::move(commands), {.timeout = Millis(5'000)}));
  EXPECT_EQ(text_of(outcomes[0]), "1");
  EXPECT_EQ(outcomes[1]->kind, Reply::Kind::integer);
}

TEST_P(Kv, AScriptIsOneStep) {
  auto put = [&](int value) {
    return text_of(ask(*client_, kPutIfHigher.call({key("v"), key("n")}, {value})));
  };
  EXPECT_EQ(put(5), "1");
  EXPECT_EQ(put(4), "!wrong STALE 5");
  EXPECT_EQ(put(5), "!wrong STALE 5");
  EXPECT_EQ(put(6), "2");
  EXPECT_EQ(does("GET", key("v")), "6");
  Many racing;
  for (int i = 7; i < 107; ++i)
    racing.begin(running_.loops.at(i % 2), *client_,
                 [this, i] { return kPutIfHigher.call({key("v"), key("n")}, {i}); });
  EXPECT_TRUE(soon([&] { return racing.done(); }));
  EXPECT_EQ(does("GET", key("v")), "106");
  EXPECT_EQ(does("GET", key("n")), std::to_string(2 + racing.count("answered")));
}

TEST_P(Kv, NewsReachEverySubscriberOfTheChannel) {
  std::mutex mutex;
  std::vector<std::string> heard;
  std::atomic<int> joined{0};
  auto listen = [&](const std::string& who, std::vector<std::string> channels) {
    return client_->subscribe(std::move(channels), [&, who](const News& news) {
      std::lock_guard lock(mutex);
      if (news.kind == News::Kind::joined)
        ++joined;
      else
        heard.push_back(who + " " + news.channel + " " + news.text);
    });
  };
  auto first = listen("1", {key("a"), key("b")});
  auto second = listen("2", {key("b")});
  ASSERT_TRUE(soon([&] { return joined == 2; }));
  does("PUBLISH", key("a"), "x");
  does("PUBLISH", key("b"), "y");
  does("PUBLISH", key("c"), "z");
  auto count = [&] {
    std::lock_guard lock(mutex);
    return heard.size();
  };
  EXPECT_TRUE(soon([&] { return count() == 3; }));
  second.reset();
  does("PUBLISH", key("b"), "last");
  EXPECT_TRUE(soon([&] { return count() == 4; }));
  std::ranges::sort(heard);
  EXPECT_EQ(heard, (List{"1 " + key("a") + " x", "1 " + key("b") + " last", "1 " + key("b") + " y",
                         "2 " + key("b") + " y"}));
  EXPECT_EQ(joined, 2);
}

TEST_P(Kv, TheServerTellsTheTime) {
  const List time = lists("TIME");
  ASSERT_EQ(time.size(), 2u);
  EXPECT_LT(std::abs(std::stoll(time[0]) - to_unix_ms(SystemClock().now()) / 1000), 3);
}

TEST_P(Kv, AThousandCallsAtOnceFromTwoLoops) {
  Many calls;
  for (int i = 0; i < 1'000; ++i) {
    const std::string where = key("n", std::to_string(i % 10));
    calls.begin(running_.loops.at(i % 2), *client_, [where] { return Command("INCRBY", where, 1); },
                {.timeout = Millis(10'000)});
  }
  EXPECT_TRUE(soon([&] { return calls.done(); }));
  EXPECT_EQ(calls.count("answered"), 1'000);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(does("GET", key("n", std::to_string(i))), "100");
}

TEST_P(Kv, CallsFromThreadsWithoutALoop) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([this] {
      for (int i = 0; i < 50; ++i) does("INCRBY", "{threads}" + GetParam(), 1);
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(does("GET", "{threads}" + GetParam()), "200");
}

INSTANTIATE_TEST_SUITE_P(, Kv, testing::Values("memory", "redis", "cluster"),
                         [](const auto& info) { return info.param; });

TEST(KvMemory, KeysOfOneCommandAreTogetherOrNoneAre) {
  RunningLoops running;
  Memory memory(running.loops.at(0));
  EXPECT_EQ(say(memory, "MGET", "a", "b"),
            "!wrong CROSSSLOT Keys in request don't hash to the same slot");
  EXPECT_EQ(say(memory, "DEL", "{r}a", "{r}b"), "0");
  memory.pretend_replicas(2);
  EXPECT_EQ(say(memory, "WAIT", 1, 10), "2");
  EXPECT_EQ(say(memory, "SET", "a", 1, "EX", 100), "OK");
  memory.advance(Millis(100'001));
  EXPECT_EQ(say(memory, "GET", "a"), "-");
}

}  // namespace
}  // namespace onsale::kv
