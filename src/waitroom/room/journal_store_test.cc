// What every Journal promises, on the fake, on SQLite and on MariaDB; and a host that comes back
// from a real database.
#include "waitroom/room/journal_store.h"

#include <gtest/gtest.h>

#include "platform/crypto/fakes.h"
#include "tests/contract/databases.h"
#include "waitroom/log/log_store.h"
#include "waitroom/log/replay.h"
#include "waitroom/room/crypto_client.h"
#include "waitroom/room/fakes.h"
#include "waitroom/room/host.h"

namespace onsale::waitroom {
namespace {

enum class Kind { fake, sqlite, mysql };

constexpr Millis kDay{86'400'000};

struct Opened {
  std::unique_ptr<sql::Database> database;
  std::unique_ptr<Journal> journal;
  std::unique_ptr<RoomLog> own_log;
  RoomLog* log = nullptr;
};

Opened open_journal(Kind kind) {
  Opened opened;
  if (kind == Kind::fake) {
    auto fake = std::make_unique<FakeJournal>();
    fake->base_spacing(kDay);
    opened.log = fake.get();
    opened.journal = std::move(fake);
  } else {
    opened.database = testing_support::fresh_database(kind == Kind::sqlite ? sql::Dialect::sqlite
                                                                           : sql::Dialect::mysql);
    opened.journal = make_sql_journal(*opened.database, kDay);
    opened.own_log = make_sql_room_log(*opened.database);
    opened.log = opened.own_log.get();
  }
  return opened;
}

class JournalContract : public testing::TestWithParam<Kind> {
 protected:
  void create(const RoomId& room, std::string name = "A film") {
    sync_wait(journal_.create_room({.id = room, .name = std::move(name), .epoch = 7},
                                   {.room = room, .number = 1, .records = "one"}));
  }
  void append(std::vector<StoredBatch> batches) {
    sync_wait(
        journal_.append(std::make_shared<const std::vector<StoredBatch>>(std::move(batches))));
  }
  std::vector<std::string> all(const RoomId& room, std::uint64_t after = 0) {
    std::vector<std::string> found;
    for (;;) {
      const auto batches = sync_wait(journal_.batches(room, after));
      if (batches.empty()) return found;
      for (const StoredBatch& batch : batches) {
        EXPECT_GT(batch.number, after);
        after = batch.number;
        found.push_back(batch.records);
      }
    }
  }

  Opened opened_ = open_journal(GetParam());
  // Every link that is kept, as it should be.
  std::vector<std::uint64_t> verified(const RoomId& room) {
    const auto start = sync_wait(log_.start(room));
    if (!start) return {};
    std::vector<std::uint64_t> numbers;
    std::string link = start->link;
    std::uint64_t after = start->after;
    for (;;) {
      const auto batches = sync_wait(log_.read(room, after));
      if (batches.empty()) return numbers;
      for (const LoggedBatch& batch : batches) {
        link = crypto::sha256(link_text(link, room.str(), batch.number, batch.records));
        EXPECT_EQ(batch.number, after + 1);
        EXPECT_EQ(batch.link, link) << batch.number;
        after = batch.number;
        numbers.push_back(batch.number);
      }
    }
  }
  void compact(std::uint64_t covers, std::string bytes) {
    sync_wait(journal_.compact(
        a_, std::make_shared<const StoredSnapshot>(StoredSnapshot{covers, std::move(bytes)})));
  }
  // Somebody has his hands in the log.
  void change(std::uint64_t number, const std::string& records) {
    if (GetParam() == Kind::fake) {
      return dynamic_cast<FakeJournal&>(journal_).tamper(a_, number, records);
    }
    const auto write = [&](sql::Tx& tx) {
      tx.exec("UPDATE waitroom_journal SET records = ? WHERE room = ? AND batch = ?", records,
              a_.str(), number);
    };
    sync_wait(opened_.database->write(write));
  }
  void remove(std::uint64_t number) {
    if (GetParam() == Kind::fake) return dynamic_cast<FakeJournal&>(journal_).remove(a_, number);
    const auto write = [&](sql::Tx& tx) {
      tx.exec("DELETE FROM waitroom_journal WHERE room = ? AND batch = ?", a_.str(), number);
    };
    sync_wait(opened_.database->write(write));
  }
  // A batch of one join, at the end of a day.
  StoredBatch day(std::uint64_t number) {
    const Timestamp at = from_unix_ms(0) + kDay * static_cast<std::int64_t>(number);
    return to_stored(a_, number, {{.fact = Fact::joined, .place = number, .at = at}});
  }

