#include "platform/net/fetch.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/url.hpp>

namespace onsale::net {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;
using boost::system::error_code;

// Runs one asynchronous step after the other, all before the same deadline.
class Steps {
 public:
  Steps(asio::io_context& io, Millis timeout)
      : io_(io), deadline_(std::chrono::steady_clock::now() + timeout) {}

  // `begin(done)` starts the step; done takes an error_code first.
  template <class Begin>
  void run(const char* what, Begin begin) {
    std::optional<error_code> outcome;
    begin([&outcome](error_code error, const auto&...) { outcome = error; });
    io_.restart();
    io_.run_until(deadline_);
    if (!outcome) throw Unreachable(std::string(what) + ": no answer in time");
    if (*outcome) throw Unreachable(std::string(what) + ": " + outcome->message());
  }

 private:
  asio::io_context& io_;
  std::chrono::steady_clock::time_point deadline_;
};

template <class Stream>
Answer exchange(Steps& steps, Stream& stream, const Request& request,
                const boost::urls::url_view& url) {
  http::request<http::string_body> out;
  out.method_string(request.method);
  std::string target(url.encoded_target());
  out.target(target.starts_with('/') ? target : "/" + target);
  out.version(11);
  out.set(http::field::host, std::string(url.encoded_host_and_port()));
  out.set(http::field::user_agent, "onsale/" ONSALE_VERSION);
  out.set(http::field::accept, "application/json");
  out.set(http::field::connection, "close");
  if (!request.content_type.empty()) out.set(http::field::content_type, request.content_type);
  for (const auto& [name, value] : request.headers) out.set(name, value);
  out.body() = request.body;
  out.prepare_payload();
  steps.run("sending", [&](auto done) { http::async_write(stream, out, done); });
  boost::beast::flat_buffer buffer;
  http::response_parser<http::string_body> in;
  in.body_limit(request.answer_max);
  steps.run("reading", [&](auto done) { http::async_read(stream, buffer, in, done); });
  return {.status = static_cast<int>(in.get().result_int()), .body = std::move(in.get().body())};
}

Answer fetch_tls(Steps& steps, tcp::socket& socket, const Request& request,
                 const boost::urls::url_view& url) {
  asio::ssl::context tls(asio::ssl::context::tls_client);
  tls.set_default_verify_paths();
  tls.set_verify_mode(asio::ssl::verify_peer);
  asio::ssl::stream<tcp::socket&> stream(socket, tls);
  const std::string host(url.host());
  SSL_set_tlsext_host_name(stream.native_handle(), host.c_str());
  SSL_set_min_proto_version(stream.native_handle(), TLS1_2_VERSION);
  stream.set_verify_callback(asio::ssl::host_name_verification(host));
  steps.run("TLS",
            [&](auto done) { stream.async_handshake(asio::ssl::stream_base::client, done); });
  return exchange(steps, stream, request, url);
}

}  // namespace

Answer fetch(const Request& request) {
  const auto parsed = boost::urls::parse_uri(request.url);
  if (!parsed || parsed->host().empty()) throw Unreachable("not a URL: " + request.url);
  const boost::urls::url_view& url = *parsed;
  const bool tls = url.scheme_id() == boost::urls::scheme::https;
  if (!tls && url.scheme_id() != boost::urls::scheme::http) {
    throw Unreachable("neither http nor https: " + request.url);
  }
  try {
    asio::io_context io;
    Steps steps(io, request.timeout);
    tcp::resolver resolver(io);
    tcp::resolver::results_type found;
    const std::string port(url.has_port() ? url.port() : tls ? "443" : "80");
    steps.run("looking up the host", [&](auto done) {
      resolver.async_resolve(url.host_address(), port,
                             [&found, done](error_code error, tcp::resolver::results_type results) {
                               found = std::move(results);
                               done(error);
                             });
    });
    tcp::socket socket(io);
    steps.run("connecting", [&](auto done) { asio::async_connect(socket, found, done); });
    return tls ? fetch_tls(steps, socket, request, url) : exchange(steps, socket, request, url);
  } catch (const boost::system::system_error& error) {
    throw Unreachable(error.what());
  }
}

}  // namespace onsale::net
