#include "platform/sql/database.h"

#include "platform/sql/engine.h"

namespace onsale::sql {

namespace detail {

void refuse_number() { throw Failure("a number does not fit the type it was asked for"); }

void refuse_null(std::size_t column) {
  throw Failure("column " + std::to_string(column) + " is NULL and was asked for as a value");
}

void refuse_columns(std::string_view sql, std::size_t asked, std::size_t there) {
  throw Failure("the query has " + std::to_string(there) + " columns, not " +
                std::to_string(asked) + ": " + std::string(sql));
}

}  // namespace detail

void Tx::publish(std::string_view topic, std::string_view key, std::string_view json) {
  exec("INSERT INTO platform_outbox (topic, subject, body, created_at) VALUES (?, ?, ?, ?)", topic,
       key, json, clock_.now());
  published_ = true;
}

std::unique_ptr<Database> open(const DatabaseConfig& config) {
  const std::string_view url = config.url;
  if (url.starts_with("sqlite:") && url.size() > 7) {
    return open_sqlite(std::string(url.substr(7)), config);
  }
  if (url.starts_with("mysql:")) return open_mysql(config.url, config);
  throw Failure("the database URL is neither sqlite:PATH nor mysql://…: correct it");
}

}  // namespace onsale::sql
