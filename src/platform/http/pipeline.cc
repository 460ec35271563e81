#include "platform/http/pipeline.h"

#include <algorithm>

#include "base/log.h"
#include "base/origin.h"
#include "base/overload.h"
#include "platform/sql/database.h"

namespace onsale::http {
namespace {

constexpr std::string_view kAccessCookie = "onsale_access";
constexpr std::string_view kRefreshCookie = "onsale_refresh";
constexpr std::string_view kSeenCookie = "onsale_seen";
constexpr std::chrono::seconds kSeenLife{60};  // a replica further behind is of no use to anybody

// For pages that handlers make: no scripts.
constexpr std::string_view kPagePolicy =
    "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "base-uri 'none'; frame-ancestors 'none'";
constexpr std::string_view kGzipLine = "Content-Encoding: gzip\r\n";
constexpr std::string_view kApi = "/api/";
constexpr std::size_t kCompressFrom = 1024;  // bytes
constexpr int kOutageRetryS = 5;

bool is_mutation(Verb verb) {
  return verb == Verb::post || verb == Verb::put || verb == Verb::patch || verb == Verb::del;
}

const RouteEntry* entry_for(const PathNode& node, Verb verb) {
  switch (verb) {
    case Verb::get:
    case Verb::head:
      return node.find(Method::get);
    case Verb::post:
      return node.find(Method::post);
    case Verb::put:
      return node.find(Method::put);
    case Verb::patch:
      return node.find(Method::patch);
    case Verb::del:
      return node.find(Method::del);
    default:
      return nullptr;
  }
}

void refuse(Exchange& x, const Problem& problem) { detail::put_problem(x.call, problem); }

void say_unpacked(Reply& reply) {
  if (const auto at = reply.headers.find(kGzipLine); at != std::string::npos)
    reply.headers.erase(at, kGzipLine.size());
}

// The Bearer token; null data when there is none.
std::string_view bearer(const Exchange& x) {
  constexpr std::string_view kScheme = "Bearer ";
  const auto header = x.header(Known::authorization);
  if (header.size() < kScheme.size() || !same_word(header.substr(0, kScheme.size()), kScheme))
    return {};
  return header.substr(kScheme.size());
}

}  // namespace

bool same_site(const Exchange& x) {
  if (const auto site = x.header(Known::sec_fetch_site); !site.empty())
    return site == "same-origin" || site == "same-site" || site == "none";
  const auto origin = x.header(Known::origin);
  if (origin.empty()) return true;  // not a browser: a page of another site always sends it
  // A proxy may have rewritten the host; what browsers call us, we were told.
  if (!x.public_origin.empty() && origin_of(origin) == x.public_origin) return true;
  return origin_is_host(origin, x.header(Known::host));
}

Pipeline::Pipeline(const ServerConfig& config, const ServerParts& parts)
    : config_(config), parts_(parts), table_(parts.router) {
  if (config.limits.rate_enabled) rates_.emplace(config.limits);
  for (const auto& file : parts.files) {
    files_.emplace(file.path, &file);
    if (file.path == "/index.html") index_ = &file;
  }
  if (index_ != nullptr) files_.emplace("/", index_);
}

std::size_t Pipeline::route(Exchange& x) const {
  x.secure_cookies = config_.secure_cookies;
  x.public_origin = config_.public_origin;
  x.node = table_.match(x.path, x);
  x.route = x.node != nullptr ? entry_for(*x.node, x.verb) : nullptr;
  return x.route != nullptr ? x.route->route.body_max : Route{}.body_max;
}

std::optional<Task<void>> Pipeline::run(Exchange& x) {
  try {
    return admit(x);
  } catch (...) {
    failed(x, std::current_exception());
    return std::nullopt;
  }
}

std::optional<Task<void>> Pipeline::admit(Exchange& x) {
  if (x.node == nullptr) {
    serve_file(x);
    return std::nullopt;
  }
  if (x.route == nullptr) {
    refuse_method(x, x.node->allow);
    return std::nullopt;
  }
  x.rates = rates_ ? &*rates_ : nullptr;
  if (x.rates != nullptr && !x.rates->admit_address(x)) return std::nullopt;
  if (!authenticate(x) && x.rates != nullptr && x.route->route.rate != RateClass::none)
    x.rates->forged(x);
  if (x.rates != nullptr && x.principal && !x.rates->admit_account(x)) return std::nullopt;
  if (!allowed(x) || !from_our_page(x)) return std::nullopt;
  if (is_mutation(x.verb) && !x.route->has_body() && !x.route->route.any_body)
    detail::read_nothing(x.call);
  if (x.header(Known::idempotency_key).data() != nullptr) {
    if (x.route->route.idempotent && parts_.idempotency != nullptr) return start_once(x);
    if (x.route->route.repeatable) (void)key_of(x);
  }
  if (x.route->route.replica && parts_.history != nullptr) return read(x);
  return x.route->endpoint->run(x.call);
}

std::optional<Task<void>> Pipeline::read(Exchange& x) const {
  const auto seen = find_cookie(x.header(Known::cookie), kSeenCookie).value_or("");
  x.context = parts_.history->since(seen, x.principal.has_value(), x.started);
  auto task = x.route->endpoint->run(x.call);
  if (task && x.context) task->accompany(*x.context);
  return task;
}

// Also what somebody brought about by coming back to an address that led them on.
void Pipeline::remember(Exchange& x) const {
  const bool changed = is_mutation(x.verb) ? x.reply.status < 300 : x.reply.status == 303;
  if (x.route == nullptr || parts_.history == nullptr || !changed) return;
  if (const std::string now = parts_.history->now(x.started); !now.empty())
    x.call.set_cookie({.name = std::string(kSeenCookie), .value = now, .max_age = kSeenLife});
}

bool Pipeline::authenticate(Exchange& x) const {
  if (parts_.authenticator == nullptr) return true;
  if (const auto token = bearer(x); token.data() != nullptr) {
    x.principal = parts_.authenticator->authenticate(token, x.started);
    return x.principal.has_value();
  }
  if (const auto cookie = find_cookie(x.header(Known::cookie), kAccessCookie)) {
    x.principal = parts_.authenticator->authenticate(*cookie, x.started);
    x.by_cookie = x.principal.has_value();
    return x.by_cookie;
  }
  return true;
}

bool Pipeline::allowed(Exchange& x) const {
  const Access access = x.route->route.access;
  if (access == Access::open) return true;
  if (!x.principal) {
    refuse(x, Problem(401, "unauthenticated", "Log in first."));
    return false;
  }
  if (access == Access::admin && x.principal->role != "admin") {
    refuse(x, Problem(403, "forbidden", "This is for administrators."));
    return false;
  }
  return true;
}

// The session cookie travels by itself, so a mutation must prove that our own page sent it.
bool Pipeline::from_our_page(Exchange& x) const {
  if (!is_mutation(x.verb) || bearer(x).data() != nullptr) return true;
  if (!x.by_cookie && !find_cookie(x.header(Known::cookie), kRefreshCookie)) return true;
  const bool header = x.route->route.csrf_exempt || x.header(Known::csrf) == "1";
  if (header && same_site(x)) return true;
  refuse(x,
         Problem(403, "csrf_required",
                 header ? "This page is not from our site."
                        : "A change with the session cookie needs the header X-Onsale-CSRF: 1."));
  return false;
}

bool Pipeline::admit_upgrade(Exchange& x) {
  (void)authenticate(x);
  return same_site(x);
}

void Pipeline::refuse_method(Exchange& x, const std::string& allow) const {
  if (x.verb == Verb::options)
    detail::put_empty(x.call, 204);
  else
    refuse(x, Problem(405, "method_not_allowed", "This address allows " + allow + '.'));
  x.call.set_header("Allow", allow);
}

void Pipeline::serve_file(Exchange& x) const {
  const auto found = files_.find(x.path);
  const StaticFile* file = found != files_.end() ? found->second : nullptr;
  const bool reading = x.verb == Verb::get || x.verb == Verb::head;
  if (file == nullptr) {
    if (const auto right = table_.canonical(x.path); !right.empty() && !right.starts_with(kApi))
      return lead_to(x, right);
    if (x.path == "*") {
      detail::put_empty(x.call, 204);
      x.call.set_header("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
      return;
    }
    return refuse(x, Problem(404, "not_found", "There is nothing at this address."));
  }
  if (!reading) return refuse_method(x, "GET, HEAD, OPTIONS");
  send_file(x, *file);
}

void Pipeline::lead_to(Exchange& x, std::string address) {
  if (!x.query_text.empty()) address.append("?").append(x.query_text);
  detail::put_empty(x.call, 308);
  x.call.set_header("Location", address);
}

// People who come to an address where nothing is see the app, which draws its own "not found".
void Pipeline::show_not_found(Exchange& x) const {
  const bool reading = x.verb == Verb::get || x.verb == Verb::head;
  if (!reading || index_ == nullptr || x.path.starts_with(kApi) ||
      x.header(Known::accept).find("text/html") == std::string_view::npos)
    return;
  send_file(x, *index_);
  x.reply.status = 404;
  x.reply.etag.clear();
  x.reply.cache_control = "no-store";
}

void Pipeline::send_file(Exchange& x, const StaticFile& file) const {
  Reply& reply = x.reply;
  reply.status = 200;
  reply.content_type = file.content_type;
  reply.etag = file.etag;
  reply.cache_control = file.immutable ? "public, max-age=31536000, immutable" : "no-cache";
  if (file.content_type.starts_with("text/html")) reply.policy = kAppPolicy;
  reply.fixed = file.body;
  if (file.gzip.empty()) return;
  x.call.set_header("Vary", "Accept-Encoding");
  if (!accepts_gzip(x.header(Known::accept_encoding))) return;
  x.call.set_header("Content-Encoding", "gzip");
  reply.fixed = file.gzip;
}

void Pipeline::failed(Exchange& x, std::exception_ptr error) const {
  x.reply.stream.reset();
  x.reply.cache_control.clear();  // what the handler said was about another answer
  say_unpacked(x.reply);
  const auto say = [&](const char* what) {
    log::error("http", "a request failed",
               {{"method", x.method_text},
                {"path", x.path},
                {"trace_id", x.call.trace_id()},
                {"error", what}});
  };
  try {
    std::rethrow_exception(error);
  } catch (const Problem& problem) {
    refuse(x, problem);
  } catch (const Overloaded& overloaded) {
    refuse(x, Problem(503, "overloaded", "Too busy right now; try again.", {},
                      overloaded.retry_after_s));
  } catch (const sql::Outage& e) {
    say(e.what());
    refuse(x,
           Problem(503, "unavailable", "The store is out of order; try again.", {}, kOutageRetryS));
  } catch (const std::exception& e) {
    say(e.what());
    refuse(x, Problem(500, "internal", "Something broke on our side."));
  } catch (...) {
    say("unknown");
    refuse(x, Problem(500, "internal", "Something broke on our side."));
  }
}

void Pipeline::compress(Exchange& x, GzipCache& cache) {
  Reply& reply = x.reply;
  reply.headers += "Vary: Accept-Encoding\r\n";
  if (!accepts_gzip(x.header(Known::accept_encoding))) return;
  // Not by reply.etag: a handler's own tag may say the same of two different resources.
  reply.fixed = cache.get(etag_of(reply.body), reply.body);
  if (!reply.fixed.empty()) reply.headers += kGzipLine;
}

void Pipeline::finish(Exchange& x, GzipCache& cache) const {
  Reply& reply = x.reply;
  remember(x);
  if (x.rates != nullptr) x.rates->settle(x);
  if (reply.status == 404 && reply.content_type == kProblemType) show_not_found(x);
  if (x.route != nullptr && reply.status == 200 && !reply.stream &&
      (x.verb == Verb::get || x.verb == Verb::head)) {
    const bool tagged = x.route->route.etag || !reply.etag.empty();
    if (tagged && reply.etag.empty()) reply.etag = etag_of(reply.body);
    if (tagged && reply.body.size() >= kCompressFrom && reply.compressible) compress(x, cache);
    if (reply.cache_control.empty())
      reply.cache_control = !x.route->route.cache_control.empty() ? x.route->route.cache_control
                            : tagged                              ? "no-cache"
                                                                  : "no-store";
  }
  if (!reply.etag.empty() && reply.status == 200 &&
      etag_matches(x.header(Known::if_none_match), reply.etag)) {
    reply.status = 304;
    reply.content_type.clear();
    reply.body.clear();
    reply.fixed = {};
    say_unpacked(reply);
  }
  const bool page =
      reply.content_type.starts_with("text/html") || reply.content_type.starts_with("image/svg");
  if (page && reply.policy.empty()) reply.policy = kPagePolicy;
}

}  // namespace onsale::http
