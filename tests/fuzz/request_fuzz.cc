// A request from its bytes to its answer: the head, chunks, routing, who calls, forgery of sites,
// typed body, path and query, and the answer's head. The first byte says how a chunked body
// arrives.
#include "platform/exec/loop.h"
#include "platform/http/pipeline.h"
#include "platform/http/request_parser.h"
#include "platform/http/response_head.h"
#include "tests/fuzz/bodies.h"
#include "tests/fuzz/fuzz.h"

namespace onsale::fuzz {
namespace {

using http::Access;
using http::Answer;
using http::append_head;
using http::Authenticator;
using http::Call;
using http::ChunkedBody;
using http::Exchange;
using http::GzipCache;
using http::Header;
using http::Known;
using http::parse_head;
using http::Pipeline;
using http::Principal;
using http::Problem;
using http::Raw;
using http::redirect;
using http::Reply;
using http::Router;
using http::ServerConfig;
using http::ServerParts;
using http::Verb;

struct Echo {
  std::string text;
};
BOOST_DESCRIBE_STRUCT(Echo, (), (text))

// Sessions are "buyer" and "admin"; whoever else calls is nobody.
struct TwoPeople final : Authenticator {
  std::optional<Principal> authenticate(std::string_view token, Timestamp) override {
    if (token != "buyer" && token != "admin") return {};
    return Principal{.account = "acc_1", .role = std::string(token)};
  }
};

class World {
 public:
  World() {
    router_.post("/wholes", {.form = true, .body_max = 4096},
                 [](Whole body, Call&) -> Answer<Whole> { return body; });
    router_.patch("/wholes/{whole}", {.access = Access::signed_in},
                  [](Change body, Call& call) -> Answer<Change> {
                    (void)call.id<ThingId>("whole");
                    return body;
                  });
    router_.get("/search", {.etag = true},
                [](Search search, Call&) -> Answer<Search> { return search; });
    router_.get("/texts/{text}", {}, [](Call& call) -> Answer<Echo> {
      return Echo{std::string(call.param("text")) + std::string(call.query("more"))};
    });
    router_.get("/leave", {}, [](Call& call) { return leave(call.query("to")); });
    router_.del("/texts/{text}", {.access = Access::admin},
                [](Call&) -> Answer<Echo> { return Echo{"for administrators"}; });
    pipeline_.emplace(config_, parts_);
  }

  Pipeline& pipeline() { return *pipeline_; }

 private:
  // Text in a query may have line ends; a header may not, and each handler sees to that.
  static Raw leave(std::string_view to) {
    if (to.find_first_of("\r\n") != to.npos) throw Problem(422, "invalid", "This is no address.");
    return redirect(std::string(to));
  }

  exec::Loops loops_{1};
  Router router_;
  SystemClock clock_;
  TwoPeople people_;
  ServerConfig config_ = [] {
    ServerConfig config;
    config.limits.rate_enabled = false;
    return config;
  }();
  ServerParts parts_{
      .loops = loops_, .router = router_, .clock = clock_, .authenticator = &people_};
  std::optional<Pipeline> pipeline_;
};

World& world() {
  static World made;
  return made;
}

bool inside(std::string_view part, std::string_view whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void check_head(std::string_view head, const Exchange& x) {
  check(x.headers.size() <= http::kHeadersMax, "few headers");
  check(inside(x.query_text, head), "views point into the head");
  check(inside(x.path, head) || x.path == "/", "so does a path, but for \"http://host\"");
  for (const Header& header : x.headers) {
    check(inside(header.name, head) && inside(header.value, head), "so do headers");
    check(header.value.find_first_of(std::string_view("\r\n\0", 3)) == header.value.npos,
          "a header is one line");
  }
  check(x.path.starts_with('/') || x.path == "*", "a path is absolute");
  check(!x.chunked || x.content_length == 0, "one way to say how long a body is");
}

struct Chunks {
  ChunkedBody::State state = ChunkedBody::State::more;
  std::string body;
};

// The body from pieces of this size, as the connection collects them.
Chunks collected(std::string_view head, std::string_view bytes, std::size_t piece,
                 std::size_t max) {
  ChunkedBody chunks(head);
  Chunks found;
  std::string waiting;
  while (found.state == ChunkedBody::State::more && !bytes.empty()) {
    waiting.append(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    const auto step = chunks.feed(waiting, found.body, max);
    check(step.used <= waiting.size(), "no more is used than there is");
    check(found.body.size() <= max, "a body stays below its limit");
    waiting.erase(0, step.used);
    found.state = step.state;
  }
  return found;
}

// True when the body is complete.
bool read_body(std::string_view head, std::string_view rest, std::size_t piece, std::size_t max,
               Exchange& x) {
  if (!x.chunked) {
    if (x.content_length > max || x.content_length > rest.size()) return false;
    x.body = rest.substr(0, x.content_length);
    return true;
  }
  Chunks at_once = collected(head, rest, rest.size(), max);
  const Chunks in_pieces = collected(head, rest, piece, max);
  check(at_once.state == in_pieces.state, "chunks are the same in pieces and at once");
  if (at_once.state != ChunkedBody::State::done) return false;
  check(at_once.body == in_pieces.body, "and so is the body");
  x.body_storage = std::move(at_once.body);
  x.body = x.body_storage;
  return true;
}

void check_answer(const Exchange& x) {
  const Reply& reply = x.reply;
  check(reply.status >= 200 && reply.status < 500, "nothing breaks on our side");
  std::string head;
  append_head(head, x, {.date_line = "Date: now\r\n"});
  const auto end = head.find("\r\n\r\n");
  check(end != head.npos && end + 4 == head.size(), "a head has one end");
  for (std::size_t at = head.find_first_of("\r\n"); at < head.size();
       at = head.find_first_of("\r\n", at + 2))
    check(head.substr(at, 2) == "\r\n", "lines end with CR LF");
  const bool admin = x.principal && x.principal->role == "admin";
  check(admin || x.verb != Verb::del || reply.status != 200, "others may not do this");
  if (x.by_cookie && reply.status == 200 && x.verb != Verb::get && x.verb != Verb::head)
    check(x.header(Known::csrf) == "1" && same_site(x), "another site changes nothing");
}

void request(std::string_view bytes) {
  Choices choices(bytes);
  const std::size_t piece = 1 + choices.byte() % 16;
  const std::string whole(choices.rest());
  const auto end = whole.find("\r\n\r\n");
  if (end == whole.npos) return;
  const std::string_view head = std::string_view(whole).substr(0, end + 4);
  Exchange x;
  x.trace_id.fill('0');
  const int refused = parse_head(head, x);
  if (refused != 0) {
    check(refused == 400 || refused == 414 || refused == 431 || refused == 501 || refused == 505,
          "a refusal of the list");
    return;
  }
  check_head(head, x);
  Pipeline& pipeline = world().pipeline();
  const std::size_t max = pipeline.route(x);
  if (!read_body(head, std::string_view(whole).substr(end + 4), piece, max, x)) return;
  check(!pipeline.run(x), "these handlers answer at once");
  GzipCache cache;
  pipeline.finish(x, cache);
  check_answer(x);
}

const Declare kDeclared("request", request);

}  // namespace
}  // namespace onsale::fuzz
