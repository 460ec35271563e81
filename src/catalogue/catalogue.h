// What is playing, where, when, on which seats and for how much. Owns venues, halls, seat maps,
// shows, performers, performances and their prices (tables catalogue_*), and nothing about who
// bought what. Everything is served from one immutable snapshot in memory, replaced after a change.
// Thread: any. Queries never block and never suspend.
// Not promised: a snapshot that another node changed less than a second ago.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "catalogue/seat_plan.h"

namespace onsale::catalogue {

struct VenueIdKind {
  static constexpr std::string_view prefix = "ven";
};
struct HallIdKind {
  static constexpr std::string_view prefix = "hal";
};
struct ShowIdKind {
  static constexpr std::string_view prefix = "shw";
};
struct PerformanceIdKind {
  static constexpr std::string_view prefix = "prf";
};
struct PerformerIdKind {
  static constexpr std::string_view prefix = "pfm";
};
using VenueId = Id<VenueIdKind>;
using HallId = Id<HallIdKind>;
using ShowId = Id<ShowIdKind>;
using PerformanceId = Id<PerformanceIdKind>;
using PerformerId = Id<PerformerIdKind>;

enum class ShowKind { film, musical, concert, play, match };
enum class SaleState { upcoming, on_sale, sold_out, ended };
enum class ShowSort { popular, newest, title };

// Sale opens at `sale_opens_at` and closes when the performance starts.
SaleState sale_state(Timestamp sale_opens_at, Timestamp starts_at, std::int64_t seats_available,
                     Timestamp now);

// What booking needs to sell one performance: a part of a snapshot, shared and unchanging. Hold it
// for the length of one request, not longer.
class PerformanceSale {
 public:
  PerformanceId id;
  ShowId show;
  ShowKind kind = ShowKind::film;
  std::string title;  // of the show
  std::string poster_url;
  std::string hall;   // name
  std::string venue;  // name
  Timestamp starts_at;
  Timestamp sale_opens_at;
  std::optional<std::string> room;   // the waiting room that protects the show
  std::string currency = "KRW";      // of every price
  std::vector<std::int64_t> prices;  // by SeatInfo::grade; smallest unit of the currency
  std::shared_ptr<const SeatPlan> plan;

