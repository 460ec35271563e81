// SQLite: one writer thread with group commit, readers with snapshots of their own.
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/log.h"
#include "platform/sql/engine.h"
#include "platform/sql/sqlite_connection.h"

namespace onsale::sql {

namespace {

constexpr std::size_t kGroupMax = 256;  // units per commit
constexpr std::size_t kReadsMax = 16;   // units per snapshot: the last waits for the first
constexpr int kCarefulGroups = 64;      // groups with savepoints after one in which a unit threw

// Keeps a second server off the same data, for as long as this process lives.
class FileLock {
 public:
  explicit FileLock(const std::string& database) : path_(database + ".lock") {
    file_ = ::open(path_.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0644);
    if (file_ < 0) throw Failure(refusal(database, errno));
    if (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
      const std::string owner = read_owner();
      ::close(file_);
      throw Failure("another onsale server" + owner + " uses " + database +
                    ": stop it or choose another data directory");
    }
    const std::string pid = std::to_string(::getpid()) + "\n";
    // The number only helps the message above; the lock itself needs no bytes.
    if (::ftruncate(file_, 0) != 0 || ::pwrite(file_, pid.data(), pid.size(), 0) < 0) {
      log::warn("sql", "the lock file cannot be written", {{"path", path_}});
    }
  }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock() { ::close(file_); }

 private:
  static std::string refusal(const std::string& database, int error) {
    std::string directory = std::filesystem::path(database).parent_path().string();
    if (directory.empty()) directory = ".";
    switch (error) {
      case ENOENT:
      case ENOTDIR:
        return "the data directory " + directory + " does not exist: create it or choose another";
      case EACCES:
      case EPERM:
      case EROFS:
        return "the data directory " + directory +
               " cannot be written: give this user write access or choose another";
      case ENOSPC:
      case EDQUOT:
        return "the disk that holds " + directory + " is full: free some space";
      default:
        return "the data directory " + directory + " cannot be used: " + std::strerror(error);
    }
  }

  std::string read_owner() const {
    char text[32] = {};
    const ssize_t size = ::pread(file_, text, sizeof text - 1, 0);
    const int pid = size > 0 ? std::atoi(text) : 0;
    return pid > 0 ? " (process " + std::to_string(pid) + ")" : "";
  }

  std::string path_;
  int file_ = -1;
};

class SqliteDatabase final : public Engine {
 public:
  SqliteDatabase(const std::string& path, const DatabaseConfig& config)
      : Engine(config),
        writer_(lock(config.beside, path), config.beside && !config.beside_writes
                                               ? SqliteConnection::Use::read
                                               : SqliteConnection::Use::write) {
    for (int i = 0; i < std::max(1, config.readers); ++i) {
      readers_.push_back(std::make_unique<SqliteConnection>(path, SqliteConnection::Use::read));
    }
    start_thread([this] { write_loop(); });
    for (auto& reader : readers_) start_thread([this, &reader] { read_loop(*reader); });
  }
  ~SqliteDatabase() override {
    close();
    readers_.clear();  // the last connection to close folds the log into the file: the writer
  }

  Dialect dialect() const override { return Dialect::sqlite; }

 private:
  void write_loop() {
    std::size_t last = 1;
    int careful = 0;  // groups that still get savepoints
    for (;;) {
      auto units = lane(Lane::write).pop(kGroupMax, last);
      if (units.empty()) return;
      last = units.size();
      std::vector<Outcome> group;
      group.reserve(units.size());
      for (auto& unit : units) group.push_back({std::move(unit), nullptr});
      Ended ended = commit(group, careful > 0);
      careful = std::max(0, careful - 1);
      if (ended == Ended::disturbed) {
        careful = kCarefulGroups;
        ended = commit(group, true);
      }
      if (ended == Ended::lost && group.size() > 1) {
        // SQLite gave the whole transaction up (full disk, say) inside one unit. Alone, each unit
        // gets its own answer.
        for (auto& member : group) {
          count_retry();
          commit(std::span(&member, 1), false);
        }
      }
      settle(Lane::write, std::move(group));
    }
  }

  // decided: every member has its error, or none and is durable. disturbed: one refused in a group
  // without savepoints. lost: SQLite itself rolled back. Nothing was committed in the last two.
  enum class Ended { decided, disturbed, lost };

  // One transaction for all. Savepoints cost a fifth of the time of a small unit, so a group goes
  // without until a unit throws; then it starts over with them, and so do the next groups.
  Ended commit(std::span<Outcome> group, bool savepoints) {
    savepoints = savepoints && group.size() > 1;
    bool published = false;
    try {
      writer_.run("BEGIN IMMEDIATE");
      for (auto& member : group) {
        published |= run(member, savepoints);
        if (writer_.idle()) return lose(group);
        if (!member.error || savepoints) continue;
        roll_back();
        return group.size() > 1 ? Ended::disturbed : Ended::decided;
      }
      writer_.run("COMMIT");
    } catch (...) {
      // Also those that were refused: what stood in their way was never committed.
      for (auto& member : group) member.error = std::current_exception();
      roll_back();
      return Ended::decided;
    }
    count_commit();
    if (published) wake_subscribers();
    return Ended::decided;
  }

  Ended lose(std::span<Outcome> group) {
    if (group.size() == 1 && group[0].error) return Ended::decided;
    const auto why = std::make_exception_ptr(Outage("the transaction was rolled back"));
    for (auto& member : group) member.error = why;
    return Ended::lost;
  }

  // True when the unit published and stands.
  bool run(Outcome& member, bool savepoint) {
    Tx tx(writer_, clock());
    member.error = nullptr;
    if (savepoint) writer_.run("SAVEPOINT unit");
    try {
      member.unit->run(tx);
    } catch (...) {
      member.error = std::current_exception();
    }
    if (writer_.idle()) return false;
    if (savepoint) {
      if (member.error) writer_.run("ROLLBACK TO unit");
      writer_.run("RELEASE unit");
    }
    return tx.published() && !member.error;
  }

  void roll_back() noexcept {
    try {
      if (!writer_.idle()) writer_.run("ROLLBACK");
    } catch (const std::exception& error) {
      log::error("sql", "rollback failed", {{"why", error.what()}});
    }
  }

  // What waited together is read from one snapshot, which is newer than all of it.
  void read_loop(SqliteConnection& reader) {
    for (;;) {
      auto units = lane(Lane::read).pop_share(kReadsMax, readers_.size());
      if (units.empty()) return;
      std::vector<Outcome> group;
      group.reserve(units.size());
      for (auto& unit : units) group.push_back({std::move(unit), nullptr});
      for (auto& member : group) {
        try {
          if (reader.idle()) reader.run("BEGIN");
          Tx tx(reader, clock());
          member.unit->run(tx);
        } catch (...) {
          member.error = std::current_exception();
        }
      }
      try {
        if (!reader.idle()) reader.run("COMMIT");
      } catch (const std::exception& failure) {
        log::error("sql", "a read did not end", {{"why", failure.what()}});
      }
      settle(Lane::read, std::move(group));
    }
  }

  const std::string& lock(bool beside, const std::string& path) {
    if (!beside) lock_.emplace(path);
    if (beside && !std::filesystem::exists(path)) throw Failure("there is no " + path);
    return path;
  }

  std::optional<FileLock> lock_;
  SqliteConnection writer_;
  std::vector<std::unique_ptr<SqliteConnection>> readers_;
};

}  // namespace

std::unique_ptr<Database> open_sqlite(const std::string& path, const DatabaseConfig& config) {
  return std::make_unique<SqliteDatabase>(path, config);
}

}  // namespace onsale::sql
