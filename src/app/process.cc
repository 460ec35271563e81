#include "app/process.h"

#include <pthread.h>

#include <charconv>
#include <stdexcept>

namespace onsale::app {
namespace {

log::Options log_options(const std::string& level, const std::string& format) {
  log::Options options;
  if (level == "debug") options.level = log::Level::debug;
  if (level == "warn") options.level = log::Level::warn;
  if (level == "error") options.level = log::Level::error;
  if (format == "json") options.format = log::Format::json;
  if (format == "pretty") options.format = log::Format::pretty;
  return options;
}

}  // namespace

sigset_t block_signals() {
  std::signal(SIGPIPE, SIG_IGN);
  sigset_t stops;
  sigemptyset(&stops);
  sigaddset(&stops, SIGINT);
  sigaddset(&stops, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &stops, nullptr);
  return stops;
}

Logging::Logging(const Clock& clock, const std::string& level, const std::string& format)
    : sink(clock, log_options(level, format)) {
  log::install(&sink);
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  std::string part;
  for (const char c : text + ",") {
    if (c == ' ') continue;
    if (c != ',') {
      part += c;
    } else if (!part.empty()) {
      parts.push_back(std::exchange(part, {}));
    }
  }
  return parts;
}

std::string site_of(std::string url, const std::string& setting, bool https_too) {
  while (url.ends_with('/')) url.pop_back();
  const bool http = url.starts_with("http://");
  const bool https = https_too && url.starts_with("https://");
  const std::string rest = url.substr(http ? 7 : https ? 8 : 0);
  if ((http || https) && !rest.empty() && rest.find_first_of("/?#@ \"\\") == rest.npos) return url;
  throw std::runtime_error(setting + " is \"" + url + "\": give http" + (https_too ? "(s)" : "") +
                           "://HOST:PORT");
}

std::pair<std::string, std::uint16_t> address_of(const std::string& listen,
                                                 const std::string& setting) {
  const auto colon = listen.rfind(':');
  unsigned port = 0;
  if (colon != std::string::npos) {
    const char* end = listen.data() + listen.size();
    const auto read = std::from_chars(listen.data() + colon + 1, end, port);
    std::string address = listen.substr(0, colon);
    if (address.starts_with('[') && address.ends_with(']'))  // [::1]:8080
      address = address.substr(1, address.size() - 2);
    if (read.ec == std::errc{} && read.ptr == end && port <= 65'535 && !address.empty())
      return {std::move(address), static_cast<std::uint16_t>(port)};
  }
  throw std::runtime_error(setting + " is \"" + listen +
                           "\": give an address and a port, such as 127.0.0.1:8080");
}

http::Networks networks_of(const std::string& list, const std::string& setting) {
  auto networks = http::Networks::parse(list);
  if (!networks) throw std::runtime_error(setting + ": " + networks.error());
  return std::move(*networks);
}

void wait_on(exec::Loop& loop, std::function<Task<void>()> make) {
  OneShot<int> done;
  loop.post([make = std::move(make), done] {
    start(make(), [done](std::exception_ptr error) mutable {
      if (error)
        done.fail(error);
      else
        done.set(0);
    });
  });
  sync_wait(done.wait());
}

}  // namespace onsale::app
