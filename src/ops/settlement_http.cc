#include "ops/settlement_http.h"

#include <boost/describe.hpp>

#include "base/encoding.h"
#include "base/korea.h"

namespace onsale::ops {

using catalogue::ShowId;
using payments::Differs;
using payments::NoStatement;
using payments::PaymentId;
using payments::ProviderName;

struct SettlementQuery {
  std::optional<json::Text<10, 10>> day;  // of Korea, 2026-12-01; none: today
  std::optional<ProviderName> provider;   // none: all
};
BOOST_DESCRIBE_STRUCT(SettlementQuery, (), (day, provider))

struct MovedView {
  std::int64_t captured = 0, refunded = 0;
};
BOOST_DESCRIBE_STRUCT(MovedView, (), (captured, refunded))

// One that is not the same in both books. payment_id: none where it is no payment of ours; `order`
// is what the provider calls it.
struct DifferingView {
  std::optional<PaymentId> payment_id;
  std::string order;
  Differs differs = Differs::amount;
  std::int64_t captured = 0, refunded = 0;
  std::int64_t provider_captured = 0, provider_refunded = 0;
};
BOOST_DESCRIBE_STRUCT(DifferingView, (),
                      (payment_id, order, differs, captured, refunded, provider_captured,
                       provider_refunded))

// provider_says, difference, fees: null when nobody knows; difference is theirs less ours.
struct ProviderSettlementView {
  std::string provider;
  std::int64_t captured = 0, refunded = 0;
  json::Nullable<std::int64_t> fees;
  FeesBy fees_by = FeesBy::none;
  json::Nullable<MovedView> provider_says;
  std::optional<NoStatement> reason;  // why it says nothing
  std::optional<std::string> code;    // what went wrong then
  json::Nullable<std::int64_t> difference;
  std::int64_t differing_total = 0;
  std::vector<DifferingView> differing;  // at most 500
};
BOOST_DESCRIBE_STRUCT(ProviderSettlementView, (),
                      (provider, captured, refunded, fees, fees_by, provider_says, reason, code,
                       difference, differing_total, differing))

struct SettlementLineView {
  std::string provider;
  std::optional<ShowId> show_id;  // none: of no reservation that we know
  std::optional<std::string> title;
  std::int64_t payments = 0, captured = 0, refunded = 0;
  json::Nullable<std::int64_t> fees;
  json::Nullable<MovedView> provider_says;
  json::Nullable<std::int64_t> difference;
};
BOOST_DESCRIBE_STRUCT(SettlementLineView, (),
                      (provider, show_id, title, payments, captured, refunded, fees, provider_says,
                       difference))

struct SettlementView {
  std::string day, currency;
  Timestamp from{}, to{};
  bool over = false;  // the day is; before that, money is on its way at any moment
  std::int64_t captured = 0, refunded = 0;
  json::Nullable<std::int64_t> fees;
  json::Nullable<MovedView> provider_says;
  json::Nullable<std::int64_t> difference;
  std::vector<ProviderSettlementView> providers;
  std::vector<SettlementLineView> lines;
};
BOOST_DESCRIBE_STRUCT(SettlementView, (),
                      (day, currency, from, to, over, captured, refunded, fees, provider_says,
                       difference, providers, lines))

namespace {

using SettlementAnswer = http::AnswerOrRaw<SettlementView>;

std::optional<MovedView> moved(const std::optional<payments::Sums>& sums) {
  if (!sums) return {};
  return MovedView{sums->captured, sums->refunded};
}

// The members that every level has.
template <class View>
void fill(View& view, const SettlementSums& sums) {
  view.captured = sums.ours.captured;
  view.refunded = sums.ours.refunded;
  view.fees.emplace(sums.fees);
  view.provider_says.emplace(moved(sums.theirs));
  view.difference.emplace(sums.difference());
}

DifferingView view(const payments::DayLine& line) {
  return {.payment_id = PaymentId::parse(line.subject.empty() ? "" : line.payment),
          .order = line.payment,
          .differs = line.differs,
          .captured = line.ours.captured,
          .refunded = line.ours.refunded,
          .provider_captured = line.theirs.captured,
          .provider_refunded = line.theirs.refunded};
}

ProviderSettlementView view(const ProviderSettlement& of) {
  ProviderSettlementView out{.provider = of.provider,
                             .fees_by = of.fees_by,
                             .reason = of.silent,
                             .differing_total = of.differing_total};
  fill(out, of.sums);
  if (!of.code.empty()) out.code = of.code;
  for (const payments::DayLine& line : of.differing) out.differing.push_back(view(line));
  return out;
}

SettlementLineView view(const SettlementLine& of) {
  SettlementLineView out{.provider = of.provider, .payments = of.payments};
  if (of.show) {
    out.show_id = of.show->id;
    out.title = of.show->title;
  }
  fill(out, of.sums);
  return out;
}

void put_number(std::string& out, const std::optional<std::int64_t>& number) {
  out += ',';
  if (number) out += std::to_string(*number);
}

// What is not known is empty.
http::Raw csv_of(const SettlementReport& report, const std::string& day) {
  http::Raw raw{.content_type = "text/csv; charset=utf-8",
                .body =
                    "day,provider,show_id,show,currency,payments,captured,refunded,fees,"
                    "provider_captured,provider_refunded,difference\r\n"};
  std::string& out = raw.body;
  for (const SettlementLine& line : report.lines) {
    const SettlementSums& sums = line.sums;
    out += day;
    for (const std::string& field :
         {line.provider, line.show ? line.show->id.str() : "", line.show ? line.show->title : "",
          std::string(payments::kSettlementCurrency)}) {
      out += ',';
      put_csv_field(out, field);
    }
    put_number(out, line.payments);
    put_number(out, sums.ours.captured);
    put_number(out, sums.ours.refunded);
    put_number(out, sums.fees);
    put_number(out, sums.theirs ? std::optional(sums.theirs->captured) : std::nullopt);
    put_number(out, sums.theirs ? std::optional(sums.theirs->refunded) : std::nullopt);
    put_number(out, sums.difference());
    out += "\r\n";
  }
  raw.headers.emplace_back("Content-Disposition",
                           "attachment; filename=\"settlement-" + day + ".csv\"");
  return raw;
}

Task<std::map<std::string, SoldShow>> shows_of(const SettlementParts& parts,
                                               const std::vector<payments::ProviderDay>& days) {
  std::vector<std::string> subjects;
  for (const auto& day : days)
    for (const auto& line : day.lines)
      if (!line.subject.empty()) subjects.push_back(line.subject);
  const auto shows = co_await parts.booking.shows_of(std::move(subjects));
  std::map<std::string, SoldShow> out;
  for (const auto& [subject, sold] : shows) out[subject] = {sold.show, sold.title};
  co_return out;
}

struct Wanted {
  std::chrono::sys_days day;
  std::optional<ProviderName> provider;
  bool csv = false;
};

Task<SettlementAnswer> show(const SettlementParts& parts, Wanted wanted) {
  const Timestamp from = begin_of_korean_day(wanted.day);
  const Timestamp to = begin_of_korean_day(wanted.day + std::chrono::days(1));
  std::vector<std::string> providers;
  if (wanted.provider)
    providers.emplace_back(payments::to_string(*wanted.provider));
  else
    providers = co_await parts.payments.providers_of(from, to);
  std::vector<payments::ProviderDay> days;
  for (const std::string& provider : providers) {
    payments::DayQuery query{.provider = provider, .from = from, .to = to};
    auto day = co_await parts.payments.day(std::move(query));
    days.push_back(std::move(day));
  }
  const auto shows = co_await shows_of(parts, days);
  const SettlementReport report = settlement(days, shows, parts.rates);
  if (wanted.csv) co_return csv_of(report, date_text(wanted.day));
  SettlementView out{.day = date_text(wanted.day),
                     .currency = std::string(payments::kSettlementCurrency),
                     .from = from,
                     .to = to,
                     .over = to <= parts.clock.now()};
  fill(out, report.sums);
  for (const ProviderSettlement& each : report.providers) out.providers.push_back(view(each));
  for (const SettlementLine& each : report.lines) out.lines.push_back(view(each));
  co_return http::Answer<SettlementView>(std::move(out));
}

}  // namespace

void settlement_routes(http::Router& router, SettlementParts parts) {
  const auto shared = std::make_shared<const SettlementParts>(std::move(parts));
  router.get("/admin/settlement",
             {.summary = "What came in and went back on a day of Korea, by provider and by show, "
                         "what is kept of it, and what the providers say. As CSV, a line for each "
                         "provider and show, with `Accept: text/csv`; what is not known is null, "
                         "or empty",
              .access = http::Access::admin,
              .answers = {{200, "settlement"}, {422, "invalid"}},
              .tag = "operators",
              .produces = "text/csv",
              .headers = {{"Accept", "text/csv for a table"}}},
             [shared](SettlementQuery query, http::Call& call) -> Task<SettlementAnswer> {
               Wanted wanted{.day = korean_day(shared->clock.now()), .provider = query.provider};
               if (query.day) {
                 const auto day = parse_date(query.day->value);
                 if (!day)
                   throw http::Problem(422, "invalid", "Some fields are not valid.",
                                       {{"day", "malformed", "A date such as 2026-12-01."}});
                 wanted.day = *day;
               }
               wanted.csv = call.header("Accept").find("text/csv") != std::string_view::npos;
               return show(*shared, wanted);
             });
}

}  // namespace onsale::ops
