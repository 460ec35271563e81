// A stranger's verifier (tools/verify_lottery.py, written from docs/lottery.md) against what the
// server publishes: it must find every draw right, and every change of it wrong.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <boost/json.hpp>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>
#include <sstream>

#include "platform/http/http_fixture.h"
#include "tests/contract/scratch.h"
#include "tests/long_run.h"
#include "waitroom/lottery/lottery_client.h"
#include "waitroom/lottery/lottery_fakes.h"
#include "waitroom/lottery/lottery_http.h"

namespace onsale::waitroom::lottery {
namespace {

namespace json = boost::json;

const CryptoHashing kHashing;

std::string read(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

double processor_seconds_of_children() {
  rusage used{};
  getrusage(RUSAGE_CHILDREN, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

void write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

class Verifier : public testing::Test {
 protected:
  struct Said {
    int status = 0;
    std::string text;
    double processor_seconds = 0;
  };
  Said verify(const json::object& lottery, const std::string& entries,
              const json::object* mine = nullptr) {
    write(folder_ + "/lottery.json", json::serialize(lottery));
    write(folder_ + "/entries.txt", entries);
    if (mine) write(folder_ + "/mine.json", json::serialize(*mine));
    const std::string command = "python3 tools/verify_lottery.py " + folder_ + "/lottery.json " +
                                folder_ + "/entries.txt " +
                                (mine ? folder_ + "/mine.json" : std::string("''")) + " " +
                                folder_ + "/ranks.txt >" + folder_ + "/said.txt 2>&1";
    const double before = processor_seconds_of_children();
    const int status = std::system(command.c_str());
    return {.status = WEXITSTATUS(status),
            .text = read(folder_ + "/said.txt"),
            .processor_seconds = processor_seconds_of_children() - before};
  }
  std::vector<std::uint64_t> ranks() const {
    std::vector<std::uint64_t> all;
    std::ifstream file(folder_ + "/ranks.txt");
    for (std::uint64_t rank = 0; file >> rank;) all.push_back(rank);
    return all;
  }

  const std::string folder_ = testing_support::scratch_directory("lottery");
};

class ByToken final : public http::Authenticator {
 public:
  std::optional<http::Principal> authenticate(std::string_view, Timestamp) override {
    return http::Principal{"acc_boss", "admin"};
  }
};

// A lottery from beginning to end over HTTP, and what it published.
class Published {
 public:
  Published(std::size_t count, bool parties, std::uint64_t seed) : random_(seed) {
    std::mt19937_64 dice(seed);
    server_.authenticator = &by_token_;
    routes(server_.router, lotteries_);
    server_.start();
    post("", "{}");
    Sequence last = 0;
    for (std::size_t i = 0; i < count; ++i) pool_.waiting.push_back(last += 1 + dice() % 3);
    places = pool_.waiting;
    std::string draw = R"({"round":50,"signature":")" + std::string(96, 'a') + "\"}";
    std::string close = R"({"beacon":{"kind":"drand","chain":{"hash":")" + std::string(64, 'a') +
                        R"(","genesis_time":)" +
                        std::to_string(to_unix_ms(server_.clock.now()) / 1000) +
                        R"(,"period":10},"round":50}})";
    if (parties) {
      const std::array<std::string, 3> values{std::string(32, 'x'), std::string(32, 'y'),
                                              std::string(32, 'z')};
      close = R"({"beacon":{"kind":"parties","k":2,"commitments":[)";
      for (const std::string& value : values) {
        close += "\"" + hex(bytes_of(kHashing.sha256(value))) + (value == values[2] ? "\"" : "\",");
      }
      close += "]}}";
      draw = R"({"reveals":[{"party":3,"value":")" + hex(values[2]) + R"("},{"party":1,"value":")" +
             hex(values[0]) + "\"}]}";
    }
    post("/close", close);
    open = get("/rooms/film-1/lottery").as_object();
    server_.clock.advance(Millis(600'000));
    post("/draw", draw);
    lottery = get("/rooms/film-1/lottery").as_object();
    for (std::size_t from = 0; from < count; from += 1'000) {
      entries += text("/rooms/film-1/lottery/entries?limit=1000&from=" + std::to_string(from));
    }
  }
  json::object mine(Sequence place) {
    return get("/rooms/film-1/places/me/lottery", "Onsale-Place: " + std::to_string(place) + "\r\n")
        .as_object();
  }
  const std::vector<Sequence>& drawn() const { return pool_.draws.at(0); }

  std::vector<Sequence> places;
  json::object open, lottery;
  std::string entries;

 private:
  std::string text(const std::string& path, const std::string& headers = "") {
    http::TestClient client(server_.port());
    return client.get("/api/v1" + path, headers).body;
  }
  json::value get(const std::string& path, const std::string& headers = "") {
    return json::parse(text(path, headers));
  }
  void post(const std::string& step, const std::string& body) {
    http::TestClient client(server_.port());
    const auto answer = client.post("/api/v1/admin/rooms/film-1/lottery" + step, body,
                                    "Authorization: Bearer boss\r\n");
    EXPECT_EQ(answer.status, 200) << answer.body;
  }

  ByToken by_token_;
  http::TestServer server_;
  SeededRandom random_;
  FakeStore store_;
  FakeVault vault_;
  FakePool pool_{*RoomId::parse("film-1")};
  FakeRounds rounds_;
  ImmediateWorker worker_;
  Lotteries lotteries_{{server_.clock, random_, kHashing, store_, vault_, pool_, rounds_, worker_}};
};

TEST_F(Verifier, AgreesWithTheServerOnRandomDraws) {
  std::uint64_t seed = 1;
  for (const std::size_t count : {0U, 1U, 2U, 3U, 15U, 16U, 17U, 100U, 2'345U}) {
    Published published(count, seed % 2 == 0, seed);
    ++seed;
    const Said open = verify(published.open, published.entries);
    EXPECT_EQ(open.status, 0) << open.text;
    const Said said = verify(published.lottery, published.entries);
    ASSERT_EQ(said.status, 0) << count << "\n" << said.text;
    EXPECT_NE(said.text.find("all right\n"), said.text.npos);
    const auto theirs = ranks();
    ASSERT_EQ(theirs.size(), count);
    for (std::size_t i = 0; i < count; ++i) {
      EXPECT_EQ(published.drawn().at(theirs[i] - 1), published.places[i]);
    }
    for (std::size_t i = 0; i < count; i += 1 + count / 3) {
      const json::object mine = published.mine(published.places[i]);
      EXPECT_EQ(mine.at("rank"), theirs[i]);
      const Said own = verify(published.lottery, published.entries, &mine);
      EXPECT_EQ(own.status, 0) << own.text;
      EXPECT_NE(own.text.find("your rank is " + std::to_string(theirs[i])), own.text.npos);
    }
  }
}

// Each would be a way to cheat; each must be found, with the check that names it.
TEST_F(Verifier, NegativeControlEveryChangeIsFound) {
  Published published(100, false, 99);
  const auto& good = published.lottery;
  const auto wrong = [&](const Said& said, std::string_view check) {
    EXPECT_EQ(said.status, 1) << said.text;
    EXPECT_NE(said.text.find("WRONG: " + std::string(check)), said.text.npos) << said.text;
  };
  const auto with = [&](std::string_view member, json::value value) {
    json::object changed = good;
    changed[member] = std::move(value);
    return changed;
  };
  std::string altered = published.entries;
  char& digit = altered[65 * 41 + 7];
  digit = digit == '0' ? '1' : '0';
  wrong(verify(good, altered), "their Merkle root");
  std::string swapped = published.entries.substr(65, 65) + published.entries.substr(0, 65) +
                        published.entries.substr(130);
  wrong(verify(good, swapped), "their Merkle root");
  wrong(verify(good, published.entries.substr(65)), "99 entries");
  std::string doubled = published.entries.substr(0, 65) + published.entries.substr(0, 65) +
                        published.entries.substr(130);
  wrong(verify(good, doubled), "no entry twice");
  const std::string other = std::string(64, '7');
  wrong(verify(with("seed", json::value(other)), published.entries), "the seed");
  wrong(verify(with("commitment", json::value(other)), published.entries), "the seed");
  wrong(verify(with("root", json::value(other)), published.entries), "their Merkle root");
  wrong(verify(with("value", json::value(other)), published.entries), "the beacon's value");
  // A round that was known when the entries were fixed.
  wrong(verify(with("closed_at", "2030-01-01T00:00:00.000Z"), published.entries), "it came -");
  json::object drand = good.at("drand").as_object();
  drand["signature"] = std::string(96, 'b');
  wrong(verify(with("drand", drand), published.entries), "the beacon's value");
  drand = good.at("drand").as_object();
  drand["round"] = 49;
  wrong(verify(with("drand", drand), published.entries), "the beacon is drand round 50");
}

TEST_F(Verifier, NegativeControlAWrongPartOfOnesOwnIsFound) {
  Published published(100, true, 98);
  const json::object good = published.mine(published.places[41]);
  const auto wrong = [&](json::object mine, std::string_view check) {
    const Said said = verify(published.lottery, published.entries, &mine);
    EXPECT_EQ(said.status, 1) << said.text;
    EXPECT_NE(said.text.find("WRONG: " + std::string(check)), said.text.npos) << said.text;
  };
  json::object mine = good;
  mine["rank"] = mine.at("rank").as_int64() + 1;
  wrong(mine, "your rank");
  mine = published.mine(published.places[42]);  // somebody else's entry is shown to two
  mine["place"] = good.at("place");
  wrong(mine, "your entry");
  mine = good;
  mine["index"] = mine.at("index").as_int64() + 1;
  wrong(mine, "it is number");
  mine = good;
  mine["proof"].as_array().pop_back();
  wrong(mine, "it is number");
  mine = good;
  mine["proof"].as_array().push_back(mine["proof"].as_array()[0]);
  wrong(mine, "it is number");
}

TEST_F(Verifier, NegativeControlAPartyThatLiesIsFound) {
  Published published(10, true, 97);
  json::object lottery = published.lottery;
  lottery["reveals"].as_array()[0].as_object()["value"] = std::string(64, '7');
  Said said = verify(lottery, published.entries);
  EXPECT_EQ(said.status, 1);
  EXPECT_NE(said.text.find("WRONG: none lied"), said.text.npos) << said.text;
  lottery = published.lottery;
  lottery["reveals"].as_array().pop_back();
  said = verify(lottery, published.entries);
  EXPECT_EQ(said.status, 1);
  EXPECT_NE(said.text.find("WRONG: 1 of 3 revealed"), said.text.npos) << said.text;
}

// In processor time, so that neighbours do not count.
TEST_F(Verifier, ReproducesManyRanksAMillionOfThemInUnderTenSeconds) {
  const Sequence kCount = testing_support::in_long_run<Sequence>(1'000'000, 100'000);
  const Digest seed = kHashing.sha256("a million");
  const std::string signature(48, 's');
  std::vector<Digest> entries;
  std::string list;
  for (Sequence place = 1; place <= kCount; ++place) {
    entries.push_back(kHashing.sha256(std::to_string(place)));
    list.append(hex(bytes_of(entries.back()))).append("\n");
  }
  const Digest value = kHashing.sha256(signature);
  const auto order = ranking(kHashing, seed, value, entries);
  const json::object lottery{{"room", "film-1"},
                             {"state", "drawn"},
                             {"commitment", hex(bytes_of(kHashing.sha256(bytes_of(seed))))},
                             {"closed_at", "2026-11-21T10:00:00.000Z"},
                             {"count", kCount},
                             {"root", hex(bytes_of(Tree(kHashing, entries).root()))},
                             {"beacon",
                              {{"kind", "drand"},
                               {"round", 40'000'000},
                               {"chain",
                                {{"hash", quicknet().hash},
                                 {"genesis_time", quicknet().genesis_s},
                                 {"period", quicknet().period_s}}}}},
                             {"seed", hex(bytes_of(seed))},
                             {"value", hex(bytes_of(value))},
                             {"drand", {{"round", 40'000'000}, {"signature", hex(signature)}}}};
  const Said said = verify(lottery, list);
  ASSERT_EQ(said.status, 0) << said.text;
  std::printf("%lld ranks: %.1f s\n", static_cast<long long>(kCount), said.processor_seconds);
  EXPECT_LT(said.processor_seconds, 10);
  const auto theirs = ranks();
  ASSERT_EQ(theirs.size(), kCount);
  for (std::size_t rank = 0; rank < kCount; ++rank) ASSERT_EQ(theirs[order[rank]], rank + 1);
  const auto& last = list[list.size() - 3];
  list[list.size() - 3] = last == '0' ? '1' : '0';
  EXPECT_EQ(verify(lottery, list).status, 1);
}

}  // namespace
}  // namespace onsale::waitroom::lottery
