#include "platform/http/request_parser.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

namespace onsale::http {
namespace {

namespace beast = boost::beast;
using beast::error_code;
using beast::http::error;
using beast::http::field;
using View = beast::string_view;

std::string_view std_view(View text) { return {text.data(), text.size()}; }

Known known_of(field name, std::string_view text) {
  switch (name) {
    case field::host:
      return Known::host;
    case field::connection:
      return Known::connection;
    case field::authorization:
      return Known::authorization;
    case field::cookie:
      return Known::cookie;
    case field::content_type:
      return Known::content_type;
    case field::content_encoding:
      return Known::content_encoding;
    case field::accept:
      return Known::accept;
    case field::accept_encoding:
      return Known::accept_encoding;
    case field::if_none_match:
      return Known::if_none_match;
    case field::origin:
      return Known::origin;
    case field::upgrade:
      return Known::upgrade;
    case field::expect:
      return Known::expect;
    case field::sec_websocket_protocol:
      return Known::websocket_protocol;
    default:
      break;
  }
  switch (text.size()) {  // which of the others Beast knows depends on its version
    case 11:
      return same_word(text, "traceparent") ? Known::traceparent : Known::count;
    case 12:
      return same_word(text, "X-Request-Id") ? Known::request_id : Known::count;
    case 13:
      return same_word(text, "X-Onsale-CSRF") ? Known::csrf : Known::count;
    case 14:
      return same_word(text, "Sec-Fetch-Site") ? Known::sec_fetch_site : Known::count;
    case 15:
      if (same_word(text, "Idempotency-Key")) return Known::idempotency_key;
      return same_word(text, "X-Forwarded-For") ? Known::forwarded_for : Known::count;
    default:
      return Known::count;
  }
}

Verb verb_of(beast::http::verb verb) {
  switch (verb) {
    case beast::http::verb::get:
      return Verb::get;
    case beast::http::verb::head:
      return Verb::head;
    case beast::http::verb::post:
      return Verb::post;
    case beast::http::verb::put:
      return Verb::put;
    case beast::http::verb::patch:
      return Verb::patch;
    case beast::http::verb::delete_:
      return Verb::del;
    case beast::http::verb::options:
      return Verb::options;
    default:
      return Verb::other;
  }
}

class HeadParser : public beast::http::basic_parser<true> {
 public:
  HeadParser(std::string_view head, Exchange* x) : head_(head), x_(x) {
    header_limit(static_cast<std::uint32_t>(head.size() + 1));
    body_limit(boost::none);
  }

  int status() const { return status_; }
  bool encoded() const { return encoded_; }
  bool sized() const { return sized_; }
  int hosts() const { return hosts_; }

 protected:
  void on_request_impl(beast::http::verb method, View method_text, View target, int version,
                       error_code&) override {
    if (version != 10 && version != 11) status_ = 505;
    if (target.size() > kTargetBytesMax) status_ = 414;
    if (x_ == nullptr) return;
    x_->verb = verb_of(method);
    x_->method_text = std_view(method_text);
    x_->target = std_view(target);
    x_->http_1_0 = version == 10;
  }
  void on_field_impl(field name, View name_text, View value, error_code&) override {
    if (name == field::transfer_encoding) encoded_ = true;
    if (name == field::content_length) sized_ = true;
    if (name == field::host) ++hosts_;
    if (x_ == nullptr) return;
    if (!value.empty() &&
        (value.data() < head_.data() || value.data() > head_.data() + head_.size()))
      status_ = 400;  // a folded header: obsolete, and the value is not where the views point
    if (x_->headers.size() >= kHeadersMax) {
      status_ = 431;
      return;
    }
    x_->headers.push_back({std_view(name_text), std_view(value)});
    const Known known = known_of(name, std_view(name_text));
    if (known == Known::count) return;
    auto& place = x_->known[static_cast<std::size_t>(known)];
    place = place.data() == nullptr ? std_view(value) : joined(known, place, std_view(value));
  }
  void on_response_impl(int, View, int, error_code&) override {}
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(boost::optional<std::uint64_t> const&, error_code&) override {}
  std::size_t on_body_impl(View body, error_code&) override { return body.size(); }
  void on_chunk_header_impl(std::uint64_t, View, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, View body, error_code&) override {
    return body.size();
  }
  void on_finish_impl(error_code&) override {}

