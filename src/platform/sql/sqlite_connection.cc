#include "platform/sql/sqlite_connection.h"

#include <charconv>
#include <cmath>

namespace onsale::sql {

namespace {

constexpr int kBusyTimeoutMs = 5'000;
constexpr int kApplicationId = 0x4F4E534C;  // "ONSL"
constexpr std::string_view kForUpdate = " FOR UPDATE";

// SQLite tells a unit what went wrong in one word; an operator needs what to do.
std::string reason(int code, const std::string& path, const char* message) {
  switch (code & 0xFF) {
    case SQLITE_FULL:
      return "the disk that holds " + path + " is full: free some space";
    case SQLITE_READONLY:
      return path + " cannot be written: give this user write access or choose another directory";
    case SQLITE_CANTOPEN:
      return path + " cannot be opened: check the directory's permissions and free space";
    case SQLITE_NOTADB:
      return path + " is not a database: move it away or choose another data directory";
    case SQLITE_CORRUPT:
      return path + " is damaged: restore a backup";
    case SQLITE_BUSY:
      return path + " is locked by another program: close that program";
    case SQLITE_IOERR:
      return "reading or writing " + path + " failed: check the disk and its free space (" +
             message + ")";
    default:
      return message;
  }
}

}  // namespace

class SqliteConnection::Statement final : public Cursor {
 public:
  Statement(SqliteConnection& owner, std::string_view sql) : owner_(owner), sql_(sql) {
    if (sql.ends_with(kForUpdate)) sql.remove_suffix(kForUpdate.size());
    const char* rest = nullptr;
    const int code =
        sqlite3_prepare_v3(owner.handle_.get(), sql.data(), static_cast<int>(sql.size()),
                           SQLITE_PREPARE_PERSISTENT, &statement_, &rest);
    if (code != SQLITE_OK) owner.fail(code, sql_);
    parameters_ = static_cast<std::size_t>(sqlite3_bind_parameter_count(statement_));
    columns_ = static_cast<std::size_t>(sqlite3_column_count(statement_));
  }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement() { sqlite3_finalize(statement_); }

  // Texts are bound without a copy: they outlive the run.
  void bind(std::span<const Param> params) {
    if (params.size() != parameters_) {
      throw Failure("the statement takes " + std::to_string(parameters_) + " arguments, not " +
                    std::to_string(params.size()) + ": " + sql_);
    }
    int position = 0;
    for (const Param& param : params) {
      ++position;
      int code = SQLITE_OK;
      if (const auto* number = std::get_if<std::int64_t>(&param)) {
        code = sqlite3_bind_int64(statement_, position, *number);
      } else if (const auto* text = std::get_if<std::string_view>(&param)) {
        // An empty view may have no address, which SQLite would take for NULL.
        code = sqlite3_bind_text64(statement_, position, text->data() ? text->data() : "",
                                   text->size(), SQLITE_STATIC, SQLITE_UTF8);
      } else if (const auto* real = std::get_if<double>(&param)) {
        code = sqlite3_bind_double(statement_, position, *real);
      } else {
        code = sqlite3_bind_null(statement_, position);
      }
      if (code != SQLITE_OK) owner_.fail(code, sql_);
    }
  }

  bool next() override {
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    sqlite3_reset(statement_);
    owner_.fail(code, sql_);
  }
  void close() noexcept override { sqlite3_reset(statement_); }
  std::size_t columns() const override { return columns_; }

  bool null(std::size_t column) override { return type(column) == SQLITE_NULL; }

  std::int64_t integer(std::size_t column) override {
    switch (type(column)) {
      case SQLITE_INTEGER:
        return sqlite3_column_int64(statement_, static_cast<int>(column));
      case SQLITE_FLOAT: {
        const double real = sqlite3_column_double(statement_, static_cast<int>(column));
        if (real != std::floor(real) || std::abs(real) > 9.0e15) detail::refuse_number();
        return static_cast<std::int64_t>(real);
      }
      default: {
        const std::string_view digits = text(column);
        std::int64_t number = 0;
        const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
        if (read.ec != std::errc{} || read.ptr != digits.data() + digits.size()) {
          detail::refuse_number();
        }
        return number;
      }
    }
  }

  double real(std::size_t column) override {
    return sqlite3_column_double(statement_, static_cast<int>(column));
  }

