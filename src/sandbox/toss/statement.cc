#include "sandbox/toss/statement.h"

namespace onsale::sandbox::toss {
namespace {

constexpr std::int64_t kPerMille = 33;
constexpr std::int64_t kVatOf = 11;  // a tenth on top is an eleventh of all

}  // namespace

void add_transactions(std::vector<Transaction>& out, const Payment& payment) {
  if (captured(payment) == 0 || !payment.approved_at) return;
  out.push_back({&payment, nullptr});
  for (const Cancel& cancel : payment.cancels)
    if (cancel.moved_money) out.push_back({&payment, &cancel});
}

Kept kept_of(std::int64_t amount) {
  const std::int64_t fee = amount * kPerMille / 1'000;
  return {.fee = fee, .vat = fee / kVatOf};
}

}  // namespace onsale::sandbox::toss
