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
  // `replica`: reads of a server that may be behind. The others go where writes are taken.
  enum class Use { write, read, replica };
  // What an error did to the transaction. Once not `sound`, nothing more runs until begin().
  enum class State { sound, rolled_back, lost };

  // Throws Failure with a one-line reason. With `positions` commit() tells how far it got.
  MysqlConnection(const MysqlAddress& address, Use use, bool positions = false);
  ~MysqlConnection() override;

  Dialect dialect() const override { return Dialect::mysql; }
  std::int64_t exec(std::string_view sql, std::span<const Param> params) override;
  Cursor& open(std::string_view sql, std::span<const Param> params) override;
  void direct(std::string_view sql) override;

  // Connects again when the connection is lost, then begins. Outage when the server is read-only
  // and `use` asks for the primary.
  void begin();
  void commit();
  // Of the last commit; empty without `positions`, or when it changed nothing.
  const std::string& committed() const { return committed_; }
  // Before begin(): how far the server is known to be; waits at most `patience` for `wanted`.
  Position applied(const Position& wanted, Millis patience);
  void roll_back() noexcept;
  State state() const { return state_; }
  // A server variable, or empty.
  std::string variable(const std::string& name);

 private:
  struct CloseHandle {
    void operator()(MYSQL* handle) const noexcept { mysql_close(handle); }
  };

  void connect();
  void connect(const MysqlEndpoint& endpoint);
  void configure();
  std::string first_text(std::string_view sql, std::span<const Param> params);
  bool is_mariadb() const { return mariadb_connection(handle_.get()) != 0; }
  std::string newest_gtid();
  void check_sound() const;
  MysqlStatement& run(std::string_view sql, std::span<const Param> params);
  [[noreturn]] void fail(unsigned code, const std::string& message, std::string_view sql);

  const MysqlAddress address_;
  const Use use_;
  const bool positions_;
  std::size_t endpoint_ = 0;  // of those of the address, the one that answered last
  std::string committed_;
  std::string answer_;  // the first column of the last row that direct() was given
  std::unique_ptr<MYSQL, CloseHandle> handle_;
  StatementCache<MysqlStatement> statements_;
  State state_ = State::lost;
};

}  // namespace onsale::sql
