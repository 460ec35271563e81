// The connection's side of a request: finding it in the bytes, running it, queueing its answer.
#include <algorithm>
#include <cstring>

#include "base/log.h"
#include "platform/http/connection.h"
#include "platform/http/core.h"
#include "platform/http/response_head.h"

namespace onsale::http {
namespace {

constexpr std::size_t kBodyRoom = 2048;        // bytes of input buffer behind the head
constexpr std::size_t kSendFixed = 16 * 1024;  // from here on a file is not copied
constexpr std::int64_t kSlowMs = 1000;

constexpr char kHex[] = "0123456789abcdef";

void append_hex(char* out, std::uint64_t value) {
  for (int i = 0; i < 16; ++i) out[i] = kHex[(value >> (60 - 4 * i)) & 15];
}

// The trace id of "00-<32 hex>-<16 hex>-<2 hex>", or nothing.
std::string_view trace_of(std::string_view traceparent) {
  if (traceparent.size() < 55 || traceparent.substr(0, 2) == "ff") return {};
  if (traceparent[2] != '-' || traceparent[35] != '-' || traceparent[52] != '-') return {};
  const auto id = traceparent.substr(3, 32);
  if (id.find_first_not_of("0123456789abcdef") != id.npos || id.find_first_not_of('0') == id.npos)
    return {};
  return id;
}

Problem problem_of(int status) {
  switch (status) {
    case 414:
      return {414, "uri_too_long", "The address is too long."};
    case 431:
      return {431, "headers_too_large", "The request's headers are too large."};
    case 501:
      return {501, "not_implemented", "Only chunked transfer encoding is known."};
    case 505:
      return {505, "http_version", "This server speaks HTTP/1.1."};
    default:
      return {400, "malformed_request", "This is not an HTTP/1.1 request."};
  }
}

}  // namespace

ClientConnection::Progress ClientConnection::read_head() {
  while (begin_ < end_ && (in_[begin_] == '\r' || in_[begin_] == '\n')) ++begin_;
  if (begin_ == end_) {
    begin_ = end_ = scanned_ = 0;
    return Progress::more;
  }
  const std::size_t from = std::max(begin_, scanned_ > 3 ? scanned_ - 3 : 0);
  const void* found = ::memmem(in_.get() + from, end_ - from, "\r\n\r\n", 4);
  const std::size_t head_max = core_->config.limits.header_bytes_max;
  const std::size_t seen =
      found != nullptr ? static_cast<std::size_t>(static_cast<const char*>(found) - in_.get()) + 4
                       : end_;
  if (seen - begin_ > head_max) {
    x_.clear();
    return refuse(problem_of(431));
  }
  if (found == nullptr) {
    scanned_ = end_;
    if (phase_ != Phase::head) enter(Phase::head, core_->config.limits.header_timeout);
    make_room();
    return Progress::more;
  }
  head_end_ = seen;
  if (in_size_ - head_end_ < kBodyRoom) make_room();
  return begin_request();
}

// Moves what is there to the front and doubles the buffer when it is nearly full. Nothing may point
// into it.
void ClientConnection::make_room() {
  if (in_size_ - end_ >= kBodyRoom) return;
  const std::size_t size = end_ - begin_;
  std::size_t wanted = in_size_;
  while (wanted < size + kBodyRoom) wanted *= 2;
  if (wanted != in_size_) {
    auto larger = std::make_unique_for_overwrite<char[]>(wanted);
    std::memcpy(larger.get(), in_.get() + begin_, size);
    in_ = std::move(larger);
    in_size_ = wanted;
  } else {
    std::memmove(in_.get(), in_.get() + begin_, size);
  }
  head_end_ -= std::min(head_end_, begin_);
  scanned_ -= std::min(scanned_, begin_);
  begin_ = 0;
  end_ = size;
}

ClientConnection::Progress ClientConnection::begin_request() {
  x_.clear();
  x_.started = core_->parts.clock.now();
  x_.client_address = address_;
  const std::string_view head(in_.get() + begin_, head_end_ - begin_);
  const int status = parse_head(head, x_);
  identify();
  if (status != 0) return refuse(problem_of(status));
  if (trusted_proxy_) {
    forwarded();
  } else if (!proxy_told_ && !x_.header(Known::forwarded_for).empty()) {
    proxy_told_ = true;
    core_->unnamed_proxy.seen(address_, x_.started);
  }
  body_max_ = core_->pipeline.route(x_);
  if (!core_->upgrades.empty() && x_.verb == Verb::get &&
      same_word(x_.header(Known::upgrade), "websocket") && core_->upgrades.contains(x_.path))
    return hand_over();
  next_ = head_end_;
  if (x_.chunked) {
    chunks_ = std::make_unique<ChunkedBody>(head);
  } else {
    if (x_.content_length > body_max_)
      return refuse(Problem(413, "body_too_large",
                            "The body may have " + std::to_string(body_max_) + " bytes."));
    if (x_.content_length <= end_ - head_end_) {
      const auto size = static_cast<std::size_t>(x_.content_length);
      x_.body = {in_.get() + head_end_, size};
      next_ = head_end_ + size;
      return Progress::complete;
    }
  }
  if (same_word(x_.header(Known::expect), "100-continue") && end_ == head_end_)
    out_ += "HTTP/1.1 100 Continue\r\n\r\n";
  enter(Phase::body, core_->config.limits.body_timeout);
  return read_body();
}

// The head stays where it is; the body is taken out from behind it.
ClientConnection::Progress ClientConnection::read_body() {
  if (!x_.chunked) return body_size_known();
  const std::string_view bytes(in_.get() + head_end_, end_ - head_end_);
  const auto step = chunks_->feed(bytes, x_.body_storage, body_max_);
  switch (step.state) {
    case ChunkedBody::State::malformed:
      return refuse(problem_of(400));
    case ChunkedBody::State::too_large:
      return refuse(Problem(413, "body_too_large",
                            "The body may have " + std::to_string(body_max_) + " bytes."));
    case ChunkedBody::State::done:
      next_ = head_end_ + step.used;
      x_.body = x_.body_storage;
      chunks_.reset();
      return Progress::complete;
    case ChunkedBody::State::more:
      break;
  }
  std::memmove(in_.get() + head_end_, bytes.data() + step.used, bytes.size() - step.used);
  end_ -= step.used;
  if (end_ == in_size_) return refuse(problem_of(400));  // a chunk header that never ends
  return Progress::more;
}

ClientConnection::Progress ClientConnection::body_size_known() {
  const std::size_t missing = static_cast<std::size_t>(x_.content_length) - x_.body_storage.size();
  const std::size_t there = std::min(missing, end_ - head_end_);
  x_.body_storage.append(in_.get() + head_end_, there);
  if (there < missing) {
    end_ = head_end_;
    return Progress::more;
  }
  next_ = head_end_ + there;
  x_.body = x_.body_storage;
  return Progress::complete;
}

// Answers and closes: whatever follows on this connection cannot be trusted to be a request.
ClientConnection::Progress ClientConnection::refuse(const Problem& problem) {
  x_.keep_alive = false;
  x_.started = core_->parts.clock.now();
  identify();
  x_.reply.clear();
  detail::put_problem(x_.call, problem);
  next_ = end_;
  chunks_.reset();
  x_.route = nullptr;
  finish_request();
  return Progress::refused;
}

void ClientConnection::identify() {
  if (const auto id = trace_of(x_.header(Known::traceparent)); !id.empty()) {
    std::memcpy(x_.trace_id.data(), id.data(), id.size());
    return;
  }
  append_hex(x_.trace_id.data(), loop_.random());
  append_hex(x_.trace_id.data() + 16, loop_.random());
}

// The last address in X-Forwarded-For that is not a proxy of ours.
void ClientConnection::forwarded() {
  std::string_view list = x_.header(Known::forwarded_for);
  while (!list.empty()) {
    const auto comma = list.rfind(',');
    const auto item = comma == list.npos ? list : list.substr(comma + 1);
    list = comma == list.npos ? std::string_view() : list.substr(0, comma);
    const auto address = Address::parse(item);
    if (!address) return;
    x_.forwarded_address = address->text();
    x_.client_address = x_.forwarded_address;
    if (!core_->config.trusted_proxies.contains(*address)) return;
  }
}

ClientConnection::Progress ClientConnection::hand_over() {
  if (loop_.draining) return refuse(Problem(503, "stopping", "This server is stopping.", {}, 1));
  if (!core_->pipeline.admit_upgrade(x_))
    return refuse(Problem(403, "foreign_origin", "This page is not from our site."));
  if (!flush()) {
    close();
    return Progress::gone;
  }
  const auto protocol = socket_.local_endpoint().protocol();
  Upgrade upgrade{.socket = boost::asio::ip::tcp::socket(loop_.loop.io()),
                  .loop = loop_.loop,
                  .bytes = std::string(in_.get() + begin_, end_ - begin_),
                  .principal = std::move(x_.principal),
                  .client_address = std::string(x_.client_address),
                  .trace_id = std::string(x_.call.trace_id()),
                  .slot = std::move(slot_),
                  .subprotocols = std::string(x_.header(Known::websocket_protocol))};
  const auto& handler = core_->upgrades.find(x_.path)->second;
  upgrade.socket.assign(protocol, socket_.release());
  closed_ = true;
  unlink();
  loop_.tallies.connections.add(-1);
  loop_.tallies.upgraded.add();
  try {
    handler(std::move(upgrade));
  } catch (const std::exception& e) {
    log::error("http", "an upgrade failed", {{"error", e.what()}});
  }
  loop_.removed();
  return Progress::gone;
}

// True when the answer is queued; false when a task will bring it.
bool ClientConnection::run_request() {
  enter(Phase::handling, Millis(0));
  handled_from_ns_ = steady_ns();
  auto task = core_->pipeline.run(x_);
  if (task) {
    busy_ = starting_ = true;
    onsale::start(std::move(*task), [self = shared_from_this()](std::exception_ptr error) {
      self->task_done(std::move(error));
    });
    starting_ = false;
    if (busy_) return false;
  }
  finish_request();
  return true;
}

void ClientConnection::task_done(std::exception_ptr error) {
  if (exec::Loop::current() != &loop_.loop) {
    loop_.loop.post(
        [self = shared_from_this(), error = std::move(error)] { self->task_done(error); });
    return;
  }
  if (error) core_->pipeline.failed(x_, error);
  busy_ = false;
  if (starting_ || closed_) return;
  finish_request();
  advance();
}

void ClientConnection::finish_request() {
  Reply& reply = x_.reply;
  if (reply.hang_up) return close();
  core_->pipeline.finish(x_, loop_.gzip);
  const bool stream = reply.stream != nullptr && x_.verb != Verb::head;
  const bool close = !x_.keep_alive || loop_.draining || reply.stream != nullptr;
  append_head(out_, x_,
              {.date_line = loop_.date_line(x_.started),
               .close = close,
               .hsts = core_->config.secure_cookies});
  if (x_.verb != Verb::head && !stream) {
    if (x_.node == nullptr && reply.fixed.size() >= kSendFixed)
      out_fixed_ = reply.fixed;  // a file of ours: it stays
    else
      out_.append(reply.content());
  }
  loop_.tallies.requests.add();
  loop_.tallies.by_class[static_cast<std::size_t>(std::clamp(reply.status / 100, 0, 5))].add();
  if (reply.status == 429) loop_.tallies.limited.add();
  report(x_);
  begin_ = next_;
  scanned_ = 0;
  if (stream) return start_stream();
  if (close) close_after_ = true;
  enter(Phase::idle, core_->config.limits.idle_timeout);
}

void ClientConnection::report(const Exchange& x) {
  std::int64_t took = 0;  // ms
  if (phase_ == Phase::handling) {
    const auto nanoseconds = steady_ns() - handled_from_ns_;
    loop_.latencies.add(x.route, x.reply.status, nanoseconds);
    took = nanoseconds / 1'000'000;
  }
  const bool slow = took >= kSlowMs;
  if (!slow && !core_->config.access_log) return;
  log::write(slow ? log::Level::warn : log::Level::debug, "http",
             slow ? "a slow request" : "a request",
             {{"method", x.method_text},
              {"path", x.path},
              {"status", x.reply.status},
              {"ms", took},
              {"trace_id", x.call.trace_id()}});
}

}  // namespace onsale::http
