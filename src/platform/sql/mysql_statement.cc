#include "platform/sql/mysql_statement.h"

#include <charconv>
#include <cstdlib>
#include <cstring>

namespace onsale::sql {

namespace {

constexpr std::size_t kTextBytesAtFirst = 128;  // a column's room grows when a row needs more

std::int64_t whole_number(std::string_view digits) {
  // SUM over integers is a DECIMAL; AVG that happens to be whole ends in .0000.
  if (const auto point = digits.find('.'); point != std::string_view::npos) {
    if (digits.find_first_not_of('0', point + 1) != std::string_view::npos) {
      detail::refuse_number();
    }
    digits = digits.substr(0, point);
  }
  std::int64_t number = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (read.ec != std::errc{} || read.ptr != digits.data() + digits.size()) {
    detail::refuse_number();
  }
  return number;
}

}  // namespace

MysqlStatement::MysqlStatement(MYSQL* handle, std::string_view sql)
    : handle_(handle),
      sql_(sql),
      update_(strncasecmp(sql_.c_str(), "update", 6) == 0),
      statement_(mysql_stmt_init(handle)) {
  if (!statement_) throw MysqlError{mysql_errno(handle), mysql_error(handle)};
  if (mysql_stmt_prepare(statement_.get(), sql.data(), sql.size()) != 0) fail();
  const std::size_t parameters = mysql_stmt_param_count(statement_.get());
  arguments_.resize(parameters);
  lengths_.resize(parameters);
  describe_columns();
}

MysqlStatement::~MysqlStatement() = default;

void MysqlStatement::describe_columns() {
  MYSQL_RES* meta = mysql_stmt_result_metadata(statement_.get());
  if (!meta) return;
  columns_.resize(mysql_num_fields(meta));
  results_.resize(columns_.size());
  const MYSQL_FIELD* fields = mysql_fetch_fields(meta);
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    Column& column = columns_[i];
    switch (fields[i].type) {
      case MYSQL_TYPE_TINY:
      case MYSQL_TYPE_SHORT:
      case MYSQL_TYPE_INT24:
      case MYSQL_TYPE_LONG:
      case MYSQL_TYPE_LONGLONG:
      case MYSQL_TYPE_YEAR:
        column.kind = Column::Kind::integer;
        column.is_unsigned = (fields[i].flags & UNSIGNED_FLAG) != 0;
        break;
      case MYSQL_TYPE_FLOAT:
      case MYSQL_TYPE_DOUBLE:
        column.kind = Column::Kind::real;
        break;
      default:
        column.bytes.resize(kTextBytesAtFirst);
    }
  }
  mysql_free_result(meta);
  bind_columns();
}

void MysqlStatement::bind_columns() {
  if (columns_.empty()) return;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    Column& column = columns_[i];
    MYSQL_BIND& bind = results_[i];
    std::memset(&bind, 0, sizeof bind);
    bind.length = &column.length;
    bind.is_null = &column.null;
    bind.error = &column.cut;
    switch (column.kind) {
      case Column::Kind::integer:
        bind.buffer_type = MYSQL_TYPE_LONGLONG;
        bind.buffer = &column.integer;
        bind.is_unsigned = column.is_unsigned;
        break;
      case Column::Kind::real:
        bind.buffer_type = MYSQL_TYPE_DOUBLE;
        bind.buffer = &column.real;
        break;
      case Column::Kind::text:
        bind.buffer_type = MYSQL_TYPE_STRING;
        bind.buffer = column.bytes.data();
        bind.buffer_length = column.bytes.size();
        break;
    }
  }
  if (mysql_stmt_bind_result(statement_.get(), results_.data()) != 0) fail();
}

