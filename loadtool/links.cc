#include "loadtool/links.h"

#include "loadtool/answer.h"

namespace onsale::load {

HttpLink::HttpLink(const Wiring& wiring, double timeout_s)
    : wiring_(wiring), timeout_s_(timeout_s), socket_(wiring.loop, *this), timeout_(wiring.loop) {}

void HttpLink::call(Request request, std::function<void(Reply)> then) {
  queue_.push_back({to_wire(request, wiring_.target.host), std::move(then)});
  if (queue_.size() == 1) next();
}

void HttpLink::call_and_go(const Request& request) {
  leaving_ = true;
  call(request, [](const Reply&) {});
}

// Sends the first of the queue, over the connection there is or a new one.
void HttpLink::next() {
  Waiting& first = queue_.front();
  if (first.sent < 0) first.sent = wiring_.now();
  timeout_.after(seconds_of(timeout_s_), [this] {
    socket_.close(true);
    lost("timeout");
  });
  reader_.reset();
  if (socket_.is_open() && connected_) return socket_.send(first.wire);
  connected_ = reused_ = false;
  connecting_since_ = wiring_.now();
  socket_.open(wiring_.target, wiring_.source);
}

void HttpLink::connected() {
  connected_ = true;
  if (wiring_.connected) wiring_.connected(wiring_.now() - connecting_since_);
  if (queue_.empty()) return;
  socket_.send(queue_.front().wire);
  if (!leaving_) return;
  socket_.finish();
  drop(false);
}

void HttpLink::received(std::string_view bytes) {
  if (queue_.empty()) return socket_.close();  // nobody asked
  reader_.take(bytes);
  if (reader_.state() == ResponseReader::State::broken) {
    socket_.close(true);
    return lost("no HTTP");
  }
  if (reader_.state() != ResponseReader::State::done) return;
  Reply reply{.response = std::move(reader_.response())};
  if (!reply.response.keep_alive) {
    socket_.close();
    connected_ = false;
  }
  reused_ = true;
  answer(std::move(reply));
}

void HttpLink::answer(Reply reply) {
  timeout_.cancel();
  reader_.reset();
  Waiting first = std::move(queue_.front());
  queue_.pop_front();
  reply.sent = first.sent;
  reply.got = wiring_.now();
  // The next one first: the callback may drop or call again.
  if (!queue_.empty()) next();
  first.then(std::move(reply));
}

void HttpLink::lost(std::string_view why) {
  const bool stale = reused_ && !reader_.begun() && (why == "closed" || why == "reset");
  connected_ = reused_ = leaving_ = false;
  socket_.close();
  if (queue_.empty()) return;
  if (stale) return next();
  reader_.ended();
  Reply reply;
  if (reader_.state() == ResponseReader::State::done)
    reply.response = std::move(reader_.response());
  else
    reply.error = why;
  answer(std::move(reply));
}

void HttpLink::drop(bool abruptly) {
  leaving_ = connected_ = reused_ = false;
  queue_.clear();
  timeout_.cancel();
  reader_.reset();
  socket_.close(abruptly);
}

LiveLink::LiveLink(const Wiring& wiring, double timeout_s, Listener listener)
    : wiring_(wiring),
      timeout_s_(timeout_s),
      listener_(std::move(listener)),
      socket_(wiring.loop, *this),
      timeout_(wiring.loop) {}

void LiveLink::open(Transport transport, std::string_view room_path, const std::string& token,
                    const std::string& cookie) {
  drop(false);
  transport_ = transport;
  Request request;
  if (!cookie.empty()) request.headers.emplace_back("Cookie", cookie);
  if (transport == Transport::sse) {
    request.path = std::string(room_path) + "/places/me/events";
    request.headers.emplace_back("Accept", "text/event-stream");
    request.headers.emplace_back("Onsale-Place", token);
    subscribe_.clear();
  } else {
    request.path = "/ws";
    for (const auto& [name, value] : Headers{{"Connection", "Upgrade"},
                                             {"Upgrade", "websocket"},
                                             {"Sec-WebSocket-Version", "13"},
                                             {"Sec-WebSocket-Key", "b25zYWxlLWxvYWQtdG9vbA=="},
                                             {"Sec-WebSocket-Protocol", "v12.stomp"}}) {
      request.headers.emplace_back(name, value);
    }
    const auto mask = static_cast<std::uint32_t>(wiring_.now()) * 2'654'435'761U;
    subscribe_ = ws_frame(Opcode::text, stomp_connect(), mask) +
                 ws_frame(Opcode::text, stomp_subscribe("/user/queue/place", token), ~mask);
  }
  hello_ = to_wire(request, wiring_.target.host);
  reader_.emplace();
  socket_.open(wiring_.target, wiring_.source);
  timeout_.after(seconds_of(timeout_s_), [this] {
    socket_.close(true);
    end("timeout");
  });
}

void LiveLink::connected() { socket_.send(std::exchange(hello_, {})); }

void LiveLink::received(std::string_view bytes) {
  if (reader_ && !begin(bytes)) return;
  if (transport_ == Transport::sse) return read_events();
  ws_.take(bytes);
  read_messages();
}

// Reads the answer's head, and of event streams the body. False: nothing to look at yet, or ever.
bool LiveLink::begin(std::string_view& bytes) {
  using State = ResponseReader::State;
  reader_->take(bytes);
  const State state = reader_->state();
  if (state == State::head) return false;
  Response& response = reader_->response();
  const bool events = transport_ == Transport::sse;
  const bool wanted = events ? response.status == 200 && response.event_stream
                             : response.status == 101 && state == State::done;
  if (!wanted) {
    if (state == State::body) return false;  // a refusal that goes on
    const std::string code = read_problem(response.body).code;
    std::string why = std::to_string(response.status) + (code.empty() ? "" : " " + code);
    socket_.close();
    end(state == State::broken ? "no HTTP" : why);
    return false;
  }
  if (events) {
    events_.take(std::exchange(response.body, {}));
    return true;
  }
  reader_.reset();
  socket_.send(std::exchange(subscribe_, {}));
  return true;
}

void LiveLink::read_events() {
  while (socket_.is_open()) {
    const auto event = events_.next();
    if (!event) return;
    // With nothing to say but when to come back, the server is going away.
    if (event->data.empty() && event->retry_ms) after_ms_ = event->retry_ms;
    if (event->name == "place") heard(event->data);
  }
}

void LiveLink::read_messages() {
  while (socket_.is_open()) {
    const auto message = ws_.next();
    if (ws_.broken()) {
      socket_.close(true);
      return end("no WebSocket");
    }
    if (!message) return;
    if (message->opcode == Opcode::ping)
      socket_.send(ws_frame(Opcode::pong, message->payload, 0x5eed5eed));
    if (message->opcode == Opcode::close) {
      const auto code = message->close_code();
      socket_.send(ws_frame(Opcode::close, message->payload.substr(0, 2), 0x5eed5eed));
      socket_.finish();
      return end(why_.empty() ? "closed " + std::to_string(code) : why_);
    }
    if (message->opcode == Opcode::text) stomp(message->payload);
  }
}

void LiveLink::stomp(std::string_view message) {
  const auto frame = read_stomp(message);
  if (!frame) return;
  if (frame->command == "ERROR") {
    why_ = "refused " + std::string(frame->header("message"));
    return;
  }
  if (frame->command != "MESSAGE") return;
  if (frame->body.starts_with("{\"type\":")) {
    after_ms_ = read_reconnect(frame->body);
    if (after_ms_) return;
  }
  heard(frame->body);
}

void LiveLink::heard(std::string_view json) {
  timeout_.cancel();
  listener_.news(json);
}

void LiveLink::lost(std::string_view why) {
  socket_.close();
  end(why_.empty() ? why : why_);
}

void LiveLink::end(std::string_view why) {
  const std::string said(why);  // may be ours, and drop() forgets it
  const auto after = after_ms_;
  drop(false);
  listener_.ended(said, after);
}

void LiveLink::drop(bool abruptly) {
  socket_.close(abruptly);
  timeout_.cancel();
  reader_.reset();
  ws_ = {};
  events_ = {};
  hello_.clear();
  subscribe_.clear();
  after_ms_.reset();
  why_.clear();
}

}  // namespace onsale::load
