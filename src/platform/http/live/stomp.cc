#include "platform/http/live/stomp.h"

#include <algorithm>
#include <charconv>

namespace onsale::http::stomp {
namespace {

// CONNECT and CONNECTED are not escaped, so that clients of 1.0 can read and write them.
bool escapes(std::string_view command) { return command != "CONNECT" && command != "CONNECTED"; }

bool may_have_body(std::string_view command) {
  return command == "SEND" || command == "MESSAGE" || command == "ERROR";
}

// False for an escape that the specification does not define.
bool unescape(std::string_view text, std::string& out) {
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    if (++i == text.size()) return false;
    switch (text[i]) {
      case 'r':
        out += '\r';
        break;
      case 'n':
        out += '\n';
        break;
      case 'c':
        out += ':';
        break;
      case '\\':
        out += '\\';
        break;
      default:
        return false;
    }
  }
  return true;
}

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '\r':
        out += "\\r";
        break;
      case '\n':
        out += "\\n";
        break;
      case ':':
        out += "\\c";
        break;
      case '\\':
        out += "\\\\";
        break;
      default:
        out += c;
    }
  }
}

// Takes one line off the front of `rest`, without its end. Empty optional: the end is not there.
std::optional<std::string_view> take_line(std::string_view& rest) {
  const auto end = rest.find('\n');
  if (end == rest.npos) return {};
  std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::optional<FrameError> add_header(Frame& frame, std::string_view line) {
  const auto colon = line.find(':');
  if (colon == line.npos || colon == 0 || line.find('\r') != line.npos ||
      line.find('\0') != line.npos)
    return FrameError::bad_header;
  if (frame.headers.size() == kHeadersMax) return FrameError::too_many_headers;
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = line.substr(colon + 1);
  if (!escapes(frame.command)) {
    frame.headers.add(std::string(name), std::string(value));
    return {};
  }
  std::string plain_name, plain_value;
  if (value.find(':') != value.npos) return FrameError::bad_header;
  if (!unescape(name, plain_name) || !unescape(value, plain_value)) return FrameError::bad_escape;
  frame.headers.add(std::move(plain_name), std::move(plain_value));
  return {};
}

std::optional<std::size_t> parse_length(std::string_view text) {
  std::size_t length = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (error != std::errc{} || end != text.data() + text.size()) return {};
  return length;
}

// Not complete: wait, unless there is no room for the rest.
Result<Parsed, FrameError> incomplete(std::size_t beats, std::string_view input) {
  if (input.size() - beats > kFrameBytesMax) return std::unexpected(FrameError::too_large);
  return Parsed{.used = beats, .frame = {}};
}

// Everything after the headers.
Result<Parsed, FrameError> finish(Frame frame, std::string_view input, std::string_view rest,
                                  std::size_t beats) {
  std::size_t length = 0;
  if (const auto given = frame.headers.find("content-length")) {
    const auto number = parse_length(*given);
    if (!number) return std::unexpected(FrameError::bad_content_length);
    if (*number > kFrameBytesMax) return std::unexpected(FrameError::too_large);
    length = *number;
    if (rest.size() <= length) return incomplete(beats, input);
    if (rest[length] != '\0') return std::unexpected(FrameError::bad_content_length);
  } else {
    length = rest.find('\0');
    if (length == rest.npos) {
      if (!rest.empty() && !may_have_body(frame.command))
        return std::unexpected(FrameError::body_not_allowed);
      return incomplete(beats, input);
    }
  }
  if (length > 0 && !may_have_body(frame.command))
    return std::unexpected(FrameError::body_not_allowed);
  frame.body = rest.substr(0, length);
  const std::size_t used = input.size() - rest.size() + length + 1;
  if (used - beats > kFrameBytesMax) return std::unexpected(FrameError::too_large);
  return Parsed{.used = used, .frame = std::move(frame)};
}

}  // namespace

std::optional<std::string_view> Headers::find(std::string_view name) const {
  for (const auto& [key, value] : list_)
    if (key == name) return value;
  return {};
}

std::string_view to_string(FrameError error) {
  switch (error) {
    case FrameError::too_large:
      return "the frame is too large";
    case FrameError::too_many_headers:
      return "the frame has too many headers";
    case FrameError::bad_command:
      return "the frame does not begin with a command";
    case FrameError::bad_header:
      return "a header line is not name:value";
    case FrameError::bad_escape:
      return "a header holds an undefined escape";
    case FrameError::bad_content_length:
      return "content-length does not fit the body";
    case FrameError::body_not_allowed:
      return "this frame must not have a body";
  }
  return "the frame is malformed";
}

Result<Parsed, FrameError> parse(std::string_view input) {
  std::string_view rest = input;
  while (!rest.empty()) {
    if (rest.starts_with('\n'))
      rest.remove_prefix(1);
    else if (rest.starts_with("\r\n"))
      rest.remove_prefix(2);
    else
      break;
  }
  const std::size_t beats = input.size() - rest.size();
  if (rest.empty() || rest == "\r") return Parsed{.used = beats, .frame = {}};

  Frame frame;
  const auto command = take_line(rest);
  const std::string_view seen = command.value_or(rest);
  const auto capital = [](char c) { return c >= 'A' && c <= 'Z'; };
  const std::string_view letters =
      command || !seen.ends_with('\r') ? seen : seen.substr(0, seen.size() - 1);
  if (letters.empty() || letters.size() > 16 || !std::ranges::all_of(letters, capital))
    return std::unexpected(FrameError::bad_command);
  if (!command) return incomplete(beats, input);
  frame.command = *command;
  while (true) {
    const auto line = take_line(rest);
    if (!line) {
      if (rest.find('\0') != rest.npos) return std::unexpected(FrameError::bad_header);
      return incomplete(beats, input);
    }
    if (line->empty()) break;
    if (const auto error = add_header(frame, *line)) return std::unexpected(*error);
  }
  return finish(std::move(frame), input, rest, beats);
}

void append_header(std::string& out, std::string_view name, std::string_view value) {
  append_escaped(out, name);
  out += ':';
  append_escaped(out, value);
  out += '\n';
}

std::string serialize(const Frame& frame) {
  std::string out = frame.command + "\n";
  for (const auto& [name, value] : frame.headers) {
    if (escapes(frame.command))
      append_header(out, name, value);
    else
      out.append(name).append(":").append(value).append("\n");
  }
  if (!frame.body.empty())
    out.append("content-length:").append(std::to_string(frame.body.size())).append("\n");
  out.append("\n").append(frame.body).push_back('\0');
  return out;
}

}  // namespace onsale::http::stomp
