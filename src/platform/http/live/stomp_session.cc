#include "platform/http/live/stomp_session.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace onsale::http {
namespace {

using stomp::Frame;

bool offers(std::string_view versions, std::string_view wanted) {
  while (!versions.empty()) {
    const auto comma = std::min(versions.find(','), versions.size());
    if (versions.substr(0, comma) == wanted) return true;
    versions.remove_prefix(std::min(comma + 1, versions.size()));
  }
  return false;
}

// `heart-beat:cx,cy`: what the client sends, and what it wants to get, in milliseconds.
struct Beats {
  std::uint32_t sends = 0, wants = 0;
};

std::optional<Beats> parse_beats(std::string_view text) {
  if (text.empty()) return Beats{};
  Beats beats;
  const char* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, beats.sends);
  if (first.ec != std::errc{} || first.ptr == end || *first.ptr != ',') return {};
  const auto second = std::from_chars(first.ptr + 1, end, beats.wants);
  if (second.ec != std::errc{} || second.ptr != end) return {};
  return beats;
}

template <class T>
void release(T& container) {
  T().swap(container);
}

}  // namespace

StompSession::StompSession(Hub& hub, std::optional<Principal> principal, Wire& wire,
                           std::string_view client)
    : hub_(hub),
      principal_(std::move(principal)),
      wire_(wire),
      registration_(hub.add(*this, client)) {
  since_ = heard_at_ = wrote_at_ = hub_.now();
}

StompSession::~StompSession() = default;

void StompSession::received(std::string_view bytes) {
  heard();
  if (close_code_ != CloseCode::none) return;
  for (const Subscription& subscription : subscriptions_) subscription.watch->spoke();
  const bool kept = !inbox_.empty();
  // A frame ends with a NUL: without one in the new bytes there is nothing to parse yet.
  if (kept) inbox_.append(bytes);
  if (kept && bytes.find('\0') == bytes.npos && inbox_.size() <= stomp::kFrameBytesMax) return;
  std::string_view rest = kept ? std::string_view(inbox_) : bytes;
  while (!rest.empty() && close_code_ == CloseCode::none) {
    // Said at once, not after reading a body that nobody wants.
    if (rest.starts_with("SEND\n") || rest.starts_with("SEND\r\n"))
      return fail("send_refused", "clients only listen here");
    const auto parsed = stomp::parse(rest);
    if (!parsed) return fail("malformed_frame", stomp::to_string(parsed.error()));
    rest.remove_prefix(parsed->used);
    if (!parsed->frame) break;
    handle(*parsed->frame);
  }
  if (rest.empty() || close_code_ != CloseCode::none) return release(inbox_);
  inbox_ = std::string(rest);
}

void StompSession::handle(const Frame& frame) {
  if (frame.command == "CONNECT" || frame.command == "STOMP") return connect(frame);
  if (!connected_) return fail("not_connected", "CONNECT comes first", &frame);
  if (frame.command == "SUBSCRIBE") return subscribe(frame);
  if (frame.command == "UNSUBSCRIBE") return unsubscribe(frame);
  if (frame.command == "DISCONNECT") {
    receipt(frame);
    return close(CloseCode::normal);
  }
  if (frame.command == "SEND") return fail("send_refused", "clients only listen here", &frame);
  fail("command_refused", "only SUBSCRIBE, UNSUBSCRIBE and DISCONNECT are understood", &frame);
}

void StompSession::connect(const Frame& frame) {
  if (connected_) return fail("already_connected", "CONNECT comes once", &frame);
  if (!offers(frame.headers.get("accept-version"), "1.2"))
    return fail("version_unsupported", "this server speaks STOMP 1.2", &frame);
  const auto beats = parse_beats(frame.headers.get("heart-beat"));
  if (!beats) return fail("malformed_frame", "heart-beat is two numbers", &frame);
  connected_ = true;
  sends_beats_ = beats->wants != 0;
  const std::string beat = std::to_string(kBeat.count());
  Frame answer{.command = "CONNECTED"};
  answer.headers.add("version", "1.2");
  answer.headers.add("heart-beat", beat + "," + beat);
  answer.headers.add("server", "onsale");
  replies_.push_back(stomp::serialize(answer));
  wire_.wake();
}

