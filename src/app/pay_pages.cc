#include "app/pay_pages.h"

#include <array>
#include <boost/beast/core/string.hpp>

#include "platform/http/exchange.h"

namespace onsale::app {
namespace {

using http::Call;
using http::Raw;

// What a page may say of itself besides its text.
constexpr std::array<std::string_view, 2> kKeptHeaders{"Content-Security-Policy", "Location"};
constexpr std::array<std::string_view, 2> kToldHeaders{"Accept-Language", "Cookie"};

Raw page_of(net::Answer answer) {
  Raw out{.status = answer.status, .body = std::move(answer.body)};
  for (const auto& [name, value] : answer.headers) {
    if (boost::beast::iequals(name, "Content-Type")) out.content_type = value;
    for (const std::string_view kept : kKeptHeaders)
      if (boost::beast::iequals(name, kept)) out.headers.emplace_back(kept, value);
  }
  return out;
}

Task<Raw> forward(net::Client& client, const std::string& stand_in, Call& call) {
  // Of the path that was matched, never of the target: that may name another host (RFC
  // 9112, 3.2.2).
  std::string url = stand_in + std::string(call.path().substr(kPayPages.size()));
  if (const auto query = call.exchange().query_text; !query.empty()) url.append("?").append(query);
  net::Request request{.url = std::move(url),
                       .method = std::string(call.method()),
                       .content_type = std::string(call.header("Content-Type")),
                       .body = std::string(call.body())};
  for (const std::string_view name : kToldHeaders)
    if (const auto value = call.header(name); !value.empty())
      request.headers.emplace_back(name, value);
  auto asked = client.ask(std::move(request));
  try {
    net::Answer answer = co_await std::move(asked);
    co_return page_of(std::move(answer));
  } catch (const net::Unreachable&) {
    throw http::Problem(503, "provider_unavailable", "The pay page does not answer. Try again.");
  }
}

}  // namespace

void pay_page_routes(http::Router& router, net::Client& client, std::string stand_in) {
  const auto pass = [&client, stand_in = std::move(stand_in)](Call& call) {
    return forward(client, stand_in, call);
  };
  const http::Route look{.summary = "A pay page of the practice providers",
                         .tag = "sandbox",
                         .hidden = true,
                         .produces = "text/html"};
  http::Route press = look;
  press.csrf_exempt = true;
  press.form = true;
  press.any_body = true;
  router.get("//sandbox/toss/pay", look, pass);
  router.get("//sandbox/toss/receipt/{payment}", look, pass);
  for (const auto* const path :
       {"//sandbox/toss/pay/{payment}", "//sandbox/kakaopay/pay/{payment}"}) {
    router.get(path, look, pass);
    router.post(path, press, pass);
  }
}

}  // namespace onsale::app
