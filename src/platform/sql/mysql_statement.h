// A prepared statement of MySQL's binary protocol, with the memory its arguments and columns are
// exchanged through. Thread: its connection's.
#pragma once

#include <mysql.h>

#include <memory>
#include <string>
#include <vector>

#include "platform/sql/database.h"

namespace onsale::sql {

// What the client library said; the connection turns it into Failure or UniqueViolation.
struct MysqlError {
  unsigned code;
  std::string message;
};

class MysqlStatement final : public Cursor {
 public:
  MysqlStatement(MYSQL* handle, std::string_view sql);
  MysqlStatement(const MysqlStatement&) = delete;
  MysqlStatement& operator=(const MysqlStatement&) = delete;
  ~MysqlStatement();

  // Runs it; rows, if any, are then on this side. Throws MysqlError; Failure for a wrong number of
  // arguments.
  void execute(std::span<const Param> params);
  // Rows inserted, deleted, or (for UPDATE) matched.
  std::int64_t changed() const;

  bool next() override;
  void close() noexcept override;
  std::size_t columns() const override { return columns_.size(); }
  bool null(std::size_t column) override { return columns_.at(column).null != 0; }
  std::int64_t integer(std::size_t column) override;
  double real(std::size_t column) override;
  std::string_view text(std::size_t column) override;
  Value value(std::size_t column) override;

 private:
  struct Column {
    enum class Kind { integer, real, text } kind = Kind::text;
    bool is_unsigned = false;
    std::int64_t integer = 0;
    double real = 0;
    std::vector<char> bytes;
    unsigned long length = 0;
    my_bool null = 0;
    my_bool cut = 0;
    std::string shown;  // a number that was asked for as text
  };
  struct CloseStatement {
    void operator()(MYSQL_STMT* statement) const noexcept { mysql_stmt_close(statement); }
  };

  void describe_columns();
  void bind_columns();
  void fetch_cut_columns();
  [[noreturn]] void fail() const;

  MYSQL* handle_;
  std::string sql_;
  bool update_;
  std::unique_ptr<MYSQL_STMT, CloseStatement> statement_;
  std::vector<MYSQL_BIND> arguments_;
  std::vector<unsigned long> lengths_;
  std::vector<Column> columns_;
  std::vector<MYSQL_BIND> results_;
};

}  // namespace onsale::sql
