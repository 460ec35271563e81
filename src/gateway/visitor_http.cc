#include "gateway/visitor_http.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"
#include "gateway/fields_http.h"

namespace onsale::gateway {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bh = boost::beast::http;
using tcp = asio::ip::tcp;

namespace {

constexpr auto kDone = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kPieceBytes = 16 * 1024;
constexpr std::uint32_t kOriginHeaderBytesMax = 64 * 1024;
constexpr std::size_t kLingerBytesMax = 256 * 1024;
constexpr Millis kLingerTime{1'000};
using Piece = std::array<char, kPieceBytes>;

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

bool contains_html(std::string_view accept) { return accept.find("text/html") != accept.npos; }

// Any other upgrade is an offer that may be ignored (RFC 9110, 7.8), such as h2c.
bool wants_websocket(const bh::request_header<>& head) {
  const auto listed = [&](bh::field field, std::string_view word) {
    return bh::token_list(head[field]).exists({word.data(), word.size()});
  };
  return head.method() == bh::verb::get && head.version() == 11 &&
         listed(bh::field::connection, "upgrade") && listed(bh::field::upgrade, "websocket");
}

// Anything but the one coding that we take off and put on again.
bool strange_coding(const bh::fields& fields) {
  const auto [first, last] = fields.equal_range(bh::field::transfer_encoding);
  for (auto it = first; it != last; ++it)
    if (!beast::iequals(it->value(), "chunked")) return true;
  return false;
}

}  // namespace

Visitor::Visitor(std::shared_ptr<ProxyState> state, tcp::socket socket)
    : state_(std::move(state)), client_(std::move(socket)) {
  boost::system::error_code gone;
  const auto peer = client_.socket().remote_endpoint(gone);
  if (const auto address = http::Address::parse(gone ? "" : peer.address().to_string())) {
    client_address_ = address->text();
    believed_ = state_->config.trusted_proxies.contains(*address);
  }
  client_.socket().set_option(tcp::no_delay(true), gone);
  ++state_->connections;
}

Visitor::~Visitor() { --state_->connections; }

void Visitor::drain() {
  if (idle_) close();
}

void Visitor::close() {
  client_.close();
  if (origin_) origin_->close();
}

asio::awaitable<void> Visitor::run() {
  const auto self = shared_from_this();
  bool stays = true;
  while (stays && !state_->draining) {
    try {
      stays = co_await serve_one();
    } catch (const std::exception& error) {
      log::warn("gateway", "a request failed", {{"why", error.what()}});
      stays = false;
    }
    first_ = false;
  }
  co_await linger();
}

asio::awaitable<bool> Visitor::serve_one() {
  RequestParser request;
  request.header_limit(state_->config.header_bytes_max);
  request.body_limit(state_->config.body_bytes_max);
  idle_ = true;
  client_.expires_after(first_ ? state_->config.header_timeout : state_->config.idle_timeout);
  const auto [error, bytes] = co_await bh::async_read_header(client_, in_, request, kDone);
  idle_ = false;
  if (error) co_return co_await answer_unreadable(error);
  ++state_->requests;
  client_.expires_after(state_->config.body_timeout);
  const auto& head = request.get();
  if (first_ && !believed_ && head.count("X-Forwarded-For") > 0)
    state_->unnamed_proxy.seen(client_address_, state_->clock.now());
  html_ = contains_html(view(head[bh::field::accept]));
  language_ = http::page_language("", "", view(head[bh::field::accept_language]));
  const std::string target(view(head.target()));
  const std::string path = target.substr(0, target.find('?'));
  if (path == kHealthPath) {
    const std::string body = state_->health();
    const int status = body.starts_with(R"({"ready":true)") ? 200 : 503;
    Page page{.status = status, .content_type = "application/json", .body = body};
    co_return co_await say_page(request, std::move(page));
  }
  // Two hosts are two readings of one request.
  const auto hosts = head.count(bh::field::host);
  if (hosts > 1 || (hosts == 0 && head.version() >= 11))
    co_return co_await trouble(request, Trouble::bad_request);
  if (path == kCheckPath) co_return co_await check(request);
  if (head.method() == bh::verb::connect || strange_coding(head))
    co_return co_await trouble(request, Trouble::not_supported);
  if (state_->config.origin_host.empty())
    co_return co_await trouble(request, Trouble::not_supported);
  websocket_ = wants_websocket(head);

  const std::string cookies = joined(head, "Cookie", "; ");
  const std::string host(view(head[bh::field::host]));
  const Decision decision = state_->door.decide({.method = view(head.method_string()),
                                                 .target = target,
                                                 .host = host,
                                                 .cookies = cookies,
                                                 .pass = view(head["Onsale-Pass"]),
                                                 .html = html_,
                                                 .preflight = is_preflight(head)},
                                                state_->clock.now());
  switch (decision.step) {
    case Step::forward:
      co_return co_await forward(request, decision);
    case Step::redirect: {
      ++state_->redirected;
      Page page{.status = 303, .content_type = {}, .body = {}};
      co_return co_await say(request, std::move(page), decision.set_cookie, decision.location,
                             nullptr);
    }
    case Step::refuse:
      break;
  }
  co_return co_await refuse(request, decision);
}

asio::awaitable<bool> Visitor::answer_unreadable(Error error) {
  if (error == beast::error::timeout || error == bh::error::end_of_stream ||
      error == asio::error::operation_aborted || error == asio::error::connection_reset)
    co_return false;
  RequestParser nothing;
  html_ = false;
  const bool large = error == bh::error::body_limit || error == bh::error::header_limit;
  co_await trouble(nothing, large ? Trouble::too_large : Trouble::bad_request);
  co_return false;
}

asio::awaitable<bool> Visitor::say(const RequestParser& request, Page page,
                                   std::string_view set_cookie, std::string_view location,
                                   const Fields* more) {
  bh::response<bh::string_body> out;
  out.result(static_cast<unsigned>(page.status));
  out.version(request.get().version() == 10 ? 10 : 11);
  if (more)
    for (const auto& one : *more) out.insert(one.name(), one.name_string(), one.value());
  out.set(bh::field::cache_control, "no-store");
  out.set("X-Content-Type-Options", "nosniff");
  out.set("Referrer-Policy", "no-referrer");
  if (!page.content_type.empty()) out.set(bh::field::content_type, page.content_type);
  if (page.status == 503) out.set(bh::field::retry_after, "5");
  if (!set_cookie.empty()) out.insert(bh::field::set_cookie, std::string(set_cookie));
  if (!location.empty()) out.set(bh::field::location, std::string(location));
  // A body that nobody reads would be taken for the next request.
  const bool stays = request.is_header_done() && request.is_done() && request.get().keep_alive() &&
                     !state_->draining;
  out.keep_alive(stays);
  const bool head = request.is_header_done() && request.get().method() == bh::verb::head;
  const std::size_t size = page.body.size();
  if (!head) out.body() = std::move(page.body);
  if (page.status != 204) out.content_length(size);
  client_.expires_after(state_->config.body_timeout);
  bh::response_serializer<bh::string_body> serializer(out);
  Error error;
  if (head) {
    const auto [failed, bytes] = co_await bh::async_write_header(client_, serializer, kDone);
    error = failed;
  } else {
    const auto [failed, bytes] = co_await bh::async_write(client_, serializer, kDone);
    error = failed;
  }
  co_return !error && stays;
}

asio::awaitable<bool> Visitor::say_page(const RequestParser& request, Page page) {
  co_return co_await say(request, std::move(page), "", "", nullptr);
}

asio::awaitable<bool> Visitor::trouble(const RequestParser& request, Trouble what) {
  if (what == Trouble::origin_away || what == Trouble::origin_slow) ++state_->origin_failures;
  Page page = trouble_page(what, html_, language_);
  co_return co_await say_page(request, std::move(page));
}

asio::awaitable<bool> Visitor::refuse(const RequestParser& request, const Decision& decision) {
  ++state_->refused;
  Page page = refusal_page(decision.refusal, decision.enter_url, html_, language_);
  co_return co_await say(request, std::move(page), decision.set_cookie, "", nullptr);
}

asio::awaitable<bool> Visitor::check(const RequestParser& request) {
  const auto& head = request.get();
  const std::string cookies = joined(head, "Cookie", "; ");
  const Decision decision =
      state_->door.check({.cookies = cookies, .pass = view(head["Onsale-Pass"])},
                         view(head["Onsale-Return"]), state_->clock.now());
  Fields more;
  if (decision.step == Step::forward) {
    more.set("Onsale-Place-Id", decision.place);
    Page page{.status = 204, .content_type = {}, .body = {}};
    co_return co_await say(request, std::move(page), decision.set_cookie, "", &more);
  }
  ++state_->refused;
  if (!decision.enter_url.empty()) more.set("Onsale-Enter-Url", decision.enter_url);
  Page page = refusal_page(decision.refusal, decision.enter_url, false, language_);
  co_return co_await say(request, std::move(page), decision.set_cookie, "", &more);
}

// A moment to take what is still on its way, so that the answer isn't lost in a reset.
asio::awaitable<void> Visitor::linger() {
  Error ignored;
  if (!client_.socket().is_open()) co_return;
  client_.socket().shutdown(tcp::socket::shutdown_send, ignored);
  client_.expires_after(kLingerTime);
  Piece piece;
  const asio::mutable_buffer into = asio::buffer(piece);
  std::size_t taken = 0;
  while (taken < kLingerBytesMax) {
    const auto [error, bytes] = co_await client_.async_read_some(into, kDone);
    if (error) break;
    taken += bytes;
  }
  close();
}

asio::awaitable<bool> Visitor::forward(RequestParser& request, const Decision& decision) {
  const auto& head = request.get();
  const std::string expects(view(head[bh::field::expect]));
  if (!expects.empty() && !request.is_done()) {
    bh::response<bh::empty_body> go_on(bh::status::continue_, 11);
    const auto [error, bytes] = co_await bh::async_write(client_, go_on, kDone);
    if (error) co_return false;
  }
  // A connection that was kept may have been closed by the origin meanwhile. What is safe to ask
  // twice is asked again, once.
  const bool repeatable =
      request.is_done() && (head.method() == bh::verb::get || head.method() == bh::verb::head ||
                            head.method() == bh::verb::options);
  std::optional<ResponseParser> answer;
  Error error;
  for (int left = repeatable ? 2 : 1; left > 0; --left) {
    const bool kept = origin_ && origin_alive();
    if (!kept) {
      error = co_await connect();
      if (error) break;
    }
    visitor_failed_ = false;
    error = co_await send_request(request, decision);
    if (visitor_failed_) break;
    // An origin that refuses early has answered, although it did not listen to the end.
    const Error unread = co_await read_answer_head(answer, head.method() == bh::verb::head);
    if (!unread || !error) error = unread;
    if (!error) break;
    origin_.reset();
    if (!kept || error == beast::error::timeout) break;
  }
  if (error) {
    origin_.reset();
    const bool slow = error == beast::error::timeout;
    if (error == bh::error::body_limit) co_return co_await trouble(request, Trouble::too_large);
    if (visitor_failed_) co_return false;
    log::warn("gateway", "the origin does not answer", {{"why", error.message()}});
    co_return co_await trouble(request, slow ? Trouble::origin_slow : Trouble::origin_away);
  }
  ++state_->forwarded;
  if (decision.head_only) co_return co_await relay_head(request, *answer);
  if (answer->get().result() == bh::status::switching_protocols) {
    co_return co_await tunnel(request, *answer, decision);
  }
  co_return co_await relay_answer(request, *answer, decision);
}

// An origin may answer OPTIONS as it answers GET.
asio::awaitable<bool> Visitor::relay_head(const RequestParser& request,
                                          const ResponseParser& answer) {
  Fields allowed;
  copy_preflight_fields(answer.get(), allowed);
  const int status = static_cast<int>(answer.get().result_int());
  if (!answer.is_done()) origin_.reset();
  Page page{.status = status < 300 ? 204 : status, .content_type = {}, .body = {}};
  co_return co_await say(request, std::move(page), "", "", &allowed);
}

bool Visitor::origin_alive() {
  char byte = 0;
  const auto got = ::recv(origin_->socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  const bool quiet = got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  if (!quiet) origin_.reset();
  return quiet;
}

asio::awaitable<Visitor::Error> Visitor::connect() {
  origin_.reset();
  origin_in_.clear();
  const ProxyConfig& config = state_->config;
  origin_.emplace(client_.get_executor());
  origin_->expires_after(config.connect_timeout);
  Error error;
  const auto literal = asio::ip::make_address(config.origin_host, error);
  if (!error) {
    const tcp::endpoint where(literal, config.origin_port);
    const auto [refused] = co_await origin_->async_connect(where, kDone);
    error = refused;
  } else {
    tcp::resolver resolver(client_.get_executor());
    const std::string port = std::to_string(config.origin_port);
    const auto [unknown, found] = co_await resolver.async_resolve(config.origin_host, port, kDone);
    if (unknown) co_return unknown;
    const auto [refused, where] = co_await origin_->async_connect(found, kDone);
    error = refused;
  }
  if (error) {
    origin_.reset();
  } else {
    Error ignored;
    origin_->socket().set_option(tcp::no_delay(true), ignored);
  }
  co_return error;
}

asio::awaitable<Visitor::Error> Visitor::send_request(RequestParser& request,
                                                      const Decision& decision) {
  const auto& head = request.get();
  bh::request<bh::buffer_body> out;
  out.method_string(head.method_string());
  out.target(decision.target);
  out.version(11);
  copy_request_fields(head,
                      {.client_address = client_address_,
                       .scheme = state_->config.scheme,
                       .place = decision.place,
                       .believe = believed_},
                      out);
  if (out.find(bh::field::host) == out.end()) out.set(bh::field::host, state_->config.origin_host);
  if (request.chunked()) out.chunked(true);
  if (websocket_) {  // fields of this connection, made anew for the next one
    out.set(bh::field::connection, "Upgrade");
    out.set(bh::field::upgrade, "websocket");
  }
  out.body().data = nullptr;
  out.body().more = !request.is_done();
  bh::request_serializer<bh::buffer_body> serializer(out);
  origin_->expires_after(state_->config.body_timeout);
  const auto [error, bytes] = co_await bh::async_write_header(*origin_, serializer, kDone);
  if (error) co_return error;
  Piece piece;
  while (!request.is_done()) {
    request.get().body().data = piece.data();
    request.get().body().size = piece.size();
    client_.expires_after(state_->config.body_timeout);
    const auto [broken, got] = co_await bh::async_read_some(client_, in_, request, kDone);
    visitor_failed_ = broken && broken != bh::error::need_buffer;
    if (visitor_failed_) co_return broken;
    out.body().data = piece.data();
    out.body().size = piece.size() - request.get().body().size;
    out.body().more = !request.is_done();
    if (out.body().size == 0 && out.body().more) continue;
    if (out.body().size == 0) out.body().data = nullptr;
    origin_->expires_after(state_->config.body_timeout);
    const auto [failed, sent] = co_await bh::async_write(*origin_, serializer, kDone);
    if (failed && failed != bh::error::need_buffer) co_return failed;
  }
  co_return Error{};
}

asio::awaitable<Visitor::Error> Visitor::read_answer_head(std::optional<ResponseParser>& answer,
                                                          bool head) {
  for (;;) {
    answer.emplace();
    answer->header_limit(kOriginHeaderBytesMax);
    answer->body_limit(boost::none);
    if (head) answer->skip(true);
    origin_->expires_after(state_->config.origin_timeout);
    const auto [error, bytes] =
        co_await bh::async_read_header(*origin_, origin_in_, *answer, kDone);
    if (error) co_return error;
    const unsigned status = answer->get().result_int();
    const bool switches = status == 101;
    if ((switches && !websocket_) || strange_coding(answer->get())) {
      co_return bh::error::bad_status;
    }
    if (switches || status >= 200)
      co_return Error{};  // what came before is only for this connection
  }
}

asio::awaitable<bool> Visitor::relay_answer(RequestParser& request, ResponseParser& answer,
                                            const Decision& decision) {
  const bool head = request.get().method() == bh::verb::head;
  const bool old_client = request.get().version() < 11;
  bh::response<bh::buffer_body> out;
  out.result(answer.get().result_int());
  out.reason(answer.get().reason());
  out.version(old_client ? 10 : 11);
  copy_response_fields(answer.get(), out);
  if (!decision.set_cookie.empty()) out.insert(bh::field::set_cookie, decision.set_cookie);
  const bool bodiless = head || answer.is_done();
  const bool endless = !bodiless && !answer.content_length();
  if (endless && !old_client) out.chunked(true);
  const bool stays = request.is_done() && request.get().keep_alive() && !state_->draining &&
                     !(endless && old_client);
  out.keep_alive(stays);
  out.body().data = nullptr;
  out.body().more = !bodiless;
  bh::response_serializer<bh::buffer_body> serializer(out);
  client_.expires_after(state_->config.body_timeout);
  const auto [error, bytes] = co_await bh::async_write_header(client_, serializer, kDone);
  if (error) co_return false;
  Piece piece;
  while (!bodiless && !answer.is_done()) {
    answer.get().body().data = piece.data();
    answer.get().body().size = piece.size();
    origin_->expires_after(state_->config.origin_timeout);
    const auto [broken, got] = co_await bh::async_read_some(*origin_, origin_in_, answer, kDone);
    if (broken && broken != bh::error::need_buffer) {
      origin_.reset();
      co_return false;  // cut off here too: half an answer must not look whole
    }
    out.body().data = piece.data();
    out.body().size = piece.size() - answer.get().body().size;
    out.body().more = !answer.is_done();
    if (out.body().size == 0 && out.body().more) continue;
    if (out.body().size == 0) out.body().data = nullptr;
    client_.expires_after(state_->config.body_timeout);
    const auto [failed, sent] = co_await bh::async_write(client_, serializer, kDone);
    if (failed && failed != bh::error::need_buffer) {
      origin_.reset();
      co_return false;
    }
  }
  if (!answer.get().keep_alive() || (!head && !answer.is_done())) origin_.reset();
  co_return stays;
}

}  // namespace onsale::gateway
