// One connection to MySQL or MariaDB. Thread: one at a time.
#pragma once

#include <mysql.h>

#include <memory>
#include <string>

#include "platform/sql/database.h"
#include "platform/sql/mysql_statement.h"
#include "platform/sql/mysql_url.h"
#include "platform/sql/statement_cache.h"

namespace onsale::sql {

class MysqlConnection final : public Connection {
 public:
  enum class Use { write, read };
  // What an error did to the transaction. Once not `sound`, nothing more runs until begin().
  enum class State { sound, rolled_back, lost };

  // Throws Failure with a one-line reason.
  MysqlConnection(const MysqlAddress& address, Use use);
  ~MysqlConnection() override;

  Dialect dialect() const override { return Dialect::mysql; }
  std::int64_t exec(std::string_view sql, std::span<const Param> params) override;
  Cursor& open(std::string_view sql, std::span<const Param> params) override;
  void direct(std::string_view sql) override;

  // Connects again when the connection is lost, then begins.
  void begin();
  void commit();
  void roll_back() noexcept;
  State state() const { return state_; }
  // A server variable, or empty.
  std::string variable(const std::string& name);

 private:
  struct CloseHandle {
    void operator()(MYSQL* handle) const noexcept { mysql_close(handle); }
  };

  void connect();
  void configure();
  void check_sound() const;
  MysqlStatement& run(std::string_view sql, std::span<const Param> params);
  [[noreturn]] void fail(unsigned code, const std::string& message, std::string_view sql);

  const MysqlAddress address_;
  const Use use_;
  std::unique_ptr<MYSQL, CloseHandle> handle_;
  StatementCache<MysqlStatement> statements_;
  State state_ = State::lost;
};

}  // namespace onsale::sql
