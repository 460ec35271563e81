#include "loadtool/run.h"

#include <poll.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <ctime>
#include <functional>
#include <stdexcept>
#include <thread>

#include "loadtool/observer.h"
#include "loadtool/terminal.h"

namespace onsale::load {
namespace {

constexpr double kLeadS = 0.3;  // for processes and loops to get ready
constexpr double kGraceS = 20;  // for everybody to leave when the time is over

// NOLINTNEXTLINE: a signal handler can reach nothing else
volatile std::sig_atomic_t interrupted = 0;

void pause_ms(int ms) { ::poll(nullptr, 0, ms); }

std::int64_t steady_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

// One Live per process, seen by all.
class Shared {
 public:
  explicit Shared(int count) : size_(sizeof(Live) * static_cast<std::size_t>(count)) {
    memory_ = mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory_ == MAP_FAILED) throw std::runtime_error("no memory to share");
    for (int i = 0; i < count; ++i) std::construct_at(&at(i));
  }
  ~Shared() { munmap(memory_, size_); }
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;
  Live& at(int i) { return static_cast<Live*>(memory_)[i]; }

 private:
  const std::size_t size_;
  void* memory_ = nullptr;
};

struct Child {
  pid_t pid = 0;
  int from = -1;  // its tally comes here
};

void write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(fd, bytes.data(), bytes.size());
    if (written <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

Child fork_part(const Run& run, Live& live, int part, const RunOptions& options) {
  int ends[2] = {-1, -1};
  if (pipe(ends) != 0) throw std::runtime_error("no pipe");
  const pid_t pid = fork();
  if (pid < 0) throw std::runtime_error("no process");
  if (pid > 0) {
    close(ends[1]);
    return {pid, ends[0]};
  }
  std::signal(SIGINT, SIG_IGN);  // the parent says when to stop
  close(ends[0]);
  write_all(ends[1], encode(run_part(run, live, part, options.processes, options.loops)));
  _exit(0);
}

std::string read_all(int fd) {
  std::string out;
  std::array<char, 65'536> chunk{};
  for (;;) {
    const auto size = ::read(fd, chunk.data(), chunk.size());
    if (size <= 0) break;
    out.append(chunk.data(), static_cast<std::size_t>(size));
  }
  close(fd);
  return out;
}

Glance glance(Shared& shared, int count, const Run& run) {
  Glance out{.second = std::max(0.0, static_cast<double>(run.now()) / 1e6),
             .end_s = run.scenario.end_s,
             .people = crowd_size(run.scenario)};
  for (int i = 0; i < count; ++i) {
    const Live& live = shared.at(i);
    out.arrived += live.arrived;
    out.joining += live.joining;
    out.waiting += live.waiting;
    out.inside += live.inside;
    out.ended += live.ended;
    out.joined_total += live.joined_total;
    out.admitted_total += live.admitted_total;
    out.calls += live.calls;
    out.errors += live.errors;
    out.breaches += live.breaches;
    out.late_ms = std::max(out.late_ms, static_cast<double>(live.worst_late_us) / 1000);
  }
  return out;
}

// Shows the progress until everybody is done or nothing more can be waited for.
void oversee(Shared& shared, const Run& run, const RunOptions& options, Observer& observer,
             const std::function<bool()>& finished) {
  Progress progress(options.quiet);
  for (int round = 1; !finished(); ++round) {
    pause_ms(100);
    Glance now = glance(shared, options.processes, run);
    now.mode = observer.mode();
    if (round % 5 == 0) progress.show(now);
    if (interrupted != 0)
      for (int i = 0; i < options.processes; ++i) shared.at(i).stop = true;
  }
  progress.end();
}

void collect(std::vector<Child>& children, RunResult& result) {
  for (std::size_t i = 0; i < children.size(); ++i) {
    auto tally = decode_tally(read_all(children[i].from));
    waitpid(children[i].pid, nullptr, 0);
    if (tally)
      result.tally.merge(std::move(*tally));
    else
      result.trouble = "process " + std::to_string(i) + " died; its people are missing below";
  }
}

}  // namespace

Tally run_part(const Run& run, Live& live, int part, int parts, int loops) {
  std::vector<std::vector<Plan>> plans(static_cast<std::size_t>(loops));
  const int size = crowd_size(run.scenario);
  int mine = 0;
  for (int i = part; i < size; i += parts)
    plans[static_cast<std::size_t>(mine++ % loops)].push_back(
        plan_of(run.scenario, run.seed, static_cast<std::uint32_t>(i)));
  exec::Loops threads(loops);
  std::vector<std::unique_ptr<Crowd>> crowds;
  Tally tally;
  {
    Solvers solvers(loops);
    for (int i = 0; i < loops; ++i)
      crowds.push_back(std::make_unique<Crowd>(threads.at(i), run, live, solvers,
                                               std::move(plans[static_cast<std::size_t>(i)])));
    threads.start();
    for (const auto& crowd : crowds) crowd->start();
    const auto end = static_cast<Micros>(run.scenario.end_s * 1e6);
    while (live.ended < mine && !live.stop && run.now() < end) pause_ms(20);
    if (live.ended < mine) {
      for (const auto& crowd : crowds) crowd->stop();
      const Micros last = run.now() + static_cast<Micros>(kGraceS * 1e6);
      while (live.ended < mine && run.now() < last) pause_ms(20);
    }
    threads.stop();
  }
  for (const auto& crowd : crowds) tally.merge(crowd->take());
  return tally;
}

RunResult run_all(Run& run, const RunOptions& options) {
  RunResult result;
  Shared shared(options.processes);
  run.began_ns = steady_ns() + static_cast<std::int64_t>(kLeadS * 1e9);
  run.began_unix_ms = to_unix_ms(SystemClock().now()) + static_cast<std::int64_t>(kLeadS * 1000);
  interrupted = 0;
  struct sigaction stop{};
  stop.sa_handler = [](int) { interrupted = 1; };
  std::signal(SIGPIPE, SIG_IGN);
  std::vector<Child> children;
  if (options.processes > 1)
    for (int i = 0; i < options.processes; ++i)
      children.push_back(fork_part(run, shared.at(i), i, options));
  sigaction(SIGINT, &stop, nullptr);
  sigaction(SIGTERM, &stop, nullptr);
  Observer observer(run, options.admin_token);
  std::atomic<bool> done{false};
  std::thread work([&] {
    if (children.empty())
      result.tally = run_part(run, shared.at(0), 0, 1, options.loops);
    else
      collect(children, result);
    done = true;
  });
  oversee(shared, run, options, observer, [&done] { return done.load(); });
  work.join();
  result.seconds = static_cast<double>(run.now()) / 1e6;
  result.interrupted = interrupted != 0;
  result.samples = observer.stop();
  result.tally.merge(observer.take());
  return result;
}

}  // namespace onsale::load
