#include "app/demo/stand_in.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <vector>

#include "base/log.h"

namespace onsale::app {
namespace {

using Steady = std::chrono::steady_clock;

constexpr auto kStartWithin = std::chrono::seconds(20);  // it reads its books first
constexpr int kStopWithinMs = 6'000;
constexpr int kAgainAfterMs = 200;
constexpr std::string_view kSite = "http://127.0.0.1:";

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error("the payment providers' stand-in " + what);
}

// Between fork and exec only what is safe after a fork of a process with threads.
[[noreturn]] void become(char* const* arguments, int output, pid_t parent) {
  setpgid(0, 0);  // Ctrl-C is for the server, which then ends this one
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
  dup2(output, STDOUT_FILENO);
  execv("/proc/self/exe", arguments);
  _exit(127);
}

// What it prints until its port is in it; empty when it ended or was silent.
std::string first_words(int output) {
  std::string text;
  const auto end = Steady::now() + kStartWithin;
  for (;;) {
    const auto at = text.find(kSite);
    if (at != text.npos && text.find_first_not_of("0123456789", at + kSite.size()) != text.npos)
      return text.substr(at + kSite.size());
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Steady::now());
    pollfd waiting{.fd = output, .events = POLLIN, .revents = 0};
    if (left.count() <= 0 || poll(&waiting, 1, static_cast<int>(left.count())) <= 0) return {};
    char piece[512];
    const ssize_t got = read(output, piece, sizeof piece);
    if (got <= 0) return {};
    text.append(piece, static_cast<std::size_t>(got));
  }
}

}  // namespace

StandIn::StandIn(std::string data, std::string webhook)
    : data_(std::move(data)), webhook_(std::move(webhook)) {
  std::filesystem::create_directories(data_);
  // The one of a server that was killed may still hold its file for a moment.
  for (const auto give_up = Steady::now() + kStartWithin; !start();) {
    if (Steady::now() > give_up) fail("did not start: see the lines above");
    poll(nullptr, 0, kAgainAfterMs);
  }
}

StandIn::~StandIn() { end(); }

std::string StandIn::site() const { return std::string(kSite) + std::to_string(port_); }

bool StandIn::start() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) fail(std::string("cannot start: ") + std::strerror(errno));
  std::vector<std::string> words{
      "onsale", "sandbox", "--listen", "127.0.0.1:" + std::to_string(port_), "--data", data_};
  if (!webhook_.empty()) words.insert(words.end(), {"--webhook", webhook_});
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const pid_t parent = getpid();
  child_ = fork();
  if (child_ == 0) become(arguments.data(), ends[1], parent);
  close(ends[1]);
  output_ = ends[0];
  if (child_ < 0) fail(std::string("cannot start: ") + std::strerror(errno));
  const std::string words_of_it = first_words(output_);
  const auto read =
      std::from_chars(words_of_it.data(), words_of_it.data() + words_of_it.size(), port_);
  if (read.ec == std::errc()) return true;
  end();
  return false;
}

void StandIn::end() noexcept {
  if (child_ > 0) {
    kill(child_, SIGTERM);
    // What it prints ends when it does.
    char piece[512];
    pollfd ended{.fd = output_, .events = POLLIN, .revents = 0};
    while (poll(&ended, 1, kStopWithinMs) > 0 && read(output_, piece, sizeof piece) > 0) continue;
    kill(child_, SIGKILL);  // nothing to a process that ended
    waitpid(child_, nullptr, 0);
  }
  child_ = -1;
  if (output_ >= 0) close(output_);
  output_ = -1;
}

void StandIn::watch() {
  if (child_ > 0 && waitpid(child_, nullptr, WNOHANG) == 0) return;
  if (child_ > 0) log::warn("app", "the payment providers' stand-in ended; it is started again");
  child_ = -1;
  end();
  if (!start()) log::warn("app", "the payment providers' stand-in does not start");
}

}  // namespace onsale::app
