#include "payments/settlement.h"

#include <algorithm>
#include <map>

#include "base/korea.h"
#include "base/log.h"
#include "base/overload.h"

namespace onsale::payments {
namespace {

constexpr std::size_t kEntriesMax = 1'000'000;  // of one day: more is no day

struct Theirs {
  Sums on_day, around;  // around: on the day, or close to it
  std::optional<std::int64_t> fee;
};

void add(Sums& sums, std::int64_t amount) {
  (amount > 0 ? sums.captured : sums.refunded) += amount > 0 ? amount : -amount;
}

// Whether it is only another day: theirs, close to this one, or ours, whichever.
bool another_day(std::int64_t ours, std::int64_t theirs, std::int64_t around, std::int64_t by_now) {
  return ours >= theirs ? ours <= around : theirs <= by_now;
}

Differs differs_of(const Sums& ours, const Theirs& theirs, const Records::Known* known) {
  const Sums& there = theirs.on_day;
  if (ours == there) return Differs::no;
  if (known == nullptr) return Differs::unknown_here;
  const Sums& now = known->ours;
  if (another_day(ours.captured, there.captured, theirs.around.captured, now.captured) &&
      another_day(ours.refunded, there.refunded, theirs.around.refunded, now.refunded))
    return Differs::other_day;
  return there == Sums{} ? Differs::not_there : Differs::amount;
}

std::map<std::string, Theirs> by_order(const Told& told, const DayQuery& query, bool& fees_told) {
  std::map<std::string, std::int64_t> fees;
  for (const StatementEntry& entry : told.fees) fees[entry.key] += entry.amount;
  std::map<std::string, Theirs> orders;
  for (const StatementEntry& entry : told.moved) {
    Theirs& order = orders[entry.order];
    add(order.around, entry.amount);
    if (entry.at < query.from || entry.at >= query.to) continue;
    add(order.on_day, entry.amount);
    const auto fee = fees.find(entry.key);
    if (fee == fees.end())
      fees_told = false;
    else
      order.fee = order.fee.value_or(0) + fee->second;
  }
  return orders;
}

}  // namespace

Compared compare(const std::vector<DayLine>& ours, const Told& told,
                 const std::vector<Records::Known>& known, const DayQuery& query) {
  Compared out;
  const auto orders = by_order(told, query, out.fees_told);
  std::map<std::string, const Records::Known*> by_payment;
  for (const auto& one : known) by_payment[one.payment.str()] = &one;
  std::map<std::string, DayLine> lines;
  for (const DayLine& line : ours) lines[line.payment] = line;
  for (const auto& [order, theirs] : orders)
    if (theirs.on_day != Sums{}) lines[order].payment = order;
  for (auto& [payment, line] : lines) {
    const auto found = by_payment.find(payment);
    const Records::Known* one = found == by_payment.end() ? nullptr : found->second;
    if (one != nullptr && one->provider != query.provider) continue;
    if (one != nullptr) line.subject = one->subject;
    const auto there = orders.find(payment);
    const Theirs theirs = there == orders.end() ? Theirs{} : there->second;
    line.theirs = theirs.on_day;
    line.fee = theirs.fee;
    line.differs = differs_of(line.ours, theirs, one);
    out.lines.push_back(std::move(line));
  }
  return out;
}

Task<Settling::Answer> Settling::read(StatementQuery query, std::string provider,
                                      Timestamp until) const {
  Answer out;
  for (;;) {
    auto asking = asking_.statement(query, provider);
    StatementPage page = co_await std::move(asking);
    std::ranges::move(page.entries, std::back_inserter(out.entries));
    if (!page.offered) {
      out.silent = NoStatement::not_offered;
    } else if (!page.code.empty()) {
      out.silent = NoStatement::silent;
      out.code = page.code;
    } else if (page.next.empty()) {
      co_return out;
    } else if (page.next == query.after || out.entries.size() > kEntriesMax ||
               clock_.now() >= until) {
      out.silent = NoStatement::silent;
      out.code = "too_long";
    }
    if (out.silent) co_return out;
    query.after = std::move(page.next);
  }
}

// A provider that says half of it says nothing.
Task<Settling::Answer> Settling::ask(StatementQuery query, std::string provider,
                                     Timestamp until) const {
  Answer out{.silent = NoStatement::silent};
  try {
    Answer read_out = co_await read(std::move(query), provider, until);
    out = std::move(read_out);
  } catch (const Overloaded&) {
    throw;
  } catch (const Unanswered& error) {
    out.code = error.code;
  } catch (const std::exception& error) {
    out.code = "no_answer";
    log::warn("payments", "a provider's list of a day could not be read",
              {{"provider", provider}, {"why", error.what()}});
  }
  if (out.silent) out.entries.clear();
  co_return out;
}

Task<ProviderDay> Settling::day(DayQuery query) const {
  ProviderDay out{.provider = query.provider, .silent = NoStatement::not_set_up};
  if (!records_) co_return out;
  Told told;
  if (asking_.knows(query.provider)) {
    const Timestamp until = clock_.now() + kStatementTime;
    StatementQuery moved{.from = query.from - kDaySlack, .to = query.to + kDaySlack};
    Answer answer = co_await ask(std::move(moved), query.provider, until);
    out.silent = answer.silent;
    out.code = std::move(answer.code);
    told.moved = std::move(answer.entries);
    if (!out.silent) {  // what moved is worth knowing without its fees
      StatementQuery fees{.what = Listed::fees, .from = query.from, .to = query.to};
      Answer kept = co_await ask(std::move(fees), query.provider, until);
      told.fees = std::move(kept.entries);
    }
  }
  const std::vector<DayLine> ours = co_await records_->moved(query);
  std::vector<PaymentId> ids;
  const auto note = [&ids](const std::string& text) {
    if (const auto id = PaymentId::parse(text)) ids.push_back(*id);
  };
  for (const DayLine& line : ours) note(line.payment);
  for (const StatementEntry& entry : told.moved) note(entry.order);
  std::ranges::sort(ids);
  ids.erase(std::ranges::unique(ids).begin(), ids.end());
  const std::vector<Records::Known> known = co_await records_->known(std::move(ids));
  Compared compared = compare(ours, told, known, query);
  out.fees_told = !out.silent && compared.fees_told;
  out.lines = std::move(compared.lines);
  if (!out.silent) co_return out;
  for (DayLine& line : out.lines) line.differs = Differs::no;  // nobody said anything
  co_return out;
}

}  // namespace onsale::payments
