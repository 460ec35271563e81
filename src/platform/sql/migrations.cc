#include "platform/sql/migrations.h"

#include <openssl/evp.h>

#include <algorithm>
#include <map>

#include "base/log.h"
#include "platform/sql/schema_text.h"

namespace onsale::sql {

namespace {

constexpr int kLockWaitS = 20;

// `steps` counts the statements done: DDL commits by itself on MySQL, so a start that was killed
// halfway goes on where it stopped.
constexpr std::string_view kTable =
    "CREATE TABLE IF NOT EXISTS platform_migration (module {{text 100}} NOT NULL, "
    "number {{long}} NOT NULL, name {{text 200}} NOT NULL, checksum {{id}} NOT NULL, "
    "steps {{long}} NOT NULL, applied_at {{long}}, PRIMARY KEY (module, number))";

struct Applied {
  std::string checksum;
  std::int64_t steps = 0;
  bool complete = false;
};
using Key = std::pair<std::string, int>;
using History = std::map<Key, std::pair<std::string, Applied>>;  // with the name

// 160 bits of SHA-256 in hexadecimal: enough to notice a change, short enough for an id column.
std::string checksum(std::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha256(), nullptr);
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (int i = 0; i < 20; ++i) {
    out += kDigits[digest[i] >> 4];
    out += kDigits[digest[i] & 15];
  }
  return out;
}

std::string title(std::string_view module, int number, std::string_view name) {
  const std::string digits = std::to_string(number);
  return std::string(module) + "/" + std::string(4 - std::min<std::size_t>(4, digits.size()), '0') +
         digits + "_" + std::string(name);
}
std::string title(const Migration& m) { return title(m.module, m.number, m.name); }

// By number, and the modules in the order in which they are given.
std::vector<Migration> sorted(std::span<const Migration> migrations) {
  std::map<std::string_view, std::size_t> places;
  for (const auto& m : migrations) places.try_emplace(m.module, places.size());
  std::vector<Migration> out(migrations.begin(), migrations.end());
  std::ranges::sort(out, {},
                    [&](const Migration& m) { return std::pair(places.at(m.module), m.number); });
  for (std::size_t i = 1; i < out.size(); ++i) {
    if (out[i].module == out[i - 1].module && out[i].number == out[i - 1].number) {
      throw Failure("two migrations have one number: " + title(out[i - 1]) + " and " +
                    title(out[i]) + ": renumber one");
    }
  }
  return out;
}

Flavour flavour_of(Tx& tx) {
  if (tx.dialect() == Dialect::sqlite) return Flavour::sqlite;
  const auto version = tx.one<std::string>("SELECT VERSION()");
  const bool mariadb = version && std::get<0>(*version).find("MariaDB") != std::string::npos;
  return mariadb ? Flavour::mariadb : Flavour::mysql;
}

History load(Tx& tx) {
  History history;
  for (auto& [module, number, name, sum, steps, applied_at] :
       tx.query<std::string, int, std::string, std::string, std::int64_t,
                std::optional<std::int64_t>>(
           "SELECT module, number, name, checksum, steps, applied_at FROM platform_migration")) {
    history[{module, number}] = {name, {sum, steps, applied_at.has_value()}};
  }
  return history;
}

void check_history(const History& history, const std::vector<Migration>& migrations) {
  std::map<Key, const Migration*> known;
  for (const auto& m : migrations) known[{std::string(m.module), m.number}] = &m;
  for (const auto& [key, entry] : history) {
    const auto& [name, applied] = entry;
    const auto found = known.find(key);
    if (found == known.end()) {
      throw Failure("the data was used by a newer onsale (migration " +
                    title(key.first, key.second, name) +
                    " is unknown here): start that version, or restore a backup");
    }
    if (checksum(found->second->sql) != applied.checksum) {
      throw Failure("the migration " + title(*found->second) +
                    " was changed after it was applied: bring its old text back and put the "
                    "change into a new file");
    }
  }
  for (const auto& m : migrations) {
    const auto next = history.upper_bound({std::string(m.module), m.number});
    const bool applied = history.contains({std::string(m.module), m.number});
    if (!applied && next != history.end() && next->first.first == m.module) {
      throw Failure("the migration " + title(m) +
                    " comes before one that is already applied: give it the next number");
    }
  }
}

bool exists_already(const std::string& what) {
  return what.find("(mysql 1050 ") != std::string::npos ||  // table
         what.find("(mysql 1060 ") != std::string::npos ||  // column
         what.find("(mysql 1061 ") != std::string::npos;    // index
}

void apply(Tx& tx, const Migration& m, Flavour flavour, const Applied* before) {
  const auto statements = split_statements(expand_schema(m.sql, flavour));
  const auto done = before ? static_cast<std::size_t>(before->steps) : 0;
  if (!before) {
    tx.exec(
        "INSERT INTO platform_migration (module, number, name, checksum, steps) VALUES "
        "(?, ?, ?, ?, 0)",
        m.module, m.number, m.name, checksum(m.sql));
  }
  for (std::size_t i = done; i < statements.size(); ++i) {
    try {
      tx.direct(statements[i]);
    } catch (const Failure& failure) {
      // Killed between this statement and the note that it was done.
      const bool repeated = before && i == done && exists_already(failure.what());
      if (!repeated) throw Failure("the migration " + title(m) + " failed: " + failure.what());
    }
    tx.exec("UPDATE platform_migration SET steps = ? WHERE module = ? AND number = ?", i + 1,
            m.module, m.number);
  }
  tx.exec("UPDATE platform_migration SET applied_at = ? WHERE module = ? AND number = ?",
          SystemClock().now(), m.module, m.number);
  log::debug("sql", "migration applied", {{"migration", title(m)}});
}

const Applied* find(const History& history, const Migration& m) {
  const auto found = history.find({std::string(m.module), m.number});
  return found == history.end() ? nullptr : &found->second.second;
}

void migrate_sqlite(Database& database, const std::vector<Migration>& migrations) {
  const History history = sync_wait(database.write([](Tx& tx) {
    tx.direct(expand_schema(kTable, Flavour::sqlite));
    return load(tx);
  }));
  check_history(history, migrations);
  for (const auto& m : migrations) {
    if (find(history, m)) continue;
    sync_wait(database.write([&m](Tx& tx) { apply(tx, m, Flavour::sqlite, nullptr); }));
  }
}

// All in one unit, so on one connection, which holds a lock against other nodes that start now.
void migrate_mysql(Database& database, const std::vector<Migration>& migrations) {
  sync_wait(database.write([&migrations](Tx& tx) {
    const auto locked = tx.one<std::optional<int>>(
        "SELECT GET_LOCK(CONCAT('onsale_', SHA1(DATABASE())), ?)", kLockWaitS);
    if (!locked || std::get<0>(*locked) != 1) {
      throw Failure(
          "another server has been migrating this database: wait until it is done and start again");
    }
    const auto release = [&tx] {
      tx.one<std::optional<int>>("SELECT RELEASE_LOCK(CONCAT('onsale_', SHA1(DATABASE())))");
    };
    try {
      const Flavour flavour = flavour_of(tx);
      tx.direct(expand_schema(kTable, flavour));
      const History history = load(tx);
      check_history(history, migrations);
      for (const auto& m : migrations) {
        const Applied* before = find(history, m);
        if (!before || !before->complete) apply(tx, m, flavour, before);
      }
    } catch (...) {
      release();
      throw;
    }
    release();
  }));
}

}  // namespace

void migrate(Database& database, std::span<const Migration> migrations) {
  const auto ordered = sorted(migrations);
  if (database.dialect() == Dialect::sqlite) {
    migrate_sqlite(database, ordered);
  } else {
    migrate_mysql(database, ordered);
  }
}

}  // namespace onsale::sql
