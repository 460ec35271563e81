// What the buyer's browser shows when the return from a pay page can't be answered.
#include <algorithm>
#include <string>

#include "booking/api/views_http.h"

namespace onsale::booking {
namespace {

constexpr int kRetryDefaultS = 5;
constexpr int kRetryMaxS = 30;

struct Words {
  std::string_view checking, checking_help, again, unknown, unknown_help, reservations;
};

constexpr Words kKorean{
    .checking = "결제 결과를 확인하고 있습니다",
    .checking_help =
        "지금 요청이 많아 조금 걸립니다. 다시 결제하지 마세요. 잠시 후 이 화면이 저절로 "
        "다시 확인합니다.",
    .again = "지금 다시 확인",
    .unknown = "이 결제를 찾을 수 없습니다",
    .unknown_help = "결제가 되었는지는 내 예매에서 확인할 수 있습니다.",
    .reservations = "내 예매 보기",
};

constexpr Words kEnglish{
    .checking = "We are checking your payment",
    .checking_help =
        "Many people are asking at once and it takes a moment. Don't pay again. This "
        "page checks again by itself.",
    .again = "Check now",
    .unknown = "There is no such payment",
    .unknown_help = "Your reservations say whether you have paid.",
    .reservations = "My reservations",
};

constexpr std::string_view kStyle =
    ":root{color-scheme:light dark}"
    "body{font:1rem/1.6 system-ui,sans-serif;margin:0 auto;max-width:32rem;padding:3rem 1.25rem;"
    "word-break:keep-all}"
    "h1{font-size:1.4rem}a{display:inline-block;padding:.75rem 1rem .75rem 0}";

void link(std::string& out, std::string_view address, std::string_view text) {
  out.append("<a href=\"").append(address).append("\">").append(text).append("</a>\n");
}

}  // namespace

http::Raw return_trouble(const http::Call& call, const http::Problem& problem) {
  const Words& words = call.language() == http::Language::ko ? kKorean : kEnglish;
  const bool passes = problem.status == 429 || problem.status >= 500;
  const int retry_s =
      problem.retry_after_s > 0 ? std::min(problem.retry_after_s, kRetryMaxS) : kRetryDefaultS;
  std::string out = "<!doctype html>\n<html lang=\"";
  out.append(http::code_of(call.language())).append("\">\n<head>\n<meta charset=\"utf-8\">\n");
  out += "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n";
  out += "<meta name=\"robots\" content=\"noindex\">\n";
  if (passes) out += "<meta http-equiv=\"refresh\" content=\"" + std::to_string(retry_s) + "\">\n";
  const auto title = passes ? words.checking : words.unknown;
  out.append("<title>").append(title).append("</title>\n<style>").append(kStyle);
  out.append("</style>\n</head>\n<body>\n<main>\n<h1>").append(title).append("</h1>\n<p>");
  out.append(passes ? words.checking_help : words.unknown_help).append("</p>\n");
  if (passes) link(out, "", words.again);
  link(out, "/my/reservations", words.reservations);
  out += "</main>\n</body>\n</html>\n";
  return {.status = problem.status,
          .content_type = "text/html; charset=utf-8",
          .body = std::move(out),
          .headers = {{"Referrer-Policy", "no-referrer"}}};
}

}  // namespace onsale::booking
