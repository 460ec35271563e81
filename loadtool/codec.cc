#include "loadtool/codec.h"

#include <sodium.h>

#include <algorithm>
#include <charconv>

namespace onsale::load {
namespace {

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return (x | 0x20) == (y | 0x20); });
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

template <class T>
std::optional<T> number(std::string_view text, int base = 10) {
  T value{};
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (read.ec != std::errc{} || read.ptr == text.data()) return {};
  return value;
}

}  // namespace

std::string base64url(std::string_view encoded) {
  std::string out(encoded.size(), '\0');
  std::size_t size = 0;
  const char* end = nullptr;
  (void)sodium_base642bin(reinterpret_cast<unsigned char*>(out.data()), out.size(), encoded.data(),
                          encoded.size(), nullptr, &size, &end,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  out.resize(size);
  return out;
}

std::string to_wire(const Request& request, std::string_view host) {
  std::string out;
  out.reserve(256 + request.body.size());
  out.append(request.method).append(" ").append(request.path).append(" HTTP/1.1\r\nHost: ");
  out.append(host).append("\r\n");
  for (const auto& [name, value] : request.headers)
    out.append(name).append(": ").append(value).append("\r\n");
  if (!request.body.empty()) out.append("Content-Type: application/json\r\n");
  if (request.method != "GET")
    out.append("Content-Length: ").append(std::to_string(request.body.size())).append("\r\n");
  return out.append("\r\n").append(request.body);
}

void ResponseReader::take(std::string_view& bytes) {
  while (!bytes.empty() && state_ != State::done && state_ != State::broken) {
    begun_ = true;
    if (state_ == State::head) {
      const std::size_t before = buffer_.size();
      buffer_.append(bytes);
      const auto end = buffer_.find("\r\n\r\n", before < 3 ? 0 : before - 3);
      if (end == buffer_.npos) {
        bytes = {};
        if (buffer_.size() > 65'536) state_ = State::broken;
        return;
      }
      bytes.remove_prefix(end + 4 - before);
      head(std::string_view(buffer_).substr(0, end));
      buffer_.clear();
      continue;
    }
    if (length_) {
      const std::size_t wanted = std::min(bytes.size(), *length_ - response_.body.size());
      response_.body.append(bytes.substr(0, wanted));
      bytes.remove_prefix(wanted);
      if (response_.body.size() == *length_) state_ = State::done;
      continue;
    }
    if (chunked_) {
      buffer_.append(bytes);
      bytes = {};
      if (take_chunks()) {
        state_ = State::done;
        buffer_.clear();
      }
      return;
    }
    response_.body.append(bytes);
    bytes = {};
  }
}

void ResponseReader::ended() {
  if (state_ == State::body && !length_ && !chunked_) state_ = State::done;
  if (state_ != State::done) state_ = State::broken;
  response_.keep_alive = false;
}

void ResponseReader::head(std::string_view text) {
  auto line = text.substr(0, text.find("\r\n"));
  if (line.size() < 12 || !line.starts_with("HTTP/1.")) {
    state_ = State::broken;
    return;
  }
  response_.status = number<int>(line.substr(9, 3)).value_or(0);
  response_.keep_alive = line[7] == '1';
  text.remove_prefix(std::min(text.size(), line.size() + 2));
  while (!text.empty()) {
    line = text.substr(0, text.find("\r\n"));
    text.remove_prefix(std::min(text.size(), line.size() + 2));
    const auto colon = line.find(':');
    if (colon != line.npos) header(line.substr(0, colon), trimmed(line.substr(colon + 1)));
  }
  if (response_.status >= 100 && response_.status < 200 && response_.status != 101) {
    response_ = {};  // an interim answer
    return;
  }
  const bool bodiless =
      response_.status == 101 || response_.status == 204 || response_.status == 304;
  if (bodiless) length_ = 0;
  state_ = length_ == 0U ? State::done : State::body;
}

void ResponseReader::header(std::string_view name, std::string_view value) {
  if (same_name(name, "content-length")) {
    length_ = number<std::size_t>(value);
  } else if (same_name(name, "transfer-encoding")) {
    chunked_ = value.find("chunked") != value.npos;
  } else if (same_name(name, "connection")) {
    if (value.find("close") != value.npos) response_.keep_alive = false;
  } else if (same_name(name, "idempotency-replayed")) {
    response_.replayed = value == "true";
  } else if (same_name(name, "retry-after")) {
    response_.retry_after_s = number<int>(value);
  } else if (same_name(name, "content-type")) {
    response_.event_stream = value.starts_with("text/event-stream");
  } else if (same_name(name, "set-cookie") && value.starts_with("onsale_device=")) {
    response_.device_cookie = value.substr(0, value.find(';'));
  }
}

// True when the last chunk has come. Whole chunks move from the buffer to the body.
bool ResponseReader::take_chunks() {
  for (;;) {
    const auto line = buffer_.find("\r\n");
    if (line == buffer_.npos) return false;
    const auto size = number<std::size_t>(std::string_view(buffer_).substr(0, line), 16);
    if (!size) {
      state_ = State::broken;
      return false;
    }
    if (buffer_.size() < line + 2 + *size + 2) return false;
    response_.body.append(buffer_, line + 2, *size);
    buffer_.erase(0, line + 2 + *size + 2);
    if (*size == 0) return true;
  }
}

std::optional<Event> EventReader::next() {
  const auto end = buffer_.find("\n\n");
  if (end == buffer_.npos) return {};
  Event event;
  std::string_view rest(buffer_.data(), end);
  while (!rest.empty()) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const auto colon = line.find(':');
    if (colon == line.npos) continue;
    const auto value = trimmed(line.substr(colon + 1));
    if (line.starts_with("event:")) event.name = value;
    if (line.starts_with("retry:")) event.retry_ms = number<std::int64_t>(value);
    if (!line.starts_with("data:")) continue;
    if (!event.data.empty()) event.data += '\n';
    event.data += value;
  }
  buffer_.erase(0, end + 2);
  return event;
}

std::string ws_frame(Opcode opcode, std::string_view payload, std::uint32_t mask) {
  std::string out(1, static_cast<char>(0x80 | static_cast<std::uint8_t>(opcode)));
  if (payload.size() < 126) {
    out += static_cast<char>(0x80 | payload.size());
  } else if (payload.size() < 65'536) {
    out += static_cast<char>(0x80 | 126);
    for (int shift = 8; shift >= 0; shift -= 8) out += static_cast<char>(payload.size() >> shift);
  } else {
    out += static_cast<char>(0x80 | 127);
    for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(payload.size() >> shift);
  }
  const char key[4] = {static_cast<char>(mask >> 24), static_cast<char>(mask >> 16),
                       static_cast<char>(mask >> 8), static_cast<char>(mask)};
  out.append(key, 4);
  for (std::size_t i = 0; i < payload.size(); ++i)
    out += static_cast<char>(payload[i] ^ key[i % 4]);
  return out;
}

std::uint16_t WsMessage::close_code() const {
  if (payload.size() < 2) return 1005;
  return static_cast<std::uint16_t>(static_cast<unsigned char>(payload[0]) << 8 |
                                    static_cast<unsigned char>(payload[1]));
}

std::optional<WsMessage> WsReader::next() {
  while (!broken_ && buffer_.size() >= 2) {
    const auto byte = [this](std::size_t i) { return static_cast<unsigned char>(buffer_[i]); };
    const bool last = (byte(0) & 0x80) != 0;
    const auto opcode = static_cast<Opcode>(byte(0) & 0x0f);
    // A server must not mask, and nothing here is negotiated that would use the reserved bits.
    if ((byte(0) & 0x70) != 0 || (byte(1) & 0x80) != 0) broken_ = true;
    std::size_t size = byte(1) & 0x7f;
    std::size_t head = 2;
    if (size >= 126) {
      const std::size_t wide = size == 126 ? 2 : 8;
      head += wide;
      if (buffer_.size() < head) return {};
      size = 0;
      for (std::size_t i = 2; i < head; ++i) size = size << 8 | byte(i);
      if (size > 16 * 1024 * 1024) broken_ = true;
    }
    if (broken_ || buffer_.size() < head + size) return {};
    std::string payload = buffer_.substr(head, size);
    buffer_.erase(0, head + size);
    const bool control = (static_cast<std::uint8_t>(opcode) & 8) != 0;
    if (control || (last && parts_.empty())) return WsMessage{opcode, std::move(payload)};
    parts_ += payload;
    if (last) return WsMessage{Opcode::text, std::exchange(parts_, {})};
  }
  return {};
}

std::string_view StompFrame::header(std::string_view name) const {
  std::string_view rest = head;
  while (!rest.empty()) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (line.size() > name.size() && line.starts_with(name) && line[name.size()] == ':')
      return line.substr(name.size() + 1);
  }
  return {};
}

std::optional<StompFrame> read_stomp(std::string_view message) {
  while (message.starts_with('\n') || message.starts_with('\r')) message.remove_prefix(1);
  const auto line = message.find('\n');
  const auto end = message.find("\n\n");
  if (line == message.npos || end == message.npos) return {};
  const auto body = message.substr(end + 2);
  return StompFrame{
      .command = message.substr(0, line),
      .head = end > line ? message.substr(line + 1, end - line - 1) : std::string_view(),
      .body = body.substr(0, body.find('\0'))};
}

std::string stomp_connect() {
  return std::string("CONNECT\naccept-version:1.2\nhost:onsale\nheart-beat:0,0\n\n") + '\0';
}

std::string stomp_subscribe(std::string_view destination, std::string_view place) {
  std::string out = "SUBSCRIBE\nid:0\ndestination:";
  out.append(destination).append("\nplace:").append(place).append("\n\n");
  return out += '\0';
}

}  // namespace onsale::load
