#include "gateway/pages_http.h"

#include <array>

#include "platform/http/message/html.h"

namespace onsale::gateway {
namespace {

struct Text {
  std::string_view ko, en;
  std::string_view in(Language language) const { return language == Language::ko ? ko : en; }
};

struct Words {
  int status;
  std::string_view code;
  Text title, what;
};

constexpr Text kToTheRoom{"대기실로 가기", "Go to the waiting room"};

Words words_of(Refusal refusal) {
  const int status = status_of(refusal);
  const std::string_view code = to_string(refusal);
  switch (refusal) {
    case Refusal::bad_target:
      return {status, code, {"주소를 읽을 수 없습니다", "This address cannot be read"}, {"", ""}};
    case Refusal::not_ready:
    case Refusal::busy:
      return {status,
              code,
              {"잠시 후 열립니다", "Opening in a moment"},
              {"지금은 아무도 들어갈 수 없습니다. 잠시 후 자동으로 다시 시도합니다.",
               "Nobody can enter right now. This page tries again by itself."}};
    case Refusal::pass_required:
      return {status,
              code,
              {"대기실을 거쳐 주세요", "Please wait in line first"},
              {"이 페이지는 대기실에서 순서가 된 분만 볼 수 있습니다.",
               "This page is for those whose turn has come in the waiting room."}};
    case Refusal::pass_expired:
    case Refusal::pass_revoked:
      return {status,
              code,
              {"입장권의 시간이 지났습니다", "Your pass has run out"},
              {"대기실로 돌아가면 자리에 따라 새 입장권을 받습니다.",
               "The waiting room gives you a new one if your place is still there."}};
    case Refusal::pass_used:
      return {
          status,
          code,
          {"이미 사용된 입장권입니다", "This pass was used already"},
          {"입장권은 처음 사용한 브라우저에서만 쓸 수 있습니다. 대기실에서 자신의 입장권을 "
           "받으세요.",
           "A pass belongs to the browser that used it first. Get your own in the waiting room."}};
    case Refusal::pass_invalid:
      break;
  }
  return {status,
          code,
          {"쓸 수 없는 입장권입니다", "This pass is not valid here"},
          {"대기실에서 새 입장권을 받으세요.", "Get a new one in the waiting room."}};
}

Words words_of(Trouble trouble) {
  switch (trouble) {
    case Trouble::bad_request:
      return {
          400, "bad_request", {"요청을 읽을 수 없습니다", "The request cannot be read"}, {"", ""}};
    case Trouble::too_large:
      return {
          413, "too_large", {"보낸 내용이 너무 큽니다", "What you sent is too large"}, {"", ""}};
    case Trouble::not_supported:
      return {
          501, "not_supported", {"지원하지 않는 요청입니다", "This is not supported"}, {"", ""}};
    case Trouble::origin_away:
      return {502,
              "origin_unreachable",
              {"지금은 페이지를 열 수 없습니다", "The page cannot be opened right now"},
              {"자리는 그대로입니다. 잠시 후 다시 시도해 주세요.",
               "Your place is safe. Please try again in a moment."}};
    case Trouble::origin_slow:
      break;
  }
  return {504,
          "origin_timeout",
          {"응답이 늦어지고 있습니다", "The answer takes too long"},
          {"자리는 그대로입니다. 잠시 후 다시 시도해 주세요.",
           "Your place is safe. Please try again in a moment."}};
}

constexpr std::string_view kStyle =
    "<style>body{font:1rem/1.6 system-ui,sans-serif;margin:0;display:grid;place-items:center;"
    "min-height:100vh;background:#fff;color:#1a1a1a}main{max-width:30rem;padding:1.5rem}"
    "a{display:inline-block;margin-top:1rem;padding:.75rem 1.25rem;border-radius:.5rem;"
    "background:#1d4ed8;color:#fff;text-decoration:none}a:focus-visible{outline:3px solid #f59e0b}"
    "@media(prefers-color-scheme:dark){body{background:#111;color:#eee}}</style>";

std::string html_of(const Words& words, std::string_view link, Language language) {
  std::string out = "<!doctype html><html lang=\"";
  out += language == Language::ko ? "ko" : "en";
  out +=
      "\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width,initial-scale=1\"><meta name=\"robots\" content=\"noindex\">";
  if (words.status == 503) out += "<meta http-equiv=\"refresh\" content=\"5\">";
  out.append("<title>").append(words.title.in(language)).append("</title>").append(kStyle);
  out.append("</head><body><main><h1>").append(words.title.in(language)).append("</h1>");
  if (!words.what.en.empty()) out.append("<p>").append(words.what.in(language)).append("</p>");
  if (!link.empty()) {
    out += "<a href=\"" + http::html_escaped(link) + "\">";
    out.append(kToTheRoom.in(language)).append("</a>");
  }
  return out += "</main></body></html>\n";
}

// The words are ours and the address is escaped: nothing of it needs an escape in JSON.
std::string json_of(const Words& words, std::string_view enter_url) {
  std::string out = R"({"type":"about:blank","title":")";
  out.append(words.title.en).append(R"(","status":)").append(std::to_string(words.status));
  out.append(R"(,"code":")").append(words.code).append("\"");
  if (!words.what.en.empty()) out.append(R"(,"detail":")").append(words.what.en).append("\"");
  if (!enter_url.empty()) out.append(R"(,"enter_url":")").append(enter_url).append("\"");
  return out += "}\n";
}

Page page_of(const Words& words, std::string_view enter_url, bool html, Language language) {
  if (!html)
    return {.status = words.status,
            .content_type = "application/problem+json",
            .body = json_of(words, enter_url)};
  return {.status = words.status,
          .content_type = "text/html; charset=utf-8",
          .body = html_of(words, enter_url, language)};
}

}  // namespace

Page refusal_page(Refusal refusal, std::string_view enter_url, bool html, Language language) {
  return page_of(words_of(refusal), enter_url, html, language);
}

Page trouble_page(Trouble trouble, bool html, Language language) {
  return page_of(words_of(trouble), "", html, language);
}

}  // namespace onsale::gateway
