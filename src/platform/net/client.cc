#include "platform/net/client.h"

#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/url.hpp>
#include <deque>
#include <map>
#include <variant>

#include "base/overload.h"
#include "platform/exec/loop.h"

namespace onsale::net {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bh = boost::beast::http;
using tcp = asio::ip::tcp;
using boost::system::error_code;
using Plain = beast::tcp_stream;
using Secure = asio::ssl::stream<beast::tcp_stream>;
using Deadline = std::chrono::steady_clock::time_point;

namespace {

constexpr auto kDone = asio::as_tuple(asio::use_awaitable);
constexpr std::uint32_t kHeaderBytesMax = 16 * 1024;

struct Target {
  bool tls = false;
  std::string host, port, authority, path;
  std::string origin() const { return (tls ? "s " : "p ") + authority; }
};

Target parse(const std::string& text) {
  const auto url = boost::urls::parse_uri(text);
  if (!url || url->host().empty()) throw Unreachable("not a URL");
  Target target{.tls = url->scheme_id() == boost::urls::scheme::https,
                .host = url->host_address(),
                .authority = std::string(url->encoded_host_and_port()),
                .path = std::string(url->encoded_target())};
  if (!target.tls && url->scheme_id() != boost::urls::scheme::http)
    throw Unreachable("neither http nor https");
  target.port = url->has_port() ? std::string(url->port()) : target.tls ? "443" : "80";
  if (!target.path.starts_with('/')) target.path.insert(0, 1, '/');
  return target;
}

void must(error_code error, const char* step) {
  if (!error) return;
  const bool late = error == beast::error::timeout;
  throw Unreachable(std::string(step) + ": " + (late ? "no answer in time" : error.message()));
}

struct Connection {
  std::variant<Plain, Secure> stream;
  beast::flat_buffer in{};

  Plain& socket() {
    if (auto* plain = std::get_if<Plain>(&stream)) return *plain;
    return std::get<Secure>(stream).next_layer();
  }
  // Nothing has come and nobody has hung up since the last answer.
  bool quiet() {
    char byte = 0;
    const auto got = ::recv(socket().socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  }
};
using ConnectionPtr = std::unique_ptr<Connection>;

bh::request<bh::string_body> message(const Request& request, const Target& target) {
  bh::request<bh::string_body> out;
  out.method_string(request.method);
  out.target(target.path);
  out.version(11);
  out.set(bh::field::host, target.authority);
  out.set(bh::field::user_agent, "onsale/" ONSALE_VERSION);
  out.set(bh::field::accept, "application/json");
  for (const auto& [name, value] : request.headers) out.set(name, value);
  if (!request.content_type.empty()) out.set(bh::field::content_type, request.content_type);
  out.body() = request.body;
  out.prepare_payload();
  return out;
}

struct Reply {
  Answer answer;
  bool stays = false;  // the connection may be used again
};

template <class Stream>
asio::awaitable<Reply> exchange(Stream& stream, beast::flat_buffer& in,
                                const bh::request<bh::string_body>& out, std::size_t answer_max) {
  const auto [unsent, sent] = co_await bh::async_write(stream, out, kDone);
  must(unsent, "sending");
  bh::response_parser<bh::string_body> parser;
  parser.header_limit(kHeaderBytesMax);
  parser.body_limit(answer_max);
  const auto [unread, got] = co_await bh::async_read(stream, in, parser, kDone);
  must(unread, "reading");
  Reply reply;
  reply.stays = parser.get().keep_alive() && in.size() == 0;
  reply.answer.status = static_cast<int>(parser.get().result_int());
  reply.answer.body = std::move(parser.get().body());
  for (const auto& field : parser.get())
    reply.answer.headers.emplace_back(field.name_string(), field.value());
  co_return reply;
}

// getaddrinfo can't be called off; who waits for it can.
struct Lookup {
  explicit Lookup(const asio::any_io_executor& on) : resolver(on), timer(on) {}
  tcp::resolver resolver;
  asio::steady_timer timer;
  tcp::resolver::results_type found;
  error_code error = beast::error::timeout;
};

asio::awaitable<tcp::resolver::results_type> look_up(const Target& target, Deadline deadline) {
  error_code not_literal;
  const auto literal = asio::ip::make_address(target.host, not_literal);
  if (!not_literal) {
    const auto port = static_cast<std::uint16_t>(std::stoul(target.port));
    co_return tcp::resolver::results_type::create(tcp::endpoint(literal, port), target.host,
                                                  target.port);
  }
  const auto executor = co_await asio::this_coro::executor;
  const auto lookup = std::make_shared<Lookup>(executor);
  lookup->timer.expires_at(deadline);
  lookup->resolver.async_resolve(target.host, target.port,
                                 [lookup](error_code error, tcp::resolver::results_type results) {
                                   lookup->error = error;
                                   lookup->found = std::move(results);
                                   lookup->timer.cancel();
                                 });
  (void)co_await lookup->timer.async_wait(kDone);
  must(lookup->error, "looking up the host");
  co_return std::move(lookup->found);
}

}  // namespace

// One loop's part. Thread: its loop's.
class Side : public std::enable_shared_from_this<Side> {
 public:
  Side(exec::Loop& loop, const ClientConfig& config, asio::ssl::context& tls)
      : loop_(loop), config_(config), tls_(tls) {}

