#include "waitroom/api/receipt_http.h"

#include <charconv>

#include "platform/crypto/bytes.h"
#include "platform/exec/blocking_pool.h"
#include "waitroom/line/place_token.h"
#include "waitroom/log/log_csv.h"
#include "waitroom/room/caller_http.h"
#include "waitroom/room/room_http.h"
#include "waitroom/room/views_http.h"

namespace onsale::waitroom {

using http::Access;
using http::Answer;
using http::Call;
using http::Problem;

struct ReceiptEventJson {
  Timestamp at{};
  std::string what;
  std::int64_t batch = 0;
};
BOOST_DESCRIBE_STRUCT(ReceiptEventJson, (), (at, what, batch))

struct ReceiptLogJson {
  std::int64_t batch = 0;
  std::string chain;  // the link of that batch, in hexadecimal
};
BOOST_DESCRIBE_STRUCT(ReceiptLogJson, (), (batch, chain))

struct ReceiptJson {
  std::string place_id;
  std::int64_t number = 0;
  std::optional<std::string> lane;  // the name of a priority lane
  std::optional<Timestamp> joined_at, called_at;
  std::optional<DrawnJson> drawn;
  PlaceState state{};
  std::vector<ReceiptEventJson> events;
  std::optional<ReceiptLogJson> log;
};
BOOST_DESCRIBE_STRUCT(ReceiptJson, (),
                      (place_id, number, lane, joined_at, called_at, drawn, state, events, log))

struct LogQuery {
  std::optional<Timestamp> from, to;
  std::optional<json::Text<3, 40>> after;
};
BOOST_DESCRIBE_STRUCT(LogQuery, (), (from, to, after))

namespace {

constexpr int kReceiptCost = 10;  // of a look

// Where to go on: after so many records of the batch with this number.
struct Cursor {
  std::uint64_t batch = 0;
  std::size_t records = 0;
};

std::optional<Cursor> parse_cursor(std::string_view text) {
  Cursor cursor;
  const char* end = text.data() + text.size();
  const auto batch = std::from_chars(text.data(), end, cursor.batch);
  if (batch.ec != std::errc{} || batch.ptr == end || *batch.ptr != '-') return {};
  const auto records = std::from_chars(batch.ptr + 1, end, cursor.records);
  if (records.ec != std::errc{} || records.ptr != end || cursor.batch == 0) return {};
  return cursor;
}

// One answer's worth of rows.
struct Page {
  Page(std::uint32_t epoch, std::optional<Settings> before, std::size_t rows_max)
      : csv(epoch, std::move(before)), left(rows_max) {}
  LogCsv csv;
  std::size_t left;
  std::string body{LogCsv::kHeader};
  Cursor reached;
  bool full = false, over = false;  // `to` was passed

  void add(const LoggedBatch& batch, const Cursor& skip, const LogQuery& query) {
    std::size_t index = 0;
    decode_records(batch.records, [&](const Record& record) {
      if (full || over || (batch.number == skip.batch && index < skip.records)) {
        ++index;
        return;
      }
      if (query.to && record.at > *query.to) over = true;
      if (left == 0) full = true;
      if (full || over) return;
      ++index;
      reached = {batch.number, index};
      if (query.from && record.at < *query.from && record.fact != Fact::configured) return;
      left -= std::min(left, csv.add(body, batch.number, record));
    });
  }
};

class LogPages {
 public:
  LogPages(RoomLog& log, std::size_t rows_max) : log_(log), rows_max_(rows_max) {}

  Task<http::Raw> csv(RoomId room, std::uint32_t epoch, LogQuery query, std::string path) {
    Cursor skip;
    std::uint64_t after = 0;
    if (query.after) {
      const auto cursor = parse_cursor(query.after->value);
      if (!cursor) throw Problem(422, "invalid", "Take `after` from the Link header.");
      skip = *cursor;
      after = skip.batch - 1;
    } else if (query.from) {
      after = co_await log_.before(room, *query.from);
    }
    const auto start = co_await log_.start(room);
    if (!start) throw room_not_found();
    after = std::max(after, start->after);
    auto before = co_await settings_before(room, after);
    const auto page = std::make_shared<Page>(epoch, std::move(before), rows_max_);
    while (!page->full && !page->over) {
      auto batches = co_await log_.read(room, after);
      if (batches.empty()) break;
      after = batches.back().number;
      auto work = [page, skip, query, batches = std::move(batches)] {
        for (const LoggedBatch& batch : batches) page->add(batch, skip, query);
      };
      co_await pool_.run(std::move(work));
    }
    co_return answer(*page, query, std::move(path));
  }

