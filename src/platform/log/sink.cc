#include "platform/log/sink.h"

#include <spdlog/async_logger.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include <cstdio>

namespace onsale::log {
namespace {

std::string_view name_of(Level level) {
  switch (level) {
    case Level::debug:
      return "debug";
    case Level::info:
      return "info";
    case Level::warn:
      return "warn";
    case Level::error:
      return "error";
  }
  return "error";
}

// Bytes of the UTF-8 sequence at the front, or 0 when it is none.
std::size_t utf8_length(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = at(0);
  const std::size_t length = first < 0x80   ? 1
                             : first < 0xC2 ? 0
                             : first < 0xE0 ? 2
                             : first < 0xF0 ? 3
                             : first < 0xF5 ? 4
                                            : 0;
  if (length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((at(i) & 0xC0) != 0x80) return 0;
  return length;
}

void append_json(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const auto c = static_cast<unsigned char>(text[0]);
    const std::size_t length = utf8_length(text);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += text[0];
    } else if (c < 0x20 || c == 0x7F) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\u%04x", c);
      out += escaped;
    } else if (length == 0) {
      out += "\xEF\xBF\xBD";  // a byte that is no UTF-8 must not break the line's reader
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(std::max<std::size_t>(1, length));
  }
  out += '"';
}

void append_member(std::string& out, std::string_view key, std::string_view value, bool quoted) {
  if (out.back() != '{') out += ',';
  append_json(out, key);
  out += ':';
  if (quoted)
    append_json(out, value);
  else
    out += value;
}

// Control characters could move a terminal's cursor over other lines.
void append_plain(std::string& out, std::string_view text) {
  for (const char c : text) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
}

class OutSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  explicit OutSink(AsyncSink::Out out) : out_(std::move(out)) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    out_(std::string_view(message.payload.data(), message.payload.size()));
  }
  void flush_() override {}

  AsyncSink::Out out_;
};

void to_stderr(std::string_view line) {
  std::string whole(line);
  whole += '\n';
  std::fwrite(whole.data(), 1, whole.size(), stderr);
}

}  // namespace

std::string json_line(Timestamp at, Level level, std::string_view module, std::string_view what,
                      const std::vector<Field>& fields) {
  std::string line = "{";
  append_member(line, "time", to_rfc3339(at), true);
  append_member(line, "level", name_of(level), true);
  append_member(line, "module", module, true);
  append_member(line, "message", what, true);
  std::string rest = "{";
  for (const Field& field : fields)
    append_member(field.key == "trace_id" ? line : rest, field.key, field.value, field.quoted);
  if (rest.size() > 1) line += ",\"fields\":" + rest + "}";
  return line += '}';
}

std::string pretty_line(Timestamp at, Level level, std::string_view module, std::string_view what,
                        const std::vector<Field>& fields) {
  constexpr std::string_view kColours[] = {"\x1b[2m", "\x1b[32m", "\x1b[33m", "\x1b[31m"};
  std::string line = "\x1b[2m" + to_rfc3339(at).substr(11, 12) + "\x1b[0m ";
  line.append(kColours[static_cast<int>(level)]).append(name_of(level)).append("\x1b[0m ");
  line.append(5 - std::min<std::size_t>(5, name_of(level).size()), ' ');
  append_plain(line, module);
  line.append(10 - std::min<std::size_t>(9, module.size()), ' ');
  append_plain(line, what);
  for (const Field& field : fields) {
    line += " \x1b[2m";
    append_plain(line, field.key);
    line += "=\x1b[0m";
    append_plain(line, field.value);
  }
  return line;
}

struct AsyncSink::Machinery {
  std::shared_ptr<spdlog::details::thread_pool> pool;
  std::shared_ptr<spdlog::async_logger> logger;
};

AsyncSink::AsyncSink(const Clock& clock, Options options, Out out)
    : clock_(clock),
      options_(options),
      pretty_(options.format == Format::pretty ||
              (options.format == Format::automatic && ::isatty(STDERR_FILENO) == 1)),
      machinery_(std::make_unique<Machinery>()) {
  machinery_->pool = std::make_shared<spdlog::details::thread_pool>(options.queue_lines_max, 1);
  machinery_->logger = std::make_shared<spdlog::async_logger>(
      "onsale", std::make_shared<OutSink>(out ? std::move(out) : to_stderr), machinery_->pool,
      spdlog::async_overflow_policy::overrun_oldest);
  machinery_->logger->set_level(spdlog::level::trace);
}

AsyncSink::~AsyncSink() = default;

void AsyncSink::write(Level level, std::string_view module, std::string_view what,
                      const std::vector<Field>& fields) {
  if (level < options_.level) return;
  const std::string line =
      (pretty_ ? pretty_line : json_line)(clock_.now(), level, module, what, fields);
  machinery_->logger->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

std::size_t AsyncSink::dropped() const { return machinery_->pool->overrun_counter(); }

}  // namespace onsale::log