  Journal& journal_ = *opened_.journal;
  RoomLog& log_ = *opened_.log;
  const RoomId a_ = *RoomId::parse("film-a");
  const RoomId b_ = *RoomId::parse("film-b");
};

TEST_P(JournalContract, ARoomIsCreatedOnceWithItsFirstBatch) {
  create(a_);
  create(a_, "Another name");
  create(b_);
  const auto rooms = sync_wait(journal_.rooms());
  ASSERT_EQ(rooms.size(), 2U);
  EXPECT_EQ(rooms[0].id, a_);
  EXPECT_EQ(rooms[0].name, "A film");
  EXPECT_EQ(rooms[0].epoch, 7U);
  EXPECT_EQ(all(a_), (std::vector<std::string>{"one"}));
}

TEST_P(JournalContract, BatchesComeBackInOrderWithAnyBytes) {
  create(a_);
  create(b_);
  const std::string bytes("\0\xFF\0 '\"\\", 7);
  append({{a_, 2, bytes}, {b_, 2, "b"}});
  append({{a_, 3, ""}});
  for (std::uint64_t i = 4; i < 500; ++i) append({{a_, i, std::to_string(i)}});
  const auto found = all(a_);
  ASSERT_EQ(found.size(), 499U);
  EXPECT_EQ(found[1], bytes);
  EXPECT_EQ(found[2], "");
  EXPECT_EQ(found[498], "499");
  EXPECT_EQ(all(a_, 498), (std::vector<std::string>{"499"}));
  EXPECT_EQ(all(b_), (std::vector<std::string>{"one", "b"}));
}

TEST_P(JournalContract, RepeatingABatchIsHarmlessButAnotherOneOfItsNumberIsRefused) {
  create(a_);
  append({{a_, 2, "two"}});
  append({{a_, 2, "two"}, {a_, 3, "three"}});
  EXPECT_ANY_THROW(append({{a_, 4, "four"}, {a_, 2, "not two"}}));
  EXPECT_EQ(all(a_), (std::vector<std::string>{"one", "two", "three"}));
}

TEST_P(JournalContract, AStartReadsTheSnapshotAndWhatComesAfterAndTheLogKeepsAll) {
  create(a_);
  EXPECT_FALSE(sync_wait(journal_.snapshot(a_)).has_value());
  for (std::uint64_t i = 2; i <= 10; ++i) append({{a_, i, std::to_string(i)}});
  std::string large(3'000'000, 'x');
  large[1'500'000] = '\0';
  compact(8, large);
  EXPECT_EQ(all(a_, 8), (std::vector<std::string>{"9", "10"}));
  const auto found = sync_wait(journal_.snapshot(a_));
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->covers, 8U);
  EXPECT_TRUE(found->bytes == large);
  compact(10, "small");
  EXPECT_EQ(sync_wait(journal_.snapshot(a_))->bytes, "small");
  EXPECT_TRUE(all(a_, 10).empty());
  append({{a_, 11, "11"}});
  EXPECT_EQ(all(a_, 10), (std::vector<std::string>{"11"}));
  EXPECT_EQ(all(a_).size(), 11U);
  EXPECT_EQ(verified(a_).size(), 11U);
}

TEST_P(JournalContract, EveryBatchIsChainedToTheOneBefore) {
  create(a_);
  create(b_);
  append({{a_, 2, "two"}, {b_, 2, "two"}, {a_, 3, "three"}});
  append({{a_, 3, "three"}, {a_, 4, "four"}});  // a retry, and more
  const auto expected = [](std::string_view before, std::uint64_t number, std::string_view text) {
    return crypto::sha256(link_text(before, "film-a", number, text));
  };
  const std::string second = expected(expected(kNoLink, 1, "one"), 2, "two");
  EXPECT_EQ(sync_wait(log_.read(a_, 1)).front().link, second);
  EXPECT_EQ(verified(a_), (std::vector<std::uint64_t>{1, 2, 3, 4}));
  EXPECT_EQ(verified(b_), (std::vector<std::uint64_t>{1, 2}));
  const auto head = sync_wait(log_.head(a_));
  EXPECT_EQ(head->batch, 4U);
  EXPECT_EQ(head->link, expected(expected(second, 3, "three"), 4, "four"));
  EXPECT_FALSE(sync_wait(log_.start(*RoomId::parse("nowhere"))).has_value());
}

TEST_P(JournalContract, TheFrontIsCutAtABaseAndTheRestStillVerifies) {
  create(a_);
  for (std::uint64_t i = 2; i <= 200; ++i) {
    append({day(i)});
    if (i % 10 == 0) compact(i, "base " + std::to_string(i));
  }
  const auto trim = [&](std::int64_t before_day) {
    int pieces = 1;
    while (sync_wait(log_.trim(a_, from_unix_ms(0) + kDay * before_day))) ++pieces;
    return pieces;
  };
  EXPECT_EQ(verified(a_).size(), 200U);
  EXPECT_EQ(trim(5), 1);
  EXPECT_EQ(verified(a_).size(), 200U);
  EXPECT_GT(trim(155), 1);
  const auto start = sync_wait(log_.start(a_));
  EXPECT_EQ(start->after, 150U);
  EXPECT_EQ(start->base, "base 150");
  EXPECT_EQ(verified(a_).size(), 50U);
  EXPECT_EQ(sync_wait(journal_.snapshot(a_))->bytes, "base 200");
  EXPECT_TRUE(sync_wait(log_.facts_of(a_, 100)).empty());
  EXPECT_EQ(sync_wait(log_.facts_of(a_, 160)).size(), 1U);
  trim(1'000);  // all of it
  EXPECT_EQ(sync_wait(log_.start(a_))->base, "base 200");
  EXPECT_EQ(sync_wait(log_.head(a_))->batch, 200U);
  append({day(201)});
  EXPECT_EQ(verified(a_), (std::vector<std::uint64_t>{201}));
}

TEST_P(JournalContract, BasesBetweenGoWhenTheyAreTooNear) {
  create(a_);
  const auto join_at = [&](std::uint64_t number, Millis at) {
    return to_stored(
        a_, number,
        {{.fact = Fact::joined, .place = number, .at = from_unix_ms(0) + kDay * 9 + at}});
  };
  EXPECT_FALSE(sync_wait(log_.unbased_since(a_)).value_or(Timestamp{}) > Timestamp{});
  for (std::uint64_t i = 2; i <= 40; ++i) {
    append({join_at(i, kDay / 10 * static_cast<std::int64_t>(i))});
    compact(i, "base");
  }
  EXPECT_FALSE(sync_wait(log_.unbased_since(a_)).has_value());
  append({join_at(41, kDay * 5)});
  EXPECT_EQ(sync_wait(log_.unbased_since(a_)), from_unix_ms(0) + kDay * 13);
  while (sync_wait(log_.trim(a_, from_unix_ms(0) + kDay * 12))) {
  }
  EXPECT_EQ(sync_wait(log_.start(a_))->after, 22U);  // of 2, 12, 22, 32 and 40
  EXPECT_EQ(verified(a_).size(), 19U);
}

TEST_P(JournalContract, TheFactsOfAPlaceAreFound) {
  create(a_);
  const Timestamp at = from_unix_ms(1'000);
  const auto fact = [&](Fact what, Sequence place) {
    return Record{.fact = what, .place = place, .at = at};
  };
  append(
      {to_stored(a_, 2, {fact(Fact::joined, 1), fact(Fact::joined, 63), fact(Fact::joined, 64)})});
  append({to_stored(a_, 3, {fact(Fact::joined, 65), fact(Fact::admitted, 1)})});
  append({to_stored(a_, 4, {fact(Fact::stopped, 0), fact(Fact::ghosted, 64)})});
  append({to_stored(a_, 5, {fact(Fact::draw, 63), fact(Fact::drawn, 63)})});
  const auto numbers = [&](Sequence place, std::uint64_t up_to = RoomLog::kNewest) {
    std::vector<std::uint64_t> found;
    for (const LoggedFact& fact : sync_wait(log_.facts_of(a_, place, up_to))) {
      found.push_back(fact.batch);
    }
    return found;
  };
  EXPECT_EQ(numbers(1), (std::vector<std::uint64_t>{2, 3}));
  EXPECT_EQ(numbers(1, 2), (std::vector<std::uint64_t>{2}));
  EXPECT_EQ(numbers(63), (std::vector<std::uint64_t>{2}));
  EXPECT_EQ(numbers(64), (std::vector<std::uint64_t>{2, 4}));
  EXPECT_EQ(numbers(0), (std::vector<std::uint64_t>{4}));
  EXPECT_TRUE(numbers(2).empty());
  EXPECT_EQ(sync_wait(log_.before(a_, at)), 1U);
  EXPECT_EQ(sync_wait(log_.before(a_, at + Millis(1))), 5U);
}

TEST_P(JournalContract, ABatchThatIsNotWhatWasWrittenIsNamedInsteadOfRead) {
  create(a_);
  for (std::uint64_t i = 2; i <= 12; ++i) append({{a_, i, "records " + std::to_string(i)}});
  const auto read_after = [&](std::uint64_t after) -> std::string {
    std::unique_ptr<Journal> later;  // a process that has not written it
    if (opened_.database) later = make_sql_journal(*opened_.database, kDay);
    Journal& journal = later ? *later : journal_;
    try {
      for (;;) {
        const auto batches = sync_wait(journal.batches(a_, after));
        if (batches.empty()) return "read to " + std::to_string(after);
        after = batches.back().number;
      }
    } catch (const BrokenLog& broken) {
      return broken.what();
    }
  };
  EXPECT_EQ(read_after(0), "read to 12") << "the control";
  change(8, "recordz 8");
  for (const std::uint64_t after : {0U, 4U, 7U}) {
    const std::string said = read_after(after);
    EXPECT_TRUE(said.starts_with("the log of room film-a is broken at batch 8: its link")) << said;
    EXPECT_TRUE(said.ends_with("`onsale room replay film-a`")) << said;
  }
  EXPECT_EQ(read_after(8), "read to 12") << "what comes after fits what it was";
  EXPECT_EQ(sync_wait(log_.read(a_, 7)).front().records, "recordz 8") << "there to be looked at";
  change(8, "records 8");
  EXPECT_EQ(read_after(0), "read to 12");
  remove(10);
  EXPECT_TRUE(read_after(0).starts_with("the log of room film-a is broken at batch 10: it is mi"));
}

TEST_P(JournalContract, AnOlderSnapshotIsThereWhileItsBaseIsKept) {
  create(a_);
  for (std::uint64_t i = 2; i <= 9; ++i) append({day(i)});
  compact(3, "three");
  compact(6, "six");
  compact(9, "nine");
  EXPECT_EQ(sync_wait(journal_.older_snapshot(a_, 9))->covers, 6U);
  EXPECT_EQ(sync_wait(journal_.older_snapshot(a_, 6))->bytes, "three");
  EXPECT_FALSE(sync_wait(journal_.older_snapshot(a_, 3)).has_value());
  EXPECT_FALSE(sync_wait(journal_.older_snapshot(b_, 3)).has_value());
}

std::string kind_name(const testing::TestParamInfo<Kind>& info) {
  if (info.param == Kind::fake) return "fake";
  return info.param == Kind::sqlite ? "sqlite" : "mysql";
}
INSTANTIATE_TEST_SUITE_P(, JournalContract, testing::Values(Kind::fake, Kind::sqlite, Kind::mysql),
                         kind_name);

class StoredRooms : public testing::TestWithParam<sql::Dialect> {};
ONSALE_ON_BOTH_DIALECTS(StoredRooms);

TEST_P(StoredRooms, ComeBackFromARealDatabaseWithRealTokens) {
  const std::string url = testing_support::fresh_url(GetParam());
  const RoomId room = *RoomId::parse("film-1");
  FakeClock clock;
  SeededRandom random(1);
  crypto::MemoryKeyStore keys;
  FakeAnnouncer announcer;
  FakeAuditLog audit;
  const auto device = [](std::uint8_t number) { return DeviceKey{number}; };
  std::vector<PlaceView> places;
  for (int life = 0; life < 3; ++life) {
    const auto database = testing_support::open_database(url);
    sql::migrate(*database, sql::all_migrations());
    const auto journal = make_sql_journal(*database);
    const crypto::KeyRing ring(keys, clock.now());
    const auto signer = make_signer(ring, "https://onsale.test");
    Host host({clock, random, *journal, *signer, announcer, audit});
    sync_wait(host.load());
    Settings settings;
    settings.capacity = 1;
    sync_wait(host.declare_room(room, "A film", settings));
    for (std::size_t i = 0; i < places.size(); ++i) {
      EXPECT_EQ(host.room_of(places[i].token, clock.now()), room);
      const auto now = host.look(room, {.token = places[i].token, .device = {}}, clock.now());
      ASSERT_TRUE(now.has_value());
      EXPECT_EQ(now->position, static_cast<std::int64_t>(i));
      EXPECT_EQ(now->id, places[i].id);
    }
    if (!places.empty()) {
      EXPECT_EQ(host.admit_with(room, places[0].pass, "acc_a", clock.now())->place, places[0].id);
      EXPECT_EQ(host.admit_with(room, places[0].pass, "acc_b", clock.now()).error(),
                PassRefusal::used_by_another);
    }
    for (int i = 0; i < 5; ++i) {
      const auto number = static_cast<std::uint8_t>(places.size());
      places.push_back(sync_wait(host.join(room, device(number))).value());
      EXPECT_LE(places.back().token.size(), 200U);
    }
    clock.advance(Millis(10'000));
    sync_wait(host.drain());
  }
}

class OldData : public testing::TestWithParam<sql::Dialect> {};
ONSALE_ON_BOTH_DIALECTS(OldData);

// Rows of a version that kept no links and dropped what a snapshot covered.
TEST_P(OldData, IsLinkedWhenItIsWrittenNext) {
  const auto database = testing_support::open_database(testing_support::fresh_url(GetParam()));
  std::vector<sql::Migration> before, all;
  for (const sql::Migration& each : sql::all_migrations()) {
    all.push_back(each);
    if (each.module != "waitroom" || each.number < 4) before.push_back(each);
  }
  sql::migrate(*database, before);
  const auto at = [](std::int64_t s) { return from_unix_ms(1'800'000'000'000 + s * 1'000); };
  const auto join = [&](Sequence place) {
    Record record{.fact = Fact::joined, .place = place, .at = at(1)};
    std::memcpy(record.device.data(), &place, sizeof place);
    return record;
  };
  Settings settings;
  settings.mode = Mode::paused;
  const Record first{.fact = Fact::configured, .at = at(0), .text = encode(settings)};
  Engine engine;
  engine.apply(first);
  engine.apply(join(1));
  auto fill = [&](sql::Tx& tx) {
    const auto room = [&](const char* id, int snapshot) {
      tx.exec("INSERT INTO waitroom_room (id, name, epoch, snapshot) VALUES (?, 'x', 1, ?)", id,
              snapshot);
    };
    const auto row = [&](const char* id, int number, const Records& records) {
      tx.exec("INSERT INTO waitroom_journal (room, batch, records) VALUES (?, ?, ?)", id, number,
              encode(records));
    };
    room("cut", 2);
    tx.exec("INSERT INTO waitroom_snapshot (room, covers, part, bytes) VALUES ('cut', 2, 0, ?)",
            engine.snapshot());
    row("cut", 3, {join(2)});
    room("whole", 0);
    row("whole", 1, {first});
    row("whole", 2, {join(1), join(2)});
  };
  sync_wait(database->write(fill));
  sql::migrate(*database, all);
  const auto journal = make_sql_journal(*database);
  const auto log = make_sql_room_log(*database);
  const auto read_by_a_start = [&](const RoomId& room) {
    const auto fresh = make_sql_journal(*database);
    const auto snapshot = sync_wait(fresh->snapshot(room));
    std::uint64_t last = snapshot ? snapshot->covers : 0;
    for (const StoredBatch& batch : sync_wait(fresh->batches(room, last))) last = batch.number;
    return last;
  };
  for (const char* name : {"cut", "whole"}) {
    const RoomId room = *RoomId::parse(name);
    EXPECT_EQ(read_by_a_start(room), name == std::string("cut") ? 3U : 2U) << "nothing is linked";
    const std::uint64_t next = name == std::string("cut") ? 4 : 3;
    const std::vector<StoredBatch> more{to_stored(room, next, {join(3)})};
    sync_wait(journal->append(std::make_shared<const std::vector<StoredBatch>>(more)));
    const auto start = sync_wait(log->start(room)).value();
    Replay replay(room, start, [](std::string_view text) { return crypto::sha256(text); });
    for (const LoggedBatch& batch : sync_wait(log->read(room, start.after))) replay.take(batch);
    ASSERT_FALSE(replay.fault()) << name << ": " << replay.fault()->what;
    EXPECT_EQ(replay.last(), next);
    EXPECT_EQ(read_by_a_start(room), next) << "everything is";
    EXPECT_EQ(replay.engine().line().size(), 3);
    EXPECT_EQ(sync_wait(log->facts_of(room, 2)).size(), 1U);
  }
}

TEST(KeyRingSigner, RefusesForeignChangedAndExpired) {
  FakeClock clock;
  crypto::MemoryKeyStore keys, other_keys;
  const crypto::KeyRing ring(keys, clock.now()), other_ring(other_keys, clock.now());
  const auto signer = make_signer(ring, "https://onsale.test");
  const auto other = make_signer(other_ring, "https://onsale.test");
  const RoomId room = *RoomId::parse("film-1");
  const Timestamp now = clock.now();
  const PassClaims claims{.room = room.str(),
                          .place = "plc_x",
                          .id = "1",
                          .issued_at = now,
                          .expires_at = now + Millis(60'000),
                          .epoch = 3};
  const std::string pass = signer->sign_pass(claims);
  EXPECT_EQ(signer->open_pass(pass, room, now)->place, "plc_x");
  EXPECT_EQ(signer->open_pass(pass, room, now)->epoch, 3);
  EXPECT_EQ(signer->open_pass(pass, *RoomId::parse("film-2"), now).error(), PassFault::forged);
  EXPECT_EQ(signer->open_pass(other->sign_pass(claims), room, now).error(), PassFault::forged);
  EXPECT_EQ(signer->open_pass(pass, room, now + Millis(61'000)).error(), PassFault::not_valid_now);
  const auto fresh = make_signer(ring, "https://onsale.test");
  EXPECT_EQ(fresh->open_pass(pass, room, now - Millis(61'000)).error(), PassFault::not_valid_now);
  const std::string token = signer->sign_place("payload");
  EXPECT_EQ(*signer->open_place(token, now), "payload");
  EXPECT_EQ(other->open_place(token, now), nullptr);
  EXPECT_EQ(signer->open_place(pass, now), nullptr);
  std::string changed = token;
  for (char& c : changed) {
    const char was = c;
    c = c == 'A' ? 'B' : 'A';
    EXPECT_EQ(signer->open_place(changed, now), nullptr);
    c = was;
  }
}

}  // namespace
}  // namespace onsale::waitroom
