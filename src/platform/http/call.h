// One request as a handler sees it, and what it may add to the answer.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/id.h"
#include "base/time.h"
#include "platform/http/message/authenticator.h"
#include "platform/http/message/language.h"
#include "platform/http/message/problem.h"

namespace onsale::http {

struct Exchange;

struct Cookie {
  std::string name;
  std::string value;
  std::string path = "/";
  std::optional<std::chrono::seconds> max_age{};  // absent: ends with the browser; 0: delete it
  bool http_only = true;
  bool secure = false;  // set by the server when it runs behind TLS (server.secure_cookies)
};

// Valid until the answer is complete, so a coroutine may keep a reference. Views live as long.
// Thread: the connection's loop.
class Call {
 public:
  explicit Call(Exchange& exchange) : exchange_(exchange) {}
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  // Who calls, whatever the route's access level; empty for strangers.
  const std::optional<Principal>& principal() const;
  // True when the session cookie, not a Bearer token, says who calls.
  bool by_cookie() const;

  std::string_view method() const;
  std::string_view path() const;                        // as sent, without the query
  std::string_view param(std::string_view name) const;  // path parameter, percent-decoded
  // The first value, decoded; empty when absent, and when it can't be decoded. What else the query
  // holds may be anything: trackers and mail programs add to addresses.
  std::string_view query(std::string_view name) const;
  // Any case; empty when absent. Several lines are joined by commas.
  std::string_view header(std::string_view name) const;
  std::optional<std::string> cookie(std::string_view name) const;
  std::string_view body() const;
  // The path parameter as a typed id; throws Problem 404 not_found when it cannot be one.
  template <class I>
  I id(std::string_view name) const {
    const auto id = I::parse(param(name));
    if (!id) throw_not_found();
    return *id;
  }

  std::string_view client_address() const;
  std::string_view host() const;  // the Host header
  // Where browsers reach us, "https://tickets.test": as the server was told, else as they ask.
  std::string site() const;
  Language language() const;          // of a page: ?lang=, the app's cookie, Accept-Language
  std::string_view trace_id() const;  // 32 hex digits
  Timestamp started() const;

  // Both throw std::invalid_argument, which is answered as 500, for a text that would end its line:
  // a value may come from outside, and must not become a header of its own.
  void set_cookie(Cookie cookie);
  void set_header(std::string_view name, std::string_view value);

  // Closes the connection in place of an answer, as a server does that dies just then: for those
  // that stand in for other servers. What the handler gives back is not sent.
  void hang_up();

  // Takes a request from the bucket of `owner`, at the normal rate; throws Problem 429 when there
  // is none left. For routes of RateClass::shared, once the handler has verified who asks: `owner`
  // must be something that a caller can't make up, or else the address has no limit but the shared
  // one.
  void charge(std::string_view owner);

  Exchange& exchange() { return exchange_; }  // for the server itself

 private:
  [[noreturn]] static void throw_not_found();
  Exchange& exchange_;
};

}  // namespace onsale::http
