#include "identity/http.h"

#include <algorithm>
#include <boost/describe.hpp>
#include <chrono>

#include "platform/http/message/address.h"

namespace onsale::identity {

using http::Answer;
using http::Call;
using http::Problem;
using std::chrono::seconds;

// Longer than any rule allows, so that the rules name what is wrong.
using Field = json::Text<0, 1024>;

struct SignUpBody {
  Field email, password, name;
};
BOOST_DESCRIBE_STRUCT(SignUpBody, (), (email, password, name))

struct LoginBody {
  Field email, password;
};
BOOST_DESCRIBE_STRUCT(LoginBody, (), (email, password))

struct RefreshBody {
  std::optional<Field> refresh_token;
};
BOOST_DESCRIBE_STRUCT(RefreshBody, (), (refresh_token))

BOOST_DESCRIBE_ENUM(Role, buyer, admin)

struct AccountView {
  AccountId id;
  std::string email, name;
  Role role = Role::buyer;
};
BOOST_DESCRIBE_STRUCT(AccountView, (), (id, email, name, role))

struct SessionView {
  AccountView account;
  std::string access_token, refresh_token;
  std::int64_t expires_in = 0;  // seconds, of the access token
};
BOOST_DESCRIBE_STRUCT(SessionView, (), (account, access_token, refresh_token, expires_in))

namespace {

AccountView view(const Account& account) {
  return {account.id, account.email, account.name, account.role};
}

seconds until(Timestamp end, Timestamp now) {
  return std::chrono::duration_cast<seconds>(end - now);
}

void set_cookies(Call& call, const SignedIn& session) {
  const Timestamp now = call.started();
  call.set_cookie({.name = std::string(kAccessCookie),
                   .value = session.access_token,
                   .max_age = until(session.access_expires_at, now)});
  call.set_cookie({.name = std::string(kRefreshCookie),
                   .value = session.refresh_token,
                   .path = "/api/v1/auth",
                   .max_age = until(session.refresh_expires_at, now)});
}

void clear_cookies(Call& call) {
  call.set_cookie({.name = std::string(kAccessCookie), .max_age = seconds(0)});
  call.set_cookie(
      {.name = std::string(kRefreshCookie), .path = "/api/v1/auth", .max_age = seconds(0)});
}

SessionView opened(Call& call, SignedIn session) {
  set_cookies(call, session);
  return {.account = view(session.account),
          .access_token = std::move(session.access_token),
          .refresh_token = std::move(session.refresh_token),
          .expires_in = until(session.access_expires_at, call.started()).count()};
}

Problem problem(const Refused<SignUpRefusal>& refusal) {
  switch (refusal.why) {
    case SignUpRefusal::email_taken:
      return {409, "email_taken", "There is an account with this e-mail address."};
    case SignUpRefusal::weak_password:
      return {422, "weak_password", "Choose another password.", refusal.obstacles};
    case SignUpRefusal::email_malformed:
    case SignUpRefusal::name_malformed:
      break;
  }
  return {422, "invalid", "Some fields are not valid.", refusal.obstacles};
}

Problem problem(const LoginRefused& refusal) {
  if (refusal.why == LoginRefusal::throttled)
    return {429, "too_many_attempts", "Too many attempts to log in.", {}, refusal.retry_after_s};
  return {401, "bad_credentials", "The e-mail address or the password is wrong."};
}

Problem problem(RefreshRefusal refusal) {
  if (refusal == RefreshRefusal::token_reused)
    return {401, "token_reused", "This token was used before; the session has ended."};
  return {401, "token_invalid", "Log in again."};
}

// The headers that the request limits send, too.
void say_limit(Call& call, const LoginRefused& refusal) {
  if (refusal.why != LoginRefusal::throttled) return;
  call.set_header("RateLimit-Limit", std::to_string(refusal.limit));
  call.set_header("RateLimit-Remaining", "0");
  call.set_header("RateLimit-Reset", std::to_string(refusal.retry_after_s));
}

Task<Answer<SessionView>> sign_up(Identity& identity, SignUpBody body, Call& call) {
  SignUp request{body.email.value, body.password.value, body.name.value};
  auto session = co_await identity.sign_up(std::move(request));
  if (!session) co_return problem(session.error());
  co_return http::created(opened(call, std::move(*session)));
}

Task<Answer<SessionView>> login(Identity& identity, LoginBody body, Call& call) {
  Login request{body.email.value, body.password.value, http::client_key(call.client_address())};
  auto session = co_await identity.login(std::move(request));
  if (!session) {
    say_limit(call, session.error());
    co_return problem(session.error());
  }
  co_return opened(call, std::move(*session));
}

std::string refresh_token_of(const RefreshBody& body, const Call& call) {
  if (body.refresh_token) return body.refresh_token->value;
  return call.cookie(kRefreshCookie).value_or("");
}

Task<Answer<SessionView>> refresh(Identity& identity, RefreshBody body, Call& call) {
  std::string token = refresh_token_of(body, call);
  auto session = co_await identity.refresh(std::move(token));
  if (!session) {
    clear_cookies(call);
    co_return problem(session.error());
  }
  co_return opened(call, std::move(*session));
}

std::string access_token_of(const Call& call) {
  constexpr std::string_view kBearer = "bearer ";
  const std::string_view header = call.header("Authorization");
  // The scheme in any case, as the pipeline takes it.
  const bool bearer = std::ranges::equal(header.substr(0, kBearer.size()), kBearer, {}, [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  if (bearer) return std::string(header.substr(kBearer.size()));
  return call.cookie(kAccessCookie).value_or("");
}

// Whoever shows either token of a session may end it; nothing to end is fine.
Task<Answer<void>> logout(Identity& identity, AccessVerifier& verifier, RefreshBody body,
                          Call& call) {
  const auto session = verifier.session_of(access_token_of(call), call.started());
  if (session) co_await identity.end_session(*session);
  const std::string token = refresh_token_of(body, call);
  if (!token.empty()) co_await identity.end_session_of(token);
  clear_cookies(call);
  co_return Answer<void>();
}

Task<Answer<AccountView>> me(Identity& identity, Call& call) {
  const auto id = AccountId::parse(call.principal()->account);
  std::optional<Account> account;
  if (id) account = co_await identity.find(*id);
  if (!account) co_return Problem{401, "unauthenticated", "Log in again."};
  co_return view(*account);
}

}  // namespace

void routes(http::Router& router, Identity& identity, AccessVerifier& verifier) {
  router.post("/auth/signup",
              {.summary = "Make an account and sign in",
               .answers = {{201, "signed_in"}, {409, "email_taken"}, {422, "weak_password"}},
               .rate = http::RateClass::strict,
               .tag = "identity",
               .csrf_exempt = true},
              [&identity](SignUpBody body, Call& call) {
                return sign_up(identity, std::move(body), call);
              });
  router.post(
      "/auth/login",
      {.summary = "Sign in",
       .answers = {{200, "signed_in"}, {401, "bad_credentials"}, {429, "too_many_attempts"}},
       .rate = http::RateClass::strict,
       .tag = "identity",
       .csrf_exempt = true},
      [&identity](LoginBody body, Call& call) { return login(identity, std::move(body), call); });
  router.post("/auth/refresh",
              {.summary = "Replace the refresh token by its successor",
               .answers = {{200, "signed_in"}, {401, "token_reused"}, {401, "token_invalid"}},
               .tag = "identity"},
              [&identity](RefreshBody body, Call& call) {
                return refresh(identity, std::move(body), call);
              });
  router.post("/auth/logout",
              {.summary = "End the session at once", .answers = {{204, "done"}}, .tag = "identity"},
              [&identity, &verifier](RefreshBody body, Call& call) {
                return logout(identity, verifier, std::move(body), call);
              });
  router.get("/me",
             {.summary = "Who is signed in",
              .access = http::Access::signed_in,
              .answers = {{200, "account"}, {401, "unauthenticated"}},
              .tag = "identity"},
             [&identity](Call& call) { return me(identity, call); });
}

}  // namespace onsale::identity
