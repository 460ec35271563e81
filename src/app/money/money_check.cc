#include "app/money/money_check.h"

#include <map>
#include <vector>

#include "base/money.h"
#include "booking/store/ledger_store.h"
#include "payments/store/ledger_store.h"
#include "platform/ledger/ledger.h"

namespace onsale::app {
namespace {

std::string first_wrong(sql::Tx& tx) {
  using Look = std::string (*)(sql::Tx&);
  constexpr Look kLooks[] = {
      ledger::check_rows,
      payments::books::check,
      booking::books::check,
      // Nothing is bought with, or given back of, a payment beyond what came in.
      [](sql::Tx& t) {
        return ledger::check_overdrawn(t, payments::kBuyersAccount, payments::kRefundsAccount);
      },
  };
  for (const Look look : kLooks) {
    if (std::string wrong = look(tx); !wrong.empty()) return wrong;
  }
  return {};
}

// What stands on the accounts that begin with `prefix`, by currency; `credit`: as what is owed.
std::string total(const std::vector<ledger::Balance>& balances, std::string_view prefix,
                  bool credit) {
  std::map<std::string, std::int64_t> sums;
  for (const ledger::Balance& each : balances) {
    if (!each.account.starts_with(prefix)) continue;
    const std::int64_t more = each.debits - each.credits;
    sums[each.currency] += credit ? -more : more;
  }
  std::string out;
  for (const auto& [currency, sum] : sums) {
    if (!out.empty()) out += " and ";
    out += amount_text(sum, currency) + ' ' + currency;
  }
  return out.empty() ? "0" : out;
}

std::string totals(sql::Tx& tx) {
  const auto balances = ledger::balances(tx);
  return std::to_string(ledger::count(tx)) + " transfers; with providers " +
         total(balances, "provider:", false) + "; revenue " + total(balances, "revenue:", true) +
         ", fees " + total(balances, "fees:", true) + "; owed to buyers " +
         total(balances, payments::kBuyersAccount, true) + ", refunds under way " +
         total(balances, payments::kRefundsAccount, true) + "; taken back by providers " +
         total(balances, payments::kChargebacksAccount, false);
}

}  // namespace

MoneyCheck check_money(sql::Tx& tx) {
  MoneyCheck out{.wrong = first_wrong(tx)};
  if (out.wrong.empty()) out.summary = totals(tx);
  return out;
}

}  // namespace onsale::app
