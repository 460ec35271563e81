// Typed routes. A handler's own signature says what it reads and answers; parsing, validation and
// OpenAPI follow from it.
//
//   router.post("/performances/{performance}/holds",
//               {.summary = "Claim seats for a few minutes", .access = Access::signed_in,
//                .idempotent = true, .answers = {{201, "held"}, {409, "seat_unavailable"}}},
//               [this](HoldBody body, Call& call) { return hold(std::move(body), call); });
//
// A handler takes (Call&) or (Body, Call&) and returns Answer<T>, Raw or Stream, or a Task of one;
// AnswerOrRaw<T> where the caller's Accept decides between JSON and what the route `produces`.
// Body is a described struct: the JSON body for post, patch and put (an empty body reads as `{}`),
// the query string for get and del. A change without a Body refuses JSON fields (422
// unknown_field). Return the answer itself where nothing has to be awaited: that
// is the fast path, without a coroutine. A handler that is a capturing lambda must not itself be a
// coroutine; let it call one. Throw or return Problem to refuse; Overloaded becomes 503, anything
// else 500.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/task.h"
#include "platform/http/call.h"
#include "platform/http/message/answer.h"
#include "platform/http/message/stream.h"
#include "platform/json/json.h"

namespace onsale::http {

enum class Access { open, signed_in, admin };
enum class Method { get, post, patch, put, del };
// normal: counts for the address, and for the account when there is one. strict: for calls that
// cost much or guard secrets (log in, sign up). none: probes and metrics. shared: people who aren't
// signed in call often, each with a token of their own; the handler charges the token's owner
// (Call::charge), and a 401 costs the address dearly.
enum class RateClass { normal, shared, strict, none };

struct Code {
  int status;
  std::string_view code;  // for 4xx and 5xx the problem's code, otherwise a word for the reader
};

// A request header that the handler asks for, for OpenAPI.
struct HeaderField {
  std::string_view name;
  std::string_view description;
};

// What problems of this status carry beside the usual members, for OpenAPI.
struct ProblemMember {
  int status;
  std::string_view name;
  const json::Type* type;
};

struct Route {
  std::string_view summary{};
  Access access = Access::open;
  bool idempotent = false;  // Idempotency-Key is honoured and the answer stored for 24 h
  // Idempotency-Key is honoured by the handler itself, which does nothing twice: no answer is
  // stored, nothing is written before the handler, and a repeated call is answered as of now.
  bool repeatable = false;
  std::vector<Code> answers{};
  RateClass rate = RateClass::normal;
  std::string_view tag{};  // OpenAPI group; by default the first word of the path
  // GET: the answer carries an ETag of its body, If-None-Match is answered with 304, and JSON above
  // 1 KiB is gzipped for those who accept it. `cache_control` is sent as it is.
  bool etag = false;
  std::string_view cache_control{};  // default "no-store"; with etag "no-cache"
  // No X-Onsale-CSRF needed although session cookies may come along: log in and sign up.
  // The request must still come from our own site.
  bool csrf_exempt = false;
  bool form = false;  // the body may also be application/x-www-form-urlencoded: plain HTML forms
  bool any_body = false;             // the handler reads Call::body() itself, whatever its type
  std::size_t body_max = 64 * 1024;  // bytes
  bool hidden = false;               // not in OpenAPI
  // GET: what it shows may be a little old, but never older than what who asks was shown before.
  bool replica = false;
  std::string_view produces{};  // for Raw and AnswerOrRaw, in OpenAPI: "text/html"
  std::vector<HeaderField> headers{};
  std::vector<ProblemMember> problem_members{};
  // For addresses that browsers are sent to: the page that a person sees in place of every problem,
  // those of the server itself (429, 503) included.
  Raw (*trouble)(const Call& call, const Problem& problem) = nullptr;
};

enum class AnswerKind { empty, json, raw, stream };

template <class T>
using AnswerOrRaw = std::variant<Answer<T>, Raw>;

namespace detail {

struct Endpoint {
  virtual ~Endpoint() = default;
  // Fills the answer of `call` at once, or gives back the task that will.
  virtual std::optional<Task<void>> run(Call& call) = 0;
};

// Parses the body or the query of `call` into `out`; throws Problem 400, 415 or 422.
void read_body(Call& call, const json::Type& type, void* out);
void read_query(Call& call, const json::Type& type, void* out);
// Refuses the fields of a JSON body that the route does not ask for.
void read_nothing(Call& call);
void put_json(Call& call, int status, const json::Type& type, const void* value);
void put_empty(Call& call, int status);
void put_problem(Call& call, const Problem& problem);
void put_raw(Call& call, Raw raw);
void put_stream(Call& call, Stream stream);

template <class T>
void put(Call& call, Answer<T> answer) {
  if (!answer.ok()) return put_problem(call, answer.problem());
  if constexpr (std::is_void_v<T>)
    put_empty(call, answer.status());
  else
    put_json(call, answer.status(), json::kTypeOf<T>, &answer.value());
}
inline void put(Call& call, Raw raw) { put_raw(call, std::move(raw)); }
inline void put(Call& call, Stream stream) { put_stream(call, std::move(stream)); }
template <class T>
void put(Call& call, AnswerOrRaw<T> answer) {
  std::visit([&call](auto& one) { put(call, std::move(one)); }, answer);
}

template <class R>
Task<void> put_later(Call& call, Task<R> task) {
  R answer = co_await std::move(task);
  put(call, std::move(answer));
}

template <class T>
struct IsTask : std::false_type {};
template <class T>
struct IsTask<Task<T>> : std::true_type {
  using Value = T;
};

template <class F>
struct Signature;
template <class C, class R, class... A>
struct Signature<R (C::*)(A...)> {
  using Result = R;
  using Args = std::tuple<std::remove_cvref_t<A>...>;
};
template <class C, class R, class... A>
struct Signature<R (C::*)(A...) const> : Signature<R (C::*)(A...)> {};

template <class H>
using SignatureOf = Signature<decltype(&H::operator())>;

template <class H, class Body>
class TypedEndpoint final : public Endpoint {
 public:
  TypedEndpoint(H handler, bool from_query)
      : handler_(std::move(handler)), from_query_(from_query) {}

