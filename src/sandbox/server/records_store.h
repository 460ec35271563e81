// Records in a SQLite file of the stand-in's own, so that one that is killed comes back with what
// it had told anybody.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "platform/sql/database.h"
#include "sandbox/records.h"

namespace onsale::sandbox {

class SqlRecords final : public Records {
 public:
  // Makes the folder and the table where they are missing. Blocks. Throws std::runtime_error with a
  // one-line reason.
  explicit SqlRecords(const std::string& folder);

  bool keeps() const override { return true; }
  void put(std::string_view kind, std::string_view name, std::string text) override;
  Task<void> flush() override;
  bool settled() const override { return pending_.empty() && under_way_ == 0 && !broken_; }
  bool broken() const override { return broken_; }

  // Calls back for each record in the order in which they were first put. Blocks; before serving.
  void each(const std::function<void(const std::string& kind, const std::string& text)>& visit);
  // While the loop still runs.
  void close() { database_->close(); }

 private:
  struct Change {
    std::string kind, name, text;
  };

  std::unique_ptr<sql::Database> database_;
  std::vector<Change> pending_;
  int under_way_ = 0;
  // Once a write failed, memory knows what the file does not: nobody is told anything any more.
  bool broken_ = false;
};

}  // namespace onsale::sandbox
