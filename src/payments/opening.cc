#include "payments/opening.h"

namespace onsale::payments {
namespace {

constexpr std::size_t kReturnFieldsMax = 16;
constexpr std::size_t kReturnValueMax = 512;  // Toss's paymentKey has at most 200 characters

std::string with_key(const std::string& address, const std::string& key) {
  return address + (address.find('?') == std::string::npos ? "?key=" : "&key=") + key;
}

std::string filled(std::string address, const std::string& payment) {
  constexpr std::string_view kHole = "{payment}";
  if (const auto at = address.find(kHole); at != std::string::npos)
    address.replace(at, kHole.size(), payment);
  return address;
}

}  // namespace

ReturnData kept(const ReturnData& data) {
  ReturnData out;
  for (const auto& [name, value] : data) {
    if (out.size() == kReturnFieldsMax) break;
    if (name != "key" && name.size() <= kReturnValueMax && value.size() <= kReturnValueMax)
      out.emplace(name, value);
  }
  return out;
}

bool same_request(const Payment& payment, const NewPayment& request) {
  return payment.subject == request.subject && payment.owner == request.owner &&
         payment.provider == request.provider && payment.amount == request.amount;
}

Order order_of(const Stored& stored, const Begin& request) {
  const Payment& payment = stored.payment;
  return {.payment = payment.id,
          .owner = payment.owner,
          .amount = payment.amount,
          .order_name = payment.order_name,
          .return_address = with_key(filled(request.return_address, payment.id.str()), stored.key),
          .locale = request.locale,
          .mobile = request.mobile};
}

void begin_with(Stored& stored, const Started& started, const std::string& return_url,
                Timestamp now) {
  stored.payment.state = PaymentState::pending;
  stored.payment.redirect_url = started.redirect_url;
  stored.payment.return_url = return_url;
  stored.payment.updated_at = now;
  stored.reference = started.reference;
  stored.check_at = now + check_delay(PaymentState::pending, 0);
}

}  // namespace onsale::payments
