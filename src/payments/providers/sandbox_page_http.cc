#include "payments/providers/sandbox_page_http.h"

#include "platform/http/message/html.h"

namespace onsale::payments {
namespace {

struct Words {
  std::string_view language, title, notice, merchant, order, amount, approve, decline, leave, back,
      approved, captured, declined, left, closed, missing, missing_help, busy, busy_help;
};

constexpr Words kKorean{
    .language = "ko",
    .title = "결제",
    .notice = "연습용 결제창입니다. 실제로 돈이 나가지 않습니다.",
    .merchant = "판매자",
    .order = "주문 내용",
    .amount = "결제 금액",
    .approve = "결제하기",
    .decline = "거절",
    .leave = "그만두기",
    .back = "주문으로 돌아가기",
    .approved = "결제를 승인했습니다.",
    .captured = "결제가 끝났습니다.",
    .declined = "결제가 거절되었습니다.",
    .left = "결제를 그만두었습니다.",
    .closed = "이 결제는 더 이상 진행할 수 없습니다.",
    .missing = "결제를 찾을 수 없습니다",
    .missing_help = "주소를 확인하거나 주문 화면에서 다시 결제를 시작해 주세요.",
    .busy = "지금 요청이 많습니다",
    .busy_help = "잠시 후 이 화면이 저절로 다시 시도합니다.",
};

constexpr Words kEnglish{
    .language = "en",
    .title = "Payment",
    .notice = "This is a practice pay page. No money is taken.",
    .merchant = "Merchant",
    .order = "Order",
    .amount = "Amount",
    .approve = "Approve payment",
    .decline = "Decline",
    .leave = "Walk away",
    .back = "Back to the order",
    .approved = "You approved this payment.",
    .captured = "This payment is complete.",
    .declined = "This payment was declined.",
    .left = "You walked away from this payment.",
    .closed = "This payment can no longer be made.",
    .missing = "There is no such payment",
    .missing_help = "Check the address, or start the payment again from your order.",
    .busy = "Many people are asking at once",
    .busy_help = "This page tries again by itself in a moment.",
};

const Words& words(http::Language language) {
  return language == http::Language::en ? kEnglish : kKorean;
}

// The colours of web/src/app/styles.css: a buyer must not wonder whose page this is.
constexpr std::string_view kStyle = R"css(
:root {
  color-scheme: light dark; --bg: #faf9f6; --surface: #ffffff; --sunken: #f1efe9;
  --line: #e2dfd7; --line-strong: #868073; --ink: #1c1b19; --ink-2: #4f4b44;
  --accent: #0c6b50; --accent-strong: #08523d; --on-accent: #ffffff; --accent-soft: #e1f0e9;
}
@media (prefers-color-scheme:dark) {
  :root {
    --bg: #121311; --surface: #1b1d1a; --sunken: #252723; --line: #31342f;
    --line-strong: #7d8378; --ink: #f3f2ed; --ink-2: #c3c2ba;
    --accent: #5fd0a6; --accent-strong: #86e0c0; --on-accent: #06261b; --accent-soft: #17362b;
  }
}
* { box-sizing: border-box }
body {
  margin: 0; word-break: keep-all; min-height: 100vh; display: grid; place-items: center;
  padding: 1rem; background: var(--bg); color: var(--ink); -webkit-font-smoothing: antialiased;
  font: 1rem/1.6 Pretendard,-apple-system,BlinkMacSystemFont,"Apple SD Gothic Neo","Segoe UI",
    "Malgun Gothic","Noto Sans KR","Noto Sans CJK KR",Roboto,sans-serif;
}
main {
  width: 100%; max-width: 26rem; background: var(--surface); border: 1px solid var(--line);
  border-radius: .875rem; padding: 1.5rem;
}
h1 { margin: 0 0 1rem; font-size: 1.5rem; line-height: 1.3; letter-spacing: -.015em }
.note {
  margin: 0 0 1.25rem; padding: .625rem .875rem; border-radius: .75rem;
  background: var(--accent-soft); font-size: .875rem; line-height: 1.5;
}
dl { margin: 0 0 1.5rem }
dl div {
  display: flex; justify-content: space-between; gap: 1rem; padding: .625rem 0;
  border-bottom: 1px solid var(--line);
}
dt { color: var(--ink-2); flex: none }
dd { margin: 0; text-align: right; overflow-wrap: anywhere }
.sum dd { font-size: 1.25rem; font-weight: 700; font-variant-numeric: tabular-nums }
form { display: grid; gap: .625rem }
button,a.button {
  display: block; width: 100%; min-height: 3rem; padding: .6875rem 1rem; border-radius: .75rem;
  border: 1px solid var(--line-strong); background: transparent; color: var(--ink); font: inherit;
  font-weight: 600; text-align: center; text-decoration: none; cursor: pointer;
}
button:hover { background: var(--sunken) }
button.main,a.button {
  background: var(--accent); border-color: var(--accent); color: var(--on-accent);
}
button.main:hover,a.button:hover {
  background: var(--accent-strong); border-color: var(--accent-strong);
}
button.quiet { border-color: transparent; color: var(--ink-2) }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
.state { margin: 0 0 1.25rem; font-weight: 600 }
)css";

std::string money(const Money& amount, const Words& w) {
  const std::string digits = amount_text(amount.amount, amount.currency);
  if (amount.currency != "KRW") return digits + " " + http::html_escaped(amount.currency);
  return w.language == "ko" ? digits + "원" : "₩" + digits;
}

std::string_view state_text(SandboxState state, const Words& w) {
  switch (state) {
    case SandboxState::approved:
      return w.approved;
    case SandboxState::captured:
      return w.captured;
    case SandboxState::declined:
      return w.declined;
    case SandboxState::left:
      return w.left;
    case SandboxState::open:
    case SandboxState::closed:
      break;
  }
  return w.closed;
}

// `again_s` > 0: the page asks again by itself, as a look at the page and not as a decision.
std::string document(const Words& w, std::string_view title, std::string_view nonce,
                     std::string_view body, int again_s = 0) {
  std::string out = "<!doctype html>\n<html lang=\"";
  out.append(w.language).append("\">\n<head>\n<meta charset=\"utf-8\">\n");
  out += "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n";
  if (again_s > 0) {
    out += "<meta http-equiv=\"refresh\" content=\"" + std::to_string(again_s) + "\">\n";
  }
  out += "<meta name=\"robots\" content=\"noindex\">\n<link rel=\"icon\" href=\"data:,\">\n<title>";
  out.append(http::html_escaped(title))
      .append("</title>\n<style nonce=\"")
      .append(nonce)
      .append("\">");
  out.append(kStyle).append("</style>\n</head>\n<body>\n<main>\n");
  out.append(body).append("</main>\n</body>\n</html>\n");
  return out;
}

void row(std::string& out, std::string_view css, std::string_view name, const std::string& value) {
  out.append("<div").append(css).append("><dt>").append(name).append("</dt><dd>");
  out.append(value).append("</dd></div>\n");
}

void button(std::string& out, std::string_view css, std::string_view value,
            std::string_view label) {
  out.append("<button type=\"submit\" class=\"")
      .append(css)
      .append("\" name=\"decision\" value=\"");
  out.append(value).append("\">").append(label).append("</button>\n");
}

}  // namespace

