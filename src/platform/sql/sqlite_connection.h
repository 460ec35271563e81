// One connection to a SQLite file. Thread: one at a time.
#pragma once

#include <sqlite3.h>

#include <memory>
#include <string>

#include "platform/sql/database.h"
#include "platform/sql/statement_cache.h"

namespace onsale::sql {

class SqliteConnection final : public Connection {
 public:
  enum class Use { write, read };

  // Throws Failure with a one-line reason.
  SqliteConnection(const std::string& path, Use use);
  ~SqliteConnection() override;

  Dialect dialect() const override { return Dialect::sqlite; }
  std::int64_t exec(std::string_view sql, std::span<const Param> params) override;
  Cursor& open(std::string_view sql, std::span<const Param> params) override;
  void direct(std::string_view sql) override;

  void run(std::string_view sql) { exec(sql, {}); }
  // False after BEGIN, true again when SQLite has rolled everything back by itself.
  bool idle() const { return sqlite3_get_autocommit(handle_.get()) != 0; }
  std::string pragma(const std::string& sql);

 private:
  class Statement;
  struct CloseHandle {
    void operator()(sqlite3* handle) const noexcept { sqlite3_close_v2(handle); }
  };

  Statement& prepared(std::string_view sql, std::span<const Param> params);
  [[noreturn]] void fail(int code, std::string_view sql);
  void claim_file();

  std::string path_;
  std::unique_ptr<sqlite3, CloseHandle> handle_;
  StatementCache<Statement> statements_;
};

}  // namespace onsale::sql
