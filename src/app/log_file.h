// The log of a room as a portable file: JSON lines, described in docs/receipts.md.
#pragma once

#include <fstream>
#include <functional>
#include <string>

#include "waitroom/log/room_log.h"
#include "waitroom/room/ports.h"

namespace onsale::app {

class LogFileWriter {
 public:
  // Throws std::runtime_error when the file can't be written.
  LogFileWriter(const std::string& path, const waitroom::StoredRoom& room,
                const waitroom::LogStart& start);
  void add(const waitroom::LoggedBatch& batch);
  void finish();

 private:
  void put(const std::string& line);

  std::string path_;
  std::ofstream file_;
};

// What stands before the batches.
struct LogFileHead {
  std::string room, name;
  std::uint32_t epoch = 0;
  waitroom::LogStart start;
};

class LogFileReader {
 public:
  explicit LogFileReader(const std::string& path);
  const LogFileHead& head() const { return head_; }
  // The next batch; empty at the end. Throws std::runtime_error for a line that is none.
  std::optional<waitroom::LoggedBatch> next();

 private:
  std::optional<std::string> line();
  [[noreturn]] void refuse(const std::string& why) const;

  std::string path_;
  std::ifstream file_;
  LogFileHead head_;
  std::uint64_t number_ = 0;  // of the line
  std::optional<std::string> pending_;
};

}  // namespace onsale::app
