// The WebSocket side against a client that we did not write (Beast's), over real sockets.
#include "platform/http/live/websocket.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>
#include <fstream>
#include <future>

#include "platform/exec/loop.h"
#include "platform/http/live/hub.h"
#include "platform/http/live/stomp.h"
#include "platform/http/live/upgrade.h"

namespace onsale::http {
namespace {

namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;
using namespace std::chrono_literals;
using namespace std::string_literals;
using tcp = asio::ip::tcp;

// What http does before it hands a connection over, in small.
class Door {
 public:
  Door(exec::Loop& loop, Hub& hub)
      : loop_(loop), hub_(hub), acceptor_(loop.io(), {asio::ip::make_address("127.0.0.1"), 0}) {
    accept();
  }
  std::uint16_t port() { return acceptor_.local_endpoint().port(); }

 private:
  void accept() {
    acceptor_.async_accept([this](boost::system::error_code error, tcp::socket socket) {
      if (error) return;
      read_head(std::make_shared<tcp::socket>(std::move(socket)));
      accept();
    });
  }
  void read_head(std::shared_ptr<tcp::socket> socket) {
    auto head = std::make_shared<std::string>();
    asio::async_read_until(*socket, asio::dynamic_buffer(*head), "\r\n\r\n",
                           [this, socket, head](boost::system::error_code error, std::size_t) {
                             if (error) return;
                             socket->non_blocking(true);
                             Upgrade upgrade{std::move(*socket), loop_, *head};
                             const auto at = head->find("Sec-WebSocket-Protocol: ");
                             if (at != head->npos)
                               upgrade.subprotocols =
                                   head->substr(at + 24, head->find("\r\n", at) - at - 24);
                             serve_stomp(hub_, std::move(upgrade));
                           });
  }

  exec::Loop& loop_;
  Hub& hub_;
  tcp::acceptor acceptor_;
};

class Client {
 public:
  explicit Client(std::uint16_t port,
                  const std::string& offer = "v12.stomp, v11.stomp, v10.stomp") {
    stream_.next_layer().connect({asio::ip::make_address("127.0.0.1"), port});
    stream_.set_option(websocket::stream_base::decorator([offer](websocket::request_type& request) {
      if (!offer.empty()) request.set("Sec-WebSocket-Protocol", offer);
    }));
    websocket::response_type answer;
    stream_.handshake(answer, "localhost", "/ws");
    protocol = std::string(answer["Sec-WebSocket-Protocol"]);
    compressed = answer.count("Sec-WebSocket-Extensions") != 0;
  }

  void send(const std::string& bytes) { stream_.write(asio::buffer(bytes)); }
  void connect() {
    send("CONNECT\naccept-version:1.2\nheart-beat:0,0\n\n\0"s);
    EXPECT_TRUE(receive().starts_with("CONNECTED\n"));
  }
  void subscribe(const std::string& destination, const std::string& more = "") {
    send("SUBSCRIBE\nid:0\ndestination:" + destination + "\n" + more + "\n\0"s);
  }
  // The next message; the close code when the server closed.
  std::string receive() {
    boost::beast::flat_buffer buffer;
    boost::system::error_code error;
    stream_.read(buffer, error);
    if (error == websocket::error::closed) return "closed " + std::to_string(stream_.reason().code);
    if (error) return error.message();
    EXPECT_TRUE(stream_.got_text());
    return boost::beast::buffers_to_string(buffer.data());
  }
  std::string body() {
    const std::string message = receive();
    const auto parsed = stomp::parse(message);
    return parsed && parsed->frame ? parsed->frame->body : message;
  }
  tcp::socket& socket() { return stream_.next_layer(); }
  void close() { stream_.close(websocket::close_code::normal); }

  std::string protocol;
  bool compressed = false;

 private:
  asio::io_context io_;
  websocket::stream<tcp::socket> stream_{io_};
};

struct WebSocketTest : testing::Test {
  WebSocketTest() {
    hub.topic_source("/topic/rooms/",
                     [](std::string_view) -> std::optional<std::string> { return "{}"; });
    hub.on_user_destination(
        "/user/queue/place",
        [this](const stomp::Headers&,
               const std::optional<Principal>&) -> Result<UserSubscription, SubscribeRefusal> {
          ++opened;
          return UserSubscription{"room:x", [this] { return std::to_string(position.load()); },
                                  [this] { ++closed; }};
        });
    loops.start();
  }
  ~WebSocketTest() override { loops.stop(); }

