#include "platform/sql/mysql_connection.h"

#include <errmsg.h>
#include <mysqld_error.h>

#include <mutex>

namespace onsale::sql {

namespace {

constexpr unsigned kConnectTimeoutS = 5;
constexpr unsigned kAnswerTimeoutS = 30;  // longer than any lock wait

// Errors after which the server has forgotten this session.
bool connection_is_lost(unsigned code) {
  switch (code) {
    case CR_SERVER_GONE_ERROR:
    case CR_SERVER_LOST:
    case CR_COMMANDS_OUT_OF_SYNC:
    case CR_CONNECTION_ERROR:
    case CR_CONN_HOST_ERROR:
    case ER_SERVER_SHUTDOWN:
    case ER_NORMAL_SHUTDOWN:
    case ER_CONNECTION_KILLED:
    case ER_NET_READ_ERROR:
    case ER_NET_READ_INTERRUPTED:
    case ER_NET_ERROR_ON_WRITE:
    case ER_NET_WRITE_INTERRUPTED:
    case ER_NET_PACKETS_OUT_OF_ORDER:
      return true;
    default:
      return false;
  }
}

// A transaction that lost against another one; the same again will likely succeed.
bool transaction_lost_a_race(unsigned code) {
  return code == ER_LOCK_DEADLOCK || code == ER_LOCK_WAIT_TIMEOUT || code == ER_CHECKREAD;
}

// The connection stands, and the same statement works once somebody made room or let us.
bool passes(unsigned code) {
  switch (code) {
    case ER_DISK_FULL:
    case ER_RECORD_FILE_FULL:
    case ER_ERROR_ON_WRITE:
    case ER_OUTOFMEMORY:
    case ER_OUT_OF_RESOURCES:
    case ER_OUT_OF_SORTMEMORY:
    case ER_LOCK_TABLE_FULL:
    case ER_CON_COUNT_ERROR:
    case ER_TOO_MANY_USER_CONNECTIONS:
    case ER_OPTION_PREVENTS_STATEMENT:
    case ER_QUERY_INTERRUPTED:
    case ER_STATEMENT_TIMEOUT:
    case CR_OUT_OF_MEMORY:
      return true;
    default:
      return false;
  }
}

std::string reason(unsigned code, const std::string& message, const MysqlAddress& address) {
  const std::string where = address.unix_socket.empty()
                                ? address.host + ":" + std::to_string(address.port)
                                : address.unix_socket;
  switch (code) {
    case CR_CONNECTION_ERROR:
    case CR_CONN_HOST_ERROR:
    case CR_UNKNOWN_HOST:
      return "no database server answers at " + where + ": start it or correct the URL";
    case ER_ACCESS_DENIED_ERROR:
    case ER_DBACCESS_DENIED_ERROR:
      return "the database server at " + where +
             " refuses this user: check the user, the password and its rights on " +
             address.database;
    case ER_BAD_DB_ERROR:
      return "the database " + address.database + " does not exist at " + where +
             ": create it or correct the URL";
    case ER_CON_COUNT_ERROR:
      return "the database server at " + where +
             " has no connection left: raise max_connections or lower readers and writers";
    case ER_DISK_FULL:
    case ER_RECORD_FILE_FULL:
      return "the disk of the database server at " + where + " is full: free some space";
    case ER_OPTION_PREVENTS_STATEMENT:
      return "the database server at " + where + " is read-only: connect to the primary";
    default:
      return message;
  }
}

}  // namespace

MysqlConnection::MysqlConnection(const MysqlAddress& address, Use use)
    : address_(address), use_(use) {
  static std::once_flag once;
  std::call_once(once, [] { mysql_library_init(0, nullptr, nullptr); });
  connect();
}

MysqlConnection::~MysqlConnection() { statements_.clear(); }

void MysqlConnection::connect() {
  statements_.clear();
  handle_.reset(mysql_init(nullptr));
  if (!handle_) throw Failure("no memory for a database connection");
  MYSQL* handle = handle_.get();
  state_ = State::lost;
  mysql_options(handle, MYSQL_OPT_CONNECT_TIMEOUT, &kConnectTimeoutS);
  mysql_options(handle, MYSQL_OPT_READ_TIMEOUT, &kAnswerTimeoutS);
  mysql_options(handle, MYSQL_OPT_WRITE_TIMEOUT, &kAnswerTimeoutS);
  mysql_options(handle, MYSQL_SET_CHARSET_NAME, "utf8mb4");
  if (!address_.tls_ca.empty()) {
    const my_bool verify = 1;
    mysql_options(handle, MYSQL_OPT_SSL_CA, address_.tls_ca.c_str());
    mysql_options(handle, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
  }
  const bool local = !address_.unix_socket.empty();
  if (!mysql_real_connect(handle, local ? nullptr : address_.host.c_str(), address_.user.c_str(),
                          address_.password.c_str(), address_.database.c_str(), address_.port,
                          local ? address_.unix_socket.c_str() : nullptr, 0)) {
    fail(mysql_errno(handle), mysql_error(handle), "connect");
  }
  state_ = State::sound;
  try {
    configure();
  } catch (...) {
    state_ = State::lost;  // never half configured
    throw;
  }
}

void MysqlConnection::configure() {
  const bool mariadb = mariadb_connection(handle_.get()) != 0;
  // Literals compare like columns: byte by byte, trailing spaces included.
  direct(mariadb ? "SET NAMES utf8mb4 COLLATE utf8mb4_nopad_bin"
                 : "SET NAMES utf8mb4 COLLATE utf8mb4_0900_bin");
  // Says no where SQLite would, and reads "name", 'it''s', a || b as SQLite does.
  direct(
      "SET SESSION sql_mode='STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO,"
      "NO_ZERO_DATE,NO_ZERO_IN_DATE,ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES', "
      "time_zone='+00:00', innodb_lock_wait_timeout=5");
  // Readers get one snapshot for all their queries, as on SQLite. Writers see the latest committed
  // rows with every statement: under REPEATABLE READ a SELECT would show a snapshot that the
  // UPDATE after it no longer obeys, and gap locks would make neighbouring inserts deadlock. Rules
  // that must hold are conditional statements or unique keys, never a SELECT before a write (or it
  // says FOR UPDATE).
  direct(use_ == Use::read ? "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ"
                           : "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
}

void MysqlConnection::begin() {
  if (state_ == State::lost) connect();
  state_ = State::sound;
  direct(use_ == Use::read ? "START TRANSACTION READ ONLY" : "START TRANSACTION");
}

void MysqlConnection::commit() { direct("COMMIT"); }

void MysqlConnection::roll_back() noexcept {
  if (state_ == State::lost) return;
  if (mysql_rollback(handle_.get()) != 0) state_ = State::lost;
}

void MysqlConnection::check_sound() const {
  if (state_ == State::sound) return;
  throw Outage("the transaction is over: an earlier statement brought it down");
}

std::int64_t MysqlConnection::exec(std::string_view sql, std::span<const Param> params) {
  MysqlStatement& statement = run(sql, params);
  const std::int64_t changed = statement.changed();
  statement.close();
  return changed;
}

Cursor& MysqlConnection::open(std::string_view sql, std::span<const Param> params) {
  return run(sql, params);
}

MysqlStatement& MysqlConnection::run(std::string_view sql, std::span<const Param> params) {
  check_sound();
  try {
    MysqlStatement* statement = statements_.find(sql);
    if (!statement) {
      statement = &statements_.add(sql, std::make_unique<MysqlStatement>(handle_.get(), sql));
    }
    statement->execute(params);
    return *statement;
  } catch (const MysqlError& error) {
    if (error.code != ER_DUP_ENTRY) statements_.drop(sql);
    fail(error.code, error.message, sql);
  }
}

void MysqlConnection::direct(std::string_view sql) {
  check_sound();
  MYSQL* handle = handle_.get();
  if (mysql_real_query(handle, sql.data(), sql.size()) != 0) {
    fail(mysql_errno(handle), mysql_error(handle), sql);
  }
  if (MYSQL_RES* rows = mysql_store_result(handle)) mysql_free_result(rows);
}

std::string MysqlConnection::variable(const std::string& name) {
  Cursor& cursor = open("SELECT CAST(@@GLOBAL." + name + " AS CHAR)", {});
  std::string value;
  if (cursor.next() && !cursor.null(0)) value = cursor.text(0);
  cursor.close();
  return value;
}

void MysqlConnection::fail(unsigned code, const std::string& message, std::string_view sql) {
  if (code == ER_DUP_ENTRY || code == ER_DUP_ENTRY_WITH_KEY_NAME || code == ER_DUP_KEY) {
    throw UniqueViolation(message);
  }
  if (connection_is_lost(code)) {
    state_ = State::lost;
  } else if (transaction_lost_a_race(code)) {
    // A lock wait that timed out undoes only its statement; the unit starts over all the same.
    roll_back();
    if (state_ == State::sound) state_ = State::rolled_back;
  }
  const std::string what = reason(code, message, address_) + " (mysql " + std::to_string(code) +
                           " in " + std::string(sql.substr(0, 80)) + ")";
  if (state_ != State::sound || passes(code)) throw Outage(what);
  throw Failure(what);
}

}  // namespace onsale::sql
