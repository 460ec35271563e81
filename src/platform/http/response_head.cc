#include "platform/http/response_head.h"

#include <algorithm>
#include <charconv>

namespace onsale::http {
namespace {

void append_number(std::string& out, std::size_t value) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

void append_status(std::string& out, int status) {
  if (status == 200) {
    out += "HTTP/1.1 200 OK\r\n";
    return;
  }
  out += "HTTP/1.1 ";
  append_number(out, static_cast<std::size_t>(status));
  out.append(" ").append(reason_phrase(status)).append("\r\n");
}

// What a client called the request, when that is safe to say again.
std::string_view request_id(const Exchange& x) {
  const auto id = x.header(Known::request_id);
  const auto sane = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '_' || c == '.' || c == ':';
  };
  if (!id.empty() && id.size() <= 128 && std::ranges::all_of(id, sane)) return id;
  return {x.trace_id.data(), x.trace_id.size()};
}

}  // namespace

void append_head(std::string& out, const Exchange& x, const HeadContext& context) {
  const Reply& reply = x.reply;
  append_status(out, reply.status);
  out.append(context.date_line);
  if (!reply.content_type.empty())
    out.append("Content-Type: ").append(reply.content_type).append("\r\n");
  const bool bodiless = reply.status == 204 || reply.status == 304 || reply.stream;
  if (!bodiless) {
    out += "Content-Length: ";
    append_number(out, reply.content().size());
    out += "\r\n";
  }
  out.append("X-Request-Id: ").append(request_id(x)).append("\r\n");
  out.append("Cache-Control: ");
  out.append(reply.cache_control.empty() ? std::string_view("no-store") : reply.cache_control);
  out += "\r\nX-Content-Type-Options: nosniff\r\n";
  if (!reply.policy.empty()) {
    out.append("Content-Security-Policy: ").append(reply.policy);
    out += "\r\nReferrer-Policy: strict-origin-when-cross-origin\r\nX-Frame-Options: DENY\r\n";
  }
  if (!reply.etag.empty()) out.append("ETag: ").append(reply.etag).append("\r\n");
  if (context.hsts) out += "Strict-Transport-Security: max-age=31536000\r\n";
  if (reply.stream) out += "X-Accel-Buffering: no\r\n";  // nginx would keep it until it ends
  out.append(reply.headers);
  if (context.close)
    out += "Connection: close\r\n";
  else if (x.http_1_0)
    out += "Connection: keep-alive\r\n";
  out += "\r\n";
}

}  // namespace onsale::http
