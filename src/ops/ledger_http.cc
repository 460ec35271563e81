#include "ops/ledger_http.h"

#include <limits>

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

namespace {

constexpr int kPageSize = 100;

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

void ledger_routes(http::Router& router, sql::Database& database) {
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
