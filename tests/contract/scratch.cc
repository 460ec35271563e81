#include "tests/contract/scratch.h"

#include <sys/statvfs.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <csignal>
#include <filesystem>

namespace onsale::testing_support {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kPrefix = "onsale-test-";
constexpr std::uint64_t kRoomBytes = 1ull << 30;

bool has_room(const fs::path& path) {
  struct statvfs space{};
  return ::statvfs(path.c_str(), &space) == 0 &&
         static_cast<std::uint64_t>(space.f_bavail) * space.f_frsize > kRoomBytes;
}

// Names are onsale-test-PID; the process of a stale one is gone.
void remove_stale(const fs::path& parent) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(parent, ignored)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kPrefix)) continue;
    int pid = 0;
    std::from_chars(name.data() + kPrefix.size(), name.data() + name.size(), pid);
    if (pid > 0 && ::kill(pid, 0) != 0 && errno == ESRCH) fs::remove_all(entry.path(), ignored);
  }
}

class Root {
 public:
  explicit Root(const fs::path& parent)
      : path_(parent / (std::string(kPrefix) + std::to_string(::getpid()))), owner_(::getpid()) {
    remove_stale(parent);
    fs::create_directories(path_);
  }
  ~Root() {
    std::error_code ignored;
    if (::getpid() == owner_) fs::remove_all(path_, ignored);
  }
  std::string next(const std::string& what) {
    const fs::path path =
        path_ / (what + "-" + std::to_string(::getpid()) + "-" + std::to_string(++count_));
    fs::create_directories(path);
    return path.string();
  }

 private:
  fs::path path_;
  pid_t owner_;
  std::atomic<int> count_ = 0;
};

}  // namespace

std::string scratch_directory(const std::string& what, bool on_disk) {
  static Root memory(has_room("/dev/shm") ? fs::path("/dev/shm") : fs::temp_directory_path());
  static Root disk(fs::temp_directory_path());
  return (on_disk ? disk : memory).next(what);
}

}  // namespace onsale::testing_support
