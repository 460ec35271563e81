// One Redis server, or a primary with its replica, when things go wrong: what a call says is what
// may have happened, and all moves again within moments of the healing.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/contract/kv_fixture.h"
#include "tests/contract/kv_servers.h"

namespace onsale::kv {
namespace {

using std::chrono::steady_clock;
using testing_support::RedisServer;

constexpr Options kLong{.timeout = Millis(8'000)};
constexpr Options kShort{.timeout = Millis(150)};

class KvFaults : public testing::Test {
 protected:
  std::unique_ptr<Redis> client(Config config) { return open(running_.loops, std::move(config)); }
  std::unique_ptr<Redis> client() { return client(server().config()); }
  RedisServer& server() {
    if (!server_) server_ = std::make_unique<RedisServer>();
    return *server_;
  }
  exec::Loop& loop() { return running_.loops.at(0); }

  std::unique_ptr<RedisServer> server_;
  RunningLoops running_{1};
};

// A server as no real one is: what a connection gets is written here.
class Scripted {
 public:
  // `answer` is asked with every piece of bytes that comes, and says what goes back; none hangs up.
  using Answer = std::function<std::optional<std::string>(const std::string& bytes)>;
  explicit Scripted(Answer answer) : answer_(std::move(answer)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(listener_, reinterpret_cast<sockaddr*>(&at), sizeof at);
    ::listen(listener_, 64);
    socklen_t size = sizeof at;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size);
    port_ = ntohs(at.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~Scripted() {
    stopping_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    if (const int fd = open_; fd >= 0) ::shutdown(fd, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  Config config() const { return {.endpoints = {{.host = "127.0.0.1", .port = port_}}}; }
  int connections() const { return connections_; }

 private:
  void serve() {
    while (!stopping_) {
      const int fd = ::accept(listener_, nullptr, nullptr);
      if (fd < 0) return;
      open_ = fd;
      ++connections_;
      char bytes[4096];
      for (;;) {
        const auto got = ::recv(fd, bytes, sizeof bytes, 0);
        if (got <= 0) break;
        const auto said = answer_(std::string(bytes, static_cast<std::size_t>(got)));
        if (!said) break;
        ::send(fd, said->data(), said->size(), MSG_NOSIGNAL);
      }
      open_ = -1;
      ::close(fd);
    }
  }
  const Answer answer_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> open_{-1}, connections_{0};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

const std::string kPrimary = "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n";
bool asks_role(const std::string& bytes) { return bytes.contains("ROLE"); }

// ---- who we are, who they are

TEST_F(KvFaults, AWrongPasswordAWrongUserAndAMissingRightAreDenied) {
  server_ = std::make_unique<RedisServer>(RedisServer::Setup{.tls = true});
  Config wrong = server().config();
  wrong.password = "guess";
  EXPECT_TRUE(text_of(ask(*client(wrong), Command("GET", "a"), kShort)).contains("WRONGPASS"));
  EXPECT_EQ(why_of(ask(*client(wrong), Command("GET", "a"), kShort)), "denied");
  const auto good = client();
  EXPECT_EQ(say(*good, "SET", "a", 1), "OK");
  EXPECT_EQ(why_of(ask(*good, Command("FLUSHALL"))), "denied");
  EXPECT_EQ(say(*good, "GET", "a"), "1");
}

TEST_F(KvFaults, AServerWhoseCertificateIsNotGoodGetsNothing) {
  server_ = std::make_unique<RedisServer>(RedisServer::Setup{.tls = true});
  const RedisServer other({.tls = true});
  auto refused = [&](Config config) {
    const Outcome said = ask(*client(std::move(config)), Command("SET", "a", "1"), kShort);
    return why_of(said) == "not_sent" && text_of(said).contains("TLS");
  };
  Config stranger = server().config(), name = server().config(), address = server().config();
  stranger.tls_ca_file = other.config().tls_ca_file;
  EXPECT_TRUE(refused(stranger));
  name.tls_name = "other.test";
  EXPECT_TRUE(refused(name));
  address.tls_name = "";  // 127.0.0.1 is not in it
  EXPECT_TRUE(refused(address));
  address.endpoints[0].host = "localhost";  // but this is
  EXPECT_EQ(say(*client(address), "GET", "a"), "-");
  Config none = server().config();
  none.tls_ca_file = "/nowhere/ca.pem";
  EXPECT_THROW(client(none), std::runtime_error);
}

// ---- a server that goes away

TEST_F(KvFaults, WhatWasOnItsWayToAKilledServerIsUnknownAndTheRestWaits) {
  const auto kv = client();
  EXPECT_EQ(say(*kv, "SET", "a", "old"), "OK");
  server().pause();
  Many writes, reads;
  for (int i = 0; i < 20; ++i) {
    writes.begin(loop(), *kv, [] { return Command("SET", "a", "new"); }, kLong);
    reads.begin(loop(), *kv, [] { return Command("GET", "a"); },
                {.timeout = Millis(8'000), .idempotent = true});
  }
  std::this_thread::sleep_for(Millis(50));
  EXPECT_EQ(kv->statistics().under_way, 40);
  server().kill();
  EXPECT_TRUE(soon([&] { return writes.done(); }, Millis(1'000)));
  EXPECT_EQ(writes.count("unknown"), 20);
  EXPECT_FALSE(reads.done());
  EXPECT_EQ(why_of(ask(*kv, Command("SET", "b", "1"), kShort)), "not_sent");
  Many later;
  later.begin(loop(), *kv, [] { return Command("SET", "c", "1"); }, kLong);
  server().start();
  EXPECT_TRUE(soon([&] { return reads.done() && later.done(); }));
  EXPECT_EQ(reads.count("answered"), 20);
  EXPECT_EQ(later.count("answered"), 1);
  EXPECT_GE(kv->statistics().repeated, 20u);
  EXPECT_EQ(say(*kv, "GET", "b"), "-");
}

TEST_F(KvFaults, AServerThatStandsStillIsUnknownThenNotSentThenGoesOn) {
  Config config = server().config();
  config.silent_max = Millis(300);
  config.connect_within = Millis(200);
  const auto kv = client(config);
  EXPECT_EQ(say(*kv, "INCRBY", "n", 1), "1");
  server().pause();
  const auto began = steady_clock::now();
  EXPECT_EQ(why_of(ask(*kv, Command("INCRBY", "n", 1), kShort)), "unknown");
  EXPECT_LT(steady_clock::now() - began, Millis(400));
  std::this_thread::sleep_for(Millis(300));
  EXPECT_EQ(why_of(ask(*kv, Command("INCRBY", "n", 100), kShort)), "not_sent");
  server().resume();
  const std::string after = text_of(ask(*kv, Command("INCRBY", "n", 1), kLong));
  EXPECT_EQ(after, "3");  // what was unknown had happened; what was not sent had not
}

TEST_F(KvFaults, WhatTheKernelHoldsBackIsNotSent) {
  const auto kv = client();
  EXPECT_EQ(say(*kv, "SET", "a", "1"), "OK");
  server().pause();
  Many calls;
  const std::string large(400'000, 'x');
  for (int i = 0; i < 60; ++i)
    calls.begin(loop(), *kv, [&large, i] { return Command("SET", "k" + std::to_string(i), large); },
                {.timeout = Millis(400)});
  EXPECT_TRUE(soon([&] { return calls.done(); }));
  EXPECT_GT(calls.count("unknown"), 0);
  EXPECT_GT(calls.count("not_sent"), 0);
  EXPECT_EQ(calls.count("unknown") + calls.count("not_sent"), 60);
  server().resume();
  EXPECT_EQ(say(*kv, "GET", "a"), "1");
  int i = 0;
  for (const auto& one : calls.results()) {
    const std::string key = "k" + std::to_string(i++);
    if (why_of(*one) == "not_sent") EXPECT_EQ(say(*kv, "PTTL", key), "-2");
  }
}

TEST_F(KvFaults, AnAnswerThatIsCutOffIsUnknown) {
  Scripted cut([](const std::string& bytes) -> std::optional<std::string> {
    if (asks_role(bytes)) return kPrimary;
    return bytes.contains("MORE") ? std::nullopt : std::optional<std::string>("+OK\r\n$10\r\nabc");
  });
  const auto kv = client(cut.config());
  std::vector<Command> two;
  two.emplace_back("SET", "a", "1");
  two.emplace_back("GET", "a");
  Many third;
  std::vector<Outcome> said;
  std::thread waiting([&] { said = sync_wait(kv->pipeline(std::move(two), kLong)); });
  std::this_thread::sleep_for(Millis(50));
  third.begin(loop(), *kv, [] { return Command("GET", "MORE"); }, kLong);
  waiting.join();
  EXPECT_EQ(text_of(said[0]), "OK");
  EXPECT_EQ(why_of(said[1]), "unknown");
  EXPECT_TRUE(soon([&] { return third.done(); }));
  EXPECT_EQ(third.count("unknown"), 1);
}

TEST_F(KvFaults, NonsenseAndWhatNobodyAskedForEndTheConnection) {
  for (const char* nonsense : {"?what\r\n", "*9999999\r\n", ":1\r\n:2\r\n", "$-7\r\n"}) {
    Scripted server([&](const std::string& bytes) -> std::optional<std::string> {
      return asks_role(bytes) ? kPrimary : std::string(nonsense);
    });
    const auto kv = client(server.config());
    const std::string first = why_of(ask(*kv, Command("GET", "a"), kShort));
    EXPECT_EQ(first, nonsense[0] == ':' ? "answered" : "unknown") << nonsense;
    (void)ask(*kv, Command("GET", "a"), kShort);
    EXPECT_GT(server.connections(), 1) << nonsense;
  }
}

TEST_F(KvFaults, AServerThatDropsEveryConnectionIsNotStormed) {
  Scripted server([](const std::string&) { return std::nullopt; });
  const auto kv = client(server.config());
  Many calls;
  for (int i = 0; i < 500; ++i)
    calls.begin(loop(), *kv, [] { return Command("GET", "a"); }, {.timeout = Millis(1'000)});
  EXPECT_TRUE(soon([&] { return calls.done(); }));
  EXPECT_EQ(calls.count("not_sent"), 500);
  EXPECT_GE(server.connections(), 3);
  EXPECT_LE(server.connections(), 25);
}

TEST_F(KvFaults, AConnectionThatNobodyTakesIsNotWaitedForBeyondTheDeadline) {
  Scripted silent([](const std::string&) { return std::string(); });
  const auto kv = client(silent.config());
  const auto began = steady_clock::now();
  EXPECT_EQ(why_of(ask(*kv, Command("GET", "a"), kShort)), "not_sent");
  Config nowhere = silent.config();
  nowhere.endpoints[0].host = "no.such.host.invalid";
  EXPECT_EQ(why_of(ask(*client(nowhere), Command("GET", "a"), kShort)), "not_sent");
  EXPECT_LT(steady_clock::now() - began, Millis(1'500));
}

TEST_F(KvFaults, AFullQueueTurnsAwayAtOnce) {
  Config config = server().config();
  config.calls_max = 100;
  config.call_bytes_max = 1'000'000;
  const auto kv = client(config);
  EXPECT_EQ(say(*kv, "SET", "a", "1"), "OK");
  EXPECT_THROW(say(*kv, "SET", "a", std::string(1'100'000, 'x')), Overloaded);
  server().pause();
  Many calls;
  for (int i = 0; i < 130; ++i)
    calls.begin(loop(), *kv, [] { return Command("INCRBY", "n", 1); }, kLong);
  EXPECT_TRUE(soon([&] { return calls.thrown() == 30; }, Millis(1'000)));
  server().resume();
  EXPECT_TRUE(soon([&] { return calls.done(); }));
  EXPECT_EQ(calls.count("answered"), 100);
  EXPECT_EQ(say(*kv, "GET", "n"), "100");
}

TEST_F(KvFaults, CallsUnderWayEndWithTheClient) {
  auto kv = client();
  EXPECT_EQ(say(*kv, "SET", "a", "1"), "OK");
  Redis& gone = *kv;
  server().pause();
  Many calls;
  calls.begin(loop(), gone, [] { return Command("SET", "a", "2"); }, kLong);
  calls.begin(
      loop(), gone, [] { return Command("XREAD", "BLOCK", 0, "STREAMS", "s", "$"); }, kLong);
  std::this_thread::sleep_for(Millis(50));
  kv.reset();
  EXPECT_TRUE(soon([&] { return calls.done(); }, Millis(2'000)));
  EXPECT_EQ(calls.count("unknown"), 1);
  EXPECT_EQ(calls.count("not_sent"), 1);  // its connection was still being made
  server().resume();
}

// ---- a server that says no

TEST_F(KvFaults, AFullMemoryIsSaidAndReadingGoesOn) {
  const auto kv = client();
  EXPECT_EQ(say(*kv, "SET", "a", "1"), "OK");
  server().ask({"CONFIG", "SET", "maxmemory-policy", "noeviction"});
  server().ask({"CONFIG", "SET", "maxmemory", "1"});
  EXPECT_EQ(why_of(ask(*kv, Command("SET", "a", "2"))), "full");
  const Script write("return redis.call('SET', KEYS[1], 'x')");
  EXPECT_EQ(why_of(ask(*kv, write.call({"a"}, {}))), "full");
  EXPECT_EQ(say(*kv, "GET", "a"), "1");
  server().ask({"CONFIG", "SET", "maxmemory", "0"});
  EXPECT_EQ(say(*kv, "SET", "a", "2"), "OK");
}

TEST_F(KvFaults, AServerThatLoadsIsWaitedFor) {
  server_ = std::make_unique<RedisServer>(RedisServer::Setup{
      .more = {"--loading-process-events-interval-bytes", "1024", "--rdbcompression", "no"}});
  server().ask(
      {"EVAL", "for i = 1, 2000 do redis.call('SET', 'k' .. i, string.rep('x', 100)) end", "0"});
  server().ask({"SAVE"});
  const auto kv = client();
  server().kill();
  server().start({"--key-load-delay", "500"});
  EXPECT_EQ(text_of(ask(*kv, Command("GET", "k1"), kShort)).substr(0, 20), "!unavailable LOADING");
  EXPECT_EQ(text_of(ask(*kv, Command("GET", "k1999"), kLong)), std::string(100, 'x'));
}

TEST_F(KvFaults, AScriptThatTheServerForgotIsToldAgain) {
  const Script add("return redis.call('INCRBY', KEYS[1], ARGV[1])");
  const auto kv = client();
  auto waited = [&] {
    std::vector<Command> two;
    two.push_back(add.call({"n"}, {1}));
    two.emplace_back("WAIT", 0, 10);
    return text_of(sync_wait(kv->pipeline(std::move(two), kLong))[0]);
  };
  EXPECT_EQ(text_of(ask(*kv, add.call({"n"}, {1}))), "1");
  EXPECT_EQ(waited(), "2");
  server().ask({"SCRIPT", "FLUSH"});
  EXPECT_EQ(text_of(ask(*kv, add.call({"n"}, {1}))), "3");
  server().ask({"SCRIPT", "FLUSH"});
  // With what waits for it, it can't be sent again by itself: nothing happened, and the next knows.
  EXPECT_EQ(waited().substr(0, 21), "!unavailable NOSCRIPT");
  EXPECT_EQ(waited(), "4");
  server().kill();
  server().start();
  EXPECT_EQ(text_of(ask(*kv, add.call({"n"}, {1}))), "1");
  const Script broken("return redis.call('NOSUCH')");
  EXPECT_EQ(why_of(ask(*kv, broken.call({"n"}, {}))), "wrong");
}

TEST_F(KvFaults, AScriptThatRunsForLongIsWaitedFor) {
  server().ask({"CONFIG", "SET", "busy-reply-threshold", "20"});
  const auto kv = client();
  Many busy;
  const Script slow(
      "local t = redis.call('TIME')[1] * 1 while redis.call('TIME')[1] - t < 1 do end");
  busy.begin(loop(), *kv, [&] { return slow.call({"a"}, {}); }, kLong);
  const auto other = client();
  std::this_thread::sleep_for(Millis(60));
  EXPECT_EQ(say(*other, "SET", "a", 1), "OK");
  EXPECT_TRUE(soon([&] { return busy.done(); }));
}

// ---- news

TEST_F(KvFaults, NewsAfterABreakBeginWithJoined) {
  Config config = server().config();
  config.silent_max = Millis(400);
  const auto kv = client(config);
  std::atomic<int> joined{0}, heard{0};
  const auto news = kv->subscribe(
      {"c"}, [&](const News& one) { ++(one.kind == News::Kind::joined ? joined : heard); });
  ASSERT_TRUE(soon([&] { return joined == 1; }));
  std::this_thread::sleep_for(Millis(600));  // nothing to hear is no reason to leave
  EXPECT_EQ(joined, 1);
  server().kill();
  server().start();
  ASSERT_TRUE(soon([&] { return joined == 2; }));
  server().ask({"PUBLISH", "c", "x"});
  EXPECT_TRUE(soon([&] { return heard == 1; }));
  server().pause();  // silent, but there
  std::this_thread::sleep_for(Millis(500));
  server().resume();
  EXPECT_TRUE(soon([&] { return joined == 3; }));
}

TEST_F(KvFaults, AListenerThatIsTooSlowIsCutOffAndToldSo) {
  server().ask({"CONFIG", "SET", "client-output-buffer-limit", "pubsub 1mb 1mb 0"});
  const auto kv = client();
  std::atomic<int> joined{0}, heard{0};
  const auto news = kv->subscribe({"c"}, [&](const News& one) {
    if (one.kind == News::Kind::joined) {
      ++joined;
    } else if (++heard == 1) {
      std::this_thread::sleep_for(Millis(300));  // what no listener may do
    }
  });
  ASSERT_TRUE(soon([&] { return joined == 1; }));
  const std::string large(1'000'000, 'x');
  for (int i = 0; i < 40; ++i) server().ask({"PUBLISH", "c", large});
  EXPECT_TRUE(soon([&] { return joined >= 2; }));
  EXPECT_LT(heard, 40);
  EXPECT_TRUE(soon([&] { return server().ask({"PUBLISH", "c", "x"}).integer == 1; }));
  const int before = heard;
  server().ask({"PUBLISH", "c", "x"});
  EXPECT_TRUE(soon([&] { return heard > before; }));
}

// ---- a primary and its replica

class KvReplica : public KvFaults {
 protected:
  KvReplica() {
    follow(second_, server());
    both_.endpoints = {second_.at(), server().at()};  // the wrong one first
  }
  static void follow(RedisServer& who, RedisServer& whom) {
    who.ask({"REPLICAOF", "127.0.0.1", std::to_string(whom.at().port)});
    EXPECT_TRUE(soon([&] { return who.info("replication", "master_link_status") == "up"; }));
  }

  RedisServer second_;
  Config both_;
};

TEST_F(KvReplica, WritesGoToThePrimaryAndWaitCountsReplicas) {
  const auto kv = client(both_);
  EXPECT_EQ(say(*kv, "SET", "a", "1"), "OK");
  auto written = [&] {
    std::vector<Command> two;
    two.emplace_back("INCRBY", "n", 1);
    two.emplace_back("WAIT", 1, 300);
    return text_of(sync_wait(kv->pipeline(std::move(two), kLong))[1]);
  };
  EXPECT_TRUE(soon([&] { return written() == "1"; }));
  second_.pause();
  EXPECT_EQ(written(), "0");
  second_.resume();
  EXPECT_TRUE(soon([&] { return written() == "1"; }));
}

TEST_F(KvReplica, ReadsMayGoToTheReplicaAndComeBackWhenItIsGone) {
  const auto kv = client(both_);
  EXPECT_EQ(say(*kv, "SET", "a", "1"), "OK");
  EXPECT_TRUE(soon([&] { return second_.ask({"GET", "a"}).text == "1"; }));
  const Options replica{.timeout = Millis(2'000), .from = From::replica};
  second_.ask({"CONFIG", "RESETSTAT"});
  for (int i = 0; i < 10; ++i) EXPECT_EQ(text_of(ask(*kv, Command("GET", "a"), replica)), "1");
  EXPECT_TRUE(second_.info("commandstats", "cmdstat_get").starts_with("calls=10"));
  EXPECT_EQ(say(*kv, "GET", "a"), "1");
  EXPECT_TRUE(second_.info("commandstats", "cmdstat_get").starts_with("calls=10"));
  second_.kill();
  EXPECT_TRUE(soon([&] { return text_of(ask(*kv, Command("GET", "a"), replica)) == "1"; }));
  for (int i = 0; i < 10; ++i) EXPECT_EQ(text_of(ask(*kv, Command("GET", "a"), replica)), "1");
}

TEST_F(KvReplica, AFailoverByHandIsFollowed) {
  const auto kv = client(both_);
  for (int i = 1; i <= 5; ++i) EXPECT_EQ(say(*kv, "INCRBY", "n", 1), std::to_string(i));
  EXPECT_TRUE(soon([&] { return second_.ask({"GET", "n"}).text == "5"; }));
  second_.ask({"REPLICAOF", "NO", "ONE"});
  follow(server(), second_);
  Many calls;  // READONLY is what the first of them meet
  for (int i = 0; i < 50; ++i)
    calls.begin(loop(), *kv, [] { return Command("INCRBY", "n", 1); }, kLong);
  EXPECT_TRUE(soon([&] { return calls.done(); }));
  EXPECT_EQ(calls.count("answered"), 50);
  EXPECT_EQ(second_.ask({"GET", "n"}).text, "55");
  EXPECT_EQ(say(*kv, "GET", "n"), "55");
}

TEST_F(KvReplica, WhoOnlyReadsNoticesAFailoverToo) {
  const auto kv = client(both_);
  EXPECT_EQ(say(*kv, "SET", "a", "old"), "OK");
  second_.ask({"REPLICAOF", "NO", "ONE"});
  follow(server(), second_);
  server().ask({"REPLICAOF", "127.0.0.1", "1"});  // and hears nothing new
  second_.ask({"SET", "a", "new"});
  EXPECT_TRUE(soon([&] { return say(*kv, "GET", "a") == "new"; }, Millis(3'000)));
}

TEST_F(KvReplica, AKilledPrimaryIsReplacedByTheReplicaThatSomebodyPromotes) {
  const auto kv = client(both_);
  std::atomic<int> joined{0}, heard{0};
  const auto news = kv->subscribe(
      {"c"}, [&](const News& one) { ++(one.kind == News::Kind::joined ? joined : heard); });
  EXPECT_EQ(say(*kv, "SET", "a", "1"), "OK");
  ASSERT_TRUE(soon([&] { return joined == 1; }));
  EXPECT_TRUE(soon([&] { return second_.ask({"GET", "a"}).text == "1"; }));
  server().kill();
  EXPECT_EQ(why_of(ask(*kv, Command("SET", "a", "2"), kShort)), "not_sent");
  second_.ask({"REPLICAOF", "NO", "ONE"});
  EXPECT_EQ(text_of(ask(*kv, Command("SET", "a", "3"), kLong)), "OK");
  ASSERT_TRUE(soon([&] { return joined == 2; }));
  second_.ask({"PUBLISH", "c", "x"});
  EXPECT_TRUE(soon([&] { return heard == 1; }));
}

}  // namespace
}  // namespace onsale::kv
