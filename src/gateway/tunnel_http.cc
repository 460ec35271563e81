// A WebSocket through the gate. Raw sockets: a stream's timer can't serve both directions at once.
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "gateway/fields_http.h"
#include "gateway/visitor_http.h"

namespace onsale::gateway {

namespace asio = boost::asio;
namespace bh = boost::beast::http;

namespace {

constexpr auto kDone = asio::as_tuple(asio::use_awaitable);
// Pings of either side come several times in this.
constexpr Millis kQuietMax{300'000};

std::string text(boost::beast::string_view view) { return {view.data(), view.size()}; }

}  // namespace

void Visitor::cut_tunnel() {
  tunnel_open_ = false;
  client_.close();
  if (origin_) origin_->close();
}

asio::awaitable<bool> Visitor::tunnel(RequestParser& request, ResponseParser& answer,
                                      const Decision& decision) {
  const auto& head = request.get();
  const std::string target = text(head.target());
  const std::string host = text(head[bh::field::host]);
  std::string cookies = joined(head, "Cookie", "; ");
  if (!decision.set_cookie.empty()) {  // who came in with this very request is known by it
    cookies.insert(0, decision.set_cookie.substr(0, decision.set_cookie.find(';')) + "; ");
  }
  bh::response<bh::empty_body> out(bh::status::switching_protocols, 11);
  copy_response_fields(answer.get(), out);
  out.set(bh::field::connection, "Upgrade");
  out.set(bh::field::upgrade, "websocket");
  if (!decision.set_cookie.empty()) out.insert(bh::field::set_cookie, decision.set_cookie);
  client_.expires_after(state_->config.body_timeout);
  const auto [error, bytes] = co_await bh::async_write(client_, out, kDone);
  if (error) co_return false;
  client_.expires_never();
  origin_->expires_never();
  tunnel_open_ = true;
  idle_ = true;  // a drain need not wait for it
  const auto self = shared_from_this();
  const auto executor = client_.get_executor();
  asio::co_spawn(executor, pump(*origin_, origin_in_, client_, got_),
                 [self](std::exception_ptr) { self->cut_tunnel(); });
  asio::co_spawn(executor, watch_tunnel(target, host, cookies),
                 [self](std::exception_ptr) { self->cut_tunnel(); });
  co_await pump(client_, in_, *origin_, sent_);
  cut_tunnel();
  co_return false;
}

// What was read together with the head goes first.
asio::awaitable<void> Visitor::pump(Stream& from, boost::beast::flat_buffer& read_ahead, Stream& to,
                                    bool& moved) {
  std::array<char, 16 * 1024> piece;
  while (tunnel_open_) {
    if (read_ahead.size() > 0) {
      const auto [failed, sent] = co_await asio::async_write(to.socket(), read_ahead.data(), kDone);
      if (failed) co_return;
      read_ahead.consume(read_ahead.size());
    }
    const asio::mutable_buffer into = asio::buffer(piece);
    const auto [error, got] = co_await from.socket().async_read_some(into, kDone);
    if (error) co_return;
    moved = true;
    const asio::const_buffer these(piece.data(), got);
    const auto [failed, sent] = co_await asio::async_write(to.socket(), these, kDone);
    if (failed) co_return;
  }
}

asio::awaitable<void> Visitor::watch_tunnel(std::string target, std::string host,
                                            std::string cookies) {
  asio::steady_timer timer(client_.get_executor());
  const Millis look = state_->config.tunnel_look;
  for (Millis quiet{0}; tunnel_open_ && quiet < kQuietMax;) {
    timer.expires_after(look);
    const auto [error] = co_await timer.async_wait(kDone);
    if (error || !tunnel_open_) co_return;
    quiet = sent_ || got_ ? Millis(0) : quiet + look;
    got_ = false;
    // Who only listens goes with the slot too, but keeps it for nobody.
    const bool silent = !std::exchange(sent_, false);
    const Decision decision =
        state_->door.decide({.target = target, .host = host, .cookies = cookies, .silent = silent},
                            state_->clock.now());
    if (decision.step != Step::forward) co_return;
  }
}

}  // namespace onsale::gateway
