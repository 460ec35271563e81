#include "platform/sql/mysql_connection.h"

#include <errmsg.h>
#include <mysqld_error.h>

#include <mutex>

namespace onsale::sql {

namespace {

constexpr unsigned kConnectTimeoutS = 3;
constexpr unsigned kAnswerTimeoutS = 30;  // longer than any lock wait
constexpr unsigned kReplicaTimeoutS = 3;  // the primary serves what a replica stands still over
constexpr int kIdleTransactionS = 60;     // then the server ends it; longer than a unit may take

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
    // Read-only since a moment ago: another server is the primary now.
    case ER_OPTION_PREVENTS_STATEMENT:
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
    case ER_QUERY_INTERRUPTED:
    case ER_STATEMENT_TIMEOUT:
    case CR_OUT_OF_MEMORY:
      return true;
    default:
      return false;
  }
}

std::string reason(unsigned code, const std::string& message, const MysqlAddress& address) {
  const std::string where = place_of(address);
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

MysqlConnection::MysqlConnection(const MysqlAddress& address, Use use, bool positions)
    : address_(address), use_(use), positions_(positions) {
  static std::once_flag once;
  std::call_once(once, [] { mysql_library_init(0, nullptr, nullptr); });
  connect();
}

MysqlConnection::~MysqlConnection() { statements_.clear(); }

// Whoever answered last first, then the others in their order.
void MysqlConnection::connect() {
  const std::size_t endpoints = address_.unix_socket.empty() ? address_.endpoints.size() : 1;
  for (std::size_t tried = 1;; ++tried) {
    try {
      connect(address_.endpoints[endpoint_]);
      return;
    } catch (const std::exception&) {
      state_ = State::lost;  // never half configured
      if (tried == endpoints) throw;
      endpoint_ = (endpoint_ + 1) % endpoints;
    }
  }
}

void MysqlConnection::connect(const MysqlEndpoint& endpoint) {
  statements_.clear();
  handle_.reset(mysql_init(nullptr));
  if (!handle_) throw Failure("no memory for a database connection");
  MYSQL* handle = handle_.get();
  state_ = State::lost;
  mysql_options(handle, MYSQL_OPT_CONNECT_TIMEOUT, &kConnectTimeoutS);
  const unsigned answer = use_ == Use::replica ? kReplicaTimeoutS : kAnswerTimeoutS;
  mysql_options(handle, MYSQL_OPT_READ_TIMEOUT, &answer);
  mysql_options(handle, MYSQL_OPT_WRITE_TIMEOUT, &answer);
  mysql_options(handle, MYSQL_SET_CHARSET_NAME, "utf8mb4");
  if (!address_.tls_ca.empty()) {
    const my_bool verify = 1;
    mysql_options(handle, MYSQL_OPT_SSL_CA, address_.tls_ca.c_str());
    mysql_options(handle, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
  }
  const bool local = !address_.unix_socket.empty();
  if (!mysql_real_connect(handle, local ? nullptr : endpoint.host.c_str(), address_.user.c_str(),
                          address_.password.c_str(), address_.database.c_str(), endpoint.port,
                          local ? address_.unix_socket.c_str() : nullptr,
                          CLIENT_MULTI_STATEMENTS)) {
    fail(mysql_errno(handle), mysql_error(handle), "connect");
  }
  state_ = State::sound;
  configure();
  begin();  // where it finds out whether this is the primary
  roll_back();
}

void MysqlConnection::configure() {
  const bool mariadb = is_mariadb();
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
  direct(use_ == Use::write ? "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"
                            : "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ");
  // A process that stands still for hours must not keep row locks for hours.
  direct(mariadb ? "SET SESSION idle_transaction_timeout=" + std::to_string(kIdleTransactionS)
                 : "SET SESSION wait_timeout=" + std::to_string(kIdleTransactionS));
  if (positions_) {
    direct(mariadb ? "SET SESSION session_track_system_variables='last_gtid'"
                   : "SET SESSION session_track_gtids='OWN_GTID'");
  }
}

void MysqlConnection::begin() {
  if (state_ == State::lost) connect();
  state_ = State::sound;
  if (use_ == Use::replica) return direct("START TRANSACTION READ ONLY");
  // A server that is the primary no more goes on answering, and takes the writes of some users: it
  // is asked with each transaction, in the same message.
  direct(use_ == Use::read ? "START TRANSACTION READ ONLY; SELECT @@GLOBAL.read_only"
                           : "START TRANSACTION; SELECT @@GLOBAL.read_only");
  if (answer_ == "0" || answer_ == "OFF") return;
  fail(ER_OPTION_PREVENTS_STATEMENT, {}, "begin");
}

void MysqlConnection::commit() {
  direct("COMMIT");
  if (positions_) committed_ = newest_gtid();
}

// What the answer to the last statement said besides: of MariaDB the variable's name, then its
// value.
std::string MysqlConnection::newest_gtid() {
  const auto kind = is_mariadb() ? SESSION_TRACK_SYSTEM_VARIABLES : SESSION_TRACK_GTIDS;
  std::string last;
  const char* data = nullptr;
  std::size_t length = 0;
  for (int more = mysql_session_track_get_first(handle_.get(), kind, &data, &length); more == 0;
       more = mysql_session_track_get_next(handle_.get(), kind, &data, &length)) {
    last.assign(data, length);
  }
  return last;
}

Position MysqlConnection::applied(const Position& wanted, Millis patience) {
  if (state_ == State::lost) connect();
  state_ = State::sound;
  Position here;
  if (is_mariadb()) {
    // Also where it is the primary meanwhile, which waiting would not tell.
    here = Position::parse(first_text("SELECT @@GLOBAL.gtid_current_pos", {}));
    if (here.covers(wanted)) return here;
  }
  const std::string text = wanted.text();
  const Param params[] = {std::string_view(text), static_cast<double>(patience.count()) / 1000};
  const bool reached = first_text(is_mariadb() ? "SELECT MASTER_GTID_WAIT(?, ?)"
                                               : "SELECT WAIT_FOR_EXECUTED_GTID_SET(?, ?)",
                                  params) == "0";
  if (reached) here.reach(wanted);
  return here;
}

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
  int more = 0;
  for (; more == 0; more = mysql_next_result(handle)) {
    if (MYSQL_RES* rows = mysql_store_result(handle)) {
      const MYSQL_ROW row = mysql_fetch_row(rows);
      answer_ = row && row[0] ? row[0] : "";
      mysql_free_result(rows);
    }
  }
  if (more > 0) fail(mysql_errno(handle), mysql_error(handle), sql);  // -1: there are no more
}

std::string MysqlConnection::first_text(std::string_view sql, std::span<const Param> params) {
  Cursor& cursor = open(sql, params);
  std::string value;
  if (cursor.next() && !cursor.null(0)) value = cursor.text(0);
  cursor.close();
  return value;
}

std::string MysqlConnection::variable(const std::string& name) {
  return first_text("SELECT CAST(@@GLOBAL." + name + " AS CHAR)", {});
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