  exec::Loop& loop() { return loop_; }

  asio::awaitable<Answer> call(std::unique_ptr<const Request> request) {
    const Deadline deadline = std::chrono::steady_clock::now() + request->timeout;
    const Target target = parse(request->url);
    ConnectionPtr connection = kept(target.origin());
    if (!connection) connection = co_await connect(target, deadline);
    connection->socket().expires_at(deadline);
    const auto out = message(*request, target);
    Reply reply;
    if (auto* plain = std::get_if<Plain>(&connection->stream)) {
      reply = co_await exchange(*plain, connection->in, out, request->answer_max);
    } else {
      auto& secure = std::get<Secure>(connection->stream);
      reply = co_await exchange(secure, connection->in, out, request->answer_max);
    }
    if (reply.stays) keep(target.origin(), std::move(connection));
    co_return std::move(reply.answer);
  }

 private:
  struct Kept {
    ConnectionPtr connection;
    Deadline since;
  };

  // The one that was used last, so that the others get old.
  ConnectionPtr kept(const std::string& origin) {
    auto& there = kept_[origin];
    const Deadline now = std::chrono::steady_clock::now();
    while (!there.empty()) {
      Kept last = std::move(there.back());
      there.pop_back();
      if (now - last.since < config_.idle && last.connection->quiet())
        return std::move(last.connection);
    }
    return {};
  }

  // Those that rested too long go: after a rush nobody comes by to use them.
  void keep(const std::string& origin, ConnectionPtr connection) {
    auto& there = kept_[origin];
    const Deadline now = std::chrono::steady_clock::now();
    while (!there.empty() &&
           (std::ssize(there) >= config_.idle_max || now - there.front().since >= config_.idle)) {
      there.pop_front();
    }
    connection->socket().expires_never();
    there.push_back({std::move(connection), now});
  }

  asio::awaitable<ConnectionPtr> connect(const Target& target, Deadline deadline) {
    const auto found = co_await look_up(target, deadline);
    Plain socket(loop_.io());
    socket.expires_at(deadline);
    const auto [refused, where] = co_await socket.async_connect(found, kDone);
    must(refused, "connecting");
    error_code ignored;
    socket.socket().set_option(tcp::no_delay(true), ignored);
    if (!target.tls) co_return std::make_unique<Connection>(std::move(socket));
    Secure secure(std::move(socket), tls_);
    SSL_set_tlsext_host_name(secure.native_handle(), target.host.c_str());
    secure.set_verify_callback(asio::ssl::host_name_verification(target.host));
    const auto [untrusted] = co_await secure.async_handshake(asio::ssl::stream_base::client, kDone);
    must(untrusted, "TLS");
    co_return std::make_unique<Connection>(std::move(secure));
  }

  exec::Loop& loop_;
  const ClientConfig& config_;
  asio::ssl::context& tls_;
  std::map<std::string, std::deque<Kept>> kept_;  // by origin; those come from the settings
};

struct Client::Shared {
  Shared(exec::Loops& loops, ClientConfig given)
      : config(std::move(given)), tls(asio::ssl::context::tls_client) {
    tls.set_default_verify_paths();
    if (!config.trust_pem.empty()) tls.add_certificate_authority(asio::buffer(config.trust_pem));
    tls.set_verify_mode(asio::ssl::verify_peer);
    SSL_CTX_set_min_proto_version(tls.native_handle(), TLS1_2_VERSION);
    for (int i = 0; i < loops.size(); ++i)
      sides.push_back(std::make_shared<Side>(loops.at(i), config, tls));
  }

  const std::shared_ptr<Side>& here() const {
    const exec::Loop* const now = exec::Loop::current();
    for (const auto& side : sides)
      if (&side->loop() == now) return side;
    return sides.front();
  }

  const ClientConfig config;
  asio::ssl::context tls;
  std::vector<std::shared_ptr<Side>> sides;
  std::atomic<int> under_way{0};
};

Client::Client(exec::Loops& loops, ClientConfig config)
    : shared_(std::make_shared<Shared>(loops, std::move(config))) {}

Client::~Client() = default;

int Client::under_way() const { return shared_->under_way; }

Task<Answer> Client::ask(Request request) {
  const std::shared_ptr<Shared> shared = shared_;
  if (++shared->under_way > shared->config.calls_max) {
    --shared->under_way;
    throw Overloaded("too many calls to other servers");
  }
  const std::shared_ptr<Side> side = shared->here();
  OneShot<Answer> done;
  auto begin = [shared, side, done,
                request = std::make_unique<const Request>(std::move(request))]() mutable {
    auto ended = [shared, side, done](std::exception_ptr error, Answer answer) mutable {
      --shared->under_way;
      if (error)
        done.fail(std::move(error));
      else
        done.set(std::move(answer));
    };
    asio::co_spawn(side->loop().io(), side->call(std::move(request)), std::move(ended));
  };
  side->loop().post(std::move(begin));
  auto waiting = done.wait();
  Answer answer = co_await std::move(waiting);
  co_return answer;
}

}  // namespace onsale::net
