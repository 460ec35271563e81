// The routes over real sockets: shapes, codes, tags.
#include "catalogue/http.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "catalogue/sample_fakes.h"
#include "catalogue/seat_map_http.h"
#include "catalogue/service.h"
#include "catalogue/views_http.h"
#include "platform/http/http_fixture.h"
#include "platform/http/message/encode.h"

namespace onsale::catalogue {
namespace {

using sample::kNow;
using sample::Sample;
using std::chrono::hours;

struct Reply : http::TestAnswer {
  boost::json::object json() const { return boost::json::parse(body).as_object(); }
};

class CatalogueHttp : public testing::Test {
 protected:
  CatalogueHttp() {
    show_ = sample_.add_show("위키드");
    sample_.add_show("B", ShowKind::film);
    performance_ = sample_.add_performance(show_, kNow + hours(5));
    sample_.changes.shows[0].poster_svg = "<svg xmlns=\"http://www.w3.org/2000/svg\"/>";
    counts_.set(performance_, 12, 128);
    EXPECT_TRUE(sync_wait(catalogue_.apply(sample_.changes)));
    server_.clock.set(kNow);
    routes(server_.router, catalogue_, server_.clock);
    server_.start();
  }

  Reply get(const std::string& path, const std::string& headers = "") {
    return {http::TestClient(server_.port()).get(path, headers)};
  }
  Reply api(const std::string& path, const std::string& headers = "") {
    return get("/api/v1" + path, headers);
  }

