// What the kernel says about this process, under the names that Prometheus clients share.
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>

#include "platform/metrics/metrics.h"

namespace onsale::metrics {
namespace {

double resident_bytes() {
  std::FILE* file = std::fopen("/proc/self/statm", "re");
  if (!file) return 0;
  long pages = 0;
  if (std::fscanf(file, "%*s %ld", &pages) != 1) pages = 0;
  std::fclose(file);
  return static_cast<double>(pages) * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double open_files() {
  std::error_code error;
  double count = 0;
  for (std::filesystem::directory_iterator it("/proc/self/fd", error), end; !error && it != end;
       it.increment(error))
    ++count;
  return count;
}

}  // namespace

void Registry::add_process_metrics() {
  const auto start =
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  computed("process_resident_memory_bytes", "Resident memory.", resident_bytes);
  computed_counter("process_cpu_seconds_total", "Processor time used.", cpu_seconds);
  computed("process_open_fds", "Open files and sockets.", open_files);
  computed("process_start_time_seconds", "When the process started, Unix time.",
           [start] { return start; });
}

}  // namespace onsale::metrics
