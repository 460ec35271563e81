#include "sandbox/server/records_store.h"

#include <array>
#include <filesystem>

#include "base/log.h"
#include "platform/sql/migrations.h"

namespace onsale::sandbox {
namespace {

// Here and not in a schema folder: those are the product's tables.
constexpr std::array<sql::Migration, 1> kMigrations{{
    {"sandbox", 1, "records",
     "CREATE TABLE sandbox_record (seq {{serial}}, kind {{text 20}} NOT NULL, "
     "name {{text 2000}} NOT NULL, body {{big text}} NOT NULL, UNIQUE (kind, name));"},
}};
constexpr std::size_t kQueueMax = 100'000;
constexpr int kPage = 1000;  // records read at a time

std::string url_of(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw std::runtime_error("cannot make the folder " + folder + ": " + error.message());
  return "sqlite:" + folder + "/sandbox.db";
}

}  // namespace

SqlRecords::SqlRecords(const std::string& folder)
    : database_(sql::open({.url = url_of(folder), .readers = 1, .queue_max = kQueueMax})) {
  sql::migrate(*database_, kMigrations);
}

void SqlRecords::put(std::string_view kind, std::string_view name, std::string text) {
  if (broken_) return;
  pending_.push_back({std::string(kind), std::string(name), std::move(text)});
}

Task<void> SqlRecords::flush() {
  if (broken_) throw sql::Outage("the stand-in's file can't be written: start it again");
  if (settled()) co_return;
  auto batch = std::make_shared<const std::vector<Change>>(std::exchange(pending_, {}));
  ++under_way_;
  // Also with nothing to write: one writer, so whoever is behind it sees all before it durable.
  auto write = database_->write([batch](sql::Tx& tx) {
    for (const Change& change : *batch) {
      if (change.text.empty())
        tx.exec("DELETE FROM sandbox_record WHERE kind = ? AND name = ?", change.kind, change.name);
      else
        tx.exec(
            "INSERT INTO sandbox_record (kind, name, body) VALUES (?, ?, ?) "
            "ON CONFLICT (kind, name) DO UPDATE SET body = excluded.body",
            change.kind, change.name, change.text);
    }
  });
  try {
    co_await std::move(write);
  } catch (const std::exception& error) {
    if (!broken_) log::error("sandbox", "the file can't be written", {{"why", error.what()}});
    broken_ = true;
    pending_.clear();
    --under_way_;
    throw;
  }
  --under_way_;
}

void SqlRecords::each(
    const std::function<void(const std::string& kind, const std::string& text)>& visit) {
  std::int64_t after = 0;
  for (;;) {
    const auto rows = sync_wait(database_->read([after](sql::Tx& tx) {
      return tx.query<std::int64_t, std::string, std::string>(
          "SELECT seq, kind, body FROM sandbox_record WHERE seq > ? ORDER BY seq LIMIT ?", after,
          kPage);
    }));
    for (const auto& [seq, kind, body] : rows) {
      visit(kind, body);
      after = seq;
    }
    if (std::ssize(rows) < kPage) return;
  }
}

}  // namespace onsale::sandbox
