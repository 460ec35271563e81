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

constexpr std::string_view kPattern = "/kakaopay/pay/{tid}";

constexpr Words kPay{"결제하기", "Pay"};
constexpr Words kPractice{"연습용 결제창입니다. 실제로 돈이 나가지 않습니다.",
                          "This is a practice pay page. No money is taken."};
constexpr Words kItem{"상품", "Item"};
constexpr Words kQuantity{"수량", "Quantity"};
constexpr Words kOrderNumber{"주문번호", "Order id"};
constexpr Words kRecurring{"정기 결제", "Recurring"};
constexpr Words kYes{"예", "Yes"};
constexpr Words kMethod{"결제 수단", "Pay with"};
constexpr Words kMoney{"카카오페이머니", "KakaoPay money"};
constexpr Words kCard{"카드", "Card"};
constexpr Words kDecline{"실패하게 하기", "Decline"};
constexpr Words kLeave{"그만두기", "Walk away"};
constexpr Words kMore{"다른 결과 시험하기", "Try another outcome"};
constexpr Words kRefuse{"승인할 때 실패", "Fail when it is approved"};
constexpr Words kBack{"상점으로 돌아가기", "Back to the shop"};
constexpr Words kMissing{"결제를 찾을 수 없습니다", "There is no such payment"};
constexpr Words kInvalid{"요청을 처리할 수 없습니다", "The request cannot be handled"};
constexpr Words kDone{"결제가 끝났습니다.", "This payment is complete."};
constexpr Words kAuthorised{"결제를 승인했습니다.", "You approved this payment."};
constexpr Words kOver{"이 결제는 더 이상 진행할 수 없습니다.",
                      "This payment can no longer be made."};

void summary(PageBody& body, const Payment& payment) {
  body.begin_rows().row(kItem, payment.item_name);
  body.row(kQuantity, std::to_string(payment.quantity)).row(kOrderNumber, payment.order);
  if (payment.cid == kRecurringCid) body.row(kRecurring, kYes.in(body.language()));
  body.end_rows();
}

Raw open_page(const Payment& payment, Language language, std::string_view action) {
  PageBody body(language);
  body.heading(kPay).amount(payment.amount.total).note(kPractice);
  summary(body, payment);
  body.begin_form(action);
  if (!payment.method_asked)
    body.begin_choice(kMethod)
        .choice("method", "MONEY", kMoney, true)
        .choice("method", "CARD", kCard, false)
        .end_choice();
  body.button("main", "approve", kPay)
      .button("", "decline", kDecline)
      .button("quiet", "leave", kLeave)
      .begin_more(kMore)
      .button("", "refuse", kRefuse)
      .end_more()
      .end_form();
  return page(200, Brand::kakaopay, kPay, std::move(body));
}

Raw decided_page(const Payment& payment, const std::string& address, Language language) {
  const bool over =
      payment.status == Status::QUIT_PAYMENT || payment.status == Status::FAIL_PAYMENT;
  PageBody body(language);
  body.heading(kPay).amount(payment.amount.total);
  body.state(over ? kOver : payment.status == Status::AUTH_PASSWORD ? kAuthorised : kDone);
  summary(body, payment);
  if (!address.empty()) body.link(address, kBack);
  return page(200, Brand::kakaopay, kPay, std::move(body));
}

Reply missing(const Call& call) {
  return {.raw = problem_page(404, Brand::kakaopay, call.language(), kMissing, {})};
}

Reply show(KakaoPay& kakaopay, const Call& call) {
  const Payment* payment = kakaopay.open_page(call.param("tid"));
  if (payment == nullptr) return missing(call);
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
  if (decided.payment == nullptr) return missing(call);
  if (decided.address.empty())
    return {.raw = http::redirect(decided.payment->tid), .payment = decided.payment->tid};
  return {.raw = http::redirect(decided.address), .payment = decided.payment->tid};
}

Raw trouble(const Call& call, const http::Problem& problem) {
  return problem_page(problem.status, Brand::kakaopay, call.language(), kInvalid, problem.code);
}

Task<Raw> serve(Desk& desk, Call& call, std::function<Reply()> work) {
  return desk.serve(call,
                    {.pattern = kPattern, .work = std::move(work), .trouble = [&call](int status) {
                       return Reply{.raw = problem_page(status, Brand::kakaopay, call.language(),
                                                        kInvalid, "practice")};
                     }});
}

http::Route route(std::string_view summary) {
  return {
      .summary = summary, .csrf_exempt = true, .form = true, .hidden = true, .trouble = trouble};
}

}  // namespace

void page_routes(http::Router& router, HttpParts parts) {
  KakaoPay* kakaopay = &parts.kakaopay;
  Desk* desk = &parts.desk;
  router.get("//kakaopay/pay/{tid}", route("The pay page"), [kakaopay, desk](Call& call) {
    return serve(*desk, call, [kakaopay, &call] { return show(*kakaopay, call); });
  });
  router.post("//kakaopay/pay/{tid}", route("Decide"), [kakaopay, desk](PayBody body, Call& call) {
    return serve(*desk, call, [kakaopay, &call, body] { return decide(*kakaopay, body, call); });
  });
}

}  // namespace onsale::sandbox::kakaopay
