#include "payments/api/toss_http.h"

#include "payments/providers/answer_client.h"
#include "payments/providers/toss_client.h"
#include "platform/crypto/bytes.h"
#include "platform/http/message/html.h"
#include "platform/json/json.h"

namespace onsale::payments {

using http::Answer;
using http::Call;
using http::Raw;

namespace {

constexpr std::size_t kWebhookBytesMax = 64 * 1024;
constexpr std::size_t kNonceBytes = 16;

// Anybody may call it, and nothing it says is believed but which payment to look at.
Task<Answer<void>> notice(Payments& payments, Call& call) {
  const ProviderJson data = ProviderJson(call.body()).inner("data");
  // DEPOSIT_CALLBACK has its members outside.
  std::string order = data.text("orderId");
  std::string status = data.text("status");
  if (order.empty()) {
    const ProviderJson whole(call.body());
    order = whole.text("orderId");
    status = whole.text("status");
  }
  const auto id = PaymentId::parse(order);
  std::optional<Payment> payment;
  if (id) payment = co_await payments.find(*id);
  // What we know already needs no look: every confirm of ours is told, too.
  const bool news = payment && !(status == "DONE" && payment->state == PaymentState::paid);
  if (news) co_await payments.noticed(*id, payment->provider);
  co_return http::no_content().status(200);
}

struct Words {
  std::string_view language, title, opening, again, back, over, over_help, script;
};
constexpr Words kKorean{
    .language = "ko",
    .title = "결제",
    .opening = "토스페이먼츠 결제창을 여는 중입니다…",
    .again = "결제창 다시 열기",
    .back = "주문으로 돌아가기",
    .over = "이 결제는 더 이상 진행할 수 없습니다",
    .over_help = "주문 화면에서 다시 결제를 시작해 주세요.",
    .script = "결제를 하려면 자바스크립트를 켜 주세요.",
};
constexpr Words kEnglish{
    .language = "en",
    .title = "Payment",
    .opening = "Opening Toss Payments…",
    .again = "Open it again",
    .back = "Back to the order",
    .over = "This payment can no longer be made",
    .over_help = "Start the payment again from your order.",
    .script = "Paying needs JavaScript.",
};

constexpr std::string_view kStyle = R"css(
:root { color-scheme: light dark; --bg: #faf9f6; --surface: #fff; --line: #e2dfd7; --ink: #1c1b19;
  --accent: #0c6b50; --on-accent: #fff }
@media (prefers-color-scheme:dark) { :root { --bg: #121311; --surface: #1b1d1a; --line: #31342f;
  --ink: #f3f2ed; --accent: #5fd0a6; --on-accent: #06261b } }
* { box-sizing: border-box }
body { margin: 0; word-break: keep-all; min-height: 100vh; display: grid; place-items: center;
  padding: 1rem; background: var(--bg); color: var(--ink); font: 1rem/1.6 Pretendard,
  -apple-system,"Apple SD Gothic Neo","Segoe UI","Malgun Gothic","Noto Sans CJK KR",sans-serif }
main { width: 100%; max-width: 26rem; background: var(--surface); border: 1px solid var(--line);
  border-radius: .875rem; padding: 1.5rem }
h1 { margin: 0 0 1rem; font-size: 1.5rem; line-height: 1.3 }
button,a { display: block; width: 100%; min-height: 3rem; margin-top: .625rem; padding: .6875rem;
  border-radius: .75rem; border: 1px solid var(--accent); background: transparent;
  color: var(--ink); font: inherit; font-weight: 600; text-align: center; text-decoration: none;
  cursor: pointer }
button { background: var(--accent); color: var(--on-accent) }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
)css";

// Toss's own error leads back as its failUrl would: the buyer's page says what happened.
constexpr std::string_view kScript = R"js(
const given = JSON.parse(document.getElementById('payment').textContent);
const open = () => {
  TossPayments(given.clientKey).payment({ customerKey: TossPayments.ANONYMOUS }).requestPayment({
    method: 'CARD', amount: { currency: given.currency, value: given.amount },
    orderId: given.orderId, orderName: given.orderName,
    successUrl: given.back, failUrl: given.back,
  }).catch((error) => {
    const code = encodeURIComponent(error.code || 'UNKNOWN');
    location.replace(given.back + '&code=' + code + '&orderId=' + given.orderId);
  });
};
document.getElementById('open').addEventListener('click', open);
open();
)js";

struct PageGiven {
  std::string clientKey, orderId, orderName, currency, back;
  std::int64_t amount = 0;
};
BOOST_DESCRIBE_STRUCT(PageGiven, (), (clientKey, orderId, orderName, currency, back, amount))

// JSON inside a page: no tag may begin in it.
std::string inert(std::string text) {
  for (auto at = text.find('<'); at != text.npos; at = text.find('<', at))
    text.replace(at, 1, "\\u003c");
  return text;
}

std::string head_of(const Words& w, std::string_view nonce) {
  std::string out = "<!doctype html>\n<html lang=\"";
  out.append(w.language).append("\">\n<head>\n<meta charset=\"utf-8\">\n");
  out += "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n";
  out += "<meta name=\"robots\" content=\"noindex\">\n<link rel=\"icon\" href=\"data:,\">\n<title>";
  out.append(w.title).append("</title>\n<style nonce=\"").append(nonce).append("\">");
  return out.append(kStyle).append("</style>\n</head>\n<body>\n<main>\n");
}

// Toss's script and what it opens, and nothing else, and only on this page.
Raw page(int status, std::string body, const std::string& nonce) {
  constexpr std::string_view kToss = "https://*.tosspayments.com";
  std::string policy = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; script-src ";
  policy.append("https://js.tosspayments.com 'nonce-").append(nonce).append("'; connect-src ");
  policy.append(kToss).append("; frame-src ").append(kToss).append("; form-action ").append(kToss);
  policy.append("; img-src data: ").append(kToss).append("; style-src 'nonce-").append(nonce);
  policy.append("'");
  return {.status = status,
          .content_type = "text/html; charset=utf-8",
          .body = std::move(body),
          .headers = {{"Content-Security-Policy", std::move(policy)},
                      {"Referrer-Policy", "no-referrer"}}};
}

Raw over(const Words& w, const std::string& nonce) {
  std::string body = head_of(w, nonce) + "<h1>";
  body.append(w.over).append("</h1>\n<p>").append(w.over_help).append("</p>\n</main>\n</body>\n");
  return page(404, body.append("</html>\n"), nonce);
}

Task<Raw> show(Payments& payments, std::string client_key, Call& call) {
  const std::string nonce = crypto::random_token(kNonceBytes);
  const Words& w = call.language() == http::Language::en ? kEnglish : kKorean;
  const auto id = PaymentId::parse(call.param("payment"));
  std::string key(call.query("key"));
  std::optional<PayPage> found;
  if (id) found = co_await payments.pay_page(*id, key);
  if (!found || found->state != PaymentState::pending) co_return over(w, nonce);
  const PageGiven given{
      .clientKey = std::move(client_key),
      .orderId = id->str(),
      .orderName = found->order_name,
      .currency = found->amount.currency,
      .back = call.site() + "/api/v1/payments/" + id->str() + "/return?key=" + key,
      .amount = found->amount.amount};
  std::string body = head_of(w, nonce) + "<h1>" + http::html_escaped(found->order_name) + "</h1>\n";
  body.append("<p role=\"status\">").append(w.opening).append("</p>\n<noscript><p>");
  body.append(w.script).append("</p></noscript>\n<button type=\"button\" id=\"open\">");
  body.append(w.again).append("</button>\n<a href=\"").append(http::html_escaped(given.back));
  body.append("&amp;code=PAY_PROCESS_CANCELED\">").append(w.back).append("</a>\n</main>\n");
  body += "<script type=\"application/json\" id=\"payment\" nonce=\"" + nonce + "\">";
  body += inert(json::write(given)) + "</script>\n";
  body +=
      "<script nonce=\"" + nonce + "\" src=\"https://js.tosspayments.com/v2/standard\"></script>\n";
  body.append("<script nonce=\"").append(nonce).append("\">").append(kScript);
  co_return page(200, body.append("</script>\n</body>\n</html>\n"), nonce);
}

}  // namespace

void toss_routes(http::Router& router, Payments& payments, std::string client_key) {
  router.post("/webhooks/toss",
              {.summary = "Toss Payments says that a payment moved: it is looked up",
               .answers = {{200, "stored"}},
               .tag = "payments",
               .csrf_exempt = true,
               .any_body = true,
               .body_max = kWebhookBytesMax},
              [&payments](Call& call) { return notice(payments, call); });
  if (client_key.empty()) return;
  router.get("/" + std::string(kTossPage) + "{payment}",
             {.summary = "Opens the pay page of Toss Payments",
              .answers = {{200, "page"}, {404, "page"}},
              .tag = "payments",
              .hidden = true,
              .produces = "text/html"},
             [&payments, client_key](Call& call) { return show(payments, client_key, call); });
}

}  // namespace onsale::payments
