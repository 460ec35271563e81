#include "platform/http/openapi.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>

#include "platform/http/docs_page.h"
#include "platform/http/exchange.h"

namespace onsale::http {
namespace {

constexpr std::string_view kMethods[] = {"get", "post", "patch", "put", "delete"};

constexpr std::string_view kProblemContent = R"(,"content":{"application/problem+json":{"schema":)"
                                             R"({"$ref":"#/components/schemas/Problem"}}})";

std::string quoted(std::string_view text) {
  std::string out;
  json::write_text(out, text);
  return out;
}

std::vector<std::string_view> words_of(std::string_view path) {
  std::vector<std::string_view> words;
  while (!path.empty()) {
    path.remove_prefix(1);
    const auto word = path.substr(0, path.find('/'));
    path.remove_prefix(word.size());
    words.push_back(word);
  }
  return words;
}

bool is_param(std::string_view word) { return word.starts_with('{'); }
std::string_view bare(std::string_view word) { return word.substr(1, word.size() - 2); }

// "post_performances_performance_holds"
std::string operation_id(const RouteEntry& entry) {
  std::string id(kMethods[static_cast<std::size_t>(entry.method)]);
  for (const auto word : words_of(entry.path)) {
    if (word == "api" || word == "v1") continue;
    id += '_';
    for (const char c : is_param(word) ? bare(word) : word)
      id += (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '_';
  }
  return id;
}

std::string tag_of(const RouteEntry& entry) {
  if (!entry.route.tag.empty()) return std::string(entry.route.tag);
  for (const auto word : words_of(entry.path))
    if (word != "api" && word != "v1" && !is_param(word)) return std::string(word);
  return "root";
}

class Document {
 public:
  Document(const Router& router, std::string_view version) : router_(router), version_(version) {}

  std::string write() {
    std::map<std::string, std::string> paths;  // sorted: the same routes make the same document
    std::set<std::string> tags;
    for (const auto& entry : router_.entries()) {
      if (entry.route.hidden) continue;
      std::string& item = paths[entry.path];
      if (!item.empty()) item += ',';
      item += quoted(kMethods[static_cast<std::size_t>(entry.method)]) + ':' + operation(entry);
      tags.insert(tag_of(entry));
    }
    std::string out = R"({"openapi":"3.1.0","info":{"title":"onsale","version":)" +
                      quoted(version_) +
                      R"(,"license":{"name":"Proprietary","identifier":"LicenseRef-onsale"},)"
                      R"("description":"Selling seats to everyone at once."},)"
                      R"("servers":[{"url":"/"}],"tags":[)";
    for (bool first = true; const auto& tag : tags) {
      out += (first ? "" : ",") + std::string(R"({"name":)") + quoted(tag) + R"(,"description":)" +
             quoted("Calls under " + tag + ".") + '}';
      first = false;
    }
    out += R"(],"paths":{)";
    for (bool first = true; const auto& [path, item] : paths) {
      out += (first ? "" : ",") + quoted(path) + ":{" + item + '}';
      first = false;
    }
    return out + R"(},"components":{"schemas":{)" + schemas() + R"(},"responses":{)" +
           R"("Internal":{"description":"internal")" + std::string(kProblemContent) +
           R"(},"Unavailable":{"description":"overloaded, unavailable, stopping")" +
           std::string(kProblemContent) + R"(}},"securitySchemes":{)" +
           R"("bearer":{"type":"http","scheme":"bearer","bearerFormat":"JWT"},)"
           R"("session":{"type":"apiKey","in":"cookie","name":"onsale_access"}}}})";
  }

 private:
  std::string schemas() const {
    std::string out =
        R"("Problem":{"type":"object","properties":{"type":{"type":"string"},)"
        R"("title":{"type":"string"},"status":{"type":"integer"},"detail":{"type":"string"},)"
        R"("code":{"type":"string"},"trace_id":{"type":"string"},"errors":{"type":"array",)"
        R"("items":{"type":"object","properties":{"field":{"type":"string"},)"
        R"("code":{"type":"string"},"message":{"type":"string"}},)"
        R"("required":["field","code","message"]}}},)"
        R"("required":["type","title","status","code","trace_id"]})";
    const auto rest = book_.components();
    return rest.empty() ? out : out + ',' + rest;
  }

  std::string operation(const RouteEntry& entry) {
    const Route& route = entry.route;
    std::string out =
        R"({"operationId":)" + quoted(operation_id(entry)) + R"(,"summary":)" +
        quoted(route.summary.empty() ? operation_id(entry) : std::string(route.summary)) +
        R"(,"tags":[)" + quoted(tag_of(entry)) + ']';
    const auto params = parameters(entry);
    if (!params.empty()) out += R"(,"parameters":[)" + params + ']';
    if (entry.has_body()) out += request_body(entry);
    out += R"(,"responses":{)" + responses(entry) + '}';
    return out + security(route.access) + '}';
  }

  // Of schemes without scopes, OpenAPI 3.1 lets the list name the roles that a caller needs.
  static std::string security(Access access) {
    switch (access) {
      case Access::open:
        return R"(,"security":[])";
      case Access::signed_in:
        return R"(,"security":[{"bearer":[]},{"session":[]}])";
      case Access::admin:
        break;
    }
    return R"(,"security":[{"bearer":["admin"]},{"session":["admin"]}])";
  }

  std::string parameters(const RouteEntry& entry) {
    std::string out;
    const auto add = [&out](std::string_view name, std::string_view in, bool required,
                            std::string_view schema, std::string_view description = {}) {
      if (!out.empty()) out += ',';
      out += R"({"name":)" + quoted(name) + R"(,"in":)" + quoted(in) +
             (required ? R"(,"required":true)" : "") +
             (description.empty() ? "" : R"(,"description":)" + quoted(description)) +
             R"(,"schema":)" + std::string(schema) + '}';
    };
    for (const auto word : words_of(entry.path))
      if (is_param(word)) add(bare(word), "path", true, R"({"type":"string","maxLength":255})");
    if (entry.body != nullptr && !entry.has_body()) {
      for (const auto& field : entry.body->members()) {
        const bool optional = field.type->kind == json::Kind::optional;
        const bool list = field.type->kind == json::Kind::array;
        add(field.name, "query", !optional && !list,
            book_.reference(optional ? *field.type->element : *field.type));
      }
    }
    if (entry.route.idempotent || entry.route.repeatable)
      add("Idempotency-Key", "header", false, R"({"type":"string","minLength":1,"maxLength":255})");
    for (const auto& header : entry.route.headers)
      add(header.name, "header", false, R"({"type":"string"})", header.description);
    return out;
  }

  std::string request_body(const RouteEntry& entry) {
    bool required = false;
    for (const auto& field : entry.body->members())
      required = required || field.type->kind != json::Kind::optional;
    const std::string media = R"({"schema":)" + book_.reference(*entry.body) + '}';
    std::string out = R"(,"requestBody":{"required":)" + std::string(required ? "true" : "false") +
                      R"(,"content":{"application/json":)" + media;
    if (entry.route.form) out += R"(,"application/x-www-form-urlencoded":)" + media;
    return out + "}}";
  }

  // What was declared, and what every route of this kind can answer.
  static std::map<int, std::vector<std::string>> codes_of(const RouteEntry& entry) {
    std::map<int, std::vector<std::string>> codes;
    const Route& route = entry.route;
    const auto add = [&codes](int status, std::string_view code) {
      auto& list = codes[status];
      if (std::ranges::find(list, code) == list.end()) list.emplace_back(code);
    };
    for (const auto& [status, code] : route.answers) add(status, code);
    if (codes.empty() || codes.begin()->first >= 400)
      add(entry.kind == AnswerKind::empty ? 204 : 200, "done");
    if (route.access != Access::open) add(401, "unauthenticated");
    if (route.access == Access::admin) add(403, "forbidden");
    if (entry.method != Method::get) {
      add(403, "csrf_required");
      add(422, "invalid");
    }
    if (entry.has_body()) {
      add(400, "malformed_json");
      add(413, "body_too_large");
      add(415, "unsupported_media_type");
    } else if (entry.body != nullptr) {
      add(400, "malformed_query");
      add(422, "invalid");
    }
    if (route.idempotent || route.repeatable) add(400, "idempotency_key_invalid");
    if (route.idempotent) {
      add(422, "idempotency_key_reused");
      add(409, "idempotency_in_progress");
    }
    if (entry.path.find('{') != std::string::npos) add(404, "not_found");
    if (route.rate != RateClass::none) add(429, "rate_limited");
    if (route.etag) add(304, "not_modified");
    return codes;
  }

  std::string responses(const RouteEntry& entry) {
    std::string out;
    const auto declared = codes_of(entry);
    for (const auto& [status, codes] : declared) {
      std::string description;
      for (const auto& code : codes) description += (description.empty() ? "" : ", ") + code;
      if (!out.empty()) out += ',';
      out += quoted(std::to_string(status)) + R"(:{"description":)" + quoted(description) +
             content(entry, status) + '}';
    }
    if (!declared.contains(500)) out += R"(,"500":{"$ref":"#/components/responses/Internal"})";
    if (!declared.contains(503)) out += R"(,"503":{"$ref":"#/components/responses/Unavailable"})";
    return out;
  }

  std::string content(const RouteEntry& entry, int status) {
    if (status == 204 || (status >= 300 && status < 400)) return {};
    // A probe, not of the API, says how bad things are in its own shape.
    const bool probe = entry.kind == AnswerKind::json && !entry.path.starts_with("/api/");
    if (status >= 400 && !(probe && status == 503)) return problem(entry.route, status);
    switch (entry.kind) {
      case AnswerKind::json:
        return R"(,"content":{"application/json":{"schema":)" + book_.reference(*entry.answer) +
               '}' +
               (entry.route.produces.empty()
                    ? ""
                    : ',' + quoted(entry.route.produces) + R"(:{"schema":{"type":"string"}})") +
               '}';
      case AnswerKind::raw:
        return R"(,"content":{)" +
               quoted(entry.route.produces.empty() ? "application/octet-stream"
                                                   : entry.route.produces) +
               R"(:{"schema":{"type":"string"}}})";
      case AnswerKind::stream:
        return R"(,"content":{"text/event-stream":{"schema":{"type":"string"}}})";
      case AnswerKind::empty:
        break;
    }
    return {};
  }

  std::string problem(const Route& route, int status) {
    std::string members, names;
    for (const ProblemMember& member : route.problem_members) {
      if (member.status != status) continue;
      members +=
          (members.empty() ? "" : ",") + quoted(member.name) + ':' + book_.reference(*member.type);
      names += (names.empty() ? "" : ",") + quoted(member.name);
    }
    if (members.empty()) return std::string(kProblemContent);
    return R"(,"content":{"application/problem+json":{"schema":{"allOf":[)"
           R"({"$ref":"#/components/schemas/Problem"},{"type":"object","properties":{)" +
           members + R"(},"required":[)" + names + "]}]}}}";
  }

  const Router& router_;
  std::string_view version_;
  json::SchemaBook book_;
};

struct Documentation {
  std::once_flag once;
  std::string text;
};

}  // namespace

std::string openapi_document(const Router& router, std::string_view version) {
  return Document(router, version).write();
}

void add_documentation(Router& router, std::string version) {
  auto document = std::make_shared<Documentation>();
  const Route hidden{.etag = true, .hidden = true};
  router.get("//openapi.json", hidden, [&router, document, version](Call&) {
    std::call_once(document->once, [&] { document->text = openapi_document(router, version); });
    return Raw{.content_type = "application/json", .body = document->text};
  });
  router.get("//docs", hidden, [](Call&) {
    return Raw{.content_type = "text/html; charset=utf-8",
               .body = std::string(kDocsPage),
               .headers = {{"Content-Security-Policy",
                            "default-src 'none'; script-src 'self'; style-src 'self'; "
                            "connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"}}};
  });
  router.get("//docs/docs.js", hidden, [](Call&) {
    return Raw{.content_type = "text/javascript; charset=utf-8", .body = std::string(kDocsScript)};
  });
  router.get("//docs/docs.css", hidden, [](Call&) {
    return Raw{.content_type = "text/css; charset=utf-8", .body = std::string(kDocsStyle)};
  });
}

}  // namespace onsale::http
