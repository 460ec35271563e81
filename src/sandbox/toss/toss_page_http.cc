// Toss's hosted pages: the one that pays, the one that registers a card.
#include <charconv>

#include "base/money.h"
#include "sandbox/names.h"
#include "sandbox/page_http.h"
#include "sandbox/texts.h"
#include "sandbox/toss/toss_http.h"

namespace onsale::sandbox::toss {

struct PayBody {
  Decision decision = Decision::leave;
  std::optional<Method> method{};
  std::optional<CashReceipt> cash_receipt{};
};
BOOST_DESCRIBE_STRUCT(PayBody, (), (decision, method, cash_receipt))

struct RegisterBody {
  Decision decision = Decision::leave;
};
BOOST_DESCRIBE_STRUCT(RegisterBody, (), (decision))

namespace {

using http::Call;
using http::Raw;

constexpr Brand kBrand = Brand::toss;

constexpr Words kOrder{"주문", "Order"};
constexpr Words kBuyer{"구매자", "Buyer"};
constexpr Words kReceipt{"현금영수증 (계좌이체·가상계좌)",
                         "Cash receipt (transfer, virtual account)"};
constexpr Words kDecline{"거절되게 하기", "Decline"};
constexpr Words kRefuse{"승인할 때 카드사가 거절", "The card company refuses later"};
constexpr Words kInvalid{"결제를 시작할 수 없습니다", "The payment cannot begin"};
constexpr Words kWaiting{"입금을 기다리고 있습니다.", "Waiting for the deposit."};
constexpr Words kAccount{"입금 계좌", "Account"};
constexpr Words kDue{"입금 기한", "Pay until"};
constexpr Words kDeposit{"입금하기", "Deposit"};
constexpr Words kWithdraw{"입금 취소하기", "Take the deposit back"};
constexpr Words kDepositTitle{"가상계좌 입금", "Virtual account"};
constexpr Words kReceiptTitle{"영수증", "Receipt"};
constexpr Words kPaidAt{"결제 시각", "Paid at"};
constexpr Words kGivenBack{"돌려받은 금액", "Given back"};
constexpr Words kRegister{"카드 등록", "Register a card"};
constexpr Words kRegisterNote{"연습용 화면입니다. 실제 카드는 등록되지 않습니다.",
                              "This is a practice page. No card is registered."};
constexpr Words kAgree{"등록하기", "Register"};
constexpr Words kCustomer{"고객 키", "Customer key"};

constexpr std::array<std::pair<Method, Words>, 4> kMethods{
    {{Method::card, {"카드", "Card"}},
     {Method::transfer, {"계좌이체", "Bank transfer"}},
     {Method::phone, {"휴대폰", "Mobile phone"}},
     {Method::virtual_account, {"가상계좌", "Virtual account"}}}};
constexpr std::array<std::pair<CashReceipt, Words>, 3> kReceipts{
    {{CashReceipt::none, {"안 함", "None"}},
     {CashReceipt::income, {"소득공제", "Income deduction"}},
     {CashReceipt::expense, {"지출증빙", "Proof of expense"}}}};

void summary(PageBody& body, const Payment& payment) {
  body.begin_rows().row(kOrder, payment.order_name).row(words::kOrderNumber, payment.order_id);
  if (!payment.customer_name.empty()) body.row(kBuyer, payment.customer_name);
  if (!payment.account_number.empty()) {
    body.row(kAccount, payment.account_number);
    if (payment.due_at) {
      std::string until = korean_time(*payment.due_at).substr(0, 16);
      until[10] = ' ';
      body.row(kDue, until);
    }
  }
  body.end_rows();
}

void choices(PageBody& body) {
  body.begin_choice(words::kMethod);
  for (const auto& [method, label] : kMethods)
    body.choice("method", name_of(method), label, method == Method::card);
  body.end_choice().begin_choice(kReceipt);
  for (const auto& [kind, label] : kReceipts)
    body.choice("cash_receipt", name_of(kind), label, kind == CashReceipt::none);
  body.end_choice();
}

Raw open_page(const Payment& payment, Language language, std::string_view action) {
  PageBody body(language);
  body.heading(words::kPay).amount(payment.total).note(words::kPractice);
  summary(body, payment);
  body.begin_form(action);
  choices(body);
  body.button("main", "approve", words::kPay)
      .button("", "decline", kDecline)
      .button("quiet", "leave", words::kLeave)
      .begin_more(words::kMore)
      .button("", "refuse", kRefuse)
      .end_more()
      .end_form();
  return page(200, kBrand, words::kPay, std::move(body));
}

const Words& state_words(const Payment& payment) {
  switch (payment.status) {
    case Status::IN_PROGRESS:
      return words::kAuthorised;
    case Status::WAITING_FOR_DEPOSIT:
      return kWaiting;
    case Status::DONE:
    case Status::PARTIAL_CANCELED:
    case Status::CANCELED:
      return words::kDone;
    default:
      return words::kOver;
  }
}

Raw decided_page(const Payment& payment, const std::string& address, Language language,
                 std::string_view action) {
  const bool bank = payment.method == Method::virtual_account && !payment.account_number.empty();
  PageBody body(language);
  body.heading(bank ? kDepositTitle : words::kPay)
      .amount(payment.total)
      .state(state_words(payment));
  summary(body, payment);
  if (bank && payment.status == Status::WAITING_FOR_DEPOSIT)
    body.begin_form(action).button("main", "deposit", kDeposit).end_form();
  if (bank && payment.status == Status::DONE)
    body.begin_form(action).button("", "withdraw", kWithdraw).end_form();
  if (!address.empty()) body.link(address, words::kBack);
  return page(200, kBrand, bank ? kDepositTitle : words::kPay, std::move(body));
}

Reply invalid(const Call& call, const Error& error) {
  std::string about(name_of(error.code));
  if (!error.about.empty()) about.append(": ").append(error.about);
  return {.raw = problem_page(text_of(error.code).status, kBrand, call.language(), kInvalid, about),
          .code = std::string(name_of(error.code))};
}

std::optional<std::int64_t> whole(std::string_view text) {
  std::int64_t out = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), out);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return {};
  return out;
}

