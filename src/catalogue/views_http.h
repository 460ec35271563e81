// What the catalogue's routes read and answer.
#pragma once

#include <boost/describe.hpp>
#include <optional>
#include <string>
#include <vector>

#include "catalogue/catalogue.h"
#include "platform/json/json.h"

namespace onsale::catalogue {

BOOST_DESCRIBE_ENUM(SaleState, upcoming, on_sale, sold_out, ended)
BOOST_DESCRIBE_ENUM(ShowKind, film, musical, concert, play, match)
BOOST_DESCRIBE_ENUM(ShowSort, popular, newest, title)
BOOST_DESCRIBE_STRUCT(CastEntry, (), (id, name, role))
BOOST_DESCRIBE_STRUCT(VenueEntry, (), (id, name, address))
BOOST_DESCRIBE_STRUCT(HallEntry, (), (id, name, venue))
BOOST_DESCRIBE_STRUCT(GradePrice, (), (grade, price))
BOOST_DESCRIBE_STRUCT(ShowSummary, (),
                      (id, kind, title, summary, poster_url, age_rating, running_minutes, starts_on,
                       ends_on, price_from, currency, room_id, seats_total, seats_available,
                       sale_state, called_off))
BOOST_DESCRIBE_STRUCT(PerformanceEntry, (),
                      (id, show_id, hall, starts_at, sale_opens_at, sale_state, called_off,
                       seats_total, seats_available, currency, grades))

struct ShowDetailView : ShowSummary {
  std::string description;
  std::vector<CastEntry> performers;
  std::optional<VenueEntry> venue;
};
BOOST_DESCRIBE_STRUCT(ShowDetailView, (ShowSummary), (description, performers, venue))

struct ShowsQuery {
  std::optional<ShowKind> kind;
  std::optional<ShowSort> sort;
  std::optional<json::Int<1, 100>> limit;
  std::optional<json::Text<1, 400>> cursor;
};
BOOST_DESCRIBE_STRUCT(ShowsQuery, (), (kind, sort, limit, cursor))

struct PageQuery {
  std::optional<json::Int<1, 100>> limit;
  std::optional<json::Text<1, 400>> cursor;
};
BOOST_DESCRIBE_STRUCT(PageQuery, (), (limit, cursor))

struct ShowsPage {
  std::vector<ShowSummary> items;
  std::optional<std::string> next_cursor;
};
BOOST_DESCRIBE_STRUCT(ShowsPage, (), (items, next_cursor))

struct PerformancesPage {
  std::vector<PerformanceEntry> items;
  std::optional<std::string> next_cursor;
};
BOOST_DESCRIBE_STRUCT(PerformancesPage, (), (items, next_cursor))

struct SeatView {
  std::string id;
  std::string label;
  std::int32_t x = 0;
  std::int32_t y = 0;
  std::string grade;
  bool accessible = false;
  std::int32_t adjacency = 0;
};
BOOST_DESCRIBE_STRUCT(SeatView, (), (id, label, x, y, grade, accessible, adjacency))

struct RowView {
  std::string label;
  std::vector<SeatView> seats;
};
BOOST_DESCRIBE_STRUCT(RowView, (), (label, seats))

struct SectionView {
  std::string id;
  std::string name;
  std::vector<RowView> rows;
};
BOOST_DESCRIBE_STRUCT(SectionView, (), (id, name, rows))

BOOST_DESCRIBE_STRUCT(Stage, (), (x, y, width, height, label))

struct SeatMapView {
  std::string version;
  std::vector<SectionView> sections;
  Stage stage;
};
BOOST_DESCRIBE_STRUCT(SeatMapView, (), (version, sections, stage))

}  // namespace onsale::catalogue