  Sample sample_;
  MemoryStore store_;
  FakeCounts counts_;
  CatalogueService catalogue_{store_, counts_};
  ShowId show_;
  PerformanceId performance_;
  http::TestServer server_;
};

TEST_F(CatalogueHttp, ListsShowsPageByPage) {
  const auto first = api("/shows?sort=title&limit=1");
  ASSERT_EQ(first.status, 200);
  const auto page = first.json();
  ASSERT_EQ(page.at("items").as_array().size(), 1U);
  EXPECT_EQ(page.at("items").at(0).at("title").as_string(), "B");
  const std::string cursor(page.at("next_cursor").as_string());
  const auto last = api("/shows?sort=title&limit=1&cursor=" + cursor).json();
  const auto& item = last.at("items").at(0).as_object();
  EXPECT_EQ(item.at("title").as_string(), "위키드");
  EXPECT_EQ(item.at("kind").as_string(), "musical");
  EXPECT_EQ(item.at("sale_state").as_string(), "on_sale");
  EXPECT_EQ(item.at("seats_total").as_int64(), 140);
  EXPECT_EQ(item.at("seats_available").as_int64(), 12);
  EXPECT_EQ(item.at("price_from").as_int64(), 130'000);
  EXPECT_EQ(item.at("starts_on").as_string(), "2027-01-15");
  EXPECT_FALSE(item.contains("room_id"));
  EXPECT_FALSE(last.contains("next_cursor"));
  EXPECT_EQ(api("/shows?kind=film").json().at("items").as_array().size(), 1U);
}

TEST_F(CatalogueHttp, RefusesQueriesItDoesNotUnderstand) {
  for (const auto* query : {"sort=best", "kind=opera", "limit=0", "limit=101", "limit=x",
                            "cursor=nonsense", "page=2"}) {
    const auto reply = api(std::string("/shows?") + query);
    EXPECT_EQ(reply.status, 422) << query;
    EXPECT_EQ(reply.json().at("code").as_string(), "invalid") << query;
    const std::string field(reply.json().at("errors").at(0).at("field").as_string());
    EXPECT_TRUE(std::string_view(query).starts_with(field)) << query << " " << field;
  }
}

TEST_F(CatalogueHttp, ShowsOneShowWithItsCastAndVenue) {
  const auto reply = api("/shows/" + show_.str());
  ASSERT_EQ(reply.status, 200);
  const auto show = reply.json();
  EXPECT_EQ(show.at("id").as_string(), show_.str());
  EXPECT_EQ(show.at("performers").at(0).at("role").as_string(), "Elphaba");
  EXPECT_EQ(show.at("venue").at("name").as_string(), "블루스퀘어");
  EXPECT_TRUE(show.contains("description"));
}

TEST_F(CatalogueHttp, ShowsPerformancesAndOneOfThem) {
  const auto list = api("/shows/" + show_.str() + "/performances").json();
  const auto one = api("/performances/" + performance_.str()).json();
  EXPECT_EQ(list.at("items").at(0), boost::json::value(one));
  EXPECT_EQ(one.at("hall").at("name").as_string(), "신한카드홀");
  EXPECT_EQ(one.at("starts_at").as_string(), "2027-01-15T13:00:00.000Z");
  EXPECT_EQ(one.at("grades").at(0).at("grade").as_string(), "VIP");
  EXPECT_EQ(one.at("grades").at(0).at("price").as_int64(), 150'000);
}

TEST_F(CatalogueHttp, AnswersStrangeAddressesWithNotFound) {
  SeededRandom random(3);
  const auto show = ShowId::make(kNow, random).str();
  const auto performance = PerformanceId::make(kNow, random).str();
  for (const auto& path :
       {"/shows/" + show, "/shows/" + show + "/performances", "/performances/" + performance,
        "/performances/" + performance + "/seatmap", std::string("/shows/x"),
        "/shows/" + performance_.str(), std::string("/performances/x/seatmap")}) {
    const auto reply = api(path);
    EXPECT_EQ(reply.status, 404) << path;
    EXPECT_EQ(reply.json().at("code").as_string(), "not_found") << path;
  }
  EXPECT_EQ(get("/posters/" + show + ".svg").status, 404);
  EXPECT_EQ(get("/posters/" + show_.str()).status, 404);
  EXPECT_EQ(get("/posters/x.svg").status, 404);
}

TEST_F(CatalogueHttp, DrawsTheSeatMapAndTagsItWithItsVersion) {
  const auto path = "/performances/" + performance_.str() + "/seatmap";
  const auto reply = api(path);
  ASSERT_EQ(reply.status, 200);
  EXPECT_EQ(reply.header("Content-Type"), "application/json");
  const auto map = reply.json();
  const auto plan = catalogue_.sale(performance_)->plan;
  EXPECT_EQ(map.at("version").as_string(), plan->version());
  EXPECT_EQ(map.at("stage").at("label").as_string(), "STAGE");
  const auto& rows = map.at("sections").at(0).at("rows").as_array();
  ASSERT_EQ(rows.size(), 10U);
  EXPECT_EQ(rows[0].at("label").as_string(), "A");
  const auto& seat = rows[0].at("seats").at(11).as_object();
  EXPECT_EQ(seat.at("id").as_string(), "A-12");
  EXPECT_EQ(seat.at("grade").as_string(), "VIP");
  EXPECT_EQ(seat.at("adjacency").as_int64(), 13);
  EXPECT_EQ(seat.at("accessible").as_bool(), false);
  const auto tag = reply.header("ETag");
  EXPECT_NE(tag.find(plan->version()), tag.npos);
  const auto again = api(path, "If-None-Match: " + tag + "\r\n");
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.header("ETag"), tag);
  EXPECT_EQ(again.body, "");
  EXPECT_EQ(api(path, "If-None-Match: \"other\"\r\n").status, 200);
  const auto packed = api(path, "Accept-Encoding: gzip\r\n");
  EXPECT_EQ(packed.header("Content-Encoding"), "gzip");
  EXPECT_LT(packed.body.size(), reply.body.size() / 4);
}

TEST_F(CatalogueHttp, PacksTheSeatMapOnce) {
  const auto path = "/performances/" + performance_.str() + "/seatmap";
  const auto reply = api(path, "Accept-Encoding: br, gzip\r\n");
  EXPECT_EQ(reply.body, http::gzip(seat_map_json(*catalogue_.sale(performance_)->plan), 3));
  EXPECT_EQ(reply.header("Vary"), "Accept-Encoding");
  const auto plain = api(path, "Accept-Encoding: gzip;q=0\r\n");
  EXPECT_EQ(plain.header("Content-Encoding"), "");
  EXPECT_EQ(plain.body, seat_map_json(*catalogue_.sale(performance_)->plan));
}

// The text is put together by hand; what OpenAPI promises is the described struct.
TEST(SeatMapJson, IsTheSeatMapViewThatOpenApiDescribes) {
  auto map = small_house(3, 5);
  map.sections.push_back({"balcony", "2\"층", {{"A", {{"B-A-1", "1", -5, 900, "S", true, -3}}}}});
  const auto plan = *SeatPlan::make(map);
  const auto read = json::read<SeatMapView>(seat_map_json(*plan));
  ASSERT_TRUE(read) << read.error()[0].field;
  EXPECT_EQ(read->version, plan->version());
  SeatMap back{{}, read->stage};
  for (const auto& section : read->sections) {
    back.sections.push_back({section.id, section.name, {}});
    for (const auto& row : section.rows) {
      auto& seats = back.sections.back().rows.emplace_back(SeatRow{row.label, {}}).seats;
      for (const auto& seat : row.seats)
        seats.push_back(
            {seat.id, seat.label, seat.x, seat.y, seat.grade, seat.accessible, seat.adjacency});
    }
  }
  EXPECT_EQ(back, map);
}

TEST(SeatMapTexts, WritesEachPlanAndFormOnce) {
  SeatMapTexts texts;
  const auto plan = *SeatPlan::make(small_house());
  const auto same = *SeatPlan::make(small_house());
  const auto other = *SeatPlan::make(small_house(9));
  EXPECT_EQ(texts.get(*plan, Form::plain), texts.get(*same, Form::plain));
  EXPECT_EQ(texts.get(*plan, Form::gzip), texts.get(*same, Form::gzip));
  EXPECT_NE(*texts.get(*plan, Form::plain), *texts.get(*plan, Form::gzip));
  EXPECT_NE(*texts.get(*plan, Form::plain), *texts.get(*other, Form::plain));
}

TEST_F(CatalogueHttp, ServesPostersThatCannotRunAnything) {
  const auto shown = api("/shows/" + show_.str()).json();
  const std::string url(shown.at("poster_url").as_string());
  const auto reply = get(url);
  ASSERT_EQ(reply.status, 200);
  EXPECT_EQ(reply.header("Content-Type"), "image/svg+xml");
  EXPECT_EQ(reply.body, sample_.changes.shows[0].poster_svg);
  EXPECT_NE(reply.header("Cache-Control").find("immutable"), std::string::npos);
  EXPECT_NE(reply.header("Content-Security-Policy").find("default-src 'none'"), std::string::npos);
  const auto plain = get(url.substr(0, url.find('?')));
  EXPECT_EQ(plain.header("Cache-Control").find("immutable"), std::string::npos);
  EXPECT_EQ(get(url, "If-None-Match: " + reply.header("ETag") + "\r\n").status, 304);
}

}  // namespace
}  // namespace onsale::catalogue
