// The command line. Exit codes: 0 done, 1 failed (one line says why), 2 wrong usage.
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <iostream>

#include "app/commands.h"
#include "app/guard.h"
#include "app/money_commands.h"
#include "app/outbox_commands.h"
#include "app/room_commands.h"
#include "app/sandbox.h"
#include "app/settings.h"

namespace {

using onsale::app::Settings;

struct CommandLine {
  std::string config_file;
  std::string listen;
  std::string data;
  std::string job;
  std::string email;
  std::string out;
  std::string event;
  onsale::app::RoomReplay replay;
  bool demo = false;
  bool reset = false;
  onsale::app::SandboxOptions sandbox;
  std::vector<std::pair<std::string, std::string>> guard;  // settings given to `guard`
};

// The options that every command takes.
void common(CLI::App& command, CommandLine& line) {
  command.add_option("--config", line.config_file, "TOML file with settings");
  command.add_option("--data", line.data, "directory of the data (default ./data)");
}

Settings load(const CommandLine& line, onsale::config::Settings& settings, Settings& values) {
  onsale::app::bind(settings, values);
  std::vector<std::pair<std::string, std::string>> given;
  if (!line.listen.empty()) given.emplace_back("server.listen", line.listen);
  if (!line.data.empty()) given.emplace_back("server.data", line.data);
  onsale::app::load(settings, line.config_file, given);
  values.demo = line.demo;
  if (values.demo && values.booking.return_origins.empty()) values.booking.return_origins = "*";
  return values;
}

int guard(const CommandLine& line) {
  onsale::config::Settings settings;
  onsale::app::GuardSettings values;
  onsale::app::bind(settings, values);
  onsale::app::load(settings, line.config_file, line.guard);
  return onsale::app::guard(values);
}

std::string read_password() {
  const bool terminal = isatty(STDIN_FILENO) != 0;
  termios before{};
  if (terminal) {
    std::cerr << "Password: " << std::flush;
    tcgetattr(STDIN_FILENO, &before);
    termios silent = before;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSANOW, &silent);
  }
  std::string password;
  std::getline(std::cin, password);
  if (terminal) {
    tcsetattr(STDIN_FILENO, TCSANOW, &before);
    std::cerr << "\n";
  }
  return password;
}

int run(CLI::App& program, const CommandLine& line) {
  if (program.got_subcommand("guard")) return guard(line);
  if (program.got_subcommand("sandbox")) return onsale::app::sandbox(line.sandbox);
  onsale::config::Settings settings;
  Settings values;
  const Settings loaded = load(line, settings, values);
  if (program.got_subcommand("serve")) return onsale::app::serve(loaded);
  if (program.got_subcommand("migrate")) return onsale::app::migrate(loaded);
  if (program.got_subcommand("job")) return onsale::app::run_job(loaded, line.job);
  if (auto* room = program.get_subcommand("room"); room->parsed()) {
    return room->got_subcommand("replay")
               ? onsale::app::replay_room(loaded, line.replay)
               : onsale::app::export_room(loaded, line.replay.room, line.out);
  }
  if (auto* outbox = program.get_subcommand("outbox"); outbox->parsed()) {
    return outbox->got_subcommand("parked") ? onsale::app::list_parked(loaded)
                                            : onsale::app::replay_parked(loaded, line.event);
  }
  if (program.got_subcommand("money")) return onsale::app::check_money(loaded);
  if (program.got_subcommand("admin"))
    return onsale::app::create_admin(loaded, line.email, read_password(), line.reset);
  std::cout << settings.print();
  return 0;
}

void describe_guard(CLI::App& program, CommandLine& line) {
  auto* guard = program.add_subcommand(
      "guard", "a reverse proxy that lets people with a waiting room's pass through");
  guard->add_option("--config", line.config_file, "TOML file with settings");
  const auto option = [&](const char* flag, const char* setting, const char* what) {
    guard->add_option_function<std::string>(
        flag,
        [&line, setting](const std::string& value) { line.guard.emplace_back(setting, value); },
        what);
  };
  option("--listen", "guard.listen", "ADDRESS:PORT (default 127.0.0.1:8090)");
  option("--origin", "guard.origin", "what is guarded, http://HOST:PORT; without one only checks");
  option("--room", "guard.room", "the waiting room whose passes open");
  option("--issuer-url", "guard.issuer_url", "where the waiting room's server is");
  option("--public-url", "guard.public_url", "where browsers reach the guard");
  option("--state", "guard.state", "folder where used passes are kept over a restart");
  guard->add_option_function<std::vector<std::string>>(
      "--prefix",
      [&line](const std::vector<std::string>& prefixes) {
        std::string all;
        for (const std::string& prefix : prefixes) all += prefix + ",";
        line.guard.emplace_back("guard.prefixes", all);
      },
      "a guarded path; may be given several times (default /)");
}

