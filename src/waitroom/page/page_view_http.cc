#include "waitroom/page/page_view_http.h"

#include <algorithm>
#include <map>

#include "base/money.h"
#include "platform/http/message/html.h"
#include "platform/http/message/preview.h"
#include "platform/json/json.h"
#include "waitroom/page/page_markup_http.h"
#include "waitroom/room/views_http.h"

namespace onsale::waitroom {

// What the script starts from.
struct BootJson {
  RoomJson room;
  std::optional<PlaceJson> place;
  std::string go;
  bool hand_pass = false;
  bool stay = false;
  bool login = false;
  std::string invite;
};
BOOST_DESCRIBE_STRUCT(BootJson, (), (room, place, go, hand_pass, stay, login, invite))

namespace {

using http::html_escaped;
using http::lang_attribute;

constexpr std::string_view kSteps[] = {"none",    "login",  "cookies",   "joining",  "proof",
                                       "waiting", "missed", "prequeue",  "admitted", "closed",
                                       "expired", "left",   "completed", "lost",     "missing"};
static_assert(static_cast<std::size_t>(Step::missing) + 1 == std::size(kSteps));

constexpr std::string_view kFlags[] = {
    "offline",  "called", "busy",    "known",  "detail",  "message", "invite", "paused",
    "notice",   "line",   "open",    "count",  "solving", "stopped", "plain",  "external",
    "progress", "chart",  "eta",     "number", "lane",    "opens",   "soon",   "countdown",
    "people",   "go",     "nowhere", "link",   "offers",  "stock",   "drawn",  "called_off"};

constexpr std::string_view kSlots[] = {
    "lang",   "theme",   "tab",     "head",      "lang_href",    "image",     "name",
    "detail", "message", "notice",  "in_line",   "join_button",  "external",  "position",
    "ahead",  "p80",     "waiting", "spread",    "number",       "lane",      "opens",
    "people", "go",      "here",    "then_move", "then_show_up", "then_keep", "offers",
    "called", "data",    "drawn",   "proof",     "login",        "name_lang", "message_lang"};

constexpr std::int64_t kOffsetMinutes = 540;  // the product's wall clock, as in the web app
constexpr std::int64_t kRefreshLeast = 2, kRefreshMost = 60;  // seconds

Timestamp wall_clock(Timestamp t) { return t + Millis(kOffsetMinutes * 60'000); }

std::string two(unsigned value) {
  std::string text = std::to_string(value);
  return text.size() < 2 ? "0" + text : text;
}

// 20:00, or 20:00:03.
std::string clock_text(Timestamp t, bool with_seconds) {
  const auto since = to_unix_ms(wall_clock(t)) / 1000 % 86'400;
  std::string text =
      two(static_cast<unsigned>(since / 3600)) + ":" + two(static_cast<unsigned>(since / 60 % 60));
  if (with_seconds) text += ":" + two(static_cast<unsigned>(since % 60));
  return text;
}

// The same words as the web app's `datetime`.
std::string date_text(Timestamp t, Language language) {
  static constexpr std::array<std::string_view, 7> kKorean{"일", "월", "화", "수",
                                                           "목", "금", "토"};
  static constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed",
                                                         "Thu", "Fri", "Sat"};
  static constexpr std::array<std::string_view, 12> kMonths{
      "January", "February", "March",     "April",   "May",      "June",
      "July",    "August",   "September", "October", "November", "December"};
  const auto days = std::chrono::floor<std::chrono::days>(wall_clock(t));
  const std::chrono::year_month_day date(days);
  const unsigned weekday = std::chrono::weekday(days).c_encoding();
  const std::string year = std::to_string(static_cast<int>(date.year()));
  const std::string day = std::to_string(static_cast<unsigned>(date.day()));
  const auto month = static_cast<unsigned>(date.month());
  if (language == Language::ko)
    return year + "년 " + std::to_string(month) + "월 " + day + "일 (" +
           std::string(kKorean[weekday]) + ") " + clock_text(t, false);
  return std::string(kDays[weekday]) + " " + day + " " + std::string(kMonths[month - 1]) + " " +
         year + ", " + clock_text(t, false);
}

// Values by slot, flags by name: the names are checked where they are set.
class Sheet {
 public:
  void set(std::string_view slot, std::string value) {
    values_[static_cast<std::size_t>(std::ranges::find(kSlots, slot) - kSlots)] = std::move(value);
  }
  void flag(std::string_view name, bool on = true) {
    const auto at = static_cast<std::size_t>(std::ranges::find(kFlags, name) - kFlags);
    if (on) flags_ |= std::uint64_t{1} << at;
  }
  PageTemplate::Filling filling(Step step) const {
    return {.values = values_, .step = static_cast<std::size_t>(step), .flags = flags_};
  }

 private:
  std::array<std::string, std::size(kSlots)> values_;
  std::uint64_t flags_ = 0;
};

struct Sayer {
  Language language;
  std::string operator()(std::string_view key) const { return std::string(word(key, language)); }
  std::string operator()(std::string_view key, std::string_view value) const {
    return filled(word(key, language), value);
  }
  std::string operator()(std::string_view key, std::int64_t value) const {
    return filled(word(key, language), grouped(value));
  }
  std::string duration(std::int64_t seconds) const { return about(seconds, language); }
};

void show_place(Sheet& sheet, const PageVisit& visit, const Sayer& say) {
  const PlaceView& place = *visit.place;
  const bool paused = visit.room->settings.mode == Mode::paused;
  sheet.set("position", place.position > 0 ? grouped(place.position) : "–");
  if (place.position == 1) sheet.set("ahead", say("next"));
  if (place.position == 2) sheet.set("ahead", say("ahead_one"));
  if (place.position > 2) sheet.set("ahead", say("ahead", place.position - 1));
  sheet.set("waiting", say("people", std::max(place.waiting, place.position)));
  sheet.set("p80", say(paused ? "eta_paused" : "eta_none"));
  if (place.eta && !paused) {
    sheet.set("p80", say("eta_p80", say.duration(place.eta->p80_seconds)));
    sheet.set("spread", say("eta_p50", say.duration(place.eta->p50_seconds)) +
                            say("eta_p90", say.duration(place.eta->p90_seconds)));
    sheet.flag("eta");
  }
  if (place.number > 0) {
    std::string text = say("number", place.number);
    if (place.joined_at) text += say("joined_at", clock_text(*place.joined_at, true));
    sheet.set("number", std::move(text));
    sheet.flag("number");
  }
  if (!place.lane_name.empty()) {
    sheet.set("lane", say("lane", place.lane_name));
    sheet.flag("lane");
  }
  if (place.draw_rank > 0) {
    sheet.set("drawn", say("drawn", place.draw_rank));
    sheet.flag("drawn");
  }
  const bool said_already =
      place.notice == Notice::missed_turn || (place.notice == Notice::paused && paused);
  if (place.notice != Notice::none && !said_already) {
    const auto text = notice_text(place.notice, visit.language);
    sheet.set("notice", std::string(text));
    sheet.flag("notice", !text.empty());
  }
  if (place.called_at) {
    sheet.set("called", say("called_at", clock_text(*place.called_at, true)));
    sheet.flag("called");
  }
  sheet.set("people", say("prequeue_people", place.waiting));
  sheet.flag("people", place.waiting > 1);
}

void show_room(Sheet& sheet, const PageVisit& visit, Step step, const Sayer& say) {
  const Settings& settings = visit.room->settings;
  sheet.set("proof", "/api/v1/rooms/" + visit.room->id.str() + "/lottery");
  sheet.set("message", settings.message);
  sheet.set("message_lang", std::string(lang_attribute(settings.message, visit.language)));
  sheet.flag("message", !settings.message.empty());
  sheet.flag("paused", settings.mode == Mode::paused && step == Step::waiting && !visit.called_off);
  sheet.flag(settings.mode == Mode::open ? "open" : "line");
  sheet.set("in_line", say("in_line_now", visit.room->waiting));
  sheet.flag("count", visit.room->waiting > 0);
  sheet.set("join_button", say(settings.mode == Mode::open ? "join_open" : "join"));
  if (settings.opens_at)
    sheet.set("opens", say("prequeue_at", date_text(*settings.opens_at, visit.language)));
  sheet.flag(settings.opens_at ? "opens" : "soon");
  sheet.set("then_move", say("then_move", say(visit.hand_pass ? "then_return" : "then_seats")));
  sheet.set("then_show_up", say("then_show_up", say.duration(settings.no_show_seconds)));
  sheet.set("then_keep", say("then_keep", say.duration(settings.grace_seconds)));
}

void show_destination(Sheet& sheet, const PageVisit& visit) {
  const bool titled = visit.destination && !visit.destination->title.empty();
  const std::string& name = titled ? visit.destination->title : visit.room->name;
  sheet.flag("known");
  sheet.set("name", name);
  sheet.set("name_lang", std::string(lang_attribute(name, visit.language)));
  sheet.set("go", visit.go);
  sheet.flag(visit.go.empty() ? "nowhere" : "go");
  if (!visit.destination) return;
  const Destination& to = *visit.destination;
  if (!to.image.empty())
    sheet.set("image",
              "<img src=\"" + html_escaped(to.image) + "\" alt=\"\" width=\"56\" height=\"84\">");
  std::string detail;
  if (to.at) {
    detail = "<time datetime=\"" + to_rfc3339(*to.at) + "\">" +
             html_escaped(date_text(*to.at, visit.language)) + "</time>";
  }
  if (!to.detail.empty()) {
    detail.append(detail.empty() ? "" : "<br>").append("<span");
    detail.append(lang_attribute(to.detail, visit.language)).append(">");
    detail.append(html_escaped(to.detail)).append("</span>");
  }
  sheet.flag("detail", !detail.empty());
  sheet.set("detail", std::move(detail));
}

void show_offers(Sheet& sheet, const PageVisit& visit, const std::vector<OfferJson>& offers,
                 const Sayer& say) {
  if (offers.empty()) return;
  std::string rows;
  for (const OfferJson& offer : offers) {
    rows += "<tr><th scope=\"row\">" + html_escaped(offer.label) + "</th><td>" +
            html_escaped(price_text(offer.price, offer.currency, visit.language)) + "</td>";
    if (offer.available) {
      rows += "<td>" + (*offer.available > 0 ? say("left_of", *offer.available) : say("sold_out")) +
              "</td>";
    }
    rows += "</tr>";
  }
  sheet.set("offers", std::move(rows));
  sheet.flag("offers");
  sheet.flag("stock", offers.front().available.has_value());
}

// What a link to this page looks like elsewhere.
http::Preview preview_of(const PageVisit& visit) {
  http::Preview preview{.title = visit.room->name,
                        .description = std::string(word("preview", visit.language)),
                        .address = visit.site + visit.here,
                        .image = {}};
  if (!visit.destination) return preview;
  if (!visit.destination->title.empty()) preview.title = visit.destination->title;
  const std::string& image = visit.destination->image;
  if (!image.empty()) preview.image = image.starts_with('/') ? visit.site + image : image;
  return preview;
}

std::string head(const PageVisit& visit, const PageAssets& assets, Step step) {
  std::string out;
  if (visit.room) out = preview_tags(preview_of(visit));
  if (!assets.icon.empty())
    out += "<link id=\"icon\" rel=\"icon\" href=\"" + html_escaped(assets.icon) + "\">\n";
  if (!assets.style.empty())
    out += "<link rel=\"stylesheet\" href=\"" + html_escaped(assets.style) + "\">\n";
  if (!assets.script.empty())
    out += "<script type=\"module\" src=\"" + html_escaped(assets.script) + "\"></script>\n";
  const bool refreshes = step == Step::waiting || step == Step::missed || step == Step::prequeue;
  if (refreshes && !visit.scripted) {
    const auto seconds =
        std::clamp((visit.place->poll_after.count() + 999) / 1000, kRefreshLeast, kRefreshMost);
    out += "<meta http-equiv=\"refresh\" content=\"" + std::to_string(seconds) +
           ";url=" + html_escaped(visit.again) + "\">\n";
  }
  return out;
}

std::string tab(const PageVisit& visit, Step step, const Sayer& say) {
  std::string title = say("title");
  if (step == Step::waiting && visit.place->position > 0)
    title = say("tab_position", visit.place->position);
  if (step == Step::admitted) title = say("tab_admitted");
  return title + " · onsale";
}

// JSON inside a script element: nothing in it may look like markup.
std::string data(std::string_view id, std::string_view json) {
  std::string out = "<script type=\"application/json\" id=\"";
  out.append(id).append("\">");
  for (const char c : json) {
    if (c == '<')
      out += "\\u003c";
    else
      out += c;
  }
  return out + "</script>\n";
}

std::string script_words(Language language) {
  std::map<std::string, std::string> words;
  for (const Word& each : page_words())
    if (each.script) words.emplace(each.key, word(each.key, language));
  return json::write(words);
}

PageTemplate cut(Language language) {
  return PageTemplate(kPageMarkup, {.slots = kSlots, .steps = kSteps, .flags = kFlags},
                      [language](std::string_view key) { return word(key, language); });
}

std::size_t index(Language language) { return static_cast<std::size_t>(language); }

}  // namespace

Step step_of(const PageVisit& visit) {
  if (!visit.room) return Step::missing;
  if (!visit.place) {
    const Mode mode = visit.room->settings.mode;
    if (visit.has_left) return Step::left;
    if (visit.ask_proof) return Step::proof;
    if (mode == Mode::closed || mode == Mode::drain) return Step::closed;
    if (!visit.login.empty()) return Step::login;
    if (visit.no_cookies) return Step::cookies;
    return visit.had_place ? Step::lost : Step::none;
  }
  switch (visit.place->state) {
    case PlaceState::waiting:
      return visit.place->notice == Notice::missed_turn ? Step::missed : Step::waiting;
    case PlaceState::prequeue:
      return Step::prequeue;
    case PlaceState::admitted:
      return Step::admitted;
    case PlaceState::expired:
      return Step::expired;
    case PlaceState::left:
      return Step::left;
    case PlaceState::completed:
      return Step::completed;
  }
  return Step::none;
}

WaitPage::WaitPage(PageAssets assets)
    : assets_(std::move(assets)),
      templates_{cut(kLanguages[0]), cut(kLanguages[1])},
      words_{script_words(kLanguages[0]), script_words(kLanguages[1])} {}

std::string WaitPage::render(const PageVisit& visit) const {
  const Sayer say{visit.language};
  const Step step = step_of(visit);
  Sheet sheet;
  sheet.set("lang", std::string(code_of(visit.language)));
  if (visit.theme == "light" || visit.theme == "dark")
    sheet.set("theme", " data-theme=\"" + visit.theme + "\"");
  sheet.set("tab", tab(visit, step, say));
  sheet.set("head", head(visit, assets_, step));
  sheet.set("lang_href", visit.other_here);
  sheet.set("here", visit.here);
  sheet.flag("plain");
  sheet.set("login", visit.login);
  sheet.flag("invite", visit.invite_refused);
  sheet.flag("busy", visit.busy);
  if (visit.room) {
    show_room(sheet, visit, step, say);
    show_destination(sheet, visit);
    BootJson boot{.room = to_json(*visit.room, visit.offers ? *visit.offers : OfferList{}),
                  .place = {},
                  .go = visit.go,
                  .hand_pass = visit.hand_pass,
                  .stay = visit.has_left,
                  .login = !visit.login.empty(),
                  .invite = visit.invite};
    boot.room.called_off = visit.called_off;
    sheet.flag("called_off", visit.called_off);
    show_offers(sheet, visit, boot.room.offers, say);
    if (visit.place) {
      show_place(sheet, visit, say);
      boot.place = to_json(*visit.place);
    }
    sheet.set("data",
              data("boot", json::write(boot)) + data("words", words_[index(visit.language)]));
  }
  return templates_[index(visit.language)].render(sheet.filling(step));
}

}  // namespace onsale::waitroom
