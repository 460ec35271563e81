#include "tests/contract/kv_servers.h"

#include <hiredis/hiredis.h>
#include <signal.h>
#include <sys/wait.h>

#include <fstream>
#include <stdexcept>
#include <thread>

#include "tests/contract/process.h"
#include "tests/contract/scratch.h"

namespace onsale::testing_support {

namespace {

constexpr std::chrono::seconds kReadyWithin{30};
constexpr const char* kPassword = "p@ss word";

template <class Done>
void wait_for(const char* what, Done done) {
  const auto until = std::chrono::steady_clock::now() + kReadyWithin;
  while (!done()) {
    if (std::chrono::steady_clock::now() > until) throw std::runtime_error(what);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

kv::Reply to_reply(const redisReply& from) {
  kv::Reply out;
  switch (from.type) {
    case REDIS_REPLY_INTEGER:
      out.kind = kv::Reply::Kind::integer;
      out.integer = from.integer;
      break;
    case REDIS_REPLY_ARRAY:
      out.kind = kv::Reply::Kind::array;
      for (std::size_t i = 0; i < from.elements; ++i)
        out.items.push_back(to_reply(*from.element[i]));
      break;
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
      out.kind = kv::Reply::Kind::text;
      out.text.assign(from.str, static_cast<std::size_t>(from.len));
      break;
    default:
      break;
  }
  return out;
}

}  // namespace

void RedisServer::Close::operator()(redisContext* context) const noexcept { redisFree(context); }

RedisServer::RedisServer() : RedisServer(Setup{}) {}

RedisServer::RedisServer(Setup setup)
    : setup_(std::move(setup)),
      directory_(scratch_directory("redis")),
      port_(setup_.port ? setup_.port : free_port()),
      tls_port_(free_port()) {
  if (setup_.tls) make_certificate();
  if (!setup_.nodes.empty()) std::ofstream(directory_ + "/nodes.conf") << setup_.nodes;
  start();
}

RedisServer::~RedisServer() { kill(); }

void RedisServer::make_certificate() {
  const pid_t child =
      spawn({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
             "-nodes", "-days", "2", "-subj", "/CN=redis.test", "-addext",
             "subjectAltName=DNS:redis.test,DNS:localhost", "-keyout", directory_ + "/key.pem",
             "-out", directory_ + "/ca.pem"},
            directory_ + "/openssl.log");
  int status = 0;
  ::waitpid(child, &status, 0);
  if (status != 0) throw std::runtime_error(read_all(directory_ + "/openssl.log"));
}

void RedisServer::start(const std::vector<std::string>& more) {
  std::vector<std::string> words = {"redis-server",
                                    "--port",
                                    std::to_string(port_),
                                    "--bind",
                                    "127.0.0.1",
                                    "--dir",
                                    directory_,
                                    "--save",
                                    "",
                                    "--repl-diskless-sync-delay",
                                    "0",
                                    "--hz",
                                    "100",
                                    "--repl-ping-replica-period",
                                    "1"};
  if (setup_.tls) {
    words.insert(words.end(), {"--tls-auth-clients", "no"});
    words.insert(words.end(), {"--tls-port", std::to_string(tls_port_), "--tls-cert-file",
                               directory_ + "/ca.pem", "--tls-key-file", directory_ + "/key.pem",
                               "--tls-ca-cert-file", directory_ + "/ca.pem"});
  }
  words.insert(words.end(), setup_.more.begin(), setup_.more.end());
  words.insert(words.end(), more.begin(), more.end());
  process_ = spawn(words, directory_ + "/server.log");
  wait_for("redis-server did not start", [this] { return greet(); });
  if (setup_.tls) {
    ask({"ACL", "SETUSER", "shop", "reset", "on", std::string(">") + kPassword, "~*", "&*", "+@all",
         "-@dangerous", "+role", "+info"});
  }
}

bool RedisServer::greet() {
  if (::waitpid(process_, nullptr, WNOHANG) != 0) {
    process_ = 0;
    throw std::runtime_error("redis-server ended: " + read_all(directory_ + "/server.log"));
  }
  context_.reset(redisConnect("127.0.0.1", port_));
  if (context_ && !context_->err) {
    auto* const reply = static_cast<redisReply*>(redisCommand(context_.get(), "ROLE"));
    if (reply) freeReplyObject(reply);
    if (reply) return true;
  }
  context_.reset();
  return false;
}

void RedisServer::kill() {
  context_.reset();
  if (process_ <= 0) return;
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
  process_ = 0;
}

void RedisServer::pause() { ::kill(process_, SIGSTOP); }

void RedisServer::resume() { ::kill(process_, SIGCONT); }

kv::Endpoint RedisServer::at() const {
  return {.host = "127.0.0.1", .port = static_cast<std::uint16_t>(port_)};
}

kv::Config RedisServer::config() const {
  if (!setup_.tls) return {.endpoints = {at()}};
  return {.endpoints = {{.host = "127.0.0.1", .port = static_cast<std::uint16_t>(tls_port_)}},
          .user = "shop",
          .password = kPassword,
          .tls_ca_file = directory_ + "/ca.pem",
          .tls_name = "redis.test"};
}

kv::Reply RedisServer::ask(const std::vector<std::string>& words) {
  if (!context_ && !greet()) throw std::runtime_error("redis-server does not answer");
  std::vector<const char*> texts;
  std::vector<std::size_t> sizes;
  for (const auto& word : words) {
    texts.push_back(word.data());
    sizes.push_back(word.size());
  }
  struct Free {
    void operator()(redisReply* reply) const noexcept { freeReplyObject(reply); }
  };
  const std::unique_ptr<redisReply, Free> reply(static_cast<redisReply*>(redisCommandArgv(
      context_.get(), static_cast<int>(words.size()), texts.data(), sizes.data())));
  if (!reply) throw std::runtime_error(words[0] + ": no answer from redis-server");
  if (reply->type == REDIS_REPLY_ERROR) throw std::runtime_error(words[0] + ": " + reply->str);
  return to_reply(*reply);
}

std::string RedisServer::info(const std::string& section, const std::string& field) {
  const std::string text = ask({"INFO", section}).text;
  const auto at = text.find("\n" + field + ":");
  if (at == std::string::npos) return "";
  const auto from = at + field.size() + 2;
  return text.substr(from, text.find('\r', from) - from);
}

// The nodes are born knowing each other: meeting takes ten seconds, this two.
RedisCluster::RedisCluster() {
  const std::string slots[] = {"0-5460", "5461-10922", "10923-16383"};
  std::vector<int> ports, buses;
  for (int i = 0; i < kNodes; ++i) {
    ports.push_back(free_port());
    buses.push_back(free_port());
  }
  auto id_of = [](int i) { return std::string(40, static_cast<char>('a' + i)); };
  for (int me = 0; me < kNodes; ++me) {
    std::string text;
    for (int i = 0; i < kNodes; ++i) {
      const auto at = static_cast<std::size_t>(i);
      text += id_of(i) + " 127.0.0.1:" + std::to_string(ports[at]) + "@" +
              std::to_string(buses[at]) + (i == me ? " myself," : " ") +
              (i < 3 ? "master -" : "slave " + id_of(i - 3)) + " 0 0 " + std::to_string(i % 3 + 1) +
              " connected" + (i < 3 ? " " + slots[i] : "") + "\n";
    }
    text += "vars currentEpoch 3 lastVoteEpoch 0\n";
    const auto at = static_cast<std::size_t>(me);
    nodes_.push_back(std::make_unique<RedisServer>(
        RedisServer::Setup{.port = ports[at],
                           .nodes = text,
                           .more = {"--cluster-enabled", "yes", "--cluster-node-timeout", "1000",
                                    "--cluster-port", std::to_string(buses[at])}}));
  }
  wait_until_ok();
}

RedisCluster& RedisCluster::shared() {
  static RedisCluster cluster;
  return cluster;
}

void RedisCluster::wait_until_ok() {
  for (int i = 0; i < kNodes; ++i) {
    wait_for("the cluster does not come up", [&] {
      const std::string state = node(i).ask({"CLUSTER", "INFO"}).text;
      return state.contains("cluster_state:ok") && state.contains("cluster_known_nodes:6") &&
             (node(i).info("replication", "role") == "master" ||
              node(i).info("replication", "master_link_status") == "up");
    });
  }
  for (int i = 0; i < kNodes; ++i) {
    wait_for("the cluster's nodes don't agree", [&] {
      const auto slots = node(i).ask({"CLUSTER", "SLOTS"}).items;
      return !slots.empty() &&
             std::ranges::all_of(slots, [](const kv::Reply& row) { return row.items.size() == 4; });
    });
  }
}

std::string RedisCluster::id(int index) { return node(index).ask({"CLUSTER", "MYID"}).text; }

int RedisCluster::owner(int slot) {
  for (const kv::Reply& row : node(0).ask({"CLUSTER", "SLOTS"}).items) {
    if (slot < row.items[0].integer || slot > row.items[1].integer) continue;
    for (int i = 0; i < kNodes; ++i)
      if (node(i).at().port == row.items[2].items[1].integer) return i;
  }
  throw std::runtime_error("nobody has the slot");
}

kv::Config RedisCluster::config() const {
  kv::Config config{.cluster = true};
  for (const auto& node : nodes_) config.endpoints.push_back(node->at());
  return config;
}

}  // namespace onsale::testing_support
