#include "platform/http/live/stomp_session.h"

#include <gtest/gtest.h>

#include <future>
#include <map>

#include "platform/exec/loop.h"
#include "platform/http/live/sse.h"

namespace onsale::http {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

// Runs `work` on the loop and waits for it.
template <class F>
auto on(exec::Loop& loop, F work) {
  std::packaged_task<std::invoke_result_t<F&>()> task(std::move(work));
  auto result = task.get_future();
  loop.post([&task] { task(); });
  return result.get();
}

struct FakeWire final : Wire {
  void wake() override { ++wakes; }
  void ping() override { ++pings; }
  void abort() override { ++aborts; }
  int wakes = 0, pings = 0, aborts = 0;
};

// A peer that takes a frame whenever the test says so.
struct Peer {
  Peer(Hub& hub, std::optional<Principal> principal = {}, std::string_view client = {})
      : session(hub, std::move(principal), wire, client) {}

  void send(const std::string& bytes) { session.received(bytes); }
  void connect() {
    send("CONNECT\naccept-version:1.1,1.2\nheart-beat:10000,10000\n\n\0"s);
    drain();
  }
  std::string subscribe(const std::string& destination, const std::string& id = "0",
                        const std::string& more = "") {
    send("SUBSCRIBE\nid:" + id + "\ndestination:" + destination + "\n" + more + "\n\0"s);
    return drain();
  }
  // Everything there is to send: the frames' commands and bodies, or the bare text of a beat.
  std::string drain() {
    std::string all;
    Outgoing out;
    while (session.next(out)) {
      session.sent();
      const std::string bytes = out.head + (out.body ? *out.body : "") + (out.nul ? "\0"s : "");
      last = bytes;
      const auto parsed = stomp::parse(bytes);
      if (!all.empty()) all += " ";
      all += parsed && parsed->frame ? parsed->frame->command + "(" +
                                           std::string(parsed->frame->headers.get("message")) +
                                           parsed->frame->body + ")"
                                     : "beat";
    }
    return all;
  }

  FakeWire wire;
  StompSession session;
  std::string last;
};

struct StompSessionTest : testing::Test {
  StompSessionTest() {
    hub.topic_source("/topic/rooms/", [this](std::string_view rest) -> std::optional<std::string> {
      const auto room = rooms.find(std::string(rest));
      if (room == rooms.end()) return {};
      return room->second;
    });
    hub.on_user_destination(
        "/user/queue/place",
        [this](const stomp::Headers& headers,
               const std::optional<Principal>&) -> Result<UserSubscription, SubscribeRefusal> {
          if (headers.get("place") != "good")
            return std::unexpected(SubscribeRefusal{"place_invalid", "no such place"});
          return UserSubscription{"room:x", [this] { return place; }, [this] { ++closed; },
                                  "place:1"};
        });
    loops.start();
  }
  ~StompSessionTest() override { loops.stop(); }

  exec::Loop& loop() { return loops.at(0); }
  // What was posted to the loop so far is done.
  void settle() {
    for (int i = 0; i < 3; ++i) on(loop(), [] {});
  }
  void advance(Millis by) { now_ms += by.count(); }
  Steady now() const { return Steady(Millis(now_ms.load())); }

