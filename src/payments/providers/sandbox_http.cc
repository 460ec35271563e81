#include "payments/providers/sandbox_http.h"

#include <algorithm>
#include <boost/describe.hpp>

#include "payments/providers/sandbox_page_http.h"
#include "platform/crypto/bytes.h"

namespace onsale::payments {

using http::Call;
using http::Raw;

BOOST_DESCRIBE_ENUM(Decision, approve, decline, leave)

struct DecisionBody {
  Decision decision = Decision::leave;
};
BOOST_DESCRIBE_STRUCT(DecisionBody, (), (decision))

namespace {

constexpr std::size_t kNonceBytes = 16;

// No form-action: the decision redirects to wherever the merchant's return leads.
Raw html(int status, std::string body, const std::string& nonce) {
  return {.status = status,
          .content_type = "text/html; charset=utf-8",
          .body = std::move(body),
          .headers = {{"Content-Security-Policy", "default-src 'none'; style-src 'nonce-" + nonce +
                                                      "'; img-src data:; base-uri 'none';"
                                                      " frame-ancestors 'none'"}}};
}

Raw missing(const Call& call, int status = 404) {
  const std::string nonce = crypto::random_token(kNonceBytes);
  const auto language = call.language();
  return html(status, render_missing_page(language, nonce), nonce);
}

constexpr int kAgainDefaultS = 5;
constexpr int kAgainMaxS = 30;

// In place of a problem: a person is here.
Raw trouble(const Call& call, const http::Problem& problem) {
  if (problem.status != 429 && problem.status < 500) return missing(call, problem.status);
  const std::string nonce = crypto::random_token(kNonceBytes);
  const int again_s =
      problem.retry_after_s > 0 ? std::min(problem.retry_after_s, kAgainMaxS) : kAgainDefaultS;
  return html(problem.status, render_busy_page(call.language(), nonce, again_s), nonce);
}

Raw shown(const Call& call, const SandboxCharge& charge) {
  const std::string nonce = crypto::random_token(kNonceBytes);
  const auto asked = call.query("lang");
  const auto language = http::page_language(asked.empty() ? charge.locale : asked,
                                            call.cookie(http::kLanguageCookie).value_or(""),
                                            call.header("Accept-Language"));
  const std::string action =
      "/sandbox/pay/" + charge.payment.str() + "?key=" + std::string(call.query("key"));
  return html(200, render_page(charge, language, nonce, action), nonce);
}

Task<Raw> show(Sandbox& sandbox, Call& call) {
  const auto payment = PaymentId::parse(call.param("payment"));
  std::optional<SandboxCharge> charge;
  std::string key(call.query("key"));
  if (payment) charge = co_await sandbox.page(*payment, std::move(key));
  if (!charge) co_return missing(call);
  co_return shown(call, *charge);
}

// The first decision counts; a repeat goes the same way back. A page that was taken down says so
// instead.
Task<Raw> decide(Sandbox& sandbox, DecisionBody body, Call& call) {
  const auto payment = PaymentId::parse(call.param("payment"));
  std::optional<SandboxCharge> charge;
  std::string key(call.query("key"));
  if (payment) charge = co_await sandbox.decide(*payment, std::move(key), body.decision);
  if (!charge) co_return missing(call);
  if (charge->state == SandboxState::closed) co_return shown(call, *charge);
  co_return http::redirect(charge->return_address);
}

}  // namespace

void sandbox_routes(http::Router& router, Sandbox& sandbox) {
  router.get("//sandbox/pay/{payment}",
             {.summary = "The sandbox's pay page",
              .answers = {{200, "page"}, {404, "page"}},
              .tag = "sandbox",
              .hidden = true,
              .produces = "text/html",
              .trouble = trouble},
             [&sandbox](Call& call) { return show(sandbox, call); });
  router.post(
      "//sandbox/pay/{payment}",
      {.summary = "Decide on the sandbox's pay page",
       .answers = {{303, "decided"}, {404, "page"}},
       .tag = "sandbox",
       .csrf_exempt = true,
       .form = true,
       .hidden = true,
       .produces = "text/html",
       .trouble = trouble},
      [&sandbox](DecisionBody body, Call& call) { return decide(sandbox, std::move(body), call); });
}

}  // namespace onsale::payments
