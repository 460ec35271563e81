// A cluster of six whose slots and primaries move while it is asked.
#include "tests/contract/kv_fixture.h"
#include "tests/contract/kv_servers.h"

namespace onsale::kv {
namespace {

using testing_support::RedisCluster;

constexpr Options kLong{.timeout = Millis(8'000)};
constexpr Options kRepeated{.timeout = Millis(8'000), .idempotent = true};

class KvCluster : public testing::Test {
 protected:
  static void SetUpTestSuite() { cluster_ = &RedisCluster::shared(); }

  // Moves every key of the slot, then the slot, as redis-cli does; `between` runs when half is
  // done.
  static void move(int slot, int from, int to, const std::function<void()>& between) {
    const std::string number = std::to_string(slot);
    cluster_->node(to).ask({"CLUSTER", "SETSLOT", number, "IMPORTING", cluster_->id(from)});
    cluster_->node(from).ask({"CLUSTER", "SETSLOT", number, "MIGRATING", cluster_->id(to)});
    for (bool half = false;;) {
      const auto keys = cluster_->node(from).ask({"CLUSTER", "GETKEYSINSLOT", number, "4"}).items;
      if (keys.empty()) break;
      for (const Reply& key : keys)
        cluster_->node(from).ask({"MIGRATE", "127.0.0.1",
                                  std::to_string(cluster_->node(to).at().port), key.text, "0",
                                  "1000"});
      if (!std::exchange(half, true)) between();
    }
    const std::string id = cluster_->id(to);
    cluster_->node(to).ask({"CLUSTER", "SETSLOT", number, "NODE", id});
    cluster_->node(from).ask({"CLUSTER", "SETSLOT", number, "NODE", id});
  }

  exec::Loop& loop() { return running_.loops.at(0); }

  static inline RedisCluster* cluster_ = nullptr;
  RunningLoops running_{1};
  std::unique_ptr<Redis> client_ = open(running_.loops, cluster_->config());
};

// Goes on adding to ten counters of one slot until told to end.
struct Adding {
  Adding(exec::Loop& loop, Client& client) : loop(loop), client(client) {
    for (int i = 0; i < 10; ++i) again(i);
  }
  void again(int key) {
    ++under_way;
    loop.post([this, key] {
      start(one(client, "{hot}" + std::to_string(key), answered, failed, last),
            [this, key](std::exception_ptr) {
              if (!ending) again(key);
              --under_way;
            });
    });
  }
  static Task<void> one(Client& client, std::string key, std::atomic<int>& answered,
                        std::atomic<int>& failed, std::string& last) {
    auto asked = client.call(Command("INCRBY", key, 1), kLong);
    const Outcome outcome = co_await std::move(asked);
    ++(outcome ? answered : failed);
    if (!outcome) last = text_of(outcome);
  }
  void end() {
    ending = true;
    EXPECT_TRUE(soon([&] { return under_way == 0; }));
  }
  exec::Loop& loop;
  Client& client;
  std::atomic<int> under_way{0}, answered{0}, failed{0};
  std::atomic<bool> ending{false};
  std::string last{};  // the loop's
};

TEST_F(KvCluster, AHotSlotMovesWhileItIsWrittenAndNothingIsLostOrDoneTwice) {
  const int slot = hash_slot("{hot}");
  const int from = cluster_->owner(slot), to = (from + 1) % 3;
  Adding adding(loop(), *client_);
  ASSERT_TRUE(soon([&] { return adding.answered > 100; }));
  auto goes_on = [&] {
    const int before = adding.answered;
    EXPECT_TRUE(soon([&] { return adding.answered > before + 200; }));
  };
  const auto redirected = client_->statistics().redirected;
  move(slot, from, to, goes_on);  // ASK for the keys that are there already
  EXPECT_GT(client_->statistics().redirected, redirected);
  goes_on();  // MOVED
  move(slot, to, from, [] {});
  goes_on();
  adding.end();
  EXPECT_EQ(adding.failed, 0) << adding.last;
  int sum = 0;
  for (int i = 0; i < 10; ++i) sum += std::stoi(say(*client_, "GET", "{hot}" + std::to_string(i)));
  EXPECT_EQ(sum, adding.answered);
  EXPECT_EQ(client_->statistics().broken, 0u);
}

TEST_F(KvCluster, KeysThatAreSplitBetweenServersAreWaitedFor) {
  const int slot = hash_slot("{split}");
  const int from = cluster_->owner(slot), to = (from + 1) % 3;
  for (int i = 0; i < 8; ++i) say(*client_, "SET", "{split}" + std::to_string(i), i);
  Many reads;
  move(slot, from, to, [&] {
    // TRYAGAIN until all of them are at one place.
    reads.begin(
        loop(), *client_,
        [] {
          return Command("MGET", "{split}0", "{split}1", "{split}2", "{split}3", "{split}4",
                         "{split}5");
        },
        kLong);
    std::this_thread::sleep_for(Millis(100));
    EXPECT_FALSE(reads.done());
  });
  EXPECT_TRUE(soon([&] { return reads.done(); }));
  EXPECT_EQ(texts_of(*reads.results()[0]),
            (std::vector<std::string>{"0", "1", "2", "3", "4", "5"}));
  EXPECT_TRUE(say(*client_, "MGET", "a", "b").starts_with("!wrong CROSSSLOT"));
}

TEST_F(KvCluster, ReadsMayGoToReplicasOfTheirSlot) {
  EXPECT_EQ(say(*client_, "SET", "r", "1"), "OK");
  std::vector<Command> two;
  two.emplace_back("SET", "r", "2");
  two.emplace_back("WAIT", 1, 2'000);
  EXPECT_EQ(text_of(sync_wait(client_->pipeline(std::move(two), kLong))[1]), "1");
  auto reads_of_replicas = [] {
    int count = 0;
    for (int i = 0; i < RedisCluster::kNodes; ++i) {
      const std::string calls = cluster_->node(i).info("commandstats", "cmdstat_get");
      const bool replica = cluster_->node(i).info("replication", "role") == "slave";
      if (replica && !calls.empty()) count += std::stoi(calls.substr(6));
    }
    return count;
  };
  const int before = reads_of_replicas();
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(text_of(ask(*client_, Command("GET", "r"),
                          {.timeout = Millis(5'000), .from = From::replica})),
              "2");
  EXPECT_EQ(reads_of_replicas(), before + 10);
}

TEST_F(KvCluster, AKilledPrimaryIsReplacedByItsReplica) {
  const int owner = cluster_->owner(hash_slot("f"));
  EXPECT_EQ(say(*client_, "SET", "f", "1"), "OK");
  std::vector<Command> two;
  two.emplace_back("SET", "f", "2");
  two.emplace_back("WAIT", 1, 2'000);
  (void)sync_wait(client_->pipeline(std::move(two), kLong));
  std::atomic<int> heard{0};
  std::vector<std::unique_ptr<Subscription>> news;
  for (int i = 0; i < 4; ++i)
    news.push_back(client_->subscribe(
        {"c"}, [&](const News& one) { heard += one.kind == News::Kind::message ? 1 : 0; }));
  cluster_->node(owner).kill();
  EXPECT_EQ(text_of(ask(*client_, Command("GET", "f"), kRepeated)), "2");
  EXPECT_EQ(text_of(ask(*client_, Command("SET", "f", "3"), kRepeated)), "OK");
  EXPECT_TRUE(soon([&] {
    heard = 0;
    say(*client_, "PUBLISH", "c", "x");
    return soon([&] { return heard >= 4; }, Millis(200));
  }));
  cluster_->node(owner).start();
  cluster_->wait_until_ok();
  EXPECT_EQ(text_of(ask(*client_, Command("GET", "f"), kRepeated)), "3");
}

}  // namespace
}  // namespace onsale::kv