void StompSession::subscribe(const Frame& frame) {
  const std::string_view id = frame.headers.get("id");
  const std::string_view destination = frame.headers.get("destination");
  if (id.empty() || id.size() > kSubscriptionIdMax || destination.empty() ||
      destination.size() > kDestinationMax)
    return fail("malformed_frame", "SUBSCRIBE needs an id and a destination", &frame);
  if (frame.headers.find("ack").value_or("auto") != "auto")
    return fail("ack_unsupported", "messages are not acknowledged here", &frame);
  if (std::ranges::find(subscriptions_, id, &Subscription::id) != subscriptions_.end())
    return fail("subscription_exists", "this id is in use", &frame);
  if (subscriptions_.size() == kSubscriptionsMax)
    return fail("too_many_subscriptions", "16 per connection", &frame);
  auto watch = hub_.subscribe(destination, frame.headers, principal_, *this);
  if (!watch) return fail(watch.error().code, watch.error().detail, &frame);
  if (subscriptions_.empty()) subscriptions_.reserve(1);
  subscriptions_.push_back(
      {.id = std::string(id), .destination = std::string(destination), .watch = std::move(*watch)});
  receipt(frame);
  wire_.wake();
}

void StompSession::unsubscribe(const Frame& frame) {
  const auto found = std::ranges::find(subscriptions_, frame.headers.get("id"), &Subscription::id);
  if (found == subscriptions_.end())
    return fail("subscription_unknown", "there is no subscription of this id", &frame);
  subscriptions_.erase(found);
  receipt(frame);
}

void StompSession::receipt(const Frame& frame) {
  const auto wanted = frame.headers.find("receipt");
  if (!wanted) return;
  Frame answer{.command = "RECEIPT"};
  answer.headers.add("receipt-id", std::string(*wanted));
  replies_.push_back(stomp::serialize(answer));
  wire_.wake();
}

void StompSession::fail(std::string_view code, std::string_view detail, const Frame* frame) {
  Frame error{.command = "ERROR"};
  error.headers.add("message", std::string(code));
  error.headers.add("version", "1.2");
  error.headers.add("content-type", "text/plain");
  if (const auto wanted = frame ? frame->headers.find("receipt") : std::nullopt)
    error.headers.add("receipt-id", std::string(*wanted));
  error.body = detail;
  replies_.push_back(stomp::serialize(error));
  close(CloseCode::policy);
}

void StompSession::close(CloseCode code) {
  close_code_ = code;
  since_ = hub_.now();
  release(inbox_);
  release(subscriptions_);
  wire_.wake();
}

std::string StompSession::message_head(const Subscription& subscription) {
  std::string head = "MESSAGE\n";
  stomp::append_header(head, "subscription", subscription.id);
  head.append("message-id:").append(std::to_string(++message_number_)).append("\n");
  stomp::append_header(head, "destination", subscription.destination);
  return head.append("content-type:application/json\n\n");
}

bool StompSession::next(Outgoing& out) {
  if (!replies_.empty()) {
    out = {.head = std::move(replies_.front()), .body = nullptr, .nul = false};
    replies_.erase(replies_.begin());
    if (replies_.empty()) release(replies_);
  } else {
    std::shared_ptr<const std::string> body;
    for (std::size_t i = 0; i < subscriptions_.size() && !body; ++i) {
      Subscription& subscription = subscriptions_[turn_++ % subscriptions_.size()];
      if (!std::exchange(subscription.ready, false)) continue;
      body = subscription.watch->take();
      if (body) out = {.head = message_head(subscription), .body = body, .nul = true};
    }
    if (!body && !(beat_due_ && close_code_ == CloseCode::none)) return false;
    if (!body) out = {.head = "\n", .body = nullptr, .nul = false};
  }
  beat_due_ = false;
  writing_ = true;
  wrote_at_ = hub_.now();
  return true;
}

void StompSession::sent() { writing_ = false; }

void StompSession::closed() {
  if (close_code_ == CloseCode::none) close_code_ = CloseCode::normal;
  release(replies_);
  release(subscriptions_);
  registration_ = {};
}

void StompSession::ready(Watch& watch) {
  for (Subscription& subscription : subscriptions_)
    if (subscription.watch.get() == &watch) subscription.ready = true;
  wire_.wake();
}

void StompSession::tick(Steady now) {
  if (close_code_ != CloseCode::none) {
    if (now - since_ > kCloseMax) wire_.abort();
    return;
  }
  if (!connected_ && now - since_ > kConnectMax) return wire_.abort();
  if (now - heard_at_ > kSilenceMax || (writing_ && now - wrote_at_ > kWriteStuckMax)) {
    hub_.count_dead();
    return wire_.abort();
  }
  if (now - heard_at_ > kSilencePing) wire_.ping();
  if (sends_beats_ && !writing_ && now - wrote_at_ > kBeatSlack) {
    beat_due_ = true;
    wire_.wake();
  }
}

void StompSession::farewell(Millis after) {
  if (close_code_ != CloseCode::none) return;
  const std::string body =
      R"({"type":"reconnect","after_ms":)" + std::to_string(after.count()) + "}";
  for (const Subscription& subscription : subscriptions_)
    replies_.push_back(message_head(subscription) + body + '\0');
  close(CloseCode::service_restart);
}

}  // namespace onsale::http
