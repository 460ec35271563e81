// What every command that stays needs: signals, the log, and waiting for a loop.
#pragma once

#include <csignal>
#include <functional>
#include <string>
#include <vector>

#include "base/task.h"
#include "platform/exec/loop.h"
#include "platform/http/message/address.h"
#include "platform/log/sink.h"

namespace onsale::app {

// SIGINT and SIGTERM are from here on only for sigwait(); threads that come later inherit that.
sigset_t block_signals();

// The log while it lives. `level` and `format` as the settings log.level and log.format say.
struct Logging {
  Logging(const Clock& clock, const std::string& level, const std::string& format);
  ~Logging() { log::install(nullptr); }
  log::AsyncSink sink;
};

// Pieces between commas, without spaces and empty ones.
std::vector<std::string> split(const std::string& text);

// The address and port of "ADDRESS:PORT"; throws std::runtime_error that names the setting.
std::pair<std::string, std::uint16_t> address_of(const std::string& listen,
                                                 const std::string& setting);

// "https://host:port" without slashes at its end; throws std::runtime_error that names the setting
// when there is anything else behind it.
std::string site_of(std::string url, const std::string& setting, bool https_too);

// Addresses and blocks between commas; throws std::runtime_error that names the setting.
http::Networks networks_of(const std::string& list, const std::string& setting);

// Runs `make()` on the loop and waits for it here.
void wait_on(exec::Loop& loop, std::function<Task<void>()> make);

}  // namespace onsale::app
