// A deterministic evening in front of one waiting room: the production host, engine and journal
// writer in virtual time, hundreds of simulated people, a disk that is slow, full or cut off, and
// kill -9. Everything follows from the seed. After every step the promises are checked from
// outside: by what each person was told, and by what the disk holds.
#pragma once

#include <algorithm>
#include <deque>
#include <queue>
#include <random>
#include <set>

#include "waitroom/fakes.h"
#include "waitroom/host.h"
#include "waitroom/record.h"

namespace onsale::waitroom::sim {

// I4 and I5 as the durable records tell them, in plain words and containers.
class Auditor {
 public:
  void read(const std::string& batch);
  const std::string& broken() const { return broken_; }
  // For the stall check: could the first in line go in now?
  bool should_admit(Timestamp now) const;
  std::int64_t admitted() const { return admitted_; }
  std::size_t waiting() const { return waiting_.size(); }

 private:
  void judge(const Record& record);
  std::int64_t recent(Timestamp now, Millis window) const;
  void demand(bool holds, const char* promise) {
    if (!holds && broken_.empty()) broken_ = promise;
  }

  Settings settings_;
  std::set<Sequence> waiting_, inside_;
  std::deque<Timestamp> admissions_;
  std::int64_t admitted_ = 0;
  std::string broken_;
};

struct Report {
  std::string broken;  // the first broken promise; empty when all held
  std::uint64_t steps = 0, joins = 0, looks = 0, crashes = 0, disk_faults = 0, refused = 0;
  std::int64_t admitted = 0;
};

class Evening {
 public:
  explicit Evening(std::uint64_t seed);
  ~Evening();
  Report run(std::uint64_t steps);

 private:
  enum class Doing { outside, joining, waiting, inside };
  struct Answer {
    bool arrived = false;
    std::optional<PlaceView> place;
  };
  struct Person {
    std::uint64_t device = 0;
    Doing doing = Doing::outside;
    std::shared_ptr<Answer> answer;
    std::string token, pass;
    PlaceId place;
    std::int64_t position = 0;
    Timestamp asked_at{};
  };
  struct Wake {
    Timestamp at;
    std::uint64_t order;
    std::size_t person;  // kWorld: the world itself
    bool operator>(const Wake& other) const {
      return std::tie(at, order) > std::tie(other.at, other.order);
    }
  };
  static constexpr std::size_t kWorld = static_cast<std::size_t>(-1);

  std::uint64_t dice(std::uint64_t sides) { return random_() % sides; }
  void wake(std::size_t person, Millis after);
  void act(std::size_t index);
  void ask_to_join(Person& person);
  void hear(Person& person);
  void look(Person& person);
  void told(Person& person, const PlaceView& view);
  void inside(Person& person);
  void world();
  void change_settings();
  void crash();
  void start_life();
  void check_for_stalls();
  Task<void> join_into(DeviceKey device, std::shared_ptr<Answer> answer);
  Task<void> leave(std::string token);
  void demand(bool holds, const char* promise) {
    if (!holds && report_.broken.empty()) report_.broken = promise;
  }

  std::mt19937_64 random_;
  const RoomId room_ = *RoomId::parse("film-1");
  FakeClock clock_;
  SeededRandom bytes_;
  FakeSigner signer_;
  FakeAnnouncer announcer_;
  FakeAuditLog audit_;
  FakeJournal disk_;
  Auditor auditor_;
  std::unique_ptr<LifeJournal> journal_;
  std::unique_ptr<Host> host_;
  std::vector<Person> people_;
  std::priority_queue<Wake, std::vector<Wake>, std::greater<>> wakes_;
  std::uint64_t order_ = 0;
  std::uint64_t next_device_ = 1;
  Timestamp disk_well_since_{};
  Timestamp disk_heals_at_{};
  std::optional<Timestamp> could_admit_since_;
  Report report_;
};

}  // namespace onsale::waitroom::sim
