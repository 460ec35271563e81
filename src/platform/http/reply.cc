// How what a handler returned becomes the answer's body.
#include "base/log.h"
#include "platform/http/exchange.h"
#include "platform/http/router.h"

namespace onsale::http {

std::string event_frame(std::string_view event, std::string_view data) {
  std::string out;
  out.reserve(event.size() + data.size() + 24);
  if (!event.empty()) out.append("event: ").append(event).append("\n");
  for (std::size_t at = 0; at <= data.size();) {
    const auto line = data.substr(at, data.find('\n', at) - at);
    out.append("data: ").append(line).append("\n");
    at += line.size() + 1;
  }
  return out += '\n';
}

namespace detail {

struct Nothing {};
BOOST_DESCRIBE_STRUCT(Nothing, (), ())

namespace {

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kForm = "application/x-www-form-urlencoded";

[[noreturn]] void refuse(json::Errors errors) {
  if (errors.size() == 1 && errors[0].code == "malformed_json")
    throw Problem(400, "malformed_json", "The body is not JSON: " + errors[0].message + ".");
  throw Problem(422, "invalid", "Some fields are not valid.", std::move(errors));
}

std::string_view media_type(std::string_view content_type) {
  auto type = content_type.substr(0, content_type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  return type;
}

void read_pairs_into(std::string_view text, const json::Type& type, void* out, const char* code) {
  const auto pairs = parse_pairs(text);
  if (!pairs) throw Problem(400, code, "It cannot be decoded.");
  if (auto errors = json::read_pairs(*pairs, type, out); !errors.empty()) refuse(std::move(errors));
}

}  // namespace

void read_body(Call& call, const json::Type& type, void* out) {
  Exchange& x = call.exchange();
  x.malformed = true;  // until it was read
  std::string_view text = x.body;
  if (text.empty()) {
    text = "{}";
  } else {
    const auto media = media_type(x.header(Known::content_type));
    if (x.route->route.form && same_word(media, kForm)) {
      read_pairs_into(text, type, out, "malformed_form");
      x.malformed = false;
      return;
    }
    if (!same_word(media, kJson))
      throw Problem(415, "unsupported_media_type", "Send the body as application/json.");
    const auto encoding = x.header(Known::content_encoding);
    if (!encoding.empty() && !same_word(encoding, "identity"))
      throw Problem(415, "unsupported_media_type", "Send the body without a Content-Encoding.");
  }
  if (auto errors = json::read_into(text, type, out); !errors.empty()) refuse(std::move(errors));
  x.malformed = false;
}

void read_query(Call& call, const json::Type& type, void* out) {
  Exchange& x = call.exchange();
  x.malformed = true;
  read_pairs_into(x.query_text, type, out, "malformed_query");
  x.malformed = false;
}

void read_nothing(Call& call) {
  const Exchange& x = call.exchange();
  if (x.body.empty() || !same_word(media_type(x.header(Known::content_type)), kJson)) return;
  Nothing nothing;
  read_body(call, json::kTypeOf<Nothing>, &nothing);
}

void put_json(Call& call, int status, const json::Type& type, const void* value) {
  auto& reply = call.exchange().reply;
  reply.status = status;
  reply.content_type = kJson;
  reply.body.clear();
  reply.compressible = true;
  json::write_value(reply.body, type, value);
}

void put_empty(Call& call, int status) {
  auto& reply = call.exchange().reply;
  reply.status = status;
  reply.content_type.clear();
  reply.body.clear();
}

namespace {

void put_problem_headers(Call& call, const Problem& problem) {
  if (problem.retry_after_s > 0)
    call.set_header("Retry-After", std::to_string(problem.retry_after_s));
  if (problem.status == 401) call.set_header("WWW-Authenticate", "Bearer");
}

}  // namespace

void put_problem(Call& call, const Problem& problem) {
  auto& reply = call.exchange().reply;
  put_problem_headers(call, problem);
  if (const auto* route = call.exchange().route; route != nullptr && route->route.trouble) {
    reply.etag.clear();
    reply.fixed = {};
    try {
      return put_raw(call, route->route.trouble(call, problem));
    } catch (
        const std::exception& error) {  // nobody above would take it; the problem is told below
      log::error("http", "the page of a problem failed", {{"error", error.what()}});
    }
  }
  reply.status = problem.status;
  reply.content_type = kProblemType;
  reply.etag.clear();
  reply.fixed = {};
  std::string& out = reply.body;
  out.assign(R"({"type":"/docs#)").append(problem.code).append(R"(","title":)");
  json::write_text(out, reason_phrase(problem.status));
  out.append(R"(,"status":)").append(std::to_string(problem.status));
  if (!problem.detail.empty()) json::write_text(out.append(R"(,"detail":)"), problem.detail);
  json::write_text(out.append(R"(,"code":)"), problem.code);
  out.append(R"(,"trace_id":")").append(call.trace_id()).append("\"");
  if (!problem.errors.empty()) {
    out += R"(,"errors":[)";
    bool first = true;
    for (const auto& error : problem.errors) {
      json::write_text(out.append(first ? R"({"field":)" : R"(,{"field":)"), error.field);
      json::write_text(out.append(R"(,"code":)"), error.code);
      json::write_text(out.append(R"(,"message":)"), error.message);
      out += '}';
      first = false;
    }
    out += ']';
  }
  for (const auto& [name, json] : problem.extensions) {
    json::write_text(out += ',', name);
    out.append(":").append(json);
  }
  out += '}';
}

void put_raw(Call& call, Raw raw) {
  auto& reply = call.exchange().reply;
  reply.status = raw.status;
  reply.content_type = std::move(raw.content_type);
  reply.body = std::move(raw.body);
  for (const auto& [name, value] : raw.headers) call.set_header(name, value);
  reply.compressible = reply.headers.find("Content-Encoding: ") == std::string::npos;
}

void put_stream(Call& call, Stream stream) {
  auto& reply = call.exchange().reply;
  reply.status = 200;
  reply.content_type = stream.content_type;
  reply.body.clear();
  reply.stream = std::make_unique<Stream>(std::move(stream));
}

}  // namespace detail
}  // namespace onsale::http
