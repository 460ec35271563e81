// What people and operators are told of the log, and that /metrics says what the log says.
#include "waitroom/api/receipt_http.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "platform/crypto/bytes.h"
#include "platform/http/http_fixture.h"
#include "platform/metrics/metrics.h"
#include "waitroom/api/metrics_http.h"
#include "waitroom/log/log_csv.h"
#include "waitroom/log/replay.h"
#include "waitroom/room/fakes.h"
#include "waitroom/room/host.h"
#include "waitroom/room/log_keeper.h"

namespace onsale::waitroom {
namespace {

class Operators final : public http::Authenticator {
 public:
  std::optional<http::Principal> authenticate(std::string_view token, Timestamp) override {
    if (token == "admin") return http::Principal{"acc_admin", "admin"};
    return {};
  }
};

class Receipts : public testing::Test {
 protected:
  static constexpr std::string_view kMine = "/api/v1/rooms/film-1/places/me/receipt";
  static constexpr std::string_view kCsv = "/api/v1/admin/rooms/film-1/log.csv";

  Receipts() {
    Settings settings{.capacity = 2, .admit_per_minute = 60};
    sync_wait(host_.declare_room(room_, "A film", settings));
    receipt_routes(server_.router, host_, journal_, 10);
    declare_metrics(metrics_, host_, joins_);
    server_.authenticator = &operators_;
    server_.config.limits.rate_enabled = true;
    server_.start();
    client_.emplace(server_.port());
  }
  PlaceView join(std::uint64_t number) {
    DeviceKey device{};
    std::memcpy(device.data(), &number, sizeof number);
    return sync_wait(host_.join(room_, device)).value();
  }
  void pass_time(std::int64_t seconds) {
    for (std::int64_t i = 0; i < seconds; ++i) {
      server_.clock.advance(Millis(1'000));
      host_.tick();
    }
  }
  http::TestAnswer receipt(const PlaceView& place) {
    return client_->get(kMine, "Onsale-Place: " + place.token + "\r\n");
  }
  http::TestAnswer csv(std::string query = "") {
    return client_->get(std::string(kCsv) + query, "Authorization: Bearer admin\r\n");
  }
  static std::vector<std::string> lines(const std::string& text) {
    std::vector<std::string> found;
    std::size_t from = 0;
    for (auto end = text.find("\r\n"); end != text.npos; end = text.find("\r\n", from)) {
      found.push_back(text.substr(from, end - from));
      from = end + 2;
    }
    return found;
  }
  Replay replay() {
    Replay replay(room_, {}, [](std::string_view text) { return crypto::sha256(text); });
    for (std::uint64_t after = 0;;) {
      const auto batches = sync_wait(journal_.read(room_, after));
      if (batches.empty()) return replay;
      for (const LoggedBatch& batch : batches) EXPECT_TRUE(replay.take(batch));
      after = batches.back().number;
    }
  }
  double metric(const std::string& name, const std::string& more = "") {
    const std::string start = "\n" + name + "{room=\"film-1\"" + more + "} ";
    const std::string text = metrics_.text();
    const auto found = text.find(start);
    EXPECT_NE(found, text.npos) << name;
    return found == text.npos ? -1 : std::stod(text.substr(found + start.size()));
  }

  const RoomId room_ = *RoomId::parse("film-1");
  Operators operators_;
  http::TestServer server_;
  SeededRandom random_{7};
  FakeJournal journal_;
  FakeSigner signer_;
  FakeAnnouncer announcer_;
  FakeAuditLog audit_;
  Host host_{{server_.clock, random_, journal_, signer_, announcer_, audit_}};
  JoinCounts joins_;
  metrics::Registry metrics_;
  std::optional<http::TestClient> client_;
};

TEST_F(Receipts, SayHowOneJoinedAndWasCalledAndHowItEnded) {
  const PlaceView first = join(1), second = join(2), third = join(3);
  auto mine = boost::json::parse(receipt(third).body).as_object();
  EXPECT_EQ(mine.at("number").as_int64(), 3);
  EXPECT_EQ(mine.at("place_id").as_string(), third.id.str());
  EXPECT_EQ(mine.at("events").as_array().size(), 1U);
  EXPECT_FALSE(mine.contains("called_at"));
  pass_time(5);
  sync_wait(host_.complete(room_, first.id));
  pass_time(1);
  sync_wait(host_.complete(room_, third.id));
  mine = boost::json::parse(receipt(third).body).as_object();
  const auto& events = mine.at("events").as_array();
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[0].at("what").as_string(), "joined");
  EXPECT_EQ(events[1].at("what").as_string(), "admitted");
  EXPECT_EQ(events[2].at("what").as_string(), "completed");
  EXPECT_EQ(mine.at("state").as_string(), "completed");
  EXPECT_EQ(mine.at("called_at").as_string(), events[1].at("at").as_string());
  // The link it names is that of the log.
  const Replay log = replay();
  EXPECT_EQ(mine.at("log").at("batch").as_int64(), static_cast<std::int64_t>(log.last()));
  EXPECT_EQ(mine.at("log").at("chain").as_string(), crypto::hex(log.link()));
}

TEST_F(Receipts, TellAsWhichNumberOneWasDrawn) {
  ASSERT_TRUE(sync_wait(host_.configure(room_, {.mode = Mode::prequeue}, "acc_a")));
  ASSERT_TRUE(sync_wait(host_.configure(room_, {.lottery = true}, "acc_a")));
  const std::vector<PlaceView> people{join(1), join(2), join(3)};
  EXPECT_FALSE(boost::json::parse(receipt(people[0]).body).as_object().contains("drawn"));
  const auto entrants = host_.entrants(room_);
  ASSERT_EQ(entrants.size(), 3U);
  sync_wait(host_.draw(room_, {entrants[2], entrants[0], entrants[1]}));
  const std::array<int, 3> ranks{2, 3, 1};
  for (std::size_t i = 0; i < people.size(); ++i) {
    const auto mine = boost::json::parse(receipt(people[i]).body).as_object();
    EXPECT_EQ(mine.at("drawn").at("rank").as_int64(), ranks[i]);
    EXPECT_EQ(mine.at("drawn").at("of").as_int64(), 3);
    EXPECT_EQ(mine.at("number").to_number<std::size_t>(), i + 1);
  }
  // Who came later was in no draw.
  EXPECT_FALSE(boost::json::parse(receipt(join(4)).body).as_object().contains("drawn"));
}

TEST_F(Receipts, AreForTheOwnerOnlyAndCostMore) {
  const PlaceView place = join(1);
  EXPECT_EQ(client_->get(kMine).status, 401);
  EXPECT_EQ(client_->get(kMine, "Onsale-Place: nonsense\r\n").status, 401);
  EXPECT_EQ(client_->get("/api/v1/rooms/nowhere/places/me/receipt").status, 404);
  int answered = 0;
  while (answered < 100 && receipt(place).status == 200) ++answered;
  EXPECT_LT(answered, 100);
}

TEST_F(Receipts, TheLogComesAsCsvPageByPage) {
  for (std::uint64_t i = 1; i <= 20; ++i) join(i);
  ASSERT_TRUE(sync_wait(host_.configure(room_, {.message = "=2+2, \"really\""}, "acc_a")));
  pass_time(60);
  std::vector<std::string> rows;
  std::string query;
  for (int pages = 0;; ++pages) {
    ASSERT_LT(pages, 50);
    const auto answer = csv(query);
    ASSERT_EQ(answer.status, 200) << answer.body;
    auto page = lines(answer.body);
    EXPECT_EQ(page.front() + "\r\n", LogCsv::kHeader);
    EXPECT_LE(page.size(), 12U);
    rows.insert(rows.end(), page.begin() + 1, page.end());
    const std::string link = answer.header("Link");
    if (link.empty()) break;
    const auto from = link.find('?');
    query = link.substr(from, link.find('>') - from);
  }
  std::vector<std::string> whole;
  std::string text;
  LogCsv all(host_.room(room_)->epoch, Settings{});
  for (std::uint64_t after = 0;;) {
    const auto batches = sync_wait(journal_.read(room_, after));
    if (batches.empty()) break;
    for (const LoggedBatch& batch : batches) {
      decode_records(batch.records, [&](const Record& r) { all.add(text, batch.number, r); });
    }
    after = batches.back().number;
  }
  EXPECT_EQ(rows, lines(text));
  EXPECT_NE(text.find("message,,\"'=2+2, \"\"really\"\"\""), text.npos);
}

TEST_F(Receipts, CsvCanBeginAndEndAtATime) {
  join(1);
  pass_time(100);
  const Timestamp from = server_.clock.now();
  join(2);
  pass_time(1);
  join(3);
  const auto answer = csv("?from=" + to_rfc3339(from) + "&to=" + to_rfc3339(from + Millis(500)));
  const auto rows = lines(answer.body);
  int joins = 0;
  for (const std::string& row : rows) joins += row.find(",joined,") != row.npos ? 1 : 0;
  EXPECT_EQ(joins, 1);
  EXPECT_EQ(csv("?after=nonsense").status, 422);
  EXPECT_EQ(client_->get(kCsv).status, 401);
}

TEST_F(Receipts, MetricsSayWhatTheLogSays) {
  for (std::uint64_t i = 1; i <= 40; ++i) join(i);
  pass_time(30);
  (void)sync_wait(host_.configure(room_, {.capacity = 5}, "acc_a"));
  pass_time(300);
  for (std::uint64_t i = 100; i < 130; ++i) join(i);
  pass_time(40);
  const Replay log = replay();
  const Counts& counts = log.tally().counts();
  EXPECT_EQ(metric("waitroom_joins_total"), counts.joins);
  EXPECT_EQ(metric("waitroom_admissions_total"), counts.admissions);
  EXPECT_EQ(metric("waitroom_no_shows_total"), counts.no_shows);
  EXPECT_EQ(metric("waitroom_missed_turns_total"), counts.missed);
  EXPECT_EQ(metric("waitroom_forfeited_total"), counts.forfeited);
  EXPECT_EQ(metric("waitroom_ghosts_total"), counts.ghosts);
  EXPECT_EQ(metric("waitroom_left_total"), counts.left);
  EXPECT_EQ(metric("waitroom_settings_changes_total"), counts.settings_changes);
  EXPECT_EQ(host_.numbers().front().counts, counts);
  EXPECT_EQ(host_.numbers().front().drop_outs, log.tally().drop_outs());
  EXPECT_EQ(metric("waitroom_drop_out_seconds_count"), log.tally().drop_outs().count);
  EXPECT_EQ(metric("waitroom_drop_out_seconds_bucket", ",le=\"+Inf\""),
            log.tally().drop_outs().count);
  EXPECT_EQ(metric("waitroom_slot_use"), static_cast<double>(log.engine().active()) / 5);
  EXPECT_EQ(metric("waitroom_oldest_wait_seconds"), 40);
  EXPECT_GT(counts.ghosts, 0);
  EXPECT_GT(counts.missed, 0);
}

TEST_F(Receipts, TheLogIsKeptAsLongAsItShouldBe) {
  constexpr std::int64_t kHour = 3'600;
  constexpr Millis kKept{86'400'000};
  journal_.base_spacing(base_spacing(kKept));
  const Timestamp began = server_.clock.now();
  for (std::uint64_t hour = 0; hour < 72; ++hour) {
    join(1'000 + hour);
    server_.clock.advance(Millis(kHour * 1'000));
    host_.tick();
    sync_wait(keep_logs(host_, journal_, kKept, server_.clock));
    sync_wait(host_.compact());
  }
  const auto start = sync_wait(journal_.start(room_));
  EXPECT_GT(start->after, 0U);
  const auto kept_since = sync_wait(journal_.read(room_, start->after)).front();
  std::optional<Timestamp> first;
  decode_records(kept_since.records, [&](const Record& record) {
    if (!first) first = record.at;
  });
  EXPECT_LE(*first, server_.clock.now() - kKept);
  EXPECT_GT(*first, began + Millis(kHour * 1'000 * 30));
  Replay rest(room_, *start, [](std::string_view text) { return crypto::sha256(text); });
  for (std::uint64_t after = start->after;;) {
    const auto batches = sync_wait(journal_.read(room_, after));
    if (batches.empty()) break;
    for (const LoggedBatch& batch : batches) ASSERT_TRUE(rest.take(batch)) << rest.fault()->what;
    after = batches.back().number;
  }
}

}  // namespace
}  // namespace onsale::waitroom