void MysqlStatement::execute(std::span<const Param> params) {
  if (params.size() != arguments_.size()) {
    throw Failure("the statement takes " + std::to_string(arguments_.size()) + " arguments, not " +
                  std::to_string(params.size()) + ": " + sql_);
  }
  for (std::size_t i = 0; i < params.size(); ++i) {
    MYSQL_BIND& bind = arguments_[i];
    std::memset(&bind, 0, sizeof bind);
    // The library takes its arguments as char*, and only reads them.
    if (const auto* number = std::get_if<std::int64_t>(&params[i])) {
      bind.buffer_type = MYSQL_TYPE_LONGLONG;
      bind.buffer = const_cast<std::int64_t*>(number);
    } else if (const auto* real = std::get_if<double>(&params[i])) {
      bind.buffer_type = MYSQL_TYPE_DOUBLE;
      bind.buffer = const_cast<double*>(real);
    } else if (const auto* text = std::get_if<std::string_view>(&params[i])) {
      bind.buffer_type = MYSQL_TYPE_STRING;
      bind.buffer = const_cast<char*>(text->data() ? text->data() : "");
      lengths_[i] = text->size();
      bind.length = &lengths_[i];
      bind.buffer_length = text->size();
    } else {
      bind.buffer_type = MYSQL_TYPE_NULL;
    }
  }
  MYSQL_STMT* statement = statement_.get();
  if (!arguments_.empty() && mysql_stmt_bind_param(statement, arguments_.data()) != 0) fail();
  if (mysql_stmt_execute(statement) != 0) fail();
  if (!columns_.empty() && mysql_stmt_store_result(statement) != 0) fail();
}

std::int64_t MysqlStatement::changed() const {
  // Rows that an UPDATE left as they were count too, as on SQLite. CLIENT_FOUND_ROWS would do that
  // as well, but then an upsert that changed nothing could not be told from one that inserted.
  constexpr std::string_view kMatched = "Rows matched: ";
  if (const char* info = update_ ? mysql_info(handle_) : nullptr) {
    if (const char* matched = std::strstr(info, kMatched.data())) {
      return std::strtoll(matched + kMatched.size(), nullptr, 10);
    }
  }
  return static_cast<std::int64_t>(mysql_stmt_affected_rows(statement_.get()));
}

bool MysqlStatement::next() {
  switch (mysql_stmt_fetch(statement_.get())) {
    case 0:
      return true;
    case MYSQL_NO_DATA:
      return false;
    case MYSQL_DATA_TRUNCATED:
      fetch_cut_columns();
      return true;
    default:
      throw Failure(std::string("a row could not be read: ") + mysql_stmt_error(statement_.get()));
  }
}

void MysqlStatement::fetch_cut_columns() {
  bool grown = false;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    Column& column = columns_[i];
    if (column.kind != Column::Kind::text || column.length <= column.bytes.size()) continue;
    column.bytes.resize(column.length);
    results_[i].buffer = column.bytes.data();
    results_[i].buffer_length = column.bytes.size();
    if (mysql_stmt_fetch_column(statement_.get(), &results_[i], static_cast<unsigned>(i), 0) != 0) {
      throw Failure("a long column could not be read");
    }
    grown = true;
  }
  if (grown) bind_columns();
}

void MysqlStatement::close() noexcept {
  if (!columns_.empty()) mysql_stmt_free_result(statement_.get());
}

std::int64_t MysqlStatement::integer(std::size_t column) {
  const Column& c = columns_.at(column);
  switch (c.kind) {
    case Column::Kind::integer:
      if (c.is_unsigned && c.integer < 0) detail::refuse_number();
      return c.integer;
    case Column::Kind::real:
      if (c.real != static_cast<double>(static_cast<std::int64_t>(c.real))) {
        detail::refuse_number();
      }
      return static_cast<std::int64_t>(c.real);
    case Column::Kind::text:
      break;
  }
  return whole_number({c.bytes.data(), c.length});
}

double MysqlStatement::real(std::size_t column) {
  const Column& c = columns_.at(column);
  if (c.kind == Column::Kind::integer) return static_cast<double>(c.integer);
  if (c.kind == Column::Kind::real) return c.real;
  return std::strtod(std::string(c.bytes.data(), c.length).c_str(), nullptr);
}

std::string_view MysqlStatement::text(std::size_t column) {
  Column& c = columns_.at(column);
  if (c.kind == Column::Kind::text) return {c.bytes.data(), c.length};
  c.shown = c.kind == Column::Kind::integer ? std::to_string(c.integer) : std::to_string(c.real);
  return c.shown;
}

Value MysqlStatement::value(std::size_t column) {
  if (null(column)) return std::monostate{};
  switch (columns_.at(column).kind) {
    case Column::Kind::integer:
      return integer(column);
    case Column::Kind::real:
      return real(column);
    case Column::Kind::text:
      break;
  }
  return std::string(text(column));
}

void MysqlStatement::fail() const {
  throw MysqlError{mysql_stmt_errno(statement_.get()), mysql_stmt_error(statement_.get())};
}

}  // namespace onsale::sql
