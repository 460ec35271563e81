#include "waitroom/page/page_http.h"

#include <algorithm>
#include <map>
#include <mutex>

#include "base/encoding.h"
#include "base/overload.h"
#include "platform/http/message/html.h"
#include "platform/http/pipeline.h"
#include "waitroom/join/join_http.h"
#include "waitroom/page/return_address.h"
#include "waitroom/room/caller_http.h"

namespace onsale::waitroom {

using http::Call;
using http::html_escaped;
using http::Raw;

enum class PageAct { join, here, leave };
BOOST_DESCRIBE_ENUM(PageAct, join, here, leave)

struct PageActBody {
  PageAct act = PageAct::join;
};
BOOST_DESCRIBE_STRUCT(PageActBody, (), (act))

namespace {

// Of the address. The first is the app's word for what somebody wants to see.
constexpr std::string_view kWanted = "performance";
constexpr std::string_view kReturn = "return";
constexpr std::string_view kInvite = "invite";
constexpr std::array kKept{kWanted, kReturn, kInvite};

// Cookies that the app and the script set.
constexpr std::string_view kThemeCookie = "onsale_theme";
constexpr std::string_view kScriptCookie = "onsale_js";
constexpr std::chrono::seconds kLanguageCookieLife{365 * 86'400};

constexpr Millis kCrowdFresh{1000};

constexpr int kRetryDefaultS = 5;
constexpr int kRetryMaxS = 30;
constexpr std::string_view kTroubleStyle =
    "body{font:1rem/1.6 system-ui,sans-serif;margin:0 auto;max-width:32rem;padding:3rem 1.25rem;"
    "word-break:keep-all}h1{font-size:1.4rem}a{display:inline-block;padding:.75rem 1rem .75rem 0}";
constexpr std::string_view kTroublePolicy =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";

// Scripts, styles and connections of our own only. No form-action: the button leads to wherever the
// room leads, by redirects.
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; worker-src 'self'; base-uri 'none'; frame-ancestors 'none'";

// Addresses stay readable.
std::string encoded(std::string_view text) { return percent_encoded(text, "/:"); }

// This page's own address with what it was opened with, and perhaps one thing more.
std::string address_of(const Call& call, std::string_view extra = {}, bool with_invite = true) {
  std::string out = "/wait/" + encoded(call.param("room"));
  char separator = '?';
  const auto add = [&](const std::string& part) {
    out += separator;
    out += part;
    separator = '&';
  };
  for (const auto name : kKept) {
    const auto value = call.query(name);
    if (value.empty() || (name == kInvite && !with_invite)) continue;
    add(std::string(name) + "=" + encoded(value));
  }
  if (!extra.empty()) add(std::string(extra));
  return out;
}

// Where to log in and come back here.
std::string login_of(const Call& call) {
  return "/login?next=" + percent_encoded(address_of(call), "/:");
}

// Whatever the address holds; nothing may throw while a problem is told.
std::string readable_address_of(const Call& call) {
  try {
    return address_of(call);
  } catch (const http::Problem&) {
    return std::string(call.path());
  }
}

// A limit, a disk that is full: a person sees words, and the page tries again by itself.
Raw trouble_page(const Call& call, const http::Problem& problem) {
  const Language language = call.language();
  const std::string here = html_escaped(readable_address_of(call));
  const bool passes = problem.status == 429 || problem.status >= 500;
  const int retry_s =
      problem.retry_after_s > 0 ? std::min(problem.retry_after_s, kRetryMaxS) : kRetryDefaultS;
  std::string out = "<!doctype html>\n<html lang=\"";
  out.append(code_of(language)).append("\">\n<meta charset=\"utf-8\">\n");
  out += "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n";
  out += "<meta name=\"robots\" content=\"noindex\">\n";
  out += "<meta name=\"color-scheme\" content=\"light dark\">\n";
  if (passes) {
    out += "<meta http-equiv=\"refresh\" content=\"" + std::to_string(retry_s) + ";url=" + here +
           "\">\n";
  }
  const auto title = word("title", language);
  out.append("<title>").append(title).append(" · onsale</title>\n<style>").append(kTroubleStyle);
  out.append("</style>\n<h1>").append(title);
  out += "</h1>\n";
  if (passes) {
    out.append("<p>").append(word("busy_plain", language)).append("</p>\n<p>");
    out.append(word("asks_itself", language)).append("</p>\n");
  }
  out.append("<p><a href=\"").append(here).append("\">");
  out.append(word("proof_retry", language)).append("</a></p>\n</html>\n");
  return {.status = problem.status,
          .content_type = "text/html; charset=utf-8",
          .body = std::move(out),
          .headers = {{"Content-Security-Policy", std::string(kTroublePolicy)}}};
}

// A page of somebody's place was closed. The browser sends this on its way out and reads no answer;
// the body is the place token, when the page had one.
http::Answer<void> closed(Waitroom& rooms, const Call& call) {
  const auto room = RoomId::parse(call.param("room"));
  if (!room) return http::no_content();
  PlaceProof proof{.token = call.body(), .device = {}, .present = false};
  if (proof.token.empty()) proof.device = caller_of(call);
  if (const auto place = rooms.look(*room, proof, call.started()))
    rooms.page_closed(*room, place->id, call.started());
  return http::no_content();
}

class Page {
 public:
  explicit Page(PageParts parts) : parts_(std::move(parts)), page_(parts_.assets) {}

  Raw show(Call& call) const {
    PageVisit visit = begin(call);
    if (!visit.room) return elsewhere(call, visit);
    const RoomId& room = visit.room->id;
    if (const auto caller = caller_of(call, visit.room->settings.one_per)) {
      auto place = parts_.rooms.look(room, {.token = {}, .device = caller}, call.started());
      if (place) {
        call.charge(place->id.str());
        visit.place = std::move(*place);
      }
    } else {
      greet_device(call);
    }
    lead_on(call, visit);
    if (visit.place && visit.place->state == PlaceState::admitted && !visit.go.empty()) {
      return http::redirect(visit.hand_pass ? with_pass(visit.go, visit.place->pass) : visit.go);
    }
    if (!visit.place) visit.room = lately(*visit.room, call.started());
    visit.has_left = call.query("left") == "1";
    visit.had_place = call.query("was") == "1";
    visit.ask_proof = call.query("proof") == "1";
    visit.invite_refused = call.query("refused") == "1";
    visit.busy = call.query("busy") == "1";
    if (visit.room->settings.one_per == OnePer::account && !call.principal())
      visit.login = login_of(call);
    visit.no_cookies = call.query("cookies") == "0" && !device_of(call);
    return html(200, visit);
  }

  Waitroom& rooms() const { return parts_.rooms; }

  // The button was pressed. Whatever happens, the browser then reads the page again.
  static Task<Raw> act(std::shared_ptr<const Page> self, PageAct act, Call& call) {
    if (!http::same_site(call.exchange()))
      throw http::Problem(403, "foreign_origin", "This page is not from our site.");
    const auto id = RoomId::parse(call.param("room"));
    auto room = id ? self->parts_.rooms.room(*id) : std::nullopt;
    if (!room) co_return self->html(404, self->begin(call));
    // A browser that keeps no cookie would press this for ever.
    const OnePer one_per = room->settings.one_per;
    const auto caller = caller_of(call, one_per);
    if (!caller && one_per == OnePer::account) {
      co_return http::redirect(login_of(call));
    }
    if (!caller) co_return http::redirect(address_of(call, "cookies=0"));
    if (act == PageAct::leave) {
      (void)co_await self->parts_.rooms.leave(*id, {}, caller);
      co_return http::redirect(address_of(call, "left=1"));
    }
    JoinAttempt attempt = attempt_of(std::move(*room), call);
    attempt.invite = call.query(kInvite);
    auto answer = co_await self->join(std::move(attempt), call);
    co_return answer;
  }

 private:
  // The names of rooms are in small letters: who typed another spelling is led to the room.
  Raw elsewhere(const Call& call, const PageVisit& visit) const {
    std::string name(call.param("room"));
    for (char& c : name)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    const auto id = RoomId::parse(name);
    if (!id || name == call.param("room") || !parts_.rooms.room(*id)) return html(404, visit);
    const std::string here = address_of(call);
    const auto query = std::min(here.find('?'), here.size());
    return {.status = 308,
            .content_type = {},
            .body = {},
            .headers = {{"Location", "/wait/" + name + here.substr(query)}}};
  }

  Task<Raw> join(JoinAttempt attempt, Call& call) const {
    const RoomId room = attempt.room.id;
    auto entry = co_await check_join(parts_.keeper, std::move(attempt), call);
    if (!entry) {
      const bool proof = entry.error().status == 428;
      co_return http::redirect(proof ? address_of(call, "proof=1")
                                     : address_of(call, "refused=1", false));
    }
    const Gatekeeper::InFlight in_flight(parts_.keeper);
    std::string_view trouble;
    try {
      auto joined = co_await parts_.rooms.join(room, entry->device, entry->lane);
    } catch (const Overloaded&) {
      trouble = "busy=1";
    }
    // A room that takes nobody says so when it is read.
    co_return http::redirect(address_of(call, trouble));
  }

  PageVisit begin(Call& call) const {
    PageVisit visit;
    const auto asked = call.query("lang");
    visit.language = call.language();
    if (!asked.empty() && asked != call.cookie(http::kLanguageCookie) &&
        asked == code_of(visit.language)) {
      call.set_cookie({.name = std::string(http::kLanguageCookie),
                       .value = std::string(asked),
                       .max_age = kLanguageCookieLife,
                       .http_only = false});
    }
    if (const auto theme = call.cookie(kThemeCookie)) visit.theme = *theme;
    visit.scripted = call.cookie(kScriptCookie).has_value();
    visit.site = call.site();
    visit.here = address_of(call);
    visit.again = address_of(call, "was=1");
    visit.other_here = address_of(call, "lang=" + std::string(word("other_code", visit.language)));
    visit.invite = call.query(kInvite);
    if (const auto id = RoomId::parse(call.param("room"))) visit.room = parts_.rooms.room(*id);
    return visit;
  }

  // Where an admitted person goes from here.
  void lead_on(const Call& call, PageVisit& visit) const {
    const RoomId& room = visit.room->id;
    if (parts_.offers) {
      visit.offers = parts_.offers->offers(room, call.started());
      visit.called_off = parts_.offers->called_off(room, call.started());
    }
    if (parts_.destinations) {
      visit.destination =
          parts_.destinations->destination(room, call.query(kWanted), call.started());
    }
    if (visit.destination) visit.go = visit.destination->address;
    if (visit.destination && visit.destination->called_off) visit.called_off = true;
    const auto wanted = call.query(kReturn);
    if (wanted.empty()) return;
    const std::string host(call.host());
    // A proxy may have rewritten the host.
    const std::string origins =
        parts_.return_origins + ",http://" + host + ",https://" + host + "," + call.site();
    if (!return_allowed(wanted, origins)) return;
    visit.go = wanted;
    visit.hand_pass = true;
  }

  // Everybody who has no place yet reads the same numbers for a second, so that a rush reads the
  // same bytes, compressed once.
  RoomView lately(const RoomView& room, Timestamp now) const {
    std::lock_guard lock(mutex_);
    auto& [at, view] = crowd_.try_emplace(room.id, now, room).first->second;
    const bool same = view.settings == room.settings;
    if (!same || now >= at + kCrowdFresh || now < at) {
      at = now;
      view = room;
    }
    return view;
  }

  Raw html(int status, const PageVisit& visit) const {
    return {.status = status,
            .content_type = "text/html; charset=utf-8",
            .body = page_.render(visit),
            .headers = {{"Content-Security-Policy", std::string(kPolicy)},
                        {"Vary", "Cookie, Accept-Language"}}};
  }

  const PageParts parts_;
  const WaitPage page_;
  mutable std::mutex mutex_;
  mutable std::map<RoomId, std::pair<Timestamp, RoomView>> crowd_;  // of rooms that exist
};

}  // namespace

void page_routes(http::Router& router, PageParts parts) {
  const auto page = std::make_shared<const Page>(std::move(parts));
  router.get("//wait/{room}",
             {.summary = "The wait page",
              .answers = {{200, "page"}, {303, "admitted"}, {404, "page"}},
              .tag = "waiting room",
              .etag = true,
              .cache_control = "private, no-cache",
              .hidden = true,
              .produces = "text/html",
              .trouble = trouble_page},
             [page](Call& call) { return page->show(call); });
  router.post("//wait/{room}",
              {.summary = "Join, or leave, without a script",
               .answers = {{303, "done"}, {404, "page"}},
               .tag = "waiting room",
               .csrf_exempt = true,
               .form = true,
               .hidden = true,
               .produces = "text/html",
               .trouble = trouble_page},
              [page](PageActBody body, Call& call) { return Page::act(page, body.act, call); });
  // A beacon can't carry X-Onsale-CSRF.
  router.post("/rooms/{room}/places/me/closed",
              {.summary = "A page of one's place was closed: a slot that shows no other sign of "
                          "life is free soon. The body is the place token as text; or the cookie",
               .answers = {{204, "noted"}},
               .tag = "waiting room",
               .csrf_exempt = true},
              [&rooms = page->rooms()](Call& call) { return closed(rooms, call); });
}

}  // namespace onsale::waitroom
