#include "payments/providers/sandbox_client.h"

#include <stdexcept>

#include "platform/crypto/bytes.h"

namespace onsale::payments {
namespace {

using S = std::string;

struct LostAnswer : std::runtime_error {
  LostAnswer() : std::runtime_error("the sandbox was told to lose this") {}
};

std::optional<SandboxState> parse_state(std::string_view text) {
  using enum SandboxState;
  for (const SandboxState state : {open, approved, captured, declined, left, closed})
    if (to_string(state) == text) return state;
  return {};
}

struct Row {
  SandboxCharge charge;
  std::string page_key;
};

// `lock` adds FOR UPDATE: what follows depends on what is read here.
std::optional<Row> read_charge(sql::Tx& tx, const std::string& id, bool lock) {
  constexpr std::string_view kText =
      "SELECT merchant, order_name, amount, currency, locale, return_address, state, page_key"
      " FROM payments_sandbox_charge WHERE payment = ?";
  static const std::string kLocking = std::string(kText) + " FOR UPDATE";
  const auto row =
      tx.one<S, S, std::int64_t, S, S, S, S, S>(lock ? std::string_view(kLocking) : kText, id);
  if (!row) return {};
  const auto& [merchant, order_name, amount, currency, locale, return_address, state, key] = *row;
  return Row{.charge = {.payment = PaymentId::parse(id).value(),
                        .merchant = merchant,
                        .order_name = order_name,
                        .amount = {amount, currency},
                        .locale = locale,
                        .return_address = return_address,
                        .state = parse_state(state).value()},
             .page_key = key};
}

void set_state(sql::Tx& tx, const std::string& id, SandboxState state, Timestamp now) {
  tx.exec("UPDATE payments_sandbox_charge SET state = ?, decided_at = ? WHERE payment = ?",
          to_string(state), now, id);
}

void enter(sql::Tx& tx, const std::string& key, const std::string& payment, std::string_view kind,
           std::int64_t amount, Timestamp now) {
  tx.exec(
      "INSERT INTO payments_sandbox_entry (entry_key, payment, kind, amount, created_at)"
      " VALUES (?,?,?,?,?)",
      key, payment, kind, amount, now);
}

std::int64_t sum_of(sql::Tx& tx, const std::string& payment, std::string_view kind) {
  const auto sum = tx.one<std::optional<std::int64_t>>(
      "SELECT CAST(SUM(amount) AS SIGNED) FROM payments_sandbox_entry"
      " WHERE payment = ? AND kind = ?",
      payment, kind);
  return std::get<0>(*sum).value_or(0);
}

ProviderAnswer answer_of(const std::optional<Row>& row, const std::string& id) {
  if (!row) return {.verdict = Verdict::open};  // never heard of it: nothing was captured
  switch (row->charge.state) {
    case SandboxState::open:
      return {.verdict = Verdict::open};
    case SandboxState::approved:
      return {.verdict = Verdict::authorised};
    case SandboxState::captured:
      return {.verdict = Verdict::captured,
              .captured = row->charge.amount.amount,
              .receipt = "sandbox-" + id};
    case SandboxState::declined:
      return {.verdict = Verdict::declined, .reason = "declined"};
    case SandboxState::left:
    case SandboxState::closed:
      return {.verdict = Verdict::abandoned};
  }
  return {};
}

// The key makes the second capture of a payment the first one: inserting it twice is impossible.
ProviderAnswer capture_one(sql::Tx& tx, const std::string& id, const std::string& entry_key,
                           Timestamp now) {
  const auto row = read_charge(tx, id, true);
  const bool again = row && row->charge.state == SandboxState::captured;
  if (!row || (row->charge.state != SandboxState::approved && !again)) return answer_of(row, id);
  enter(tx, entry_key, id, "capture", row->charge.amount.amount, now);
  set_state(tx, id, SandboxState::captured, now);
  return answer_of(read_charge(tx, id, false), id);
}

RefundVerdict refund_one(sql::Tx& tx, const std::string& id, const std::string& entry_key,
                         std::int64_t amount, Timestamp now) {
  if (!read_charge(tx, id, true)) return RefundVerdict::refused;
  const auto known = tx.one<std::int64_t>(
      "SELECT amount FROM payments_sandbox_entry WHERE entry_key = ? FOR UPDATE", entry_key);
  if (known) return std::get<0>(*known) == amount ? RefundVerdict::done : RefundVerdict::refused;
  if (sum_of(tx, id, "refund") + amount > sum_of(tx, id, "capture")) return RefundVerdict::refused;
  enter(tx, entry_key, id, "refund", amount, now);
  return RefundVerdict::done;
}

std::optional<SandboxCharge> decide_one(sql::Tx& tx, const std::string& id, const std::string& key,
                                        Decision decision, Timestamp now) {
  auto row = read_charge(tx, id, true);
  if (!row || !crypto::equal_constant_time(row->page_key, key)) return {};
  if (row->charge.state != SandboxState::open) return row->charge;
  switch (decision) {
    case Decision::approve:
      row->charge.state = SandboxState::approved;
      break;
    case Decision::decline:
      row->charge.state = SandboxState::declined;
      break;
    case Decision::leave:
      row->charge.state = SandboxState::left;
      break;
  }
  set_state(tx, id, row->charge.state, now);
  return row->charge;
}

}  // namespace

std::string_view to_string(SandboxState state) {
  switch (state) {
    case SandboxState::open:
      return "open";
    case SandboxState::approved:
      return "approved";
    case SandboxState::captured:
      return "captured";
    case SandboxState::declined:
      return "declined";
    case SandboxState::left:
      return "left";
    case SandboxState::closed:
      return "closed";
  }
  return "open";
}

Sandbox::Sandbox(sql::Database& database, const Clock& clock, Random& random,
                 SandboxOptions options)
    : database_(database), clock_(clock), random_(random), options_(std::move(options)) {}

Task<SandboxFault> Sandbox::arrive(SandboxStep step) {
  if (options_.delay) co_await options_.delay(step);
  const SandboxFault fault = options_.fault ? options_.fault(step) : SandboxFault::none;
  if (fault == SandboxFault::drop_before_commit) throw LostAnswer();
  co_return fault;
}

Task<Result<Started, BeginRefused>> Sandbox::begin(Order order) {
  const SandboxFault fault = co_await arrive(SandboxStep::begin);
  std::array<std::byte, 16> secret{};
  random_.fill(secret);
  std::string fresh_key = crypto::base64url(
      std::string_view(reinterpret_cast<const char*>(secret.data()), secret.size()));
  const std::string id = order.payment.str();
  auto unit = [order = std::move(order), id, fresh_key = std::move(fresh_key),
               merchant = options_.merchant, now = clock_.now()](sql::Tx& tx) {
    if (const auto known = read_charge(tx, id, true)) return known->page_key;
    tx.exec(
        "INSERT INTO payments_sandbox_charge (payment, page_key, merchant, order_name, amount,"
        " currency, locale, return_address, state, created_at) VALUES (?,?,?,?,?,?,?,?,?,?)",
        id, fresh_key, merchant, order.order_name, order.amount.amount, order.amount.currency,
        order.locale, order.return_address, to_string(SandboxState::open), now);
    return fresh_key;
  };
  auto again = unit;
  std::string key;
  try {
    key = co_await database_.write(std::move(unit));
  } catch (const sql::UniqueViolation&) {
    key.clear();
  }
  // Two began at the same time: the row is there now.
  if (key.empty()) key = co_await database_.write(std::move(again));
  if (fault == SandboxFault::commit_then_drop) throw LostAnswer();
  co_return Started{.reference = "sandbox-" + id,
                    .redirect_url = options_.public_url + "/sandbox/pay/" + id + "?key=" + key};
}

// Units are named, not written inside co_await: GCC 12 destroys the temporary closure twice.
Task<ProviderAnswer> Sandbox::settle(Charge charge) {
  const SandboxFault fault = co_await arrive(SandboxStep::settle);
  const std::string id = charge.payment.str();
  std::string entry_key = "capture:" + id;
  if (!options_.capture_key) entry_key += ":" + std::to_string(random_.next_u64());
  auto capture = [id, entry_key, now = clock_.now()](sql::Tx& tx) {
    return capture_one(tx, id, entry_key, now);
  };
  auto look = [id](sql::Tx& tx) { return answer_of(read_charge(tx, id, false), id); };
  ProviderAnswer answer;
  bool repeated = false;
  try {
    answer = co_await database_.write(std::move(capture));
  } catch (const sql::UniqueViolation&) {
    repeated = true;
  }
  if (repeated) answer = co_await database_.read(std::move(look));
  if (fault == SandboxFault::commit_then_drop) throw LostAnswer();
  co_return answer;
}

Task<ProviderAnswer> Sandbox::lookup(Charge charge) {
  co_await arrive(SandboxStep::lookup);
  auto look = [id = charge.payment.str()](sql::Tx& tx) {
    return answer_of(read_charge(tx, id, false), id);
  };
  ProviderAnswer answer = co_await database_.read(std::move(look));
  co_return answer;
}

Task<RefundAnswer> Sandbox::refund(GiveBack request) {
  const SandboxFault fault = co_await arrive(SandboxStep::refund);
  if (fault == SandboxFault::refuse) co_return RefundVerdict::refused;
  std::string key = "refund:" + request.refund.str();
  if (request.attempt > 0) key += ":" + std::to_string(request.attempt);
  auto give_back = [id = request.payment.str(), key = std::move(key),
                    amount = request.amount.amount, now = clock_.now()](sql::Tx& tx) {
    return refund_one(tx, id, key, amount, now);
  };
  const RefundVerdict verdict = co_await database_.write(std::move(give_back));
  if (fault == SandboxFault::commit_then_drop) throw LostAnswer();
  co_return verdict;
}

Task<void> Sandbox::close(Charge charge) {
  const SandboxFault fault = co_await arrive(SandboxStep::close);
  auto take_down = [id = charge.payment.str(), now = clock_.now()](sql::Tx& tx) {
    tx.exec(
        "UPDATE payments_sandbox_charge SET state = 'closed', decided_at = ?"
        " WHERE payment = ? AND state IN ('open', 'approved')",
        now, id);
  };
  co_await database_.write(std::move(take_down));
  if (fault == SandboxFault::commit_then_drop) throw LostAnswer();
}

Task<std::optional<SandboxCharge>> Sandbox::page(PaymentId payment, std::string key) {
  return database_.read(
      [id = payment.str(), key = std::move(key)](sql::Tx& tx) -> std::optional<SandboxCharge> {
        const auto row = read_charge(tx, id, false);
        if (!row || !crypto::equal_constant_time(row->page_key, key)) return std::nullopt;
        return row->charge;
      });
}

Task<std::optional<SandboxCharge>> Sandbox::decide(PaymentId payment, std::string key,
                                                   Decision decision) {
  return database_.write([id = payment.str(), key = std::move(key), decision, now = clock_.now()](
                             sql::Tx& tx) { return decide_one(tx, id, key, decision, now); });
}

Task<SandboxTotals> Sandbox::totals() {
  return database_.read([](sql::Tx& tx) {
    SandboxTotals totals;
    for (const auto& [kind, sum, count] : tx.query<S, std::int64_t, std::int64_t>(
             "SELECT kind, CAST(SUM(amount) AS SIGNED), COUNT(*) FROM payments_sandbox_entry"
             " GROUP BY kind")) {
      if (kind == "capture") {
        totals.captured = sum;
        totals.captures = count;
      } else {
        totals.refunded = sum;
      }
    }
    return totals;
  });
}

}  // namespace onsale::payments