std::string render_page(const SandboxCharge& charge, http::Language language,
                        std::string_view nonce, std::string_view action) {
  const Words& w = words(language);
  std::string body = "<h1>" + std::string(w.title) + "</h1>\n<p class=\"note\">";
  body.append(w.notice).append("</p>\n<dl>\n");
  row(body, "", w.merchant, http::html_escaped(charge.merchant));
  row(body, "", w.order, http::html_escaped(charge.order_name));
  row(body, " class=\"sum\"", w.amount, money(charge.amount, w));
  body += "</dl>\n";
  if (charge.state == SandboxState::open) {
    body += "<form method=\"post\" action=\"" + http::html_escaped(action) + "\">\n";
    button(body, "main", "approve", w.approve);
    button(body, "", "decline", w.decline);
    button(body, "quiet", "leave", w.leave);
    body += "</form>\n";
  } else {
    body.append("<p class=\"state\" role=\"status\">").append(state_text(charge.state, w));
    body.append("</p>\n<a class=\"button\" href=\"")
        .append(http::html_escaped(charge.return_address));
    body.append("\">").append(w.back).append("</a>\n");
  }
  return document(w, std::string(w.title) + " · " + charge.merchant, nonce, body);
}

std::string render_busy_page(http::Language language, std::string_view nonce, int again_s) {
  const Words& w = words(language);
  std::string body = "<h1>" + std::string(w.busy) + "</h1>\n<p role=\"status\">";
  body.append(w.busy_help).append("</p>\n");
  return document(w, w.busy, nonce, body, again_s);
}

std::string render_missing_page(http::Language language, std::string_view nonce) {
  const Words& w = words(language);
  std::string body = "<h1>" + std::string(w.missing) + "</h1>\n<p>";
  body.append(w.missing_help).append("</p>\n");
  return document(w, w.missing, nonce, body);
}

}  // namespace onsale::payments
