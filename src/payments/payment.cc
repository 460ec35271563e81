#include "payments/payment.h"

#include <algorithm>

namespace onsale::payments {
namespace {

Millis doubled(Millis first, int times) {
  Millis delay = first;
  for (int i = 0; i < times && delay < kCheckMax; ++i) delay *= 2;
  return std::min(delay, kCheckMax);
}

}  // namespace

std::string_view to_string(PaymentState state) {
  switch (state) {
    case PaymentState::ready:
      return "ready";
    case PaymentState::pending:
      return "pending";
    case PaymentState::unknown:
      return "unknown";
    case PaymentState::paid:
      return "paid";
    case PaymentState::failed:
      return "failed";
    case PaymentState::cancelled:
      return "cancelled";
    case PaymentState::refunded:
      return "refunded";
    case PaymentState::partially_refunded:
      return "partially_refunded";
  }
  return "unknown";
}

std::string_view to_string(RefundState state) {
  switch (state) {
    case RefundState::requested:
      return "requested";
    case RefundState::done:
      return "done";
    case RefundState::failed:
      return "failed";
    case RefundState::reversed:
      return "reversed";
    case RefundState::restored:
      return "restored";
  }
  return "requested";
}

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::captured:
      return "captured";
    case Verdict::declined:
      return "declined";
    case Verdict::abandoned:
      return "abandoned";
    case Verdict::authorised:
      return "authorised";
    case Verdict::open:
      return "open";
    case Verdict::waiting:
      return "waiting";
    case Verdict::reversed:
      return "reversed";
    case Verdict::unknown:
      return "unknown";
  }
  return "unknown";
}

std::string_view to_string(ProviderName provider) {
  switch (provider) {
    case ProviderName::sandbox:
      return "sandbox";
    case ProviderName::toss:
      return "toss";
    case ProviderName::kakaopay:
      return "kakaopay";
  }
  return "sandbox";
}

std::optional<PaymentState> next_state(PaymentState current, Verdict verdict) {
  using enum PaymentState;
  const bool undecided = current == pending || current == unknown;
  switch (verdict) {
    case Verdict::captured:
      if (undecided || current == ready || current == failed || current == cancelled) return paid;
      return {};
    case Verdict::declined:
      if (undecided) return failed;
      return {};
    case Verdict::abandoned:
    case Verdict::reversed:
      if (undecided) return cancelled;
      return {};
    case Verdict::open:
    case Verdict::waiting:
      if (current == unknown) return pending;
      return {};
    case Verdict::authorised:
    case Verdict::unknown:
      return {};
  }
  return {};
}

bool live(PaymentState state) {
  using enum PaymentState;
  return state == ready || state == pending || state == unknown || state == paid ||
         state == partially_refunded;
}

Millis check_delay(PaymentState state, int checks) {
  return doubled(state == PaymentState::pending ? kFirstCheckPending : kFirstCheckUnknown, checks);
}

Millis refund_delay(int checks) { return doubled(kFirstCheckUnknown, checks); }

bool waits_for_people(const Refund& refund, Timestamp asked_at, Timestamp now) {
  switch (refund.state) {
    case RefundState::requested:
      return asked_at + kRefundAwaited <= now;
    case RefundState::failed:
    case RefundState::reversed:
      return !refund.settled_at;
    case RefundState::done:
    case RefundState::restored:
      break;
  }
  return false;
}

bool needs_account(const Payment& payment) {
  return payment.captured > 0 && payment.detail && payment.detail->deposit;
}

std::optional<RefundAccount> tidied(RefundAccount account) {
  constexpr std::size_t kBankMax = 20, kHolderMax = 60, kDigitsMin = 6, kDigitsMax = 20;
  std::erase_if(account.account, [](char c) { return c == '-' || c == ' '; });
  const bool digits =
      std::ranges::all_of(account.account, [](char c) { return c >= '0' && c <= '9'; });
  const auto visible = [](std::string_view text, std::size_t max) {
    return !text.empty() && text.size() <= max &&
           std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < ' '; });
  };
  if (!digits || account.account.size() < kDigitsMin || account.account.size() > kDigitsMax ||
      !visible(account.bank, kBankMax) || !visible(account.holder, kHolderMax))
    return {};
  return account;
}

bool waits_for_people(const Payment& payment, Timestamp now) {
  if (payment.state != PaymentState::pending && payment.state != PaymentState::unknown)
    return false;
  Timestamp since = payment.updated_at;
  if (payment.detail && payment.detail->deposit)
    since = std::max(since, payment.detail->deposit->until.value_or(since));
  return since + kPaymentAwaited <= now;
}

std::optional<std::int64_t> left_there(Verdict verdict, std::int64_t left, bool by_people) {
  switch (verdict) {
    case Verdict::captured:
      return left;
    case Verdict::reversed:
    case Verdict::waiting:
    case Verdict::declined:
    case Verdict::abandoned:
      return 0;
    case Verdict::authorised:
    case Verdict::open:
      if (by_people) return 0;
      break;
    case Verdict::unknown:
      break;
  }
  return {};
}

Drift drift(std::int64_t captured, const std::vector<Refund>& refunds, std::int64_t left) {
  std::int64_t gone = 0;       // by the provider
  std::int64_t otherwise = 0;  // by people; the provider has it still, or paid it, too
  std::int64_t undecided = 0;
  std::int64_t reversed = 0;
  for (const Refund& refund : refunds) {
    const std::int64_t amount = refund.amount.amount;
    switch (refund.state) {
      case RefundState::done:
        (refund.settled_at ? otherwise : gone) += amount;
        break;
      case RefundState::requested:
        undecided += amount;
        break;
      case RefundState::failed:
        if (!refund.settled_at) undecided += amount;
        break;
      case RefundState::reversed:
        reversed += amount;
        break;
      case RefundState::restored:
        break;
    }
  }
  const std::int64_t ours = captured - gone - reversed;
  return {.lost = std::max<std::int64_t>(0, ours - otherwise - undecided - left),
          .back = std::clamp<std::int64_t>(left - ours, 0, reversed),
          .unclear = undecided > 0};
}

Timestamp notice_look(const Payment& payment, std::optional<Timestamp> last, Timestamp now) {
  if (last && *last > now) return *last;
  Timestamp look = last ? std::max(now, *last + kNoticeSpacing) : now;
  if (payment.state == PaymentState::unknown)
    look = std::max(look, payment.updated_at + kCaptureLease);
  return look;
}

Came came_back(std::int64_t seen, std::int64_t refundable, std::int64_t amount) {
  if (refundable == seen) return Came::not_yet;
  return refundable == seen - amount ? Came::back : Came::differently;
}

std::string cut(std::string text, std::size_t max) {
  if (text.size() <= max) return text;
  while (max > 0 && (static_cast<unsigned char>(text[max]) & 0xC0) == 0x80) --max;
  text.resize(max);
  return text;
}

bool same_key(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned char difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    difference = static_cast<unsigned char>(difference | (a[i] ^ b[i]));
  return difference == 0;
}

}  // namespace onsale::payments
