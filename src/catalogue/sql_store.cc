#include "catalogue/sql_store.h"

#include <algorithm>
#include <boost/describe.hpp>
#include <unordered_map>

#include "catalogue/events.h"
#include "catalogue/seat_row_text.h"
#include "platform/json/json.h"

namespace onsale::catalogue {

struct ChangedBody {
  std::int64_t revision = 0;
  std::vector<VenueId> venues;
  std::vector<HallId> halls;
  std::vector<PerformerId> performers;
  std::vector<ShowId> shows;
  std::vector<PerformanceId> performances;
};
BOOST_DESCRIBE_STRUCT(ChangedBody, (), (revision, venues, halls, performers, shows, performances))

namespace {

using sql::Tx;
using std::string;

constexpr std::array<std::string_view, 5> kKinds = {"film", "musical", "concert", "play", "match"};

std::string_view kind_text(ShowKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }

[[noreturn]] void damaged(std::string_view what) {
  throw sql::Failure("the catalogue in the database is damaged: " + string(what) +
                     "; restore a backup");
}

ShowKind kind_of(std::string_view text) {
  const auto at = std::ranges::find(kKinds, text);
  if (at == kKinds.end()) damaged("unknown kind of show");
  return static_cast<ShowKind>(at - kKinds.begin());
}

template <class I>
I id_of(std::string_view text) {
  const auto id = I::parse(text);
  if (!id) damaged("an id cannot be read");
  return *id;
}

// ---- reading

std::shared_ptr<const SeatPlan> read_plan(Tx& tx, const string& hall, Stage stage) {
  SeatPlanBuilder builder;
  string section;
  for (const auto& [id, name, label, seats] : tx.query<string, string, string, string>(
           "SELECT section_id, section_name, label, seats FROM catalogue_seat_row "
           "WHERE hall_id = ? ORDER BY position",
           hall)) {
    if (id != section) builder.section(section = id, name);
    builder.row(label);
    if (!read_seats(seats, builder)) damaged("seats of a row cannot be read");
  }
  auto plan = builder.finish(std::move(stage));
  if (!plan) damaged("a seat map breaks a rule: " + plan.error().front().field);
  return *plan;
}

void read_halls(Tx& tx, const PlanByVersion& known, Stored& out) {
  for (const auto& [id, venue, name, version, x, y, width, height, label] :
       tx.query<string, string, string, string, std::int32_t, std::int32_t, std::int32_t,
                std::int32_t, string>(
           "SELECT id, venue_id, name, plan_version, stage_x, stage_y, stage_width, stage_height, "
           "stage_label FROM catalogue_hall ORDER BY id")) {
    const auto seen = known.find(version);
    auto plan =
        seen != known.end() ? seen->second : read_plan(tx, id, Stage{x, y, width, height, label});
    out.halls.push_back({id_of<HallId>(id), id_of<VenueId>(venue), name, std::move(plan)});
  }
}

void read_shows(Tx& tx, Stored& out) {
  std::unordered_map<string, std::size_t> at;
  for (auto& [id, kind, title, summary, description, rating, minutes, room] :
       tx.query<string, string, string, string, string, string, std::int32_t,
                std::optional<string>>(
           "SELECT id, kind, title, summary, description, age_rating, running_minutes, room "
           "FROM catalogue_show ORDER BY id")) {
    at.emplace(id, out.shows.size());
    out.shows.push_back({.id = id_of<ShowId>(id),
                         .kind = kind_of(kind),
                         .title = std::move(title),
                         .summary = std::move(summary),
                         .description = std::move(description),
                         .age_rating = std::move(rating),
                         .running_minutes = minutes,
                         .room = std::move(room)});
  }
  const auto show = [&](const string& id) -> Show& {
    const auto found = at.find(id);
    if (found == at.end()) damaged("a poster or a cast without its show");
    return out.shows[found->second];
  };
  for (auto& [id, svg] : tx.query<string, string>("SELECT show_id, svg FROM catalogue_poster"))
    show(id).poster_svg = std::move(svg);
  for (auto& [id, performer, role] : tx.query<string, string, string>(
           "SELECT show_id, performer_id, role FROM catalogue_cast ORDER BY show_id, position"))
    show(id).cast.push_back({id_of<PerformerId>(performer), std::move(role)});
}

void read_performances(Tx& tx, Stored& out) {
  std::unordered_map<string, std::vector<GradePrice>> prices;
  for (auto& [id, grade, price] : tx.query<string, string, std::int64_t>(
           "SELECT performance_id, grade, price FROM catalogue_price"))
    prices[id].push_back({std::move(grade), price});
  for (auto& [id, show, hall, starts_at, sale_opens_at, currency] :
       tx.query<string, string, string, Timestamp, Timestamp, string>(
           "SELECT id, show_id, hall_id, starts_at, sale_opens_at, currency "
           "FROM catalogue_performance ORDER BY id"))
    out.performances.push_back({id_of<PerformanceId>(id), id_of<ShowId>(show), id_of<HallId>(hall),
                                starts_at, sale_opens_at, std::move(currency),
                                std::move(prices[id])});
}

std::optional<Stored> read_all(Tx& tx, std::int64_t seen, const PlanByVersion& known) {
  Stored out;
  const auto revision =
      tx.one<std::int64_t>("SELECT revision FROM catalogue_revision WHERE one = 1");
  if (!revision) damaged("its revision is missing");
  out.revision = std::get<0>(*revision);
  if (out.revision == seen) return {};
  for (auto& [id, name, address, offset] : tx.query<string, string, string, std::int32_t>(
           "SELECT id, name, address, utc_offset_minutes FROM catalogue_venue ORDER BY id"))
    out.venues.push_back({id_of<VenueId>(id), std::move(name), std::move(address), offset});
  for (auto& [id, name] :
       tx.query<string, string>("SELECT id, name FROM catalogue_performer ORDER BY id"))
    out.performers.push_back({id_of<PerformerId>(id), std::move(name)});
  read_halls(tx, known, out);
  read_shows(tx, out);
  read_performances(tx, out);
  return out;
}

// ---- writing

void write_venue(Tx& tx, const Venue& venue) {
  const auto id = venue.id.str();
  if (tx.exec("UPDATE catalogue_venue SET name = ?, address = ?, utc_offset_minutes = ? "
              "WHERE id = ?",
              venue.name, venue.address, venue.utc_offset_minutes, id) == 0)
    tx.exec(
        "INSERT INTO catalogue_venue (id, name, address, utc_offset_minutes) "
        "VALUES (?, ?, ?, ?)",
        id, venue.name, venue.address, venue.utc_offset_minutes);
}

void write_hall(Tx& tx, const Hall& hall, const SeatPlan& plan) {
  const auto id = hall.id.str();
  const auto venue = hall.venue.str();
  const auto& stage = plan.stage();
  const auto before = tx.one<string>("SELECT plan_version FROM catalogue_hall WHERE id = ?", id);
  if (before)
    tx.exec(
        "UPDATE catalogue_hall SET venue_id = ?, name = ?, plan_version = ?, stage_x = ?, "
        "stage_y = ?, stage_width = ?, stage_height = ?, stage_label = ? WHERE id = ?",
        venue, hall.name, plan.version(), stage.x, stage.y, stage.width, stage.height, stage.label,
        id);
  else
    tx.exec(
        "INSERT INTO catalogue_hall (id, venue_id, name, plan_version, stage_x, stage_y, "
        "stage_width, stage_height, stage_label) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        id, venue, hall.name, plan.version(), stage.x, stage.y, stage.width, stage.height,
        stage.label);
  if (before && std::get<0>(*before) == plan.version()) return;
  tx.exec("DELETE FROM catalogue_seat_row WHERE hall_id = ?", id);
  for (std::size_t i = 0; i < plan.rows().size(); ++i) {
    const auto& row = plan.rows()[i];
    tx.exec(
        "INSERT INTO catalogue_seat_row (hall_id, position, section_id, section_name, label, "
        "seats) VALUES (?, ?, ?, ?, ?, ?)",
        id, i, row.section, row.section_name, row.label, write_seats(plan, row));
  }
}

void write_performer(Tx& tx, const Performer& performer) {
  const auto id = performer.id.str();
  if (tx.exec("UPDATE catalogue_performer SET name = ? WHERE id = ?", performer.name, id) == 0)
    tx.exec("INSERT INTO catalogue_performer (id, name) VALUES (?, ?)", id, performer.name);
}

void write_show(Tx& tx, const Show& show) {
  const auto id = show.id.str();
  const auto kind = kind_text(show.kind);
  if (tx.exec("UPDATE catalogue_show SET kind = ?, title = ?, summary = ?, description = ?, "
              "age_rating = ?, running_minutes = ?, room = ? WHERE id = ?",
              kind, show.title, show.summary, show.description, show.age_rating,
              show.running_minutes, show.room, id) == 0)
    tx.exec(
        "INSERT INTO catalogue_show (id, kind, title, summary, description, age_rating, "
        "running_minutes, room) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        id, kind, show.title, show.summary, show.description, show.age_rating, show.running_minutes,
        show.room);
  tx.exec("DELETE FROM catalogue_poster WHERE show_id = ?", id);
  if (!show.poster_svg.empty())
    tx.exec("INSERT INTO catalogue_poster (show_id, svg) VALUES (?, ?)", id, show.poster_svg);
  tx.exec("DELETE FROM catalogue_cast WHERE show_id = ?", id);
  for (std::size_t i = 0; i < show.cast.size(); ++i)
    tx.exec(
        "INSERT INTO catalogue_cast (show_id, position, performer_id, role) "
        "VALUES (?, ?, ?, ?)",
        id, i, show.cast[i].performer.str(), show.cast[i].role);
}

void write_performance(Tx& tx, const Performance& one) {
  const auto id = one.id.str();
  if (tx.exec("UPDATE catalogue_performance SET show_id = ?, hall_id = ?, starts_at = ?, "
              "sale_opens_at = ?, currency = ? WHERE id = ?",
              one.show.str(), one.hall.str(), one.starts_at, one.sale_opens_at, one.currency,
              id) == 0)
    tx.exec(
        "INSERT INTO catalogue_performance (id, show_id, hall_id, starts_at, sale_opens_at, "
        "currency) VALUES (?, ?, ?, ?, ?, ?)",
        id, one.show.str(), one.hall.str(), one.starts_at, one.sale_opens_at, one.currency);
  tx.exec("DELETE FROM catalogue_price WHERE performance_id = ?", id);
  for (const auto& price : one.prices)
    tx.exec("INSERT INTO catalogue_price (performance_id, grade, price) VALUES (?, ?, ?)", id,
            price.grade, price.price);
}

template <class I, class T>
std::vector<I> ids(const std::vector<T>& records) {
  std::vector<I> out;
  for (const auto& record : records) out.push_back(record.id);
  return out;
}

bool write_all(Tx& tx, const CheckedChanges& checked, std::int64_t seen) {
  // The guard, and the lock that lets one writer at a time through.
  if (tx.exec("UPDATE catalogue_revision SET revision = revision + 1 WHERE one = 1 AND "
              "revision = ?",
              seen) == 0)
    return false;
  const auto& changes = checked.changes;
  for (const auto& venue : changes.venues) write_venue(tx, venue);
  for (std::size_t i = 0; i < changes.halls.size(); ++i)
    write_hall(tx, changes.halls[i], *checked.plans[i]);
  for (const auto& performer : changes.performers) write_performer(tx, performer);
  for (const auto& show : changes.shows) write_show(tx, show);
  for (const auto& one : changes.performances) write_performance(tx, one);
  const ChangedBody body{seen + 1,
                         ids<VenueId>(changes.venues),
                         ids<HallId>(changes.halls),
                         ids<PerformerId>(changes.performers),
                         ids<ShowId>(changes.shows),
                         ids<PerformanceId>(changes.performances)};
  tx.publish(kChangedTopic, std::to_string(seen + 1), json::write(body));
  return true;
}

}  // namespace

// The units are named: GCC 12 copies a temporary with captures bit by bit across co_await.
Task<std::optional<Stored>> SqlStore::load(std::int64_t seen, PlanByVersion known) {
  auto unit = [seen, known = std::move(known)](Tx& tx) { return read_all(tx, seen, known); };
  auto task = database_.read(std::move(unit));
  auto stored = co_await std::move(task);
  co_return stored;
}

Task<bool> SqlStore::write(std::shared_ptr<const CheckedChanges> changes, std::int64_t seen) {
  auto unit = [seen, changes = std::move(changes)](Tx& tx) {
    return write_all(tx, *changes, seen);
  };
  auto task = database_.write(std::move(unit));
  const bool written = co_await std::move(task);
  co_return written;
}

}  // namespace onsale::catalogue
