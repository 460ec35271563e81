#include "catalogue/http.h"

#include "catalogue/seat_map_http.h"
#include "catalogue/views_http.h"
#include "platform/http/message/encode.h"

namespace onsale::catalogue {

// A seat map that was written and packed before.
struct SeatMapText : http::Raw {};

}  // namespace onsale::catalogue

// What OpenAPI says about it.
template <>
struct onsale::http::detail::AnswerType<onsale::catalogue::SeatMapText>
    : AnswerType<Answer<onsale::catalogue::SeatMapView>> {};

namespace onsale::catalogue {
namespace {

constexpr std::string_view kShortly = "public, max-age=1";
constexpr std::string_view kRevalidate = "public, no-cache";
constexpr std::string_view kForever = "public, max-age=31536000, immutable";

http::Problem unknown(std::string_view what) {
  return {404, "not_found", "There is no such " + std::string(what) + "."};
}

http::Problem refusal(QueryRefusal why) {
  if (why == QueryRefusal::show_unknown) return unknown("show");
  return {422,
          "invalid",
          "The cursor is not one of ours: start again without it.",
          {{"cursor", "malformed", "Use next_cursor of the page before, unchanged."}}};
}

http::Answer<ShowsPage> list(const Catalogue& catalogue, ShowsQuery query, Timestamp now) {
  auto page =
      catalogue.shows({.kind = query.kind,
                       .sort = query.sort.value_or(ShowSort::popular),
                       .limit = query.limit ? static_cast<std::int32_t>(query.limit->value) : 20,
                       .cursor = query.cursor ? query.cursor->value : ""},
                      now);
  if (!page) return refusal(page.error());
  return ShowsPage{std::move(page->items), std::move(page->next_cursor)};
}

http::Answer<ShowDetailView> detail(const Catalogue& catalogue, ShowId id, Timestamp now) {
  auto show = catalogue.show(id, now);
  if (!show) return unknown("show");
  return ShowDetailView{std::move(show->show), std::move(show->description),
                        std::move(show->performers), std::move(show->venue)};
}

http::Answer<PerformancesPage> performances(const Catalogue& catalogue, ShowId show,
                                            PageQuery query, Timestamp now) {
  auto page = catalogue.performances(
      show,
      {.limit = query.limit ? static_cast<std::int32_t>(query.limit->value) : 100,
       .cursor = query.cursor ? query.cursor->value : ""},
      now);
  if (!page) return refusal(page.error());
  return PerformancesPage{std::move(page->items), std::move(page->next_cursor)};
}

http::Answer<PerformanceEntry> performance(const Catalogue& catalogue, PerformanceId id,
                                           Timestamp now) {
  auto entry = catalogue.performance(id, now);
  if (!entry) return unknown("performance");
  return std::move(*entry);
}

// If-None-Match names this tag. Answered here, before the body is copied to be thrown away.
bool seen(const http::Call& call, std::string_view tag) {
  return call.header("If-None-Match").find(tag) != std::string_view::npos;
}

SeatMapText seat_map(const Catalogue& catalogue, SeatMapTexts& texts, http::Call& call) {
  const auto sale = catalogue.sale(call.id<PerformanceId>("performance"));
  if (!sale) throw unknown("performance");
  const auto tag = "\"" + sale->plan->version() + "\"";
  call.set_header("ETag", "W/" + tag);
  call.set_header("Cache-Control", kRevalidate);
  if (seen(call, tag)) return {{.status = 304}};
  call.set_header("Vary", "Accept-Encoding");
  const bool packed = http::accepts_gzip(call.header("Accept-Encoding"));
  if (packed) call.set_header("Content-Encoding", "gzip");
  return {{.content_type = "application/json",
           .body = *texts.get(*sale->plan, packed ? Form::gzip : Form::plain)}};
}

http::Raw poster(const Catalogue& catalogue, http::Call& call) {
  constexpr std::string_view kEnding = ".svg";
  const std::string_view file = call.param("file");
  if (!file.ends_with(kEnding)) throw unknown("poster");
  const auto id = ShowId::parse(file.substr(0, file.size() - kEnding.size()));
  const auto found = id ? catalogue.poster(*id) : nullptr;
  if (!found) throw unknown("poster");
  call.set_header("ETag", "W/\"" + found->version + "\"");
  const bool versioned = call.query("v") == found->version;
  // A drawing, not a document: nothing in it may run or load.
  return {.content_type = "image/svg+xml",
          .body = found->svg,
          .headers = {{"Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"},
                      {"Cache-Control", std::string(versioned ? kForever : kRevalidate)}}};
}

}  // namespace

void routes(http::Router& router, const Catalogue& catalogue, const Clock& clock) {
  router.get("/shows",
             {.summary = "What is playing",
              .answers = {{200, "shows"}, {422, "invalid"}},
              .etag = true,
              .cache_control = kShortly},
             [&](ShowsQuery query, http::Call&) {
               return list(catalogue, std::move(query), clock.now());
             });
  router.get(
      "/shows/{show}",
      {.summary = "One show",
       .answers = {{200, "show"}, {404, "not_found"}},
       .etag = true,
       .cache_control = kShortly},
      [&](http::Call& call) { return detail(catalogue, call.id<ShowId>("show"), clock.now()); });
  router.get("/shows/{show}/performances",
             {.summary = "When a show plays",
              .answers = {{200, "performances"}, {404, "not_found"}, {422, "invalid"}},
              .etag = true,
              .cache_control = kShortly},
             [&](PageQuery query, http::Call& call) {
               return performances(catalogue, call.id<ShowId>("show"), std::move(query),
                                   clock.now());
             });
  router.get("/performances/{performance}",
             {.summary = "One performance",
              .answers = {{200, "performance"}, {404, "not_found"}},
              .etag = true,
              .cache_control = kShortly},
             [&](http::Call& call) {
               return performance(catalogue, call.id<PerformanceId>("performance"), clock.now());
             });
  router.get("/performances/{performance}/seatmap",
             {.summary = "Where its seats are; changes with `version` only",
              .answers = {{200, "seat map"}, {404, "not_found"}},
              .cache_control = kRevalidate},
             [&catalogue, texts = std::make_shared<SeatMapTexts>()](http::Call& call) {
               return seat_map(catalogue, *texts, call);
             });
  router.get("//posters/{file}",
             {.summary = "A poster, as SVG: {show}.svg",
              .answers = {{200, "poster"}, {404, "not_found"}},
              .rate = http::RateClass::none,
              .tag = "shows",
              .etag = true,
              .produces = "image/svg+xml"},
             [&](http::Call& call) { return poster(catalogue, call); });
}

}  // namespace onsale::catalogue