void describe_room(CLI::App& program, CommandLine& line) {
  auto* room = program.add_subcommand("room", "the log of a waiting room");
  room->require_subcommand(1);
  auto* replay = room->add_subcommand(
      "replay",
      "rebuild every position from the log alone, verify every link, and compare with the room as "
      "it is");
  common(*replay, line);
  replay->add_option("ROOM", line.replay.room, "its id")->required();
  replay->add_option("--from", line.replay.from, "an exported log instead of the data")
      ->check(CLI::ExistingFile);
  replay->add_option("--to-csv", line.replay.csv, "write every fact to this file as CSV");
  replay->add_option("--until", line.replay.until,
                     "stop at this time, such as 2026-11-21T20:00:00Z");
  replay->add_flag("--json", line.replay.json, "print JSON, with everybody who waits");
  replay->footer(
      "Ends with 0 when the log is whole and the room is what it says, with 1 when not (the first "
      "thing that is wrong is named), with 2 when it could not be read. Works beside a running "
      "server.");
  auto* take = room->add_subcommand("export", "write the log to a file that others can verify");
  common(*take, line);
  take->add_option("ROOM", line.replay.room, "its id")->required();
  take->add_option("--out", line.out, "the file")->required();
  take->footer("The format is in docs/receipts.md; tools/verify_log.py reads it, too.");
}

void describe_sandbox(CLI::App& program, CommandLine& line) {
  auto* sandbox = program.add_subcommand(
      "sandbox", "a stand-in for Toss Payments and KakaoPay, for demos and tests; moves no money");
  sandbox->add_option("--listen", line.sandbox.listen, "ADDRESS:PORT (default 127.0.0.1:8095)");
  sandbox->add_option("--data", line.sandbox.data,
                      "folder where its payments outlive a restart; without one they don't");
  sandbox->add_option("--webhook", line.sandbox.webhook,
                      "where Toss's webhooks go, http(s)://HOST/PATH");
  sandbox->add_option("--public-url", line.sandbox.public_url,
                      "what browsers call it, http(s)://HOST:PORT (default: as they ask)");
  sandbox->footer(
      "Whoever reaches it can decide payments and set faults (/control): keep it on a loopback "
      "address. See docs/operations/sandbox.md.");
}

void describe_outbox(CLI::App& program, CommandLine& line) {
  auto* outbox = program.add_subcommand("outbox", "events that could not be handled");
  outbox->require_subcommand(1);
  common(*outbox->add_subcommand("parked", "list them, with what stood in the way"), line);
  auto* replay =
      outbox->add_subcommand("replay", "have one delivered once more, to whom it failed");
  common(*replay, line);
  replay->add_option("ID", line.event, "as listed")->required();
  replay->footer(
      "Works beside a running server, which delivers it within seconds; otherwise the next start "
      "does. It leaves the list when it was handled.");
}

void describe_money(CLI::App& program, CommandLine& line) {
  auto* money = program.add_subcommand("money", "the books");
  money->require_subcommand(1);
  auto* check =
      money->add_subcommand("check", "prove from the tables alone that every won is accounted for");
  common(*check, line);
  check->footer(
      "Ends with 0 and the totals when every payment, refund and reservation fits the ledger, with "
      "1 and the first thing that doesn't fit when not. Works beside a running server.");
}

void describe(CLI::App& program, CommandLine& line) {
  program.require_subcommand(1);
  program.set_version_flag("--version", "onsale " ONSALE_VERSION);
  program.footer("Every setting is also an environment variable ONSALE_<SECTION>_<KEY>.");

  auto* serve = program.add_subcommand("serve", "serve until SIGINT or SIGTERM");
  common(*serve, line);
  serve->add_option("--listen", line.listen, "ADDRESS:PORT (default 127.0.0.1:8080)");
  serve->add_flag("--demo", line.demo, "seed demo data into an empty data directory");

  describe_guard(program, line);
  describe_room(program, line);
  describe_outbox(program, line);
  describe_sandbox(program, line);
  describe_money(program, line);

  common(*program.add_subcommand("migrate", "bring the database's tables up to date"), line);

  auto* job = program.add_subcommand("job", "background work by hand");
  job->require_subcommand(1);
  auto* run_job = job->add_subcommand("run", "run one job to its end");
  common(*run_job, line);
  run_job->add_option("NAME", line.job, "which one")
      ->required()
      ->check(CLI::IsMember(onsale::app::job_names()));

  auto* admin = program.add_subcommand("admin", "administrators");
  admin->require_subcommand(1);
  auto* create =
      admin->add_subcommand("create", "make an administrator; reads the password from stdin");
  common(*create, line);
  create->add_option("EMAIL", line.email, "its e-mail address")->required();
  create->add_flag("--reset", line.reset,
                   "take over the account that has this address: new password, no sessions");

  auto* config = program.add_subcommand("config", "settings");
  config->require_subcommand(1);
  common(*config->add_subcommand("print", "the effective settings, secrets masked"), line);
}

}  // namespace

int main(int argc, char** argv) {
  umask(077);  // the data holds password hashes and keys
  CLI::App program("onsale sells things that sell out.", "onsale");
  CommandLine line;
  describe(program, line);
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? 0 : 2;
  }
  try {
    return run(program, line);
  } catch (const std::exception& error) {
    std::cerr << "onsale: " << error.what() << std::endl;
    return 1;
  }
}
