// The tables' history: numbered files per module, applied once, never changed afterwards.
// In a file, words in double braces stand for what the dialects spell differently:
//   {{id}}        an id of ours, at most 40 ASCII characters
//   {{text N}}    text of at most N characters that can carry an index; compares byte by byte
//   {{big text}}  text without an index
//   {{blob}}      any bytes, no index
//   {{long}}      64-bit integer
//   {{serial}}    64-bit primary key that counts up and never reuses a number
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "platform/sql/database.h"

namespace onsale::sql {

struct Migration {
  std::string_view module;  // the folder it came from
  int number;               // from the file name: 0001_holds.sql is 1, holds
  std::string_view name;
  std::string_view sql;
};

// Applies what is missing: modules in the order in which they first appear, each by its numbers.
// Blocks; call before serving, not on an event loop. Throws Failure with a one-line reason that
// says what to do when an applied migration has changed, is unknown to this program (a newer one
// was here), or a file cannot be applied.
void migrate(Database& database, std::span<const Migration> migrations);

// Every src/platform/*/schema/*.sql, then every src/*/schema/*.sql, embedded by CMake
// (onsale_schema).
std::span<const Migration> all_migrations();

}  // namespace onsale::sql
