#include "platform/ledger/ledger.h"

#include <algorithm>
#include <array>
#include <limits>

namespace onsale::ledger {

namespace {

constexpr std::size_t kIdMax = 100;
constexpr std::size_t kAccountMax = 60;
constexpr std::size_t kSubjectMax = 40;

// What accounts, ids and subjects are made of.
bool plain(std::string_view text, std::size_t max) {
  return !text.empty() && text.size() <= max &&
         std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; });
}

std::string money(const Money& amount) {
  return amount_text(amount.amount, amount.currency) + ' ' + amount.currency;
}

std::string words(const Transfer& t) {
  return money(t.amount) + " from " + t.debit + " to " + t.credit + " for " + t.subject;
}

bool same(const Transfer& a, const Transfer& b) {
  return a.debit == b.debit && a.credit == b.credit && a.amount == b.amount &&
         a.subject == b.subject;
}

using Row = std::tuple<std::int64_t, Timestamp, std::string, std::string, std::string, std::int64_t,
                       std::string, std::string, std::string>;
constexpr std::string_view kColumns =
    "SELECT seq, at, id, debit, credit, amount, currency, subject, note FROM platform_ledger "
    "WHERE ";

Entry from_row(Row row) {
  auto& [seq, at, id, debit, credit, amount, currency, subject, note] = row;
  return {seq,
          at,
          {std::move(id),
           std::move(debit),
           std::move(credit),
           {amount, std::move(currency)},
           std::move(subject),
           std::move(note)}};
}

std::vector<Entry> select(sql::Tx& tx, const std::string& where,
                          std::span<const sql::Param> params) {
  std::vector<Entry> out;
  for (Row& row : tx.query_with<std::int64_t, Timestamp, std::string, std::string, std::string,
                                std::int64_t, std::string, std::string, std::string>(
           std::string(kColumns) + where, params)) {
    out.push_back(from_row(std::move(row)));
  }
  return out;
}

template <class... A>
std::vector<Entry> select_where(sql::Tx& tx, const std::string& where, const A&... args) {
  const std::array params{sql::detail::to_param(args)...};
  return select(tx, where, params);
}

}  // namespace

std::string flaw(const Transfer& t) {
  if (!plain(t.id, kIdMax)) return "its id is empty, too long or not plain";
  if (!plain(t.debit, kAccountMax) || !plain(t.credit, kAccountMax)) {
    return "an account is empty, too long or not plain";
  }
  if (!plain(t.subject, kSubjectMax)) return "its subject is empty, too long or not plain";
  if (t.debit == t.credit) return "it goes from an account to itself";
  if (t.amount.amount <= 0) return "its amount is not positive";
  if (t.amount.currency.size() != 3) return "its currency is none";
  return {};
}

void post(sql::Tx& tx, const Transfer& t, Timestamp at) {
  if (const std::string why = flaw(t); !why.empty()) {
    throw sql::Failure("the transfer " + t.id + " can't be posted: " + why);
  }
  constexpr std::string_view kSqlite =
      "INSERT INTO platform_ledger (id, at, debit, credit, amount, currency, subject, note) VALUES "
      "(?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING";
  constexpr std::string_view kMysql =
      "INSERT INTO platform_ledger (id, at, debit, credit, amount, currency, subject, note) VALUES "
      "(?, ?, ?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE seq = seq";
  const auto posted =
      tx.exec(tx.dialect() == sql::Dialect::sqlite ? kSqlite : kMysql, t.id, at, t.debit, t.credit,
              t.amount.amount, t.amount.currency, t.subject, t.note);
  if (posted > 0) return;
  const auto there = select_where(tx, "id = ?", t.id);
  if (there.empty() || !same(there.front().transfer, t)) {
    throw sql::Failure("the transfer " + t.id + " was posted with other contents");
  }
}

std::vector<Entry> list(sql::Tx& tx, const Query& query) {
  std::string where = "seq < ?";
  std::vector<sql::Param> params{query.before.value_or(std::numeric_limits<std::int64_t>::max())};
  if (!query.account.empty()) {
    where += " AND (debit = ? OR credit = ?)";
    params.insert(params.end(), 2, std::string_view(query.account));
  }
  if (query.from) {
    where += " AND at >= ?";
    params.emplace_back(to_unix_ms(*query.from));
  }
  if (query.to) {
    where += " AND at < ?";
    params.emplace_back(to_unix_ms(*query.to));
  }
  params.emplace_back(std::int64_t{query.limit});
  return select(tx, where + " ORDER BY seq DESC LIMIT ?", params);
}

std::vector<Movement> movements(sql::Tx& tx, std::string_view account, std::string_view currency,
                                Timestamp from, Timestamp to) {
  std::vector<Movement> out;
  for (auto& [subject, debits, credits] : tx.query<std::string, std::int64_t, std::int64_t>(
           "SELECT subject, CAST(SUM(CASE WHEN debit = ? THEN amount ELSE 0 END) AS SIGNED), "
           "CAST(SUM(CASE WHEN credit = ? THEN amount ELSE 0 END) AS SIGNED) FROM platform_ledger "
           "WHERE at >= ? AND at < ? AND (debit = ? OR credit = ?) AND currency = ? GROUP BY "
           "subject ORDER BY subject",
           account, account, from, to, account, account, currency)) {
    out.push_back({std::move(subject), debits, credits});
  }
  return out;
}