  std::optional<Task<void>> run(Call& call) override {
    if constexpr (std::is_void_v<Body>) {
      return answer(call, [&] { return handler_(call); });
    } else {
      Body body{};
      if (from_query_)
        read_query(call, json::kTypeOf<Body>, &body);
      else
        read_body(call, json::kTypeOf<Body>, &body);
      return answer(call, [&] { return handler_(std::move(body), call); });
    }
  }

 private:
  template <class Invoke>
  std::optional<Task<void>> answer(Call& call, Invoke invoke) {
    using R = typename SignatureOf<H>::Result;
    if constexpr (IsTask<R>::value) {
      return put_later(call, invoke());
    } else {
      put(call, invoke());
      return std::nullopt;
    }
  }

  H handler_;
  bool from_query_;
};

template <class R>
struct AnswerType;
template <>
struct AnswerType<Raw> {
  static constexpr AnswerKind kKind = AnswerKind::raw;
  static constexpr const json::Type* kType = nullptr;
};
template <>
struct AnswerType<Stream> {
  static constexpr AnswerKind kKind = AnswerKind::stream;
  static constexpr const json::Type* kType = nullptr;
};
template <class R>
struct AnswerType<Task<R>> : AnswerType<R> {};
template <class T>
struct AnswerType<Answer<T>> {
  static constexpr AnswerKind kKind = AnswerKind::json;
  static constexpr const json::Type* kType = &json::kTypeOf<T>;
};
template <class T>
struct AnswerType<AnswerOrRaw<T>> : AnswerType<Answer<T>> {};
template <>
struct AnswerType<Answer<void>> {
  static constexpr AnswerKind kKind = AnswerKind::empty;
  static constexpr const json::Type* kType = nullptr;
};

}  // namespace detail

// One declared route: what the server runs and OpenAPI describes.
struct RouteEntry {
  Method method;
  std::string path;  // whole, "/api/v1/rooms/{room}"
  Route route;
  const json::Type* body = nullptr;  // JSON body or query, null for none
  AnswerKind kind = AnswerKind::empty;
  const json::Type* answer = nullptr;  // of a JSON answer
  std::unique_ptr<detail::Endpoint> endpoint;

  // Whether `body` is the request's JSON body, not its query.
  bool has_body() const {
    return body != nullptr && method != Method::get && method != Method::del;
  }
};

// Paths get "/api/v1" in front unless they start with "//" (then they are from the root:
// "//health/live"). `{name}` stands for one segment. Declaring a path twice stops the process.
// Thread: declare everything before the server starts; const afterwards.
class Router {
 public:
  template <class H>
  void get(std::string_view path, Route route, H handler) {
    add(Method::get, path, std::move(route), std::move(handler));
  }
  template <class H>
  void post(std::string_view path, Route route, H handler) {
    add(Method::post, path, std::move(route), std::move(handler));
  }
  template <class H>
  void patch(std::string_view path, Route route, H handler) {
    add(Method::patch, path, std::move(route), std::move(handler));
  }
  template <class H>
  void put(std::string_view path, Route route, H handler) {
    add(Method::put, path, std::move(route), std::move(handler));
  }
  template <class H>
  void del(std::string_view path, Route route, H handler) {
    add(Method::del, path, std::move(route), std::move(handler));
  }

  const std::vector<RouteEntry>& entries() const { return entries_; }

 private:
  template <class H>
  void add(Method method, std::string_view path, Route route, H handler) {
    using Args = typename detail::SignatureOf<H>::Args;
    constexpr bool kHasBody = std::tuple_size_v<Args> == 2;
    using Body = std::conditional_t<kHasBody, std::tuple_element_t<0, Args>, void>;
    const json::Type* body = nullptr;
    if constexpr (kHasBody) body = &json::kTypeOf<Body>;
    using Kind = detail::AnswerType<typename detail::SignatureOf<H>::Result>;
    auto endpoint = std::make_unique<detail::TypedEndpoint<H, Body>>(
        std::move(handler), method == Method::get || method == Method::del);
    add(RouteEntry{method, std::string(path), std::move(route), body, Kind::kKind, Kind::kType,
                   std::move(endpoint)});
  }
  void add(RouteEntry entry);

  std::vector<RouteEntry> entries_;
};

}  // namespace onsale::http
