#include "sandbox/page_http.h"

#include "base/money.h"
#include "platform/crypto/bytes.h"
#include "platform/http/message/html.h"

namespace onsale::sandbox {
namespace {

constexpr std::string_view kStyle = R"css(
:root { --bg: #f2f4f6; --surface: #ffffff; --sunken: #f2f4f6; --line: #d7dbe0; --strong: #7b8592;
  --ink: #191f28; --ink-2: #4e5968 }
.toss { --accent: #1b64da; --accent-strong: #154fb0; --on-accent: #ffffff; --soft: #e8f1fd }
.kakaopay { --accent: #fee500; --accent-strong: #f2d900; --on-accent: #191919; --soft: #fff9c9 }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; background: var(--bg); color: var(--ink); word-break: keep-all;
  font: 1rem/1.6 Pretendard,-apple-system,BlinkMacSystemFont,"Apple SD Gothic Neo","Segoe UI",
    "Malgun Gothic","Noto Sans KR","Noto Sans CJK KR",Roboto,sans-serif;
  -webkit-font-smoothing: antialiased }
main { display: flex; flex-direction: column; width: 100%; max-width: 26.25rem; min-height: 100vh;
  margin: 0 auto; background: var(--surface) }
header { display: flex; align-items: center; gap: .5rem; padding: .875rem 1.25rem; font-weight: 700;
  background: var(--accent); color: var(--on-accent) }
section { flex: 1; display: flex; flex-direction: column; padding: 1.5rem 1.25rem 1.25rem }
h1 { margin: 0 0 .25rem; font-size: 1.25rem; line-height: 1.35 }
.amount { margin: 0 0 1rem; font-size: 2rem; line-height: 1.25; font-weight: 700;
  font-variant-numeric: tabular-nums; letter-spacing: -.02em }
.note { margin: 0 0 1rem; padding: .625rem .875rem; border-radius: .75rem; background: var(--soft);
  font-size: .875rem; line-height: 1.5 }
.state { margin: 0 0 1rem; font-weight: 600 }
dl { margin: 0 0 1.25rem }
dl div { display: flex; justify-content: space-between; gap: 1rem; padding: .5rem 0;
  border-bottom: 1px solid var(--line) }
dt { color: var(--ink-2); flex: none }
dd { margin: 0; text-align: right; overflow-wrap: anywhere }
form { flex: 1; display: flex; flex-direction: column; gap: .625rem }
fieldset { margin: 0 0 .625rem; padding: 0; border: 0; display: grid; gap: .5rem;
  grid-template-columns: repeat(auto-fit,minmax(8rem,1fr)) }
legend { padding: 0 0 .375rem; font-weight: 600; font-size: .9375rem }
label { display: flex; align-items: center; gap: .5rem; min-height: 3rem; padding: .5rem .75rem;
  border: 1px solid var(--line); border-radius: .75rem; cursor: pointer }
label:has(:checked) { border-color: var(--strong); background: var(--soft); font-weight: 600 }
input { accent-color: var(--ink); width: 1.125rem; height: 1.125rem; margin: 0; flex: none }
.end { margin-top: auto; display: grid; gap: .625rem }
button,a.button { display: block; width: 100%; min-height: 3.25rem; padding: .75rem 1rem;
  border-radius: .875rem; border: 1px solid var(--strong); background: transparent;
  color: var(--ink); font: inherit; font-weight: 600; text-align: center; text-decoration: none;
  cursor: pointer }
button:hover { background: var(--sunken) }
button.main,a.button { background: var(--accent); border-color: var(--accent);
  color: var(--on-accent) }
button.main:hover,a.button:hover { background: var(--accent-strong) }
form + .end a.button { background: transparent; border-color: var(--strong); color: var(--ink) }
form + .end a.button:hover { background: var(--sunken) }
button.quiet { border-color: transparent; color: var(--ink-2) }
details { border-top: 1px solid var(--line); padding-top: .5rem }
summary { min-height: 2.75rem; display: flex; align-items: center; color: var(--ink-2);
  font-size: .9375rem; cursor: pointer }
summary::before { content: "+"; width: 1.25rem; font-weight: 700 }
details[open] summary::before { content: "−" }
:focus-visible { outline: 3px solid var(--ink); outline-offset: 2px }
@media (min-width: 40rem) {
  body { display: grid; place-items: center; padding: 2rem }
  main { min-height: 42rem; border-radius: 1.5rem; overflow: hidden;
    box-shadow: 0 1px 2px rgb(0 0 0 / 6%),0 12px 40px rgb(0 0 0 / 10%) }
}
)css";

constexpr std::size_t kNonceBytes = 16;

constexpr Words kToss{"토스페이먼츠 · 연습", "Toss Payments · practice"};
constexpr Words kKakaoPay{"카카오페이 · 연습", "KakaoPay · practice"};

constexpr Words kMissing{"결제를 찾을 수 없습니다", "There is no such payment"};
constexpr Words kInvalid{"요청을 처리할 수 없습니다", "The request cannot be handled"};

template <Brand brand>
http::Raw trouble(const http::Call& call, const http::Problem& problem) {
  return problem_page(problem.status, brand, call.language(), kInvalid, problem.code);
}

std::string escaped(std::string_view text) { return http::html_escaped(text); }

}  // namespace

PageBody& PageBody::heading(const Words& words) {
  out_.append("<h1>").append(words.in(language_)).append("</h1>\n");
  return *this;
}

PageBody& PageBody::amount(std::int64_t won) {
  out_.append("<p class=\"amount\">");
  if (language_ == Language::en) out_ += "₩";
  out_ += grouped(won);
  if (language_ == Language::ko) out_ += "원";
  out_ += "</p>\n";
  return *this;
}

PageBody& PageBody::note(const Words& words) {
  out_.append("<p class=\"note\">").append(words.in(language_)).append("</p>\n");
  return *this;
}

PageBody& PageBody::state(const Words& words) {
  out_.append("<p class=\"state\" role=\"status\">").append(words.in(language_)).append("</p>\n");
  return *this;
}

PageBody& PageBody::begin_rows() {
  out_ += "<dl>\n";
  return *this;
}

PageBody& PageBody::row(const Words& name, std::string_view value) {
  out_.append("<div><dt>").append(name.in(language_)).append("</dt><dd>");
  out_.append(escaped(value)).append("</dd></div>\n");
  return *this;
}

PageBody& PageBody::end_rows() {
  out_ += "</dl>\n";
  return *this;
}

PageBody& PageBody::begin_form(std::string_view action) {
  out_.append("<form method=\"post\" action=\"").append(escaped(action)).append("\">\n");
  return *this;
}

PageBody& PageBody::begin_choice(const Words& legend) {
  out_.append("<fieldset><legend>").append(legend.in(language_)).append("</legend>\n");
  return *this;
}

PageBody& PageBody::choice(std::string_view field, std::string_view value, const Words& label,
                           bool chosen) {
  out_.append("<label><input type=\"radio\" name=\"").append(field).append("\" value=\"");
  out_.append(value).append(chosen ? "\" checked>" : "\">").append(label.in(language_));
  out_ += "</label>\n";
  return *this;
}

PageBody& PageBody::end_choice() {
  out_ += "</fieldset>\n";
  return *this;
}

PageBody& PageBody::button(std::string_view kind, std::string_view decision, const Words& label) {
  out_ += "<button type=\"submit\"";
  if (!kind.empty()) out_.append(" class=\"").append(kind).append("\"");
  out_.append(" name=\"decision\" value=\"").append(decision).append("\">");
  out_.append(label.in(language_)).append("</button>\n");
  return *this;
}

PageBody& PageBody::begin_more(const Words& summary) {
  out_.append("<details><summary>").append(summary.in(language_)).append("</summary>\n");
  return *this;
}

PageBody& PageBody::end_more() {
  out_ += "</details>\n";
  return *this;
}

PageBody& PageBody::end_form() {
  out_ += "</form>\n";
  return *this;
}

PageBody& PageBody::link(std::string_view address, const Words& label) {
  out_.append("<div class=\"end\"><a class=\"button\" href=\"").append(escaped(address));
  out_.append("\">").append(label.in(language_)).append("</a></div>\n");
  return *this;
}

http::Raw page(int status, Brand brand, const Words& title, PageBody body) {
  const Language language = body.language();
  const std::string nonce = crypto::random_token(kNonceBytes);
  const bool toss = brand == Brand::toss;
  const Words& name = toss ? kToss : kKakaoPay;
  std::string out = "<!doctype html>\n<html lang=\"";
  out.reserve(6 * 1024);
  out.append(http::code_of(language)).append("\">\n<head>\n<meta charset=\"utf-8\">\n");
  out +=
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
      "<meta name=\"robots\" content=\"noindex\">\n<link rel=\"icon\" href=\"data:,\">\n<title>";
  out.append(title.in(language)).append(" · ").append(name.in(language)).append("</title>\n");
  out.append("<style nonce=\"").append(nonce).append("\">").append(kStyle).append("</style>\n");
  out.append("</head>\n<body class=\"").append(toss ? "toss" : "kakaopay").append("\">\n<main>\n");
  out.append("<header>").append(name.in(language)).append("</header>\n<section>\n");
  out.append(std::move(body).text()).append("</section>\n</main>\n</body>\n</html>\n");
  return {.status = status,
          .content_type = "text/html; charset=utf-8",
          .body = std::move(out),
          .headers = {{"Content-Security-Policy", "default-src 'none'; style-src 'nonce-" + nonce +
                                                      "'; img-src data:; base-uri 'none'; "
                                                      "frame-ancestors 'none'"}}};
}

http::Raw problem_page(int status, Brand brand, Language language, const Words& title,
                       std::string_view about) {
  constexpr Words kReason{"이유", "Reason"};
  PageBody body(language);
  body.heading(title);
  if (!about.empty()) body.begin_rows().row(kReason, about).end_rows();
  return page(status, brand, title, std::move(body));
}

Reply missing_page(Brand brand, const http::Call& call) {
  return {.raw = problem_page(404, brand, call.language(), kMissing, {})};
}

http::Route page_route(Brand brand, std::string_view summary) {
  return {.summary = summary,
          .csrf_exempt = true,
          .form = true,
          .hidden = true,
          .trouble = brand == Brand::toss ? trouble<Brand::toss> : trouble<Brand::kakaopay>};
}

Task<http::Raw> serve_page(Desk& desk, Brand brand, http::Call& call, std::string_view pattern,
                           std::function<Reply()> work) {
  return desk.serve(
      call,
      {.pattern = pattern, .work = std::move(work), .trouble = [&call, brand](int status) {
         return Reply{.raw = problem_page(status, brand, call.language(), kInvalid, "practice")};
       }});
}

std::string language_suffix(const http::Call& call) {
  const auto asked = call.query("lang");
  return asked == "ko" || asked == "en" ? "?lang=" + std::string(asked) : std::string();
}

}  // namespace onsale::sandbox
