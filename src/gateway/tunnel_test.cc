// WebSockets and other upgrades through the guard, over real sockets on this machine.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <thread>

#include "base/fakes.h"
#include "base/log_fakes.h"
#include "gateway/fakes.h"
#include "gateway/proxy_http.h"
#include "platform/exec/loop.h"

namespace onsale::gateway {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

// Answers one connection after the other: an upgrade with 101 and then an echo, the rest with 200.
class Origin {
 public:
  Origin() : thread_([this] { run(); }) {}
  ~Origin() {
    stopping_ = true;
    asio::io_context io;
    tcp::socket last(io);
    boost::system::error_code ignored;
    last.connect(acceptor_.local_endpoint(), ignored);
    thread_.join();
  }
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  void run() {
    for (;;) {
      tcp::socket peer = acceptor_.accept();
      if (stopping_) return;
      serve(peer);
    }
  }
  static void serve(tcp::socket& peer) {
    std::string in;
    boost::system::error_code error;
    const auto head = asio::read_until(peer, asio::dynamic_buffer(in), "\r\n\r\n", error);
    if (error) return;
    const std::string request = in.substr(0, head);
    in.erase(0, head);
    if (request.find("Upgrade: websocket") == std::string::npos) {
      const bool offered = request.find("pgrade") != std::string::npos;
      const std::string body = offered ? "offered" : "ignored";
      asio::write(peer,
                  asio::buffer("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 7\r\n"
                               "\r\n" +
                               body),
                  error);
      return;
    }
    asio::write(peer,
                asio::buffer(std::string("HTTP/1.1 101 Switching Protocols\r\nUpgrade: "
                                         "websocket\r\nConnection: Upgrade\r\n\r\n")),
                error);
    std::array<char, 256> piece;
    while (!error) {
      asio::write(peer, asio::buffer(in), error);
      const auto got = peer.read_some(asio::buffer(piece), error);
      in.assign(piece.data(), got);
    }
  }

  asio::io_context io_;
  tcp::acceptor acceptor_{io_, {asio::ip::make_address("127.0.0.1"), 0}};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

class Tunnel : public testing::Test {
 protected:
  Tunnel() {
    loops_.start();
    proxy_.start();
  }
  ~Tunnel() override { loops_.stop(); }

  static ProxyConfig config(std::uint16_t origin_port) {
    ProxyConfig config;
    config.origin_host = "127.0.0.1";
    config.origin_port = origin_port;
    config.tunnel_look = Millis(50);
    return config;
  }
  std::string read(std::string_view until) {
    boost::system::error_code error;
    const auto size = asio::read_until(socket_, asio::dynamic_buffer(in_), until, error);
    std::string got = in_.substr(0, error ? in_.size() : size);
    in_.erase(0, got.size());
    return got;
  }
  // The head of the answer.
  std::string ask(const std::string& target, const std::string& fields) {
    socket_ = tcp::socket(io_);
    in_.clear();
    socket_.connect({asio::ip::make_address("127.0.0.1"), proxy_.port()});
    asio::write(socket_, asio::buffer("GET " + target + " HTTP/1.1\r\nHost: shop.test\r\n" +
                                      fields + "\r\n"));
    return read("\r\n\r\n");
  }

  // Whether the other side closes within two seconds, whatever it says before.
  bool closed() {
    std::array<char, 16> piece;
    boost::system::error_code error;
    socket_.non_blocking(true);
    for (int i = 0; i < 200 && (!error || error == asio::error::would_block); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      socket_.read_some(asio::buffer(piece), error);
    }
    return error && error != asio::error::would_block;
  }
  void say(const std::string& text) {
    asio::write(socket_, asio::buffer(text));
    EXPECT_EQ(read("."), text);
  }

  Origin origin_;
  FakeClock clock_;
  SeededRandom random_{1};
  FakePasses passes_;
  Door door_{{.room = "film-1", .issuer_url = "http://onsale.test", .prefixes = {"/buy"}},
             passes_,
             random_};
  exec::Loops loops_{1};
  Proxy proxy_{config(origin_.port()), loops_, door_, clock_, [] { return std::string("{}"); }};
  asio::io_context io_;
  tcp::socket socket_{io_};
  std::string in_;
};

constexpr const char* kWebSocket = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
constexpr const char* kWithPass =
    "Connection: Upgrade\r\nUpgrade: websocket\r\nOnsale-Pass: good:1:plc_1:0\r\n";

TEST_F(Tunnel, AWebSocketPassesBothWays) {
  EXPECT_TRUE(ask("/free", kWebSocket).starts_with("HTTP/1.1 101"));
  for (const std::string text : {"hello.", "again."}) say(text);
}

TEST_F(Tunnel, AGuardedOneNeedsAPassLikeEverythingElse) {
  EXPECT_FALSE(ask("/buy/live", kWebSocket).starts_with("HTTP/1.1 101"));
}

TEST_F(Tunnel, AProxyInFrontThatNoSettingNamesIsTold) {
  const KeptLog log;
  ask("/free", "");
  EXPECT_FALSE(log.has("trusted_proxies"));
  ask("/free", "X-Forwarded-For: 203.0.113.9\r\n");
  EXPECT_TRUE(log.has("peer=127.0.0.1 setting=guard.trusted_proxies"));
}

TEST_F(Tunnel, WhoCameInWithItStaysAsLongAsTheSlotDoes) {
  ASSERT_TRUE(ask("/buy/live", kWithPass).starts_with("HTTP/1.1 101"));
  for (int i = 0; i < 10; ++i) {
    say("here.");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  door_.ended({"1"}, clock_.now());
  asio::write(socket_, asio::buffer("and now?", 8));
  EXPECT_TRUE(closed());
}

TEST_F(Tunnel, WhoOnlyListensGoesWithTheSlotToo) {
  const Decision in =
      door_.decide({.target = "/buy", .host = "shop.test", .pass = "good:1:plc_1:0"}, clock_.now());
  const std::string cookie = "Cookie: " + in.set_cookie.substr(0, in.set_cookie.find(';')) + "\r\n";
  ASSERT_TRUE(ask("/buy/live", kWebSocket + cookie).starts_with("HTTP/1.1 101"));
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  say("still here.");
  std::this_thread::sleep_for(std::chrono::milliseconds(200));  // what was said is looked at
  door_.ended({"1"}, clock_.now());
  EXPECT_TRUE(closed());
}

TEST_F(Tunnel, OtherUpgradesAreIgnored) {
  const std::string head = ask(
      "/free", "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAAA\r\n");
  EXPECT_TRUE(head.starts_with("HTTP/1.1 200")) << head;
  EXPECT_EQ(read("ignored"), "ignored");
}

}  // namespace
}  // namespace onsale::gateway
