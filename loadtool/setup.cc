#include "loadtool/setup.h"

#include <poll.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <boost/json.hpp>
#include <fstream>

namespace onsale::load {
namespace {

namespace json = boost::json;

constexpr int kTimeoutS = 15;

struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

std::string problem_of(const Response& response) {
  const std::string code = read_problem(response.body).code;
  return std::to_string(response.status) + (code.empty() ? "" : " " + code);
}

json::object object_of(const std::string& text) {
  boost::system::error_code error;
  json::value value = json::parse(text, error);
  return !error && value.is_object() ? std::move(value.as_object()) : json::object();
}

std::string text_in(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value && value->is_string() ? std::string(value->as_string()) : std::string();
}

// The objects in `items`.
std::vector<json::object> items_of(const std::string& text) {
  std::vector<json::object> out;
  const json::object page = object_of(text);
  const json::value* items = page.if_contains("items");
  if (!items || !items->is_array()) return out;
  for (const json::value& item : items->as_array())
    if (item.is_object()) out.push_back(item.as_object());
  return out;
}

std::expected<Response, std::string> get(const Target& target, std::string path,
                                         const std::string& token = {}) {
  Request request{.path = std::move(path)};
  if (!token.empty()) request.headers.emplace_back("Authorization", "Bearer " + token);
  return ask(target, request);
}

}  // namespace

std::expected<Response, std::string> ask(const Target& target, const Request& request) {
  const Descriptor socket{::socket(target.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  const timeval limit{.tv_sec = kTimeoutS};
  setsockopt(socket.fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(socket.fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  if (::connect(socket.fd, reinterpret_cast<const sockaddr*>(&target.address),
                target.address_size) != 0)
    return Failed("nobody answers at " + target.host);
  const std::string wire = to_wire(request, target.host);
  for (std::size_t sent = 0; sent < wire.size();) {
    const auto more = ::send(socket.fd, wire.data() + sent, wire.size() - sent, MSG_NOSIGNAL);
    if (more <= 0) return Failed(target.host + " hung up");
    sent += static_cast<std::size_t>(more);
  }
  ResponseReader reader;
  std::array<char, 16'384> chunk{};
  while (reader.state() != ResponseReader::State::done) {
    const auto size = ::recv(socket.fd, chunk.data(), chunk.size(), 0);
    std::string_view bytes(chunk.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
    if (size == 0) reader.ended();
    reader.take(bytes);
    if (size < 0 || reader.state() == ResponseReader::State::broken)
      return Failed(target.host + " gave no HTTP answer in time");
  }
  return std::move(reader.response());
}

std::expected<std::string, std::string> sign_in(const Target& target, const std::string& email,
                                                const std::string& password) {
  Request request{.method = "POST", .path = "/api/v1/auth/login"};
  request.body = json::serialize(json::object{{"email", email}, {"password", password}});
  const auto answer = ask(target, request);
  if (!answer) return Failed(answer.error());
  std::string token = read_text(answer->body, "access_token");
  if (token.empty()) return Failed("cannot sign in as " + email + ": " + problem_of(*answer));
  return token;
}

std::expected<RoomAnswer, std::string> look_at_room(const Target& target, const std::string& room) {
  const auto answer = get(target, "/api/v1/rooms/" + room);
  if (!answer) return Failed(answer.error());
  auto view = read_room(answer->body);
  if (!view) return Failed("room " + room + ": " + problem_of(*answer));
  return std::move(*view);
}

std::expected<RoomAnswer, std::string> set_up_room(const Target& target, const std::string& room,
                                                   const RoomSetup& setup,
                                                   const std::string& token) {
  json::object patch;
  for (const auto& [name, setting] : setup)
    std::visit([&patch, &name](const auto& value) { patch[name] = value; }, setting);
  Request request{.method = patch.empty() ? "GET" : "PATCH",
                  .path = "/api/v1/admin/rooms/" + room,
                  .headers = {{"Authorization", "Bearer " + token}}};
  if (!patch.empty()) request.body = json::serialize(patch);
  const auto answer = ask(target, request);
  if (!answer) return Failed(answer.error());
  auto view = answer->status == 200 ? read_room(answer->body) : std::nullopt;
  if (!view) return Failed("setting up room " + room + ": " + problem_of(*answer));
  return std::move(*view);
}

std::string find_performance(const Target& target, const std::string& room) {
  std::string cursor;
  for (int page = 0; page < 20; ++page) {
    const auto shows =
        get(target, "/api/v1/shows?limit=100" + (cursor.empty() ? "" : "&cursor=" + cursor));
    if (!shows || shows->status != 200) return {};
    for (const json::object& show : items_of(shows->body)) {
      if (text_in(show, "room_id") != room) continue;
      const auto list = get(target, "/api/v1/shows/" + text_in(show, "id") + "/performances");
      if (!list) return {};
      for (const json::object& performance : items_of(list->body))
        if (text_in(performance, "sale_state") == "on_sale") return text_in(performance, "id");
    }
    cursor = read_text(shows->body, "next_cursor");
    if (cursor.empty()) break;
  }
  return {};
}

std::expected<std::vector<Account>, std::string> read_accounts(const std::string& file) {
  std::ifstream in(file);
  if (!in) return Failed("cannot read " + file);
  std::vector<Account> out;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line.starts_with('#')) continue;
    const auto colon = line.find(':');
    if (colon == line.npos) return Failed(file + ": each line is EMAIL:PASSWORD");
    out.push_back({line.substr(0, colon), line.substr(colon + 1)});
  }
  if (out.empty()) return Failed(file + " has no accounts");
  return out;
}

std::vector<Account> new_accounts(int count, const std::string& run) {
  std::vector<Account> out;
  for (int i = 0; i < count; ++i) {
    // Long enough for any rule, and of no worth: the accounts are for this run.
    out.push_back({run + "-" + std::to_string(i) + "@load.test", "load-" + run + "-aA1!"});
  }
  return out;
}

std::expected<std::vector<std::string>, std::string> open_accounts(
    const Target& target, const std::vector<Account>& accounts, bool fresh) {
  std::vector<std::string> tokens;
  for (const Account& account : accounts) {
    if (!fresh) {
      auto token = sign_in(target, account.email, account.password);
      if (!token) return Failed(token.error());
      tokens.push_back(std::move(*token));
      continue;
    }
    Request request{.method = "POST", .path = "/api/v1/auth/signup"};
    request.body = json::serialize(
        json::object{{"email", account.email}, {"password", account.password}, {"name", "load"}});
    const auto answer = ask(target, request);
    if (!answer) return Failed(answer.error());
    std::string token = read_text(answer->body, "access_token");
    if (token.empty())
      return Failed("cannot sign up " + account.email + ": " + problem_of(*answer));
    tokens.push_back(std::move(token));
  }
  return tokens;
}

Patience patience_of(const RoomSetup& setup, const RoomAnswer& room) {
  Patience out;
  const auto choose = [&setup](double& into, const std::optional<std::int64_t>& seen,
                               const char* name) {
    if (seen) into = static_cast<double>(*seen);
    if (const auto set = number_in(setup, name)) into = static_cast<double>(*set);
  };
  choose(out.grace_s, room.grace_seconds, "grace_seconds");
  choose(out.idle_s, room.idle_seconds, "idle_seconds");
  choose(out.session_s, room.session_seconds, "session_seconds");
  choose(out.no_show_s, room.no_show_seconds, "no_show_seconds");
  return out;
}

}  // namespace onsale::load
