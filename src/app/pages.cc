#include "app/pages.h"

#include <algorithm>

#include "platform/http/message/html.h"
#include "platform/http/message/preview.h"
#include "platform/web/web.h"

namespace onsale::app {
namespace {

using http::Call;
using http::Preview;
using http::Raw;

constexpr std::size_t kSiteMapMax = 50'000;  // addresses; what the format allows

std::string_view app_html() {
  for (const auto& file : web::web_files())
    if (file.path == "/index.html") return file.body;
  return {};
}

http::Route page_of_the_app(std::string_view summary) {
  return {.summary = summary,
          .answers = {{200, "page"}},
          .rate = http::RateClass::none,
          .tag = "pages",
          .etag = true,
          .cache_control = "no-cache",
          .hidden = true,
          .produces = "text/html"};
}

http::Route for_robots(std::string_view summary, std::string_view type) {
  return {.summary = summary,
          .answers = {{200, "text"}},
          .tag = "pages",
          .etag = true,
          .cache_control = "public, max-age=3600",
          .hidden = true,
          .produces = type};
}

class Pages {
 public:
  explicit Pages(Modules& modules) : modules_(modules), shell_(app_html()) {}

  Raw plain(const Call& call) const {
    return html({.title = {}, .description = {}, .address = address_of(call), .image = {}});
  }

  Raw show(const Call& call) const {
    const auto found = modules_.catalogue->show(call.id<catalogue::ShowId>("show"), call.started());
    if (!found) throw_not_found();
    return html(of(found->show, call));
  }

  Raw performance(const Call& call) const {
    const auto sale = modules_.catalogue->sale(call.id<catalogue::PerformanceId>("performance"));
    if (!sale) throw_not_found();
    const auto found = modules_.catalogue->show(sale->show, call.started());
    if (!found) throw_not_found();
    return html(of(found->show, call));
  }

  Raw robots(const Call& call) const {
    std::string text = "User-agent: *\n";
    for (const auto* const own : {"/admin/", "/checkout/", "/my/", "/sandbox/", "/tickets/"})
      text.append("Disallow: ").append(own).append("\n");
    text.append("Sitemap: ").append(call.site()).append("/sitemap.xml\n");
    return {.content_type = "text/plain; charset=utf-8", .body = std::move(text)};
  }

  Raw site_map(const Call& call) const {
    std::string xml =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n";
    const std::string site = http::html_escaped(call.site());
    const auto add = [&](std::string_view path) {
      xml.append("<url><loc>").append(site).append(path).append("</loc></url>\n");
    };
    add("/");
    catalogue::ShowQuery query{.kind = {}, .limit = 100, .cursor = {}};
    for (std::size_t count = 1; count < kSiteMapMax;) {
      const auto page = modules_.catalogue->shows(query, call.started());
      if (!page) break;
      for (const auto& show : page->items) add("/shows/" + show.id.str());
      count += page->items.size();
      if (!page->next_cursor) break;
      query.cursor = *page->next_cursor;
    }
    return {.content_type = "application/xml", .body = xml + "</urlset>\n"};
  }

 private:
  [[noreturn]] static void throw_not_found() {
    throw http::Problem(404, "not_found", "There is nothing at this address.");
  }

  static std::string address_of(const Call& call) { return call.site() + std::string(call.path()); }

  static Preview of(const catalogue::ShowSummary& show, const Call& call) {
    return {.title = show.title,
            .description = show.summary,
            .address = address_of(call),
            .image = show.poster_url.empty() ? "" : call.site() + show.poster_url};
  }

  Raw html(const Preview& preview) const {
    return {.content_type = "text/html; charset=utf-8",
            .body = shell_.page(preview),
            .headers = {{"Content-Security-Policy", std::string(http::kAppPolicy)}}};
  }

  Modules& modules_;
  const http::AppShell shell_;
};

}  // namespace

void declare_pages(http::Router& router, Modules& modules) {
  const auto pages = std::make_shared<const Pages>(modules);
  for (const auto* const path :
       {"//", "//checkout/{reservation}", "//tickets/{reservation}", "//my/reservations", "//login",
        "//signup", "//admin/money", "//admin/settlement", "//admin/ledger", "//admin/shows",
        "//admin/shows/{show}", "//admin/rooms", "//admin/rooms/{room}"}) {
    router.get(path, page_of_the_app("A page of the web app"),
               [pages](Call& call) { return pages->plain(call); });
  }
  router.get("//shows/{show}", page_of_the_app("The page of a show"),
             [pages](Call& call) { return pages->show(call); });
  router.get("//performances/{performance}", page_of_the_app("The page of a performance"),
             [pages](Call& call) { return pages->performance(call); });
  router.get("//robots.txt", for_robots("What search engines may read", "text/plain"),
             [pages](Call& call) { return pages->robots(call); });
  router.get("//sitemap.xml", for_robots("What plays, for search engines", "application/xml"),
             [pages](Call& call) { return pages->site_map(call); });
}

}  // namespace onsale::app