Checkout checkout_of(const Call& call) {
  return {.client_key = std::string(call.query("clientKey")),
          .order_id = std::string(call.query("orderId")),
          .order_name = std::string(call.query("orderName")),
          .customer_name = std::string(call.query("customerName")),
          .success_url = std::string(call.query("successUrl")),
          .fail_url = std::string(call.query("failUrl")),
          .amount = whole(call.query("amount")).value_or(0),
          .tax_free = whole(call.query("taxFreeAmount")).value_or(0)};
}

Reply open(Toss& toss, const Call& call) {
  const auto payment = toss.open(checkout_of(call));
  if (!payment) return invalid(call, payment.error());
  const std::string action = "pay/" + (*payment)->payment_key + language_suffix(call);
  return {.raw = open_page(**payment, call.language(), action), .payment = (*payment)->payment_key};
}

// Where this payment's buyer would go from here; decides nothing.
std::string way_back(Toss& toss, const Payment& payment) {
  if (payment.status == Status::READY || payment.success_url.empty()) return {};
  return toss.decide(payment.payment_key, {.decision = Decision::approve}).address;
}

Reply show(Toss& toss, const Call& call) {
  const Payment* payment = toss.find(call.param("paymentKey"));
  if (payment == nullptr) return missing_page(kBrand, call);
  const std::string action = payment->payment_key + language_suffix(call);
  Raw raw = payment->status == Status::READY
                ? open_page(*payment, call.language(), action)
                : decided_page(*payment, way_back(toss, *payment), call.language(), action);
  return {.raw = std::move(raw), .payment = payment->payment_key};
}

// Where receipt.url leads.
Reply show_receipt(Toss& toss, const Call& call) {
  const Payment* payment = toss.find(call.param("paymentKey"));
  if (payment == nullptr || !payment->approved_at) return missing_page(kBrand, call);
  PageBody body(call.language());
  body.heading(kReceiptTitle).amount(payment->total).note(words::kPractice);
  summary(body, *payment);
  std::string at = korean_time(*payment->approved_at);
  at[10] = ' ';
  body.begin_rows().row(kPaidAt, at);
  if (const auto back = refunded(*payment); back > 0) body.row(kGivenBack, grouped(back));
  body.end_rows();
  return {.raw = page(200, kBrand, kReceiptTitle, std::move(body)),
          .payment = payment->payment_key};
}