  template <class Condition>
  bool eventually(Condition condition) {
    for (int i = 0; i < 500 && !condition(); ++i) std::this_thread::sleep_for(10ms);
    return condition();
  }

  std::atomic<int> opened{0}, closed{0}, position{100};
  exec::Loops loops{1};
  std::atomic<std::int64_t> shift_ms{0};
  Hub hub{loops,
          {.now = [this] { return std::chrono::steady_clock::now() + Millis(shift_ms.load()); }}};
  Door door{loops.at(0), hub};
};

TEST_F(WebSocketTest, NegotiatesTheSubprotocol) {
  EXPECT_EQ(Client(door.port()).protocol, "v12.stomp");
  EXPECT_EQ(Client(door.port(), "v10.stomp,v12.stomp").protocol, "v12.stomp");
  EXPECT_EQ(Client(door.port(), "").protocol, "");
  EXPECT_FALSE(Client(door.port()).compressed);
}

TEST_F(WebSocketTest, ATopicReachesItsWatchers) {
  Client one(door.port()), two(door.port(), "");
  for (Client* client : {&one, &two}) {
    client->connect();
    client->subscribe("/topic/rooms/x");
    EXPECT_EQ(client->body(), "{}");
  }
  hub.publish("/topic/rooms/x", R"({"waiting":7})");
  EXPECT_EQ(one.receive(),
            "MESSAGE\nsubscription:0\nmessage-id:2\ndestination:/topic/rooms/x\n"
            "content-type:application/json\n\n{\"waiting\":7}\0"s);
  EXPECT_EQ(two.body(), R"({"waiting":7})");
}

TEST_F(WebSocketTest, SendIsRefusedAndTheConnectionEnds) {
  Client client(door.port());
  client.connect();
  client.send("SEND\ndestination:/topic/rooms/x\n\nhello\0"s);
  EXPECT_TRUE(client.receive().starts_with("ERROR\nmessage:send_refused\n"));
  EXPECT_EQ(client.receive(), "closed 1008");
}

TEST_F(WebSocketTest, DisconnectIsAnsweredThenClosed) {
  Client client(door.port());
  client.connect();
  client.send("DISCONNECT\nreceipt:77\n\n\0"s);
  EXPECT_EQ(client.receive(), "RECEIPT\nreceipt-id:77\n\n\0"s);
  EXPECT_EQ(client.receive(), "closed 1000");
  EXPECT_TRUE(eventually([&] { return hub.stats().connections == 0; }));
}

TEST_F(WebSocketTest, AFrameInManyMessagesAndManyFramesInOne) {
  Client client(door.port());
  for (const char c : "CONNECT\naccept-version:1.2\n\n\0"s) client.send(std::string(1, c));
  EXPECT_TRUE(client.receive().starts_with("CONNECTED\n"));
  std::string many = "\n";
  for (int i = 0; i < 10; ++i)
    many += "SUBSCRIBE\nid:" + std::to_string(i) + "\nreceipt:" + std::to_string(i) +
            "\ndestination:/topic/rooms/x\n\n\0"s;
  client.send(many);
  int receipts = 0, messages = 0;
  for (int i = 0; i < 20; ++i) {
    const std::string got = client.receive();
    receipts += got.starts_with("RECEIPT");
    messages += got.starts_with("MESSAGE");
  }
  EXPECT_EQ(receipts, 10);
  EXPECT_EQ(messages, 10);
}

// The peer stops reading: the socket's buffers fill, and everything after waits as one body.
TEST_F(WebSocketTest, ASlowReaderGetsTheLatestNotAGrowingQueue) {
  Client client(door.port());
  client.socket().set_option(asio::socket_base::receive_buffer_size(64 * 1024));
  client.connect();
  client.subscribe("/topic/rooms/x");
  EXPECT_EQ(client.body(), "{}");
  constexpr int kCount = 4000;
  for (int i = 1; i <= kCount; ++i)
    hub.publish("/topic/rooms/x", std::to_string(i) + std::string(8000, ' '));
  ASSERT_TRUE(eventually([&] { return hub.stats().replaced > 100; }));
  std::promise<void> walked;
  loops.at(0).post([&] { walked.set_value(); });
  walked.get_future().wait();
  int received = 0, last = 0;
  while (last < kCount) {
    const int number = std::stoi(client.body());
    ASSERT_GT(number, last);
    last = number;
    ++received;
  }
  EXPECT_LT(received, kCount / 2);
  EXPECT_EQ(hub.stats().replaced, static_cast<std::uint64_t>(kCount - received));
}

TEST_F(WebSocketTest, AClosedConnectionIsNoticedAtOnce) {
  {
    Client polite(door.port()), rude(door.port());
    for (Client* client : {&polite, &rude}) {
      client->connect();
      client->subscribe("/user/queue/place");
      EXPECT_EQ(client->body(), "100");
    }
    EXPECT_EQ(opened, 2);
    EXPECT_EQ(closed, 0);
    polite.close();
    EXPECT_TRUE(eventually([&] { return closed == 1; }));
    rude.socket().close();
    EXPECT_TRUE(eventually([&] { return closed == 2; }));
  }
  EXPECT_TRUE(eventually([&] { return hub.stats().connections == 0; }));
}

// Half-open: the peer is there for the kernel but neither reads nor answers. Time is moved by hand;
// the ticks are real, so this takes the eight seconds of one round of the wheel at most twice.
TEST_F(WebSocketTest, ADeadPeerIsNoticed) {
  Client dead(door.port());
  dead.connect();
  dead.subscribe("/user/queue/place");
  EXPECT_EQ(dead.body(), "100");
  shift_ms = 21'000;
  const auto start = std::chrono::steady_clock::now();
  while (closed == 0 && std::chrono::steady_clock::now() - start < 10s)
    std::this_thread::sleep_for(20ms);
  EXPECT_EQ(closed, 1);
  EXPECT_EQ(hub.stats().dead, 1U);
}

TEST_F(WebSocketTest, ShutdownSaysReconnectThenCloses1012) {
  Client client(door.port());
  client.connect();
  client.subscribe("/topic/rooms/x");
  EXPECT_EQ(client.body(), "{}");
  std::promise<void> done;
  loops.at(0).post(
      [&] { start(hub.shutdown(5s, 2s), [&](std::exception_ptr) { done.set_value(); }); });
  EXPECT_EQ(client.body(), R"({"type":"reconnect","after_ms":0})");
  EXPECT_EQ(client.receive(), "closed 1012");
  done.get_future().get();
  EXPECT_EQ(hub.stats().connections, 0);
}

long resident_kib() {
  std::ifstream file("/proc/self/statm");
  long pages = 0;
  file >> pages >> pages;
  return pages * 4;
}

// Client and server share this process, so each connection is counted with its client's bare
// socket; the server's part stays under the goal of 12 KiB all the same.
TEST_F(WebSocketTest, ManySocketsAreSmallAndReachedWithinASecond) {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  const int count = std::min(2000, (static_cast<int>(files.rlim_cur) - 100) / 2);
  asio::io_context io;
  std::vector<tcp::socket> sockets;
  sockets.reserve(static_cast<std::size_t>(count));
  const auto mask = [](const std::string& text) {  // one text frame with a mask of zeros
    std::string frame = "\x81";
    frame += static_cast<char>(0x80 | text.size());
    return frame + std::string(4, '\0') + text;
  };
  const std::string opening =
      "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
  const long before = resident_kib();
  char buffer[4096];
  for (int i = 0; i < count; ++i) {
    auto& socket = sockets.emplace_back(io);
    socket.connect({asio::ip::make_address("127.0.0.1"), door.port()});
    asio::write(socket, asio::buffer(opening));
    socket.read_some(asio::buffer(buffer));
    asio::write(socket,
                asio::buffer(mask("CONNECT\naccept-version:1.2\n\n\0"s) +
                             mask("SUBSCRIBE\nid:0\ndestination:/user/queue/place\n\n\0"s)));
  }
  ASSERT_TRUE(eventually([&] { return hub.stats().messages >= static_cast<unsigned>(count); }));
  std::this_thread::sleep_for(50ms);
  const double each = static_cast<double>(resident_kib() - before) / count;
  for (auto& socket : sockets) socket.read_some(asio::buffer(buffer));
  shift_ms = 2001;
  position = 99;
  const auto begin = std::chrono::steady_clock::now();
  hub.poke("room:x");
  ASSERT_TRUE(
      eventually([&] { return hub.stats().messages >= 2U * static_cast<unsigned>(count); }));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  std::printf("%d sockets: %.1f KiB each, a new position to all in %.3f s\n", count, each,
              took.count());
#if !defined(ONSALE_SANITIZED)  // whose shadows are counted too
  EXPECT_LE(each, 12.0);
#endif
  EXPECT_LE(took.count(), 1.0 + count / 15'000.0);
}

}  // namespace
}  // namespace onsale::http
