#include "ops/ledger_http.h"

#include <limits>
#include <mutex>
#include <utility>

#include "base/encoding.h"
#include "platform/ledger/ledger.h"

namespace onsale::ops {

struct TransferView {
  std::int64_t seq = 0;
  std::string id;  // what was booked: "pay_…:captured"
  Timestamp at{};
  std::string debit, credit;  // accounts
  std::int64_t amount = 0;
  std::string currency;
  std::string subject;  // whose money: a payment
  std::string note;
};
BOOST_DESCRIBE_STRUCT(TransferView, (),
                      (seq, id, at, debit, credit, amount, currency, subject, note))

struct LedgerPage {
  std::vector<TransferView> items;
  std::optional<std::int64_t> next_cursor;
};
BOOST_DESCRIBE_STRUCT(LedgerPage, (), (items, next_cursor))

struct LedgerQuery {
  std::optional<json::Text<1, 60>> account;
  std::optional<Timestamp> from, to;
  std::optional<json::Int<1, 1000>> limit;
  std::optional<json::Int<1, std::numeric_limits<std::int64_t>::max()>> cursor;
};
BOOST_DESCRIBE_STRUCT(LedgerQuery, (), (account, from, to, limit, cursor))

struct LedgerAccountView {
  std::string account, currency;
  std::int64_t debits = 0, credits = 0;
};
BOOST_DESCRIBE_STRUCT(LedgerAccountView, (), (account, currency, debits, credits))
struct LedgerAccountListView {
  std::vector<LedgerAccountView> items;
};
BOOST_DESCRIBE_STRUCT(LedgerAccountListView, (), (items))

// `wrong`: the first thing that does not fit, for people; absent when the books balance.
struct CheckView {
  bool balanced = false;
  std::optional<std::string> wrong, summary;
  Timestamp at{};
  std::int64_t took_ms = 0;
};
BOOST_DESCRIBE_STRUCT(CheckView, (), (balanced, wrong, summary, at, took_ms))
struct LastCheckView {
  bool running = false;
  std::optional<CheckView> last;  // since this server started
};
BOOST_DESCRIBE_STRUCT(LastCheckView, (), (running, last))

namespace {

constexpr int kPageSize = 100;

// One check at a time: it reads everything. Thread: any.
class Checks {
 public:
  // False when one runs.
  bool begin() {
    std::lock_guard lock(mutex_);
    return !std::exchange(known_.running, true);
  }
  void end(std::optional<CheckView> done) {
    std::lock_guard lock(mutex_);
    known_.running = false;
    if (done) known_.last = std::move(done);
  }
  LastCheckView known() {
    std::lock_guard lock(mutex_);
    return known_;
  }

