// Toss's own books: transactions by their time, settlements (fees) by the day of the sale.
// Source: docs.tosspayments.com, guides/apis/transactions and guides/apis/settlements.
#include "base/encoding.h"
#include "base/korea.h"
#include "payments/providers/toss_answers_client.h"
#include "payments/providers/toss_client.h"

namespace onsale::payments {
namespace {

constexpr std::int64_t kPage = 1'000;  // Toss gives 5,000 at most

bool gives_back(std::string_view status) {
  return status == "CANCELED" || status == "PARTIAL_CANCELED";
}

// Empty where no money moved: an account that waits, a card that was refused. A cancel's amount
// counts as what went back, whatever its sign.
std::optional<StatementEntry> moved_of(const ProviderJson& row) {
  const std::string status = row.text("status");
  const auto amount = row.number("amount");
  const auto at = parse_rfc3339(row.text("transactionAt"));
  const bool back = gives_back(status);
  if (!amount || !at || (!back && status != "DONE")) return {};
  return StatementEntry{.key = row.text("transactionKey"),
                        .order = row.text("orderId"),
                        .amount = back && *amount > 0 ? -*amount : *amount,
                        .at = *at};
}

std::optional<StatementEntry> fee_of(const ProviderJson& row) {
  const auto fee = row.number("fee");
  if (!fee) return {};
  return StatementEntry{
      .key = row.text("transactionKey"), .order = row.text("orderId"), .amount = *fee};
}

// The last second that Toss is to count in: it takes whole ones, both ends included.
std::string last_second(Timestamp to) { return korean_time_text(to - Millis(1)); }

std::string path_of(const StatementQuery& query) {
  if (query.what == Listed::moved) {
    std::string path = "/v1/transactions?startDate=" + korean_time_text(query.from) +
                       "&endDate=" + last_second(query.to) + "&limit=" + std::to_string(kPage);
    if (!query.after.empty()) path += "&startingAfter=" + percent_encoded(query.after);
    return path;
  }
  const std::string page = query.after.empty() ? "1" : query.after;
  return "/v1/settlements?startDate=" + date_text(korean_day(query.from)) +
         "&endDate=" + date_text(korean_day(query.to - Millis(1))) +
         "&dateType=soldDate&page=" + page + "&size=" + std::to_string(kPage);
}

}  // namespace

Task<StatementPage> TossClient::statement(StatementQuery query) {
  TossCall call{.path = path_of(query), .list = true};
  auto asking =
      ask_toss(client_, config_.api, config_.secret_key, config_.timeout, std::move(call));
  const TossSaid said = co_await std::move(asking);
  StatementPage out;
  out.code = said.error;
  const bool moved = query.what == Listed::moved;
  for (const ProviderJson& row : said.list)
    if (auto entry = moved ? moved_of(row) : fee_of(row)) out.entries.push_back(std::move(*entry));
  if (std::ssize(said.list) < kPage) co_return out;
  // A page's last row may be one of no money: it is where the next page begins all the same.
  const int page = query.after.empty() ? 1 : std::atoi(query.after.c_str());
  out.next = moved ? said.list.back().text("transactionKey") : std::to_string(page + 1);
  co_return out;
}

}  // namespace onsale::payments
