#include "sandbox/toss/payment_text_http.h"

#include "base/korea.h"
#include "sandbox/names.h"
#include "sandbox/object_http.h"
#include "sandbox/texts.h"

namespace onsale::sandbox::toss {
namespace {

constexpr std::string_view kVersion = "2022-11-16";
constexpr std::string_view kBank = "20";    // of virtual accounts and transfers
constexpr std::string_view kIssuer = "61";  // of the card
constexpr std::string_view kCard = "43301234****123*";
constexpr std::size_t kMerchantMax = 14;

std::string zoned(Timestamp at) { return korean_time(at) + "+09:00"; }
std::string micros(Timestamp at) {
  const std::string ms = std::to_string(to_unix_ms(at) % 1000 + 1000).substr(1);
  return korean_time(at) + "." + ms + "000";
}

std::string_view merchant_id(const std::string& merchant) {
  return std::string_view(merchant).substr(0, kMerchantMax);
}

void time_or_null(ObjectText& in, std::string_view name, const std::optional<Timestamp>& at) {
  if (at)
    in.text(name, zoned(*at));
  else
    in.null(name);
}

std::int64_t tax_free_left(const Payment& p) {
  std::int64_t left = p.tax_free;
  for (const Cancel& c : p.cancels) left -= c.tax_free;
  return left;
}

void write_cancels(std::string& out, const Payment& p) {
  out += '[';
  for (std::size_t i = 0; i < p.cancels.size(); ++i) {
    const Cancel& c = p.cancels[i];
    if (i > 0) out += ',';
    ObjectText(out)
        .text("transactionKey", c.transaction_key)
        .text("cancelReason", c.reason)
        .number("taxExemptionAmount", 0)
        .text("canceledAt", zoned(c.at))
        .number("transferDiscountAmount", 0)
        .number("easyPayDiscountAmount", 0)
        .null("receiptKey")
        .number("cancelAmount", c.amount)
        .number("taxFreeAmount", c.tax_free)
        .number("refundableAmount", c.refundable)
        .text("cancelStatus", "DONE")
        .null("cancelRequestId")
        .close();
  }
  out += ']';
}

void write_card(std::string& out, const Payment& p) {
  ObjectText(out)
      .text("issuerCode", kIssuer)
      .text("acquirerCode", kIssuer)
      .text("number", kCard)
      .number("installmentPlanMonths", 0)
      .boolean("isInterestFree", false)
      .null("interestPayer")
      .text("approveNo", p.approve_number)
      .boolean("useCardPoint", false)
      .text("cardType", "신용")
      .text("ownerType", "개인")
      .text("acquireStatus", p.status == Status::CANCELED ? "CANCELED" : "READY")
      .number("amount", p.total)
      .close();
}

void write_account(std::string& out, const Payment& p) {
  ObjectText account(out);
  account.text("accountType", "일반")
      .text("accountNumber", p.account_number)
      .text("bankCode", kBank)
      .text("customerName", p.customer_name)
      .text("depositorName", p.approved_at ? std::string_view(p.customer_name) : "");
  time_or_null(account, "dueDate", p.due_at);
  account.text("refundStatus", refunded(p) > 0 ? "COMPLETED" : "NONE");
  account.boolean("expired", p.status == Status::EXPIRED).text("settlementStatus", "INCOMPLETED");
  if (p.refund_account) {
    ObjectText(account.member("refundReceiveAccount"))
        .text("bankCode", p.refund_account->bank)
        .text("accountNumber", p.refund_account->number)
        .text("holderName", p.refund_account->holder)
        .close();
  } else {
    account.null("refundReceiveAccount");
  }
  account.close();
}

std::string receipt(const Payment& p, std::string_view site) {
  return std::string(site) + "/toss/receipt/" + p.payment_key;
}

// Nothing was approved yet, or it isn't that method: null.
void write_methods(ObjectText& out, const Payment& p, std::string_view site) {
  const bool confirmed =
      p.approved_at || p.status == Status::WAITING_FOR_DEPOSIT || !p.account_number.empty();
  const auto is = [&](Method method) { return confirmed && p.method == method; };
  if (is(Method::card))
    write_card(out.member("card"), p);
  else
    out.null("card");
  if (is(Method::virtual_account))
    write_account(out.member("virtualAccount"), p);
  else
    out.null("virtualAccount");
  if (is(Method::transfer))
    ObjectText(out.member("transfer"))
        .text("bankCode", kBank)
        .text("settlementStatus", "INCOMPLETED")
        .close();
  else
    out.null("transfer");
  if (is(Method::phone))
    ObjectText(out.member("mobilePhone"))
        .text("customerMobilePhone", "01000000000")
        .text("settlementStatus", "INCOMPLETED")
        .text("receiptUrl", receipt(p, site))
        .close();
  else
    out.null("mobilePhone");
  out.null("giftCertificate");
}

std::string_view receipt_type(CashReceipt kind) {
  return kind == CashReceipt::income ? "소득공제" : "지출증빙";
}

// The slip that the tax office gets: one when the money came, one for each time that some went
// back.
void write_slip(std::string& out, const Payment& p, std::string_view site, const Cancel* cancel) {
  const std::int64_t amount = cancel != nullptr ? cancel->amount : p.total;
  const std::string& key = cancel != nullptr ? cancel->transaction_key : p.transaction_key;
  ObjectText(out)
      .text("receiptKey", "rcpt_" + p.payment_key)
      .text("orderId", p.order_id)
      .text("orderName", p.order_name)
      .text("type", receipt_type(p.cash_receipt))
      .text("issueNumber", key.substr(0, 9))
      .text("receiptUrl", receipt(p, site))
      .text("businessNumber", "0000000000")
      .text("transactionType", cancel != nullptr ? "CANCEL" : "CONFIRM")
      .number("amount", amount)
      .number("taxFreeAmount", cancel != nullptr ? cancel->tax_free : p.tax_free)
      .text("issueStatus", "COMPLETED")
      .null("failure")
      .text("customerIdentityNumber", "010****0000")
      .text("requestedAt", zoned(cancel != nullptr ? cancel->at : *p.approved_at))
      .close();
}

void write_cash_receipts(ObjectText& out, const Payment& p, std::string_view site) {
  if (p.cash_receipt == CashReceipt::none || !p.approved_at) {
    out.null("cashReceipt").null("cashReceipts");
    return;
  }
  ObjectText(out.member("cashReceipt"))
      .text("type", receipt_type(p.cash_receipt))
      .text("receiptKey", "rcpt_" + p.payment_key)
      .text("issueNumber", p.transaction_key.substr(0, 9))
      .text("receiptUrl", receipt(p, site))
      .number("amount", p.balance)
      .number("taxFreeAmount", tax_free_left(p))
      .close();
  std::string& slips = out.member("cashReceipts");
  slips += '[';
  write_slip(slips, p, site, nullptr);
  for (const Cancel& c : p.cancels) {
    slips += ',';
    write_slip(slips, p, site, &c);
  }
  slips += ']';
}

}  // namespace

std::string payment_text(const Payment& p, std::string_view site) {
  std::string out;
  out.reserve(1800);
  ObjectText object(out);
  object.text("mId", merchant_id(p.merchant))
      .text("lastTransactionKey", p.transaction_key)
      .text("paymentKey", p.payment_key)
      .text("orderId", p.order_id)
      .text("orderName", p.order_name)
      .number("taxExemptionAmount", 0)
      .text("status", name_of(p.status))
      .text("requestedAt", zoned(p.requested_at));
  time_or_null(object, "approvedAt", p.approved_at);
  object.boolean("useEscrow", false).boolean("cultureExpense", false);
  write_methods(object, p, site);
  write_cash_receipts(object, p, site);
  object.null("discount");
  if (p.cancels.empty())
    object.null("cancels");
  else
    write_cancels(object.member("cancels"), p);
  object.text_or_null("secret", p.secret)
      .text("type", name_of(p.type))
      .null("easyPay")
      .text("country", "KR");
  if (p.failure.empty()) {
    object.null("failure");
  } else {
    const auto code = value_of<Code>(p.failure).value_or(Code::UNKNOWN_PAYMENT_ERROR);
    ObjectText(object.member("failure"))
        .text("code", name_of(code))
        .text("message", text_of(code).ko)
        .close();
  }
  const std::int64_t tax_free = tax_free_left(p);
  const std::int64_t vat = vat_of(p.balance - tax_free);
  object.boolean("isPartialCancelable", true);
  ObjectText(object.member("receipt")).text("url", receipt(p, site)).close();
  ObjectText(object.member("checkout"))
      .text("url", std::string(site) + "/toss/pay/" + p.payment_key)
      .close();
  object.text("currency", "KRW")
      .number("totalAmount", p.total)
      .number("balanceAmount", p.balance)
      .number("suppliedAmount", p.balance - tax_free - vat)
      .number("vat", vat)
      .number("taxFreeAmount", tax_free)
      .null("metadata");
  if (p.status == Status::READY)
    object.null("method");
  else
    object.text("method", korean(p.method));
  object.text("version", kVersion).close();
  return out;
}

std::string billing_text(const BillingKey& key) {
  std::string out;
  ObjectText object(out);
  object.text("mId", merchant_id(key.merchant))
      .text("customerKey", key.customer_key)
      .text("authenticatedAt", zoned(key.at))
      .text("method", korean(Method::card))
      .text("billingKey", key.billing_key);
  ObjectText(object.member("card"))
      .text("issuerCode", kIssuer)
      .text("acquirerCode", kIssuer)
      .text("number", kCard)
      .text("cardType", "신용")
      .text("ownerType", "개인")
      .close();
  object.text("cardCompany", "현대").text("cardNumber", kCard).close();
  return out;
}

std::string transaction_text(const Transaction& t) {
  const Payment& p = *t.payment;
  std::string out;
  ObjectText object(out);
  object.text("mId", merchant_id(p.merchant))
      .text("transactionKey", t.key())
      .text("paymentKey", p.payment_key)
      .text("orderId", p.order_id)
      .text("method", korean(p.method))
      .text_or_null("customerKey", p.customer_key)
      .boolean("useEscrow", false)
      .null("receiptUrl");
  const auto status = t.cancel == nullptr         ? Status::DONE
                      : t.cancel->refundable == 0 ? Status::CANCELED
                                                  : Status::PARTIAL_CANCELED;
  object.text("status", name_of(status))
      .text("transactionAt", zoned(t.at()))
      .text("currency", "KRW")
      .number("amount", t.amount())
      .close();
  return out;
}

std::string settlement_text(const Transaction& t) {
  constexpr int kPaidOutAfter = 2;  // days
  const Payment& p = *t.payment;
  const Kept kept = kept_of(t.amount());
  const std::int64_t sign = t.cancel != nullptr ? -1 : 1;
  const auto day = korean_day(t.at());
  std::string out;
  ObjectText object(out);
  object.text("mId", merchant_id(p.merchant))
      .text("paymentKey", p.payment_key)
      .text("transactionKey", t.key())
      .text("orderId", p.order_id)
      .text("currency", "KRW")
      .text("method", korean(p.method))
      .number("amount", sign * t.amount())
      .number("interestFee", 0)
      .number("fee", sign * kept.fee);
  std::string& fees = object.member("fees");
  fees += '[';
  ObjectText(fees).text("type", "BASE").number("fee", sign * kept.fee).close();
  fees += ']';
  object.number("supplyAmount", sign * (kept.fee - kept.vat))
      .number("vat", sign * kept.vat)
      .number("payOutAmount", sign * (t.amount() - kept.fee))
      .text("approvedAt", zoned(*p.approved_at))
      .text("soldDate", date_text(day))
      .text("paidOutDate", date_text(day + std::chrono::days(kPaidOutAfter)))
      .null("cancel")
      .close();
  return out;
}

std::string error_text(const Error& error, http::Language language) {
  const ErrorText& text = text_of(error.code);
  std::string message(language == http::Language::en ? text.en : text.ko);
  if (!error.about.empty()) message.append(" (").append(error.about).append(")");
  std::string out;
  ObjectText(out).text("code", name_of(error.code)).text("message", message).close();
  return out;
}

std::string status_news(const Payment& payment, std::string_view site, Timestamp now) {
  std::string out;
  ObjectText object(out);
  object.text("eventType", "PAYMENT_STATUS_CHANGED").text("createdAt", micros(now));
  object.member("data") += payment_text(payment, site);
  object.close();
  return out;
}

std::string deposit_news(const Payment& payment, Timestamp now) {
  std::string out;
  ObjectText(out)
      .text("eventType", "DEPOSIT_CALLBACK")
      .text("createdAt", micros(now))
      .text("secret", payment.secret)
      .text("status", name_of(payment.status))
      .text("transactionKey", payment.transaction_key)
      .text("orderId", payment.order_id)
      .close();
  return out;
}

std::string billing_news(const BillingKey& key, Timestamp now) {
  std::string out;
  ObjectText object(out);
  object.text("eventType", "BILLING_DELETED").text("createdAt", micros(now));
  object.member("data") += billing_text(key);
  object.close();
  return out;
}

}  // namespace onsale::sandbox::toss