 private:
  Task<std::optional<Settings>> settings_before(RoomId room, std::uint64_t batch) {
    if (batch == 0) co_return Settings{};
    const auto facts = co_await log_.facts_of(std::move(room), 0, batch);
    std::optional<Settings> found;
    for (const LoggedFact& fact : facts) {
      if (fact.record.fact == Fact::configured) found = decode_settings(fact.record.text);
    }
    co_return found;
  }

  static http::Raw answer(Page& page, const LogQuery& query, std::string path) {
    http::Raw raw{.content_type = "text/csv; charset=utf-8", .body = std::move(page.body)};
    raw.headers.emplace_back("Content-Disposition", "attachment; filename=\"log.csv\"");
    if (page.full) {
      path += "?after=" + std::to_string(page.reached.batch) + "-" +
              std::to_string(page.reached.records);
      if (query.from) path += "&from=" + to_rfc3339(*query.from);
      if (query.to) path += "&to=" + to_rfc3339(*query.to);
      raw.headers.emplace_back("Link", "<" + path + ">; rel=\"next\"");
    }
    return raw;
  }

  RoomLog& log_;
  const std::size_t rows_max_;
  exec::BlockingPool pool_{"room-log", 1, 16};
};

// As the log tells it, so that it is also known of a place that is over.
void tell_events(ReceiptJson& receipt, const std::vector<LoggedFact>& facts) {
  for (const LoggedFact& fact : facts) {
    if (fact.record.fact == Fact::bound) continue;  // the account is nobody's business here
    receipt.events.push_back({.at = fact.record.at,
                              .what = std::string(to_string(fact.record.fact)),
                              .batch = static_cast<std::int64_t>(fact.batch)});
    if (fact.record.fact == Fact::joined) receipt.joined_at = fact.record.at;
    if (fact.record.fact == Fact::admitted) receipt.called_at = fact.record.at;
  }
}

Task<Answer<ReceiptJson>> receipt(RoomLog& log, RoomId room, Sequence place, PlaceView view) {
  ReceiptJson out{.place_id = view.id.str(),
                  .number = view.number,
                  .lane = {},
                  .joined_at = view.joined_at,
                  .called_at = view.called_at,
                  .drawn = {},
                  .state = view.state,
                  .events = {},
                  .log = {}};
  if (view.draw_rank > 0) out.drawn = {.rank = view.draw_rank, .of = view.draw_count};
  if (!view.lane_name.empty()) out.lane = std::move(view.lane_name);
  const auto facts = co_await log.facts_of(room, place, RoomLog::kNewest);
  tell_events(out, facts);
  const auto head = co_await log.head(room);
  if (head) {
    out.log = ReceiptLogJson{.batch = static_cast<std::int64_t>(head->batch),
                             .chain = crypto::hex(head->link)};
  }
  co_return out;
}

Task<Answer<ReceiptJson>> find_receipt(Waitroom& rooms, RoomLog& log, Call& call) {
  const RoomView room = room_of(rooms, call);
  PlaceProof proof{.token = call.header("Onsale-Place"), .device = {}};
  if (proof.token.empty()) proof.device = caller_of(call);
  auto view = rooms.look(room.id, proof, call.started());
  const auto place = view ? sequence_of(view->id, room.epoch) : std::nullopt;
  if (!place) throw Problem(401, "place_invalid", "This is no place of this room. Join again.");
  for (int i = 0; i < kReceiptCost; ++i) call.charge(view->id.str());
  return receipt(log, room.id, *place, std::move(*view));
}

}  // namespace

void receipt_routes(http::Router& router, Waitroom& rooms, RoomLog& log, std::size_t rows_max) {
  router.get("/rooms/{room}/places/me/receipt",
             {.summary = "What the log says of one's own place; costs as much as ten looks",
              .answers = {{200, "receipt"}, {401, "place_invalid"}, {404, "room_not_found"}},
              .rate = http::RateClass::shared,
              .tag = "waiting room",
              .headers = {{"Onsale-Place", "The place token"}}},
             [&rooms, &log](Call& call) { return find_receipt(rooms, log, call); });
  const auto pages = std::make_shared<LogPages>(log, rows_max);
  router.get("/admin/rooms/{room}/log.csv",
             {.summary = "The log of a room as CSV; the Link header leads on",
              .access = Access::admin,
              .answers = {{200, "rows"}, {404, "room_not_found"}, {422, "invalid"}},
              .tag = "operators",
              .produces = "text/csv"},
             [&rooms, pages](LogQuery query, Call& call) {
               RoomView room = room_of(rooms, call);
               return pages->csv(std::move(room.id), room.epoch, std::move(query),
                                 std::string(call.path()));
             });
}

}  // namespace onsale::waitroom
