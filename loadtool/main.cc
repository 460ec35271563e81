// The command line. Exit codes: 0 all held, 1 an invariant was seen broken or the run failed,
// 2 wrong usage.
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <sstream>

#include "base/time.h"
#include "loadtool/run.h"
#include "loadtool/setup.h"
#include "loadtool/terminal.h"

namespace onsale::load {
namespace {

struct CommandLine {
  std::string server = "http://127.0.0.1:8080", room, scenario, out = "load-report", admin,
              accounts;
  std::uint64_t seed = 1;
  double scale = 1, speed = 1;
  int processes = 1, loops = 0;
  std::uint32_t sources = 200;
  bool quiet = false, own_server = false;
};

struct WrongUsage {
  std::string why;
};
struct Failure {
  std::string why;
};

template <class T>
T must(std::expected<T, std::string> result) {
  if (!result) throw Failure{result.error()};
  return std::move(*result);
}

void describe(CLI::App& app, CommandLine& line) {
  app.set_version_flag("--version", "onsale-load " ONSALE_VERSION);
  app.add_option("--server", line.server, "http://ADDRESS:PORT of the server")
      ->capture_default_str();
  app.add_option("--room", line.room, "the room's id")->required();
  app.add_option("--scenario", line.scenario, "TOML file; see loadtool/scenarios")
      ->required()
      ->check(CLI::ExistingFile);
  app.add_option("--admin", line.admin,
                 "EMAIL:PASSWORD of an administrator: sets the room up as the scenario says");
  app.add_option("--accounts", line.accounts,
                 "file with EMAIL:PASSWORD lines for those who hold seats (default: signs up new "
                 "ones)")
      ->check(CLI::ExistingFile);
  app.add_option("--out", line.out, "directory for report.json, report.md and report.svg")
      ->capture_default_str();
  app.add_option("--seed", line.seed, "what everybody decides follows from it")
      ->capture_default_str();
  app.add_option("--scale", line.scale, "people, bots, capacity and rate times this")
      ->capture_default_str()
      ->check(CLI::Range(0.0001, 1000.0));
  app.add_option("--speed", line.speed, "all times through this, the rate times this")
      ->capture_default_str()
      ->check(CLI::Range(0.01, 1000.0));
  app.add_option("--processes", line.processes, "processes that share the crowd")
      ->capture_default_str()
      ->check(CLI::Range(1, 64));
  app.add_option("--loops", line.loops, "event loops of each process (default: one per core)")
      ->check(CLI::Range(0, 256));
  app.add_option("--sources", line.sources,
                 "client networks, 127.0.0.1, 127.0.1.1 and so on; only towards 127.x.x.x")
      ->capture_default_str()
      ->check(CLI::Range(1U, 50'000U));
  app.add_flag("--quiet", line.quiet, "no progress");
  app.add_flag("--i-own-this-server", line.own_server,
               "needed for any server that is not on this machine");
}

Scenario load_scenario(const CommandLine& line) {
  std::ifstream file(line.scenario);
  std::ostringstream text;
  text << file.rdbuf();
  auto scenario = parse_scenario(text.str());
  if (!scenario) throw WrongUsage{line.scenario + ": " + scenario.error()};
  rescale(*scenario, line.scale, line.speed);
  return std::move(*scenario);
}

Target load_target(const CommandLine& line) {
  auto target = parse_target(line.server);
  if (!target) throw WrongUsage{target.error()};
  if (!target->loopback && !line.own_server) {
    throw WrongUsage{line.server +
                     " is not on this machine. This tool can bring servers down; aim it only at "
                     "your own, and say so with --i-own-this-server."};
  }
  return std::move(*target);
}

// As many descriptors as allowed; each waiting person takes one, and another one for moments.
void make_room_for(int crowd, int processes) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  const auto most = static_cast<long>(static_cast<double>(limit.rlim_cur) * 0.9) - 100;
  if (crowd / processes <= most) return;
  throw WrongUsage{std::to_string(crowd / processes) + " people a process, but at most " +
                   std::to_string(limit.rlim_cur) + " descriptors: use --processes " +
                   std::to_string(crowd / std::max(most, 1L) + 1)};
}

std::string admin_token(const CommandLine& line, const Target& target) {
  if (line.admin.empty()) return {};
  const auto colon = line.admin.find(':');
  if (colon == line.admin.npos) throw WrongUsage{"--admin is EMAIL:PASSWORD"};
  return must(sign_in(target, line.admin.substr(0, colon), line.admin.substr(colon + 1)));
}

void prepare_buyers(Run& run, const CommandLine& line) {
  const Purchase& purchase = run.scenario.purchase;
  if (purchase.share <= 0) return;
  run.performance =
      purchase.performance.empty() ? find_performance(run.target, run.room) : purchase.performance;
  if (run.performance.empty()) throw Failure{"room " + run.room + " protects nothing on sale"};
  const bool fresh = line.accounts.empty();
  const auto accounts =
      fresh ? new_accounts(purchase.accounts, run.name) : must(read_accounts(line.accounts));
  run.accounts = must(open_accounts(run.target, accounts, fresh));
}

void write(const std::string& folder, const char* name, const std::string& text) {
  std::ofstream file(folder + "/" + name, std::ios::binary);
  file << text;
  if (!file.flush()) throw Failure{"cannot write " + folder + "/" + name};
}

// What makes the figures less than they seem.
std::string limits_of(const Tally& tally, const RunResult& result) {
  if (!result.trouble.empty()) return result.trouble;
  const Histogram& late = tally.calls[static_cast<std::size_t>(Call::late)];
  if (late.at(0.99) > 100'000) {
    return "This tool was too slow: one arrival in a hundred came more than " +
           std::to_string(late.at(0.99) / 1000) + " ms late, so latencies are partly its own.";
  }
  return {};
}

int run_tool(const CommandLine& line) {
  Run run{.scenario = load_scenario(line), .target = load_target(line)};
  make_room_for(crowd_size(run.scenario), line.processes);
  const Timestamp now = SystemClock().now();
  run.room = line.room;
  run.room_path = "/api/v1/rooms/" + line.room;
  run.seed = line.seed;
  run.sources = line.sources;
  run.name = "load" + std::to_string(to_unix_ms(now));
  RunOptions options{.processes = line.processes,
                     .loops = line.loops,
                     .quiet = line.quiet,
                     .admin_token = admin_token(line, run.target)};
  if (options.loops == 0)
    options.loops =
        std::max(1, static_cast<int>(std::thread::hardware_concurrency()) / line.processes);
  const RoomAnswer room =
      options.admin_token.empty()
          ? must(look_at_room(run.target, run.room))
          : must(set_up_room(run.target, run.room, run.scenario.room, options.admin_token));
  run.patience = patience_of(options.admin_token.empty() ? RoomSetup{} : run.scenario.room, room);
  prepare_buyers(run, line);
  std::error_code error;
  std::filesystem::create_directories(line.out, error);
  if (error) throw Failure{"cannot make " + line.out};
  RunResult result = run_all(run, options);
  RunInfo info{.server = line.server,
               .room = line.room,
               .started_at = to_rfc3339(now),
               .seed = line.seed,
               .processes = line.processes,
               .loops = options.loops,
               .seconds = result.seconds,
               .interrupted = result.interrupted,
               .note = limits_of(result.tally, result)};
  const Report report =
      make_report(run.scenario, std::move(info), std::move(result.tally), result.samples);
  write(line.out, "report.json", to_json(report));
  write(line.out, "report.svg", to_svg(report));
  const std::string text = to_markdown(report);
  write(line.out, "report.md", text);
  say("\n" + text);
  return report.passed && result.trouble.empty() ? 0 : 1;
}

}  // namespace
}  // namespace onsale::load

int main(int argc, char** argv) {
  CLI::App app("onsale-load sends a crowd into a waiting room and checks what it is told.",
               "onsale-load");
  onsale::load::CommandLine line;
  onsale::load::describe(app, line);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  try {
    return onsale::load::run_tool(line);
  } catch (const onsale::load::WrongUsage& usage) {
    onsale::load::complain("onsale-load: " + usage.why + "\n");
    return 2;
  } catch (const onsale::load::Failure& failure) {
    onsale::load::complain("onsale-load: " + failure.why + "\n");
    return 1;
  } catch (const std::exception& error) {
    onsale::load::complain(std::string("onsale-load: ") + error.what() + "\n");
    return 1;
  }
}
