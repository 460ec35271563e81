// KakaoPay's hosted pay page. One page for the three addresses: it fits a phone and a desktop.
#include "sandbox/kakaopay/kakaopay_http.h"
#include "sandbox/names.h"
#include "sandbox/page_http.h"

namespace onsale::sandbox::kakaopay {

struct PayBody {
  Decision decision = Decision::leave;
  std::optional<Method> method{};
};
BOOST_DESCRIBE_STRUCT(PayBody, (), (decision, method))

namespace {

using http::Call;
using http::Raw;

constexpr Brand kBrand = Brand::kakaopay;
constexpr std::string_view kPattern = "/kakaopay/pay/{tid}";

constexpr Words kItem{"상품", "Item"};
constexpr Words kQuantity{"수량", "Quantity"};
constexpr Words kRecurring{"정기 결제", "Recurring"};
constexpr Words kYes{"예", "Yes"};
constexpr Words kMoney{"카카오페이머니", "KakaoPay money"};
constexpr Words kCard{"카드", "Card"};
constexpr Words kDecline{"실패하게 하기", "Decline"};
constexpr Words kRefuse{"승인할 때 실패", "Fail when it is approved"};

void summary(PageBody& body, const Payment& payment) {
  body.begin_rows().row(kItem, payment.item_name);
  body.row(kQuantity, std::to_string(payment.quantity)).row(words::kOrderNumber, payment.order);
  if (payment.cid == kRecurringCid) body.row(kRecurring, kYes.in(body.language()));
  body.end_rows();
}

Raw open_page(const Payment& payment, Language language, std::string_view action) {
  PageBody body(language);
  body.heading(words::kPay).amount(payment.amount.total).note(words::kPractice);
  summary(body, payment);
  body.begin_form(action);
  if (!payment.method_asked)
    body.begin_choice(words::kMethod)
        .choice("method", "MONEY", kMoney, true)
        .choice("method", "CARD", kCard, false)
        .end_choice();
  body.button("main", "approve", words::kPay)
      .button("", "decline", kDecline)
      .button("quiet", "leave", words::kLeave)
      .begin_more(words::kMore)
      .button("", "refuse", kRefuse)
      .end_more()
      .end_form();
  return page(200, kBrand, words::kPay, std::move(body));
}

Raw decided_page(const Payment& payment, const std::string& address, Language language) {
  const bool over =
      payment.status == Status::QUIT_PAYMENT || payment.status == Status::FAIL_PAYMENT;
  PageBody body(language);
  body.heading(words::kPay).amount(payment.amount.total);
  body.state(over                                      ? words::kOver
             : payment.status == Status::AUTH_PASSWORD ? words::kAuthorised
                                                       : words::kDone);
  summary(body, payment);
  if (!address.empty()) body.link(address, words::kBack);
  return page(200, kBrand, words::kPay, std::move(body));
}

Reply show(KakaoPay& kakaopay, const Call& call) {
  const Payment* payment = kakaopay.open_page(call.param("tid"));
  if (payment == nullptr) return missing_page(kBrand, call);
  if (payment->status == Status::OPEN_PAYMENT)
    return {.raw = open_page(*payment, call.language(), payment->tid + language_suffix(call)),
            .payment = payment->tid};
  // Decided before: the first decision stands, whatever is said here.
  const auto back = kakaopay.decide(payment->tid, Decision::leave, Method::MONEY);
  return {.raw = decided_page(*payment, back.address, call.language()), .payment = payment->tid};
}

Reply decide(KakaoPay& kakaopay, const PayBody& body, const Call& call) {
  const auto decided =
      kakaopay.decide(call.param("tid"), body.decision, body.method.value_or(Method::MONEY));
  if (decided.payment == nullptr) return missing_page(kBrand, call);
  if (decided.address.empty())
    return {.raw = http::redirect(decided.payment->tid), .payment = decided.payment->tid};
  return {.raw = http::redirect(decided.address), .payment = decided.payment->tid};
}

}  // namespace

void page_routes(http::Router& router, HttpParts parts) {
  KakaoPay* kakaopay = &parts.kakaopay;
  Desk* desk = &parts.desk;
  router.get("//kakaopay/pay/{tid}", page_route(kBrand, "The pay page"),
             [kakaopay, desk](Call& call) {
               return serve_page(*desk, kBrand, call, kPattern,
                                 [kakaopay, &call] { return show(*kakaopay, call); });
             });
  router.post("//kakaopay/pay/{tid}", page_route(kBrand, "Decide"),
              [kakaopay, desk](PayBody body, Call& call) {
                return serve_page(*desk, kBrand, call, kPattern, [kakaopay, &call, body] {
                  return decide(*kakaopay, body, call);
                });
              });
}

}  // namespace onsale::sandbox::kakaopay
