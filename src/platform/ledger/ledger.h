// Money as double entry, without business words: every row is one transfer that debits one account
// and credits another, as in TigerBeetle, so that the books can't be out of balance. Owns the table
// platform_ledger, which is only ever added to: a wrong transfer is taken back by a
// counter-transfer. Whoever changes a state that moves money posts in the same transaction. Thread:
// inside a unit of sql::Database.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/money.h"
#include "base/time.h"
#include "platform/sql/database.h"

namespace onsale::ledger {

struct Transfer {
  // Made from what is booked, as "pay_…:captured": a row's id, a colon and what became of it. A
  // replay makes the same one.
  std::string id;
  std::string debit;    // the account that has more, or owes less: "provider:toss", "revenue:shw_…"
  std::string credit;   // the account that has less, or owes more
  Money amount;         // > 0
  std::string subject;  // whose money it is: a payment's id
  std::string note{};   // for people, at most 200 characters; may differ in a replay
};

struct Entry {
  std::int64_t seq = 0;  // rises; gaps mean nothing
  Timestamp at{};
  Transfer transfer;
};

// Why it can't be posted; empty when it can.
std::string flaw(const Transfer& transfer);

// Once per id: posting the same again is nothing. Throws sql::Failure, which takes the transaction
// back, when the id is there with other contents or flaw() says something.
void post(sql::Tx& tx, const Transfer& transfer, Timestamp at);

struct Query {
  std::string account;                 // on either side; empty: every one
  std::optional<Timestamp> from, to;   // from <= at < to
  std::optional<std::int64_t> before;  // the last seq of the page before
  int limit = 100;
};
std::vector<Entry> list(sql::Tx& tx, const Query& query);  // the newest first

// What one subject moved on an account.
struct Movement {
  std::string subject;
  std::int64_t debits = 0, credits = 0;
};
// By subject; in `currency`, from <= at < to.
std::vector<Movement> movements(sql::Tx& tx, std::string_view account, std::string_view currency,
                                Timestamp from, Timestamp to);

// Accounts that begin with `prefix` (no % and no _ in it) and moved then.
std::vector<std::string> accounts(sql::Tx& tx, std::string_view prefix, Timestamp from,
                                  Timestamp to);

struct Balance {
  std::string account, currency;
  std::int64_t debits = 0, credits = 0;
};
std::vector<Balance> balances(sql::Tx& tx);  // by account and currency
std::int64_t count(sql::Tx& tx);

// ---- checking, from the tables alone. Each says in plain words what does not fit first; empty
// when everything does.

// Rows that post() would not have written.
std::string check_rows(sql::Tx& tx);
// A subject of which `one` and `other` together owe less than nothing: more went out than came in.
std::string check_overdrawn(sql::Tx& tx, std::string_view one, std::string_view other);
// How the transfers that are there differ from those that should be, by id.
std::string difference(std::span<const Transfer> expected, std::span<const Entry> there);

// The transfers that rows of one kind posted, while those rows are walked in the order of their
// ids.
class Walk {
 public:
  // `kind`: what the rows' ids begin with, "pay".
  Walk(sql::Tx& tx, std::string_view kind);
  // Before a page of rows is looked at: `last` is the id of its last one, empty on the last page.
  // Says which transfer of the page before no row asked for.
  std::string turn(std::string_view last);
  std::vector<Entry> take(const std::string& row);
  // After the last page.
  std::string left() const;

 private:
  sql::Tx& tx_;
  std::string from_, end_;
  std::map<std::string, std::vector<Entry>> entries_;  // by row
};

}  // namespace onsale::ledger