 private:
  std::mutex mutex_;
  LastCheckView known_;  // guarded by mutex_
};

Task<http::Answer<CheckView>> check(const LedgerParts& parts, Checks& checks) {
  if (!checks.begin())
    co_return http::Problem(409, "check_running", "The books are being checked already.");
  CheckView view{.at = parts.clock.now()};
  try {
    auto unit = [look = parts.check](sql::Tx& tx) { return look(tx); };
    auto reading = parts.database.read(std::move(unit));
    BooksChecked done = co_await std::move(reading);
    view.balanced = done.wrong.empty();
    if (!view.balanced) view.wrong = std::move(done.wrong);
    if (view.balanced) view.summary = std::move(done.summary);
    view.took_ms = (parts.clock.now() - view.at).count();
  } catch (...) {
    checks.end({});
    throw;
  }
  checks.end(view);
  co_return view;
}

Task<http::Answer<LedgerAccountListView>> accounts(sql::Database& database) {
  auto reading = database.read([](sql::Tx& tx) { return ledger::balances(tx); });
  auto found = co_await std::move(reading);
  LedgerAccountListView out;
  for (ledger::Balance& each : found) {
    out.items.push_back(
        {std::move(each.account), std::move(each.currency), each.debits, each.credits});
  }
  co_return out;
}

using LedgerAnswer = http::AnswerOrRaw<LedgerPage>;

http::Raw csv_of(const LedgerPage& page) {
  http::Raw raw{.content_type = "text/csv; charset=utf-8",
                .body = "seq,id,at,debit,credit,amount,currency,subject,note\r\n"};
  for (const TransferView& t : page.items) {
    raw.body += std::to_string(t.seq);
    for (const std::string& field : {t.id, to_rfc3339(t.at), t.debit, t.credit,
                                     std::to_string(t.amount), t.currency, t.subject, t.note}) {
      raw.body += ',';
      put_csv_field(raw.body, field);
    }
    raw.body += "\r\n";
  }
  raw.headers.emplace_back("Content-Disposition", "attachment; filename=\"ledger.csv\"");
  if (page.next_cursor) {
    raw.headers.emplace_back("Onsale-Next-Cursor", std::to_string(*page.next_cursor));
  }
  return raw;
}

Task<LedgerAnswer> list(sql::Database& database, ledger::Query query, bool csv) {
  const int limit = query.limit;
  auto unit = [query = std::move(query)](sql::Tx& tx) { return ledger::list(tx, query); };
  auto reading = database.read(std::move(unit));
  auto found = co_await std::move(reading);
  LedgerPage page;
  for (ledger::Entry& entry : found) {
    ledger::Transfer& t = entry.transfer;
    page.items.push_back({entry.seq, std::move(t.id), entry.at, std::move(t.debit),
                          std::move(t.credit), t.amount.amount, std::move(t.amount.currency),
                          std::move(t.subject), std::move(t.note)});
  }
  if (std::ssize(page.items) == limit) page.next_cursor = page.items.back().seq;
  if (csv) co_return csv_of(page);
  co_return http::Answer<LedgerPage>(std::move(page));
}

}  // namespace

void ledger_routes(http::Router& router, LedgerParts parts) {
  sql::Database& database = parts.database;
  const auto checks = std::make_shared<Checks>();
  router.get("/admin/ledger/accounts",
             {.summary = "Every account of the ledger with what was moved to it and from it",
              .access = http::Access::admin,
              .answers = {{200, "accounts"}},
              .tag = "operators"},
             [&database](http::Call&) { return accounts(database); });
  router.get("/admin/ledger/check",
             {.summary = "How the last check of the books ended, since the server started",
              .access = http::Access::admin,
              .answers = {{200, "check"}},
              .tag = "operators"},
             [checks](http::Call&) { return http::Answer<LastCheckView>(checks->known()); });
  router.post("/admin/ledger/check",
              {.summary = "Check the books now, as `onsale money check` does: reads all of them",
               .access = http::Access::admin,
               .repeatable = true,
               .answers = {{200, "check"}, {409, "check_running"}},
               .tag = "operators"},
              [parts, checks](http::Call&) { return check(parts, *checks); });
  router.get("/admin/ledger",
             {.summary = "What moved between accounts, newest first; `from` counts, `to` doesn't. "
                         "As CSV with `Accept: text/csv`, its cursor in Onsale-Next-Cursor",
              .access = http::Access::admin,
              .answers = {{200, "transfers"}},
              .tag = "operators",
              .produces = "text/csv",
              .headers = {{"Accept", "text/csv for a table"}}},
             [&database](LedgerQuery query, http::Call& call) {
               ledger::Query wanted{.account = query.account ? query.account->value : "",
                                    .from = query.from,
                                    .to = query.to,
                                    .limit = kPageSize};
               if (query.limit) wanted.limit = static_cast<int>(query.limit->value);
               if (query.cursor) wanted.before = query.cursor->value;
               const bool csv = call.header("Accept").find("text/csv") != std::string_view::npos;
               return list(database, std::move(wanted), csv);
             });
}

}  // namespace onsale::ops