 private:
  // Several lines of one field are one list (RFC 9110, 5.3), cookies too (RFC 6265bis, 5.6): read
  // as its first line alone, it would be whatever the client put before a proxy's line. What is no
  // list becomes a value that nobody accepts.
  std::string_view joined(Known known, std::string_view before, std::string_view value) {
    std::string& whole = joined_[static_cast<std::size_t>(known)] != nullptr
                             ? *joined_[static_cast<std::size_t>(known)]
                             : x_->decoded.emplace_back(before);
    joined_[static_cast<std::size_t>(known)] = &whole;
    return whole.append(known == Known::cookie ? "; " : ", ").append(value);
  }

  std::string_view head_;
  Exchange* x_;
  std::array<std::string*, static_cast<std::size_t>(Known::count)> joined_{};
  int status_ = 0;
  int hosts_ = 0;
  bool encoded_ = false;
  bool sized_ = false;
};

int status_of(const error_code& ec) {
  if (ec == error::header_limit || ec == error::buffer_overflow) return 431;
  if (ec == error::bad_version) return 505;
  return 400;
}

// Path and query of "/a?b", "http://host/a?b" or "*"; false for anything else.
bool split_target(Exchange& x) {
  std::string_view target = x.target;
  if (target.starts_with("http://") || target.starts_with("https://")) {
    target.remove_prefix(target.find("//") + 2);
    const auto slash = target.find_first_of("/?");
    target = slash == target.npos ? std::string_view("/") : target.substr(slash);
  }
  const auto mark = target.find('?');
  x.path = target.substr(0, mark);
  x.query_text = mark == target.npos ? std::string_view() : target.substr(mark + 1);
  if (x.path == "*") return x.verb == Verb::options;
  return x.path.starts_with('/') && target.find('#') == target.npos;
}

}  // namespace

int parse_head(std::string_view head, Exchange& x) {
  HeadParser parser(head, &x);
  error_code ec;
  parser.put(boost::asio::const_buffer(head.data(), head.size()), ec);
  if (parser.status() != 0) return parser.status();
  if (ec && ec != error::need_more) return status_of(ec);
  if (!parser.is_header_done()) return 400;
  if (parser.encoded() && (parser.sized() || x.http_1_0)) return 400;  // request smuggling
  if (parser.encoded() && !parser.chunked()) return 501;
  if (parser.hosts() > 1 || (parser.hosts() == 0 && !x.http_1_0)) return 400;
  x.chunked = parser.chunked();
  x.content_length = parser.content_length() ? *parser.content_length() : 0;
  x.keep_alive = parser.keep_alive();
  return split_target(x) ? 0 : 400;
}

// "0", CR LF, CR LF: no body ends in fewer. Given less of its last chunk twice, Beast 1.81 stops
// the process (`n >= 5` in parse_chunk_header).
constexpr std::size_t kLastChunkBytes = 5;

class ChunkedBody::Parser : public HeadParser {
 public:
  explicit Parser(std::string_view head) : HeadParser(head, nullptr) {
    error_code ec;
    put(boost::asio::const_buffer(head.data(), head.size()), ec);
  }

  Step feed(std::string_view bytes, std::string& out, std::size_t max) {
    out_ = &out;
    max_ = max;
    Step step;
    while (!is_done()) {
      error_code ec;
      const auto rest = bytes.substr(step.used);
      if (rest.empty() || (rest.front() == '0' && rest.size() < kLastChunkBytes)) return step;
      const auto used = put(boost::asio::const_buffer(rest.data(), rest.size()), ec);
      step.used += used;
      if (ec == error::need_more || (!ec && used == 0 && !is_done())) return step;
      if (ec) {
        step.state = ec == error::body_limit ? State::too_large : State::malformed;
        return step;
      }
    }
    step.state = State::done;
    return step;
  }

 protected:
  std::size_t on_chunk_body_impl(std::uint64_t, View body, error_code& ec) override {
    if (out_->size() + body.size() > max_) {
      ec = error::body_limit;
      return 0;
    }
    out_->append(body.data(), body.size());
    return body.size();
  }

 private:
  std::string* out_ = nullptr;
  std::size_t max_ = 0;
};

ChunkedBody::ChunkedBody(std::string_view head) : parser_(std::make_unique<Parser>(head)) {}
ChunkedBody::~ChunkedBody() = default;

ChunkedBody::Step ChunkedBody::feed(std::string_view bytes, std::string& out, std::size_t max) {
  return parser_->feed(bytes, out, max);
}

}  // namespace onsale::http