std::vector<std::string> accounts(sql::Tx& tx, std::string_view prefix, Timestamp from,
                                  Timestamp to) {
  const std::string like = std::string(prefix) + '%';
  std::vector<std::string> out;
  for (auto& [account] : tx.query<std::string>(
           "SELECT debit AS account FROM platform_ledger WHERE at >= ? AND at < ? AND debit LIKE ? "
           "UNION SELECT credit FROM platform_ledger WHERE at >= ? AND at < ? AND credit LIKE ? "
           "ORDER BY account",
           from, to, like, from, to, like)) {
    out.push_back(std::move(account));
  }
  return out;
}

std::vector<Balance> balances(sql::Tx& tx) {
  std::vector<Balance> out;
  for (auto& [account, currency, debits, credits] :
       tx.query<std::string, std::string, std::int64_t, std::int64_t>(
           "SELECT account, currency, CAST(SUM(debits) AS SIGNED), CAST(SUM(credits) AS SIGNED) "
           "FROM (SELECT debit AS account, currency, amount AS debits, 0 AS credits FROM "
           "platform_ledger UNION ALL SELECT credit, currency, 0, amount FROM platform_ledger) t "
           "GROUP BY account, currency ORDER BY account, currency")) {
    out.push_back({std::move(account), std::move(currency), debits, credits});
  }
  return out;
}

std::int64_t count(sql::Tx& tx) {
  return std::get<0>(*tx.one<std::int64_t>("SELECT COUNT(*) FROM platform_ledger"));
}

// ---- checking

std::string check_rows(sql::Tx& tx) {
  const auto wrong = select_where(
      tx,
      "amount <= 0 OR debit = credit OR debit = '' OR credit = '' OR id = '' OR subject = '' OR "
      "currency = '' ORDER BY seq LIMIT ?",
      1);
  if (wrong.empty()) return {};
  const Transfer& t = wrong.front().transfer;
  const std::string why = flaw(t);
  return "the transfer " + t.id + " is none: " + why;
}

std::string check_overdrawn(sql::Tx& tx, std::string_view one, std::string_view other) {
  const auto found = tx.one<std::string, std::string, std::int64_t>(
      "SELECT subject, currency, CAST(SUM(CASE WHEN credit IN (?, ?) THEN amount ELSE 0 END - "
      "CASE WHEN debit IN (?, ?) THEN amount ELSE 0 END) AS SIGNED) AS owed FROM platform_ledger "
      "GROUP BY subject, currency HAVING owed < 0 ORDER BY subject LIMIT 1",
      one, other, one, other);
  if (!found) return {};
  const auto& [subject, currency, owed] = *found;
  return "of " + subject + " " + money({-owed, currency}) + " more went out of " +
         std::string(one) + " and " + std::string(other) + " than came in";
}

std::string difference(std::span<const Transfer> expected, std::span<const Entry> there) {
  for (const Transfer& t : expected) {
    const auto found =
        std::ranges::find(there, t.id, [](const Entry& entry) { return entry.transfer.id; });
    if (found == there.end()) return "there is no transfer " + t.id + " of " + words(t);
    if (!same(found->transfer, t)) {
      return "the transfer " + t.id + " says " + words(found->transfer) + ", and should say " +
             words(t);
    }
  }
  for (const Entry& entry : there) {
    if (std::ranges::find(expected, entry.transfer.id, &Transfer::id) == expected.end()) {
      return "the transfer " + entry.transfer.id + " of " + words(entry.transfer) +
             " books what did not happen";
    }
  }
  return {};
}

// A row's transfers stand between "row:" and "row;": a semicolon follows a colon.
Walk::Walk(sql::Tx& tx, std::string_view kind)
    : tx_(tx), from_(std::string(kind) + '_'), end_(std::string(kind) + '`') {}

std::string Walk::turn(std::string_view last) {
  if (std::string wrong = left(); !wrong.empty()) return wrong;
  entries_.clear();
  const std::string to = last.empty() ? end_ : std::string(last) + ';';
  for (Entry& entry : select_where(tx_, "id >= ? AND id < ? ORDER BY id", from_, to)) {
    const std::string row = entry.transfer.id.substr(0, entry.transfer.id.find(':'));
    entries_[row].push_back(std::move(entry));
  }
  from_ = to;
  return {};
}

std::vector<Entry> Walk::take(const std::string& row) {
  auto node = entries_.extract(row);
  return node ? std::move(node.mapped()) : std::vector<Entry>{};
}

std::string Walk::left() const {
  if (entries_.empty()) return {};
  const Transfer& t = entries_.begin()->second.front().transfer;
  return "the transfer " + t.id + " of " + words(t) + " belongs to nothing that is stored";
}

}  // namespace onsale::ledger