  std::size_t seats_total() const { return plan->size(); }
  const SeatInfo* find_seat(std::string_view seat) const { return plan->find(seat); }
  std::int64_t price(const SeatInfo& seat) const { return prices[seat.grade]; }
  const std::string& grade(const SeatInfo& seat) const { return plan->grades()[seat.grade]; }
  bool open(Timestamp now) const { return sale_opens_at <= now && now < starts_at; }
};

// ---- What is written: the same records for the back office, the demo and tests. An id that exists
// is replaced as a whole, a new one is created.

struct Venue {
  VenueId id;
  std::string name;
  std::string address;
  std::int32_t utc_offset_minutes = 540;  // of its wall clock; Korea has no daylight saving
};
struct Hall {
  HallId id;
  VenueId venue;
  std::string name;
  SeatMap seats;
};
struct Performer {
  PerformerId id;
  std::string name;
};
struct CastMember {
  PerformerId performer;
  std::string role;  // may be empty
};
struct Show {
  ShowId id;
  ShowKind kind = ShowKind::film;
  std::string title;
  std::string summary;      // one or two lines
  std::string description;  // plain text, paragraphs
  std::string age_rating;   // ALL, 12, 15, 19
  std::int32_t running_minutes = 0;
  std::optional<std::string> room;
  std::string poster_svg;  // drawn by us; empty for none
  std::vector<CastMember> cast;
};
struct GradePrice {
  std::string grade;
  std::int64_t price = 0;
  bool operator==(const GradePrice&) const = default;
};
struct Performance {
  PerformanceId id;
  ShowId show;
  HallId hall;
  Timestamp starts_at;
  Timestamp sale_opens_at;
  std::string currency = "KRW";
  std::vector<GradePrice> prices;  // exactly one for every grade of the hall
};

struct Changes {
  std::vector<Venue> venues;
  std::vector<Hall> halls;
  std::vector<Performer> performers;
  std::vector<Show> shows;
  std::vector<Performance> performances;
};

enum class ChangeRefusal {
  invalid,            // a value breaks a rule; the obstacles say which
  unknown_reference,  // a venue, hall, show or performer that does not exist
  seats_fixed,        // a hall with performances keeps its seat ids and their order
  hall_fixed,         // a performance stays in its hall
  busy,               // others keep changing the catalogue; nothing happened, try again
};

// ---- What is read.

struct ShowSummary {
  ShowId id;
  ShowKind kind = ShowKind::film;
  std::string title;
  std::string summary;
  std::string poster_url;
  std::string age_rating;
  std::int32_t running_minutes = 0;
  std::optional<std::string> starts_on;  // the venue's calendar, 2026-11-21; empty: no performance
  std::optional<std::string> ends_on;
  std::optional<std::int64_t> price_from;
  std::string currency;
  std::optional<std::string> room_id;
  std::int64_t seats_total = 0;  // of the performances that have not started
  std::int64_t seats_available = 0;
  SaleState sale_state = SaleState::upcoming;
  bool called_off = false;  // every performance that has not started is
};
struct CastEntry {
  PerformerId id;
  std::string name;
  std::string role;
};
struct VenueEntry {
  VenueId id;
  std::string name;
  std::string address;
};
struct ShowDetail {
  ShowSummary show;
  std::string description;
  std::vector<CastEntry> performers;
  std::optional<VenueEntry> venue;  // of its next performance, or the last one
};
struct HallEntry {
  HallId id;
  std::string name;
  std::string venue;
};
struct PerformanceEntry {
  PerformanceId id;
  ShowId show_id;
  HallEntry hall;
  Timestamp starts_at;
  Timestamp sale_opens_at;
  SaleState sale_state = SaleState::upcoming;
  bool called_off = false;  // and its sale ended
  std::int64_t seats_total = 0;
  std::int64_t seats_available = 0;
  std::string currency;
  std::vector<GradePrice> grades;
};
struct ShowQuery {
  std::optional<ShowKind> kind;
  ShowSort sort = ShowSort::popular;
  std::int32_t limit = 20;  // 1..100
  std::string cursor;       // empty, or the next_cursor of the page before
};
struct PerformanceQuery {
  std::int32_t limit = 20;  // 1..100
  std::string cursor;
};
template <class T>
struct Page {
  std::vector<T> items;
  std::optional<std::string> next_cursor;
};
enum class QueryRefusal { show_unknown, cursor_invalid };

struct Poster {
  std::string svg;
  std::string version;  // hash of the svg, 16 hex digits
};

class Catalogue {
 public:
  virtual ~Catalogue() = default;

  // Null when there is no such performance.
  virtual std::shared_ptr<const PerformanceSale> sale(PerformanceId performance) const = 0;
  // Every performance that has not started at `now`, soonest first.
  virtual std::vector<std::shared_ptr<const PerformanceSale>> sales(Timestamp now) const = 0;

  virtual Result<Page<ShowSummary>, QueryRefusal> shows(const ShowQuery& query,
                                                        Timestamp now) const = 0;
  virtual std::optional<ShowDetail> show(ShowId show, Timestamp now) const = 0;
  // Soonest first, those that have started included.
  virtual Result<Page<PerformanceEntry>, QueryRefusal> performances(ShowId show,
                                                                    const PerformanceQuery& query,
                                                                    Timestamp now) const = 0;
  virtual std::optional<PerformanceEntry> performance(PerformanceId performance,
                                                      Timestamp now) const = 0;
  virtual std::shared_ptr<const Poster> poster(ShowId show) const = 0;  // null for none

  // All or nothing, durable, seen by the next query on this node; tells the others by
  // `catalogue.changed` (events.h).
  virtual Task<Result<void, Refused<ChangeRefusal>>> apply(Changes changes) = 0;
  // Loads what changed since the snapshot in memory. At start, and on `catalogue.changed`.
  virtual Task<void> refresh() = 0;
};

}  // namespace onsale::catalogue