Reply decide(Toss& toss, const PayBody& body, const Call& call) {
  const auto decided = toss.decide(call.param("paymentKey"),
                                   {.decision = body.decision,
                                    .method = body.method.value_or(Method::card),
                                    .cash_receipt = body.cash_receipt.value_or(CashReceipt::none)});
  if (decided.payment == nullptr) return missing_page(kBrand, call);
  const std::string& key = decided.payment->payment_key;
  if (decided.address.empty())
    return {.raw = http::redirect(key + language_suffix(call)), .payment = key};
  return {.raw = http::redirect(decided.address), .payment = key};
}

BillingCheckout billing_of(const Call& call) {
  return {.client_key = std::string(call.query("clientKey")),
          .customer_key = std::string(call.query("customerKey")),
          .success_url = std::string(call.query("successUrl")),
          .fail_url = std::string(call.query("failUrl"))};
}

// The form goes to the same address, with everything it was opened with: nothing is kept meanwhile.
Reply show_billing(const Call& call) {
  const BillingCheckout checkout = billing_of(call);
  if (const auto why = Toss::wrong(checkout)) return invalid(call, *why);
  std::string action = with_query("billing", {{"clientKey", checkout.client_key},
                                              {"customerKey", checkout.customer_key},
                                              {"successUrl", checkout.success_url},
                                              {"failUrl", checkout.fail_url}});
  PageBody body(call.language());
  body.heading(kRegister).note(kRegisterNote);
  body.begin_rows().row(kCustomer, checkout.customer_key);
  if (const auto name = call.query("customerName"); !name.empty()) body.row(kBuyer, name);
  body.end_rows()
      .begin_form(action)
      .button("main", "approve", kAgree)
      .button("", "decline", kDecline)
      .button("quiet", "leave", words::kLeave)
      .end_form();
  return {.raw = page(200, kBrand, kRegister, std::move(body))};
}

Reply decide_billing(Toss& toss, const RegisterBody& body, const Call& call) {
  const auto address = toss.decide_billing(billing_of(call), body.decision);
  if (!address) return invalid(call, address.error());
  return {.raw = http::redirect(*address)};
}

}  // namespace

void page_routes(http::Router& router, HttpParts parts) {
  Toss* toss = &parts.toss;
  Desk* desk = &parts.desk;
  router.get("//toss/pay", page_route(kBrand, "The pay page"), [toss, desk](Call& call) {
    return serve_page(*desk, kBrand, call, "/toss/pay",
                      [toss, &call] { return open(*toss, call); });
  });
  router.get("//toss/pay/{paymentKey}", page_route(kBrand, "The same again"),
             [toss, desk](Call& call) {
               return serve_page(*desk, kBrand, call, "/toss/pay/{paymentKey}",
                                 [toss, &call] { return show(*toss, call); });
             });
  router.post("//toss/pay/{paymentKey}", page_route(kBrand, "Decide"),
              [toss, desk](PayBody body, Call& call) {
                return serve_page(*desk, kBrand, call, "/toss/pay/{paymentKey}",
                                  [toss, &call, body] { return decide(*toss, body, call); });
              });
  router.get("//toss/receipt/{paymentKey}", page_route(kBrand, "A receipt"),
             [toss, desk](Call& call) {
               return serve_page(*desk, kBrand, call, "/toss/receipt/{paymentKey}",
                                 [toss, &call] { return show_receipt(*toss, call); });
             });
  router.get("//toss/billing", page_route(kBrand, "The page that registers a card"),
             [desk](Call& call) {
               return serve_page(*desk, kBrand, call, "/toss/billing",
                                 [&call] { return show_billing(call); });
             });
  router.post(
      "//toss/billing", page_route(kBrand, "Decide"), [toss, desk](RegisterBody body, Call& call) {
        return serve_page(*desk, kBrand, call, "/toss/billing",
                          [toss, &call, body] { return decide_billing(*toss, body, call); });
      });
}

}  // namespace onsale::sandbox::toss