  std::atomic<std::int64_t> now_ms{1'000'000};
  std::map<std::string, std::string> rooms{{"x", "{\"waiting\":1}"}, {"quiet", ""}};
  std::string place = "{\"position\":9}";
  int closed = 0;
  exec::Loops loops{1};
  Hub hub{loops, {.now = [this] { return now(); }}};
};

TEST_F(StompSessionTest, ConnectsWithVersionAndBeats) {
  on(loop(), [&] {
    Peer peer(hub);
    peer.send("CONNECT\naccept-version:1.0,1.1,1.2\nheart-beat:5000,4000\nhost:a\n\n\0"s);
    EXPECT_EQ(peer.drain(), "CONNECTED()");
    EXPECT_NE(peer.last.find("\nversion:1.2\n"), std::string::npos);
    EXPECT_NE(peer.last.find("\nheart-beat:10000,10000\n"), std::string::npos);
    EXPECT_EQ(peer.session.close_code(), CloseCode::none);
  });
}

TEST_F(StompSessionTest, WhatIsNotListeningIsRefusedAndEnds) {
  struct Row {
    std::string bytes, want;
    bool connected = true;
  };
  const Row rows[] = {
      {"SEND\ndestination:/topic/rooms/x\n\nhello\0"s,
       "ERROR(send_refusedclients only listen here)"},
      {"SEND\ndestination:/topic/rooms/x\n", "ERROR(send_refusedclients only listen here)"},
      {"BEGIN\ntransaction:1\n\n\0"s, ""},
      {"ACK\nid:1\n\n\0"s, ""},
      {"NACK\nid:1\n\n\0"s, ""},
      {"COMMIT\ntransaction:1\n\n\0"s, ""},
      {"HELLO\n\n\0"s, ""},
      {"CONNECT\naccept-version:1.2\n\n\0"s, ""},
      {"UNSUBSCRIBE\nid:7\n\n\0"s, ""},
      {"SUBSCRIBE\ndestination:/topic/rooms/x\n\n\0"s, ""},
      {"SUBSCRIBE\nid:0\n\n\0"s, ""},
      {"SUBSCRIBE\nid:0\ndestination:/topic/rooms/unknown\n\n\0"s, ""},
      {"SUBSCRIBE\nid:0\ndestination:/elsewhere\n\n\0"s, ""},
      {"SUBSCRIBE\nid:0\nack:client\ndestination:/topic/rooms/x\n\n\0"s, ""},
      {"SUBSCRIBE\nid:0\ndestination:/user/queue/place\nplace:forged\n\n\0"s,
       "ERROR(place_invalidno such place)"},
      {"SUBSCRIBE\nid:" + std::string(200, 'i') + "\ndestination:/topic/rooms/x\n\n\0"s, ""},
      {"nonsense\n", ""},
      {"SUBSCRIBE\nid:0\ndestination:/topic/rooms/x\n\n\0"s, "", false},
      {"CONNECT\naccept-version:1.0,1.1\n\n\0"s, "", false},
      {"CONNECT\naccept-version:1.2\nheart-beat:a,b\n\n\0"s, "", false},
      {"CONNECT\n\n\0"s, "", false},
  };
  for (const Row& row : rows) {
    on(loop(), [&] {
      Peer peer(hub);
      if (row.connected) peer.connect();
      peer.send(row.bytes);
      const std::string got = peer.drain();
      EXPECT_TRUE(got.starts_with("ERROR(")) << row.bytes << " got " << got;
      EXPECT_TRUE(row.want.empty() || got == row.want) << got;
      EXPECT_EQ(peer.session.close_code(), CloseCode::policy) << row.bytes;
      peer.send("SUBSCRIBE\nid:0\ndestination:/topic/rooms/x\n\n\0"s);
      EXPECT_EQ(peer.drain(), "") << "nothing after an ERROR";
    });
  }
  EXPECT_EQ(hub.stats().watches, 0);
  EXPECT_EQ(hub.stats().connections, 0);
}

TEST_F(StompSessionTest, FramesMayComeInAnyPieces) {
  on(loop(), [&] {
    Peer peer(hub);
    const std::string all =
        "\n\nCONNECT\naccept-version:1.2\n\n\0\nSUBSCRIBE\nid:0\ndestination:/topic/rooms/x\n"
        "receipt:r\n\n\0\n\nDISCONNECT\nreceipt:bye\n\n\0"s;
    for (const char c : all) peer.send(std::string(1, c));
    EXPECT_EQ(peer.drain(), "CONNECTED() RECEIPT() RECEIPT()");
    EXPECT_NE(peer.last.find("receipt-id:bye"), std::string::npos);
    EXPECT_EQ(peer.session.close_code(), CloseCode::normal);
  });
}

TEST_F(StompSessionTest, ATopicSendsThePresentStateAtOnceAndThenTheLatest) {
  const auto owned = on(loop(), [&] { return std::make_unique<Peer>(hub); });
  Peer& peer = *owned;
  on(loop(), [&] {
    peer.connect();
    EXPECT_EQ(peer.subscribe("/topic/rooms/x"), "MESSAGE({\"waiting\":1})");
    EXPECT_EQ(peer.subscribe("/topic/rooms/quiet", "1"), "");
  });
  for (int i = 2; i <= 50; ++i) hub.publish("/topic/rooms/x", std::to_string(i));
  hub.publish("/topic/rooms/quiet", "first");
  hub.publish("/topic/rooms/nobody", "lost");
  settle();
  on(loop(), [&] {
    // Both subscriptions get their turn; what the slow peer missed is gone, not queued.
    const std::string got = peer.drain();
    EXPECT_TRUE(got == "MESSAGE(50) MESSAGE(first)" || got == "MESSAGE(first) MESSAGE(50)") << got;
    EXPECT_EQ(peer.drain(), "");
    peer.send("UNSUBSCRIBE\nid:0\n\n\0"s);
  });
  EXPECT_EQ(hub.stats().replaced, 48U);
  hub.publish("/topic/rooms/x", "51");
  settle();
  on(loop(), [&] {
    EXPECT_EQ(peer.drain(), "");
    peer.session.closed();
  });
}

TEST_F(StompSessionTest, NewsThatCannotWaitGoesToItsOwnerAtOnce) {
  const auto owned = on(loop(), [&] { return std::make_unique<Peer>(hub); });
  Peer& peer = *owned;
  on(loop(), [&] {
    peer.connect();
    peer.subscribe("/user/queue/place", "0", "place:good\n");
  });
  const auto told = [&](const char* body, const char* own_key) {
    on(loop(), [&, body] { place = body; });
    hub.poke_now({own_key});
    settle();
    return on(loop(), [&] { return peer.drain(); });
  };
  EXPECT_EQ(told("admitted", "place:1"), "MESSAGE(admitted)") << "no interval";
  EXPECT_EQ(told("completed", "place:2"), "") << "somebody else's";
  EXPECT_EQ(told("completed", "place:1"), "MESSAGE(completed)");
  on(loop(), [&] { peer.session.closed(); });
  EXPECT_EQ(told("left", "place:1"), "") << "who has gone is not told";
}

TEST_F(StompSessionTest, APlaceIsComputedWhenItIsSentAndNotTooOften) {
  const auto owned = on(loop(), [&] { return std::make_unique<Peer>(hub); });
  Peer& peer = *owned;
  on(loop(), [&] {
    peer.connect();
    EXPECT_EQ(peer.subscribe("/user/queue/place", "0", "place:good\n"),
              "MESSAGE({\"position\":9})");
  });
  const auto poked = [&](const char* body) {
    on(loop(), [&, body] { place = body; });
    hub.poke("room:x");
    settle();
    return on(loop(), [&] { return peer.drain(); });
  };
  EXPECT_EQ(poked("8"), "") << "within two seconds of the one before";
  advance(2000ms);
  EXPECT_EQ(poked("8"), "MESSAGE(8)");
  advance(2000ms);
  EXPECT_EQ(poked("8"), "") << "nothing new to say";
  EXPECT_EQ(poked("7"), "MESSAGE(7)");
  EXPECT_EQ(poked("6"), "");
  advance(2000ms);
  // No further poke: the tick finds the late one.
  std::string late;
  for (int i = 0; i < 100 && late.empty(); ++i) {
    std::this_thread::sleep_for(20ms);
    late = on(loop(), [&] { return peer.drain(); });
  }
  EXPECT_EQ(late, "MESSAGE(6)");
  EXPECT_EQ(closed, 0);
  on(loop(), [&] { peer.session.closed(); });
  EXPECT_EQ(closed, 1);
  EXPECT_EQ(hub.stats().connections, 0);
}

TEST_F(StompSessionTest, SubscriptionsAreCounted) {
  on(loop(), [&] {
    Peer peer(hub);
    peer.connect();
    for (std::size_t i = 0; i < kSubscriptionsMax; ++i)
      EXPECT_TRUE(peer.subscribe("/topic/rooms/x", std::to_string(i)).starts_with("MESSAGE"));
    EXPECT_TRUE(peer.subscribe("/topic/rooms/x", "more").starts_with("ERROR(too_many"));
  });
}

TEST_F(StompSessionTest, ASilentPeerIsAskedThenGivenUp) {
  on(loop(), [&] {
    Peer peer(hub);
    peer.connect();
    peer.subscribe("/user/queue/place", "0", "place:good\n");
    Millis silent{0};
    for (; peer.wire.aborts == 0 && silent < 60s; silent += kTickInterval) {
      advance(kTickInterval);
      peer.session.tick(now());
      peer.drain();
    }
    EXPECT_GE(peer.wire.pings, 1);
    EXPECT_LE(silent, 30s);
    EXPECT_EQ(hub.stats().dead, 1U);
  });
  EXPECT_EQ(closed, 1);
}

TEST_F(StompSessionTest, NegativeControlAPeerThatAnswersPingsStays) {
  on(loop(), [&] {
    Peer peer(hub);
    peer.connect();
    for (int i = 0; i < 100; ++i) {
      const int pings = peer.wire.pings;
      advance(kTickInterval);
      peer.session.tick(now());
      EXPECT_EQ(peer.drain(), "beat");
      if (peer.wire.pings > pings) peer.session.heard();
    }
    EXPECT_GE(peer.wire.pings, 99);
    EXPECT_EQ(peer.wire.aborts, 0);
  });
}

TEST_F(StompSessionTest, APeerThatTakesNothingIsGivenUp) {
  on(loop(), [&] {
    Peer peer(hub);
    peer.connect();
    peer.send("SUBSCRIBE\nid:0\ndestination:/topic/rooms/x\n\n\0"s);
    Outgoing out;
    ASSERT_TRUE(peer.session.next(out));  // and never sent()
    for (int i = 0; i < 4 && peer.wire.aborts == 0; ++i) {
      advance(kTickInterval);
      peer.session.heard();
      peer.session.tick(now());
    }
    EXPECT_EQ(peer.wire.aborts, 1);
  });
}

TEST_F(StompSessionTest, WhoNeverConnectsIsCutOff) {
  on(loop(), [&] {
    Peer peer(hub);
    advance(11s);
    peer.session.tick(now());
    EXPECT_EQ(peer.wire.aborts, 1);
  });
}

TEST_F(StompSessionTest, FarewellAsksBackThenClosesWith1012) {
  std::vector<std::unique_ptr<Peer>> peers;
  on(loop(), [&] {
    for (int i = 0; i < 4; ++i) {
      peers.push_back(std::make_unique<Peer>(hub));
      peers.back()->connect();
      peers.back()->subscribe("/topic/rooms/x");
    }
  });
  std::promise<void> done;
  loop().post([&] { start(hub.shutdown(4s, 2s), [&](std::exception_ptr) { done.set_value(); }); });
  settle();
  std::set<std::string> delays;
  on(loop(), [&] {
    for (auto& peer : peers) {
      delays.insert(peer->drain());
      EXPECT_EQ(peer->session.close_code(), CloseCode::service_restart);
    }
    Peer late(hub);
    EXPECT_FALSE(late.session.accepted());
    peers.clear();
  });
  EXPECT_EQ(delays.size(), 4U) << "spread out";
  EXPECT_TRUE(delays.contains("MESSAGE({\"type\":\"reconnect\",\"after_ms\":3000})"));
  done.get_future().get();
}

TEST_F(StompSessionTest, OneClientHasItsShareOfTheConnections) {
  Hub small(loops, {.connections_max = 10, .connections_per_client = 2});
  on(loop(), [&] {
    Peer first(small, {}, "203.0.113.5");
    {
      Peer second(small, {}, "203.0.113.5");
      EXPECT_TRUE(first.session.accepted() && second.session.accepted());
      EXPECT_FALSE(Peer(small, {}, "203.0.113.5").session.accepted());
      EXPECT_TRUE(Peer(small, {}, "203.0.113.6").session.accepted()) << "others have theirs";
    }
    EXPECT_TRUE(Peer(small, {}, "203.0.113.5").session.accepted()) << "given back";
    const Peer a(small, {}, "127.0.0.1"), b(small, {}, "127.0.0.1"), c(small, {}, "127.0.0.1");
    EXPECT_TRUE(c.session.accepted()) << "a proxy on this machine is many";
  });
  loops.stop();
}

TEST_F(StompSessionTest, TooManyConnectionsAreRefused) {
  Hub small(loops, {.connections_max = 1});
  on(loop(), [&] {
    Peer first(small);
    EXPECT_TRUE(first.session.accepted());
    Peer second(small);
    EXPECT_FALSE(second.session.accepted());
  });
  on(loop(), [&] {
    Peer third(small);
    EXPECT_TRUE(third.session.accepted());
  });
  loops.stop();
}

struct FakeWriter final : StreamWriter {
  void send(std::string bytes) override { sent = std::move(bytes); }
  void close() override { is_closed = true; }
  std::string sent;
  bool is_closed = false;
};

TEST_F(StompSessionTest, AnEventStreamSaysTheSame) {
  const auto writer = std::make_shared<FakeWriter>();
  auto stream = on(loop(), [&] {
    return event_stream(hub, "place", {"room:x", [this] { return place; }, [this] { ++closed; }});
  });
  on(loop(), [&] { stream.on_open(writer); });
  EXPECT_EQ(writer->sent, "retry: 2000\nid: 1\nevent: place\ndata: {\"position\":9}\n\n");
  on(loop(), [&] { place = "8"; });
  advance(2s);
  hub.poke("room:x");
  settle();
  EXPECT_EQ(writer->sent, "retry: 2000\nid: 2\nevent: place\ndata: 8\n\n");
  EXPECT_EQ(hub.stats().connections, 1);
  on(loop(), [&] {
    stream.on_close();
    stream = {};
  });
  EXPECT_EQ(closed, 1);
  EXPECT_EQ(hub.stats().connections, 0);
}

TEST_F(StompSessionTest, AStreamThatNeverOpensStillLeaves) {
  on(loop(), [&] {
    (void)event_stream(hub, "place", {"room:x", [this] { return place; }, [this] { ++closed; }});
  });
  EXPECT_EQ(closed, 1);
}

// A walk in slices meets watchers that leave, and join, between the slices.
TEST_F(StompSessionTest, EveryoneWhoStaysIsReachedWhileOthersComeAndGo) {
  std::vector<std::unique_ptr<Peer>> peers;
  on(loop(), [&] {
    for (int i = 0; i < 1000; ++i) {
      peers.push_back(std::make_unique<Peer>(hub));
      peers.back()->connect();
      peers.back()->subscribe("/topic/rooms/x");
    }
  });
  on(loop(), [&] {
    hub.publish("/topic/rooms/x", "old");
    hub.publish("/topic/rooms/x", "new");
    for (int i = 0; i < 8; ++i)
      loop().post([&, i] {
        for (int k = 0; k < 40; ++k)
          peers.erase(peers.begin() + (i * 7919 + k * 104729) % peers.size());
      });
  });
  for (int i = 0; i < 20; ++i) settle();
  on(loop(), [&] {
    for (auto& peer : peers) EXPECT_EQ(peer->drain(), "MESSAGE(new)");
    EXPECT_EQ(peers.size(), 680U);
    peers.clear();
  });
  EXPECT_EQ(hub.stats().watches, 0);
}

}  // namespace
}  // namespace onsale::http
