#include "payments/store/records_store.h"

#include "payments/store/ledger_store.h"
#include "payments/store/rows_store.h"
#include "platform/json/json.h"

namespace onsale::payments {
namespace {

template <class E>
std::string_view name_of(E value) {
  return boost::describe::enum_to_string(value, "");
}

// One process writes them, one unit at a time: the number can't be taken by somebody else.
void record_one(sql::Tx& tx, const ProviderCall& call) {
  const std::string payment = call.payment.str();
  const auto last = tx.one<std::optional<std::int64_t>>(
      "SELECT MAX(n) FROM payments_call WHERE payment = ?", payment);
  const std::int64_t n = std::get<0>(*last).value_or(0) + 1;
  tx.exec(
      "INSERT INTO payments_call (payment, n, step, outcome, code, at, duration_ms)"
      " VALUES (?,?,?,?,?,?,?)",
      payment, n, name_of(call.step), name_of(call.outcome), call.code, call.at,
      std::int64_t{call.duration.count()});
  if (n <= kCallsFirst + kCallsLast) return;
  tx.exec("DELETE FROM payments_call WHERE payment = ? AND n > ? AND n <= ?", payment,
          std::int64_t{kCallsFirst}, n - kCallsLast);
}

std::vector<ProviderCall> read_calls(sql::Tx& tx, PaymentId id) {
  std::vector<ProviderCall> all;
  for (const auto& [step, outcome, code, at, duration] :
       tx.query<std::string, std::string, std::string, Timestamp, std::int64_t>(
           "SELECT step, outcome, code, at, duration_ms FROM payments_call WHERE payment = ?"
           " ORDER BY n",
           id.str())) {
    ProviderCall call{.payment = id, .code = code, .at = at, .duration = Millis(duration)};
    boost::describe::enum_from_string(step.c_str(), call.step);
    boost::describe::enum_from_string(outcome.c_str(), call.outcome);
    all.push_back(std::move(call));
  }
  return all;
}

constexpr std::size_t kKnownAtOnce = 500;

std::vector<Records::Known> read_known(sql::Tx& tx, const std::vector<PaymentId>& payments) {
  std::vector<Records::Known> out;
  for (std::size_t from = 0; from < payments.size(); from += kKnownAtOnce) {
    const std::size_t to = std::min(payments.size(), from + kKnownAtOnce);
    std::vector<std::string> ids;
    for (std::size_t i = from; i < to; ++i) ids.push_back(payments[i].str());
    const std::vector<sql::Param> params(ids.begin(), ids.end());
    std::string marks;
    for (std::size_t i = 0; i < ids.size(); ++i) marks += i == 0 ? "?" : ",?";
    for (auto& [id, subject, provider, captured, refunded] :
         tx.query_with<std::string, std::string, std::string, std::int64_t, std::int64_t>(
             "SELECT id, subject, provider, captured, refunded FROM payments_payment WHERE id IN "
             "(" +
                 marks + ")",
             params)) {
      out.push_back(
          {*PaymentId::parse(id), std::move(subject), std::move(provider), {captured, refunded}});
    }
  }
  return out;
}

class SqlRecords final : public Records {
 public:
  explicit SqlRecords(sql::Database& database) : database_(database) {}

  Task<void> record(std::vector<ProviderCall> calls) override {
    return database_.write([calls = std::move(calls)](sql::Tx& tx) {
      for (const ProviderCall& call : calls) record_one(tx, call);
    });
  }
  Task<std::vector<ProviderCall>> calls(PaymentId id) override {
    return database_.read([id](sql::Tx& tx) { return read_calls(tx, id); });
  }
  Task<std::vector<Payment>> search(PaymentQuery query) override {
    return database_.read(
        [query = std::move(query)](sql::Tx& tx) { return search_payments(tx, query); });
  }
  Task<std::vector<DayLine>> moved(DayQuery query) override {
    return database_.read(
        [query = std::move(query)](sql::Tx& tx) { return books::moved(tx, query); });
  }
  Task<std::vector<std::string>> providers_of(Timestamp from, Timestamp to) override {
    return database_.read([from, to](sql::Tx& tx) { return books::providers(tx, from, to); });
  }
  Task<std::vector<Known>> known(std::vector<PaymentId> payments) override {
    return database_.read(
        [payments = std::move(payments)](sql::Tx& tx) { return read_known(tx, payments); });
  }
  Task<void> looked_up(LookedUp event) override {
    return database_.write([event = std::move(event)](sql::Tx& tx) {
      tx.publish(kLookedUpTopic, event.payment.str(), json::write(event));
    });
  }

 private:
  sql::Database& database_;
};

}  // namespace

std::unique_ptr<Records> make_sql_records(sql::Database& database) {
  return std::make_unique<SqlRecords>(database);
}

}  // namespace onsale::payments
