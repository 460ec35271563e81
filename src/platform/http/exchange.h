// One request and its answer while they are on the connection. Private to http.
// Views point into the connection's input buffer, which stands still until the answer is complete.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/task.h"
#include "base/time.h"
#include "platform/http/call.h"
#include "platform/http/message/authenticator.h"
#include "platform/http/router.h"

namespace onsale::http {

// Headers the server itself asks for, found without searching.
enum class Known : std::uint8_t {
  host,
  connection,
  authorization,
  cookie,
  content_type,
  content_encoding,
  accept,
  accept_encoding,
  if_none_match,
  origin,
  sec_fetch_site,
  csrf,
  idempotency_key,
  request_id,
  traceparent,
  forwarded_for,
  upgrade,
  expect,
  websocket_protocol,
  count,
};

struct Header {
  std::string_view name;
  std::string_view value;
};

enum class Verb : std::uint8_t { get, head, post, put, patch, del, options, other };

inline constexpr std::size_t kParamsMax = 6;
inline constexpr std::size_t kHeadersMax = 100;

// What route_table.h found for a path.
struct PathNode;
class RateGuard;

struct Reply {
  int status = 0;
  std::string content_type;
  std::string body;
  std::string headers;        // whole lines, "Name: value\r\n"
  std::string_view fixed;     // instead of `body`: bytes that live as long as the server
  std::string cache_control;  // empty: the server's default
  std::string policy;         // Content-Security-Policy; empty: the server's default
  std::string etag;
  bool compressible = false;       // by the server; not when the handler did so
  bool hang_up = false;            // no answer: the connection is closed
  std::unique_ptr<Stream> stream;  // set: an answer without end

  void clear() {
    status = 0;
    content_type.clear();
    body.clear();
    headers.clear();
    fixed = {};
    cache_control.clear();
    policy.clear();
    etag.clear();
    compressible = false;
    hang_up = false;
    stream.reset();
  }
  std::string_view content() const { return fixed.empty() ? std::string_view(body) : fixed; }
};

struct Exchange {
  // The request.
  Verb verb = Verb::other;
  std::string_view method_text;
  std::string_view target;
  std::string_view path;
  std::string_view query_text;
  bool http_1_0 = false;
  bool keep_alive = true;
  bool chunked = false;
  std::uint64_t content_length = 0;
  std::array<std::string_view, static_cast<std::size_t>(Known::count)> known;
  std::vector<Header> headers;
  std::string_view body;
  std::string body_storage;

  // What the server found out about it.
  const PathNode* node = nullptr;
  const RouteEntry* route = nullptr;
  RateGuard* rates = nullptr;  // null: no limits
  std::array<std::string_view, kParamsMax> params;
  std::size_t param_count = 0;
  std::optional<std::vector<std::pair<std::string, std::string>>> query;
  std::deque<std::string> decoded;  // owns decoded parameters and joined headers
  std::optional<Principal> principal;
  std::unique_ptr<TaskContext> context;  // goes along with the handler
  bool by_cookie = false;
  bool secure_cookies = false;
  std::string_view public_origin;  // of the server; empty: not known
  bool malformed = false;          // refused for its form, before any handler saw it
  Timestamp started{};
  std::array<char, 32> trace_id{};
  std::string_view client_address;
  std::string forwarded_address;  // owns client_address behind a trusted proxy

  Reply reply;
  Call call{*this};

  std::string_view header(Known name) const { return known[static_cast<std::size_t>(name)]; }

  void clear() {
    verb = Verb::other;
    method_text = target = path = query_text = {};
    http_1_0 = false;
    keep_alive = true;
    known.fill({});
    headers.clear();
    body = {};
    if (body_storage.capacity() > 16 * 1024)
      body_storage = {};
    else
      body_storage.clear();
    content_length = 0;
    chunked = false;
    node = nullptr;
    route = nullptr;
    rates = nullptr;
    param_count = 0;
    query.reset();
    decoded.clear();
    principal.reset();
    context.reset();
    by_cookie = false;
    malformed = false;
    reply.clear();
  }
};

// Percent-decoding. Empty for a broken escape, bytes that are not UTF-8, or a control character.
// `plus_is_space`: as in query strings and forms.
std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space);
// "a=1&b=2"; empty when something cannot be decoded.
std::optional<std::vector<std::pair<std::string, std::string>>> parse_pairs(std::string_view text);
// The same without the pairs that cannot be decoded: an address that somebody else has added to.
std::vector<std::pair<std::string, std::string>> readable_pairs(std::string_view text);
// Case-insensitive, ASCII.
bool same_word(std::string_view a, std::string_view b);
// The value of one cookie of a Cookie header.
std::optional<std::string_view> find_cookie(std::string_view header, std::string_view name);
// "Not Found"
std::string_view reason_phrase(int status);

}  // namespace onsale::http