  std::string_view text(std::size_t column) override {
    const int position = static_cast<int>(column);
    const int kind = sqlite3_column_type(statement_, position);
    const void* bytes = kind == SQLITE_TEXT || kind == SQLITE_BLOB
                            ? sqlite3_column_blob(statement_, position)
                            : sqlite3_column_text(statement_, position);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, position));
    return {static_cast<const char*>(bytes), size};
  }

  Value value(std::size_t column) override {
    switch (type(column)) {
      case SQLITE_NULL:
        return std::monostate{};
      case SQLITE_INTEGER:
        return integer(column);
      case SQLITE_FLOAT:
        return real(column);
      default:
        return std::string(text(column));
    }
  }

 private:
  int type(std::size_t column) const {
    return sqlite3_column_type(statement_, static_cast<int>(column));
  }

  SqliteConnection& owner_;
  std::string sql_;
  sqlite3_stmt* statement_ = nullptr;
  std::size_t parameters_ = 0;
  std::size_t columns_ = 0;
};

SqliteConnection::SqliteConnection(const std::string& path, Use use) : path_(path) {
  sqlite3* handle = nullptr;
  // A reader also needs the write flag: it shares the write-ahead index. NOMUTEX: one thread.
  const int code =
      sqlite3_open_v2(path.c_str(), &handle,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  handle_.reset(handle);
  if (code != SQLITE_OK) fail(code, "open");
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, kBusyTimeoutMs);
  // What MySQL does by itself: foreign keys hold, LIKE compares byte by byte.
  direct("PRAGMA foreign_keys=ON");
  direct("PRAGMA case_sensitive_like=ON");
  direct("PRAGMA temp_store=MEMORY");
  if (use == Use::read) {
    direct("PRAGMA cache_size=-4096");
    direct("PRAGMA query_only=ON");
    return;
  }
  claim_file();
  if (pragma("PRAGMA journal_mode=WAL") != "wal") {
    throw Failure(path_ + " cannot use a write-ahead log: choose a directory on a local disk");
  }
  direct("PRAGMA synchronous=FULL");
  direct("PRAGMA cache_size=-16384");
  direct("PRAGMA journal_size_limit=67108864");
}

SqliteConnection::~SqliteConnection() = default;

// Another program's tables are not ours to add to.
void SqliteConnection::claim_file() {
  const std::string id = pragma("PRAGMA application_id");
  if (id == std::to_string(kApplicationId)) return;
  if (id != "0" || pragma("SELECT COUNT(*) FROM sqlite_master") != "0") {
    throw Failure(path_ + " belongs to another program: choose another data directory");
  }
  direct("PRAGMA application_id=" + std::to_string(kApplicationId));
}

std::string SqliteConnection::pragma(const std::string& sql) {
  Statement statement(*this, sql);
  if (!statement.next()) return {};
  return std::string(statement.text(0));
}

SqliteConnection::Statement& SqliteConnection::prepared(std::string_view sql,
                                                        std::span<const Param> params) {
  Statement* statement = statements_.find(sql);
  if (!statement) statement = &statements_.add(sql, std::make_unique<Statement>(*this, sql));
  statement->bind(params);
  return *statement;
}

std::int64_t SqliteConnection::exec(std::string_view sql, std::span<const Param> params) {
  Statement& statement = prepared(sql, params);
  while (statement.next()) {
  }
  const std::int64_t changed = sqlite3_changes64(handle_.get());
  statement.close();
  return changed;
}

Cursor& SqliteConnection::open(std::string_view sql, std::span<const Param> params) {
  return prepared(sql, params);
}

void SqliteConnection::direct(std::string_view sql) {
  Statement statement(*this, sql);
  while (statement.next()) {
  }
}

void SqliteConnection::fail(int code, std::string_view sql) {
  const char* said = handle_ ? sqlite3_errmsg(handle_.get()) : sqlite3_errstr(code);
  if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY ||
      code == SQLITE_CONSTRAINT_ROWID) {
    throw UniqueViolation(said);
  }
  const std::string what = reason(code, path_, said) + " (sqlite " + std::to_string(code) + " in " +
                           std::string(sql.substr(0, 80)) + ")";
  switch (code & 0xFF) {  // the primary result code
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_BUSY:
    case SQLITE_NOMEM:
    case SQLITE_PROTOCOL:
      throw Outage(what);
    default:
      throw Failure(what);
  }
}

}  // namespace onsale::sql
