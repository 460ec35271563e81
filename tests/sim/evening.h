// THE SIMULATOR: a deterministic evening in front of one waiting room. The production host, engine,
// view, pace and journal writer run in virtual time; people join, wait, sleep, give up, buy and
// come back; messages get lost, come twice or late; the disk is slow, full, cut off or lied; the
// process is killed or restarted in order. Everything follows from the seed. After every step the
// promises are checked from outside: by what each person was told, and by what the disk holds.
#pragma once

#include <functional>
#include <queue>
#include <random>

#include "auditor.h"
#include "sim_disk.h"
#include "waitroom/room/fakes.h"
#include "waitroom/room/host.h"

namespace onsale::waitroom::sim {

inline void ignore(std::exception_ptr) {}

struct Report {
  std::string broken;  // the first broken promise; empty when all held
  std::uint64_t steps = 0, joins = 0, looks = 0, refused = 0;
  std::uint64_t lost = 0, repeated = 0;  // messages
  std::uint64_t crashes = 0, restarts = 0, disk_faults = 0, lies = 0, draws = 0;
  std::uint64_t missed = 0, made_up = 0, restored = 0, forsaken = 0;
  std::uint64_t standstills = 0, changed_minds = 0, late_draws = 0, given = 0;
  std::uint64_t replayed = 0, lengthened = 0;
  std::int64_t admitted = 0;
};

class Evening {
 public:
  // Switched off, a promise must break: the negative controls of the judges.
  struct Guards {
    bool durable_before_told = true;  // else the disk forgets what it acknowledged, unannounced
    bool one_token = true;            // else people mix up their tokens
    bool pool = true;                 // else an open line is drawn anew
    bool standstill = true;           // else silence meanwhile ends places
    bool lengths = true;              // else sessions grow for no reason
  };
  explicit Evening(std::uint64_t seed) : Evening(seed, Guards{}) {}
  Evening(std::uint64_t seed, Guards guards);
  ~Evening();
  Report run(std::uint64_t steps);

 private:
  enum class Doing { outside, joining, waiting, inside };
  struct Answer {
    bool arrived = false;
    std::optional<PlaceView> place;
    std::optional<PlaceId> held{};  // came with a token of this place, which lived
  };
  struct Person {
    std::uint64_t device = 0;
    LaneId lane = kMainLane;
    Doing doing = Doing::outside;
    std::shared_ptr<Answer> answer;
    std::string token, pass;
    PlaceId place;
    std::int64_t position = 0;
    Timestamp asked_at{};
    bool shaken = false;    // the disk lost what this one was told; the next word is the first
    bool restored = false;  // came back by token; a second loss is not covered
    bool forsaken = false;  // and before that word came, the process died again
  };
  struct Wake {
    Timestamp at;
    std::uint64_t order;
    std::size_t person;  // or kWorld, kMail
    bool operator>(const Wake& other) const {
      return std::tie(at, order) > std::tie(other.at, other.order);
    }
  };
  static constexpr std::size_t kWorld = static_cast<std::size_t>(-1);
  static constexpr std::size_t kMail = static_cast<std::size_t>(-2);

  std::uint64_t dice(std::uint64_t sides) { return random_() % sides; }
  bool percent(std::uint64_t chance) { return dice(100) < chance; }
  Millis millis(std::uint64_t below) { return Millis(static_cast<std::int64_t>(dice(below))); }
  void wake(std::size_t person, Millis after);
  void post(Millis after, std::function<void()> letter);
  void deliver();

  // Whatever was asked may be asked again at any later moment: see replay().
  void ask(std::function<void()> request);
  void keep(std::function<void()> request);
  void replay();

  // People.
  void act(std::size_t index);
  void wait_in_line(Person& person, long& pause);
  void ask_to_join(Person& person);
  std::optional<PlaceId> living_place_of(const Person& person);
  void hear(Person& person);
  void look(Person& person);
  void told(Person& person, const PlaceView& view);
  void told_place(Person& person, const PlaceView& view);
  void inside(Person& person);
  void send_leave(const Person& person);
  void send_complete(const Person& person);

  // The world.
  void world();
  void trouble();
  void change_settings();
  void draw_lottery();
  void change_mind();
  void draw_late();
  void stand_still();
  void check_what_was_acknowledged();
  void compact();
  void crash(bool forgets);
  void forget();
  void restart();
  void start_life();
  void check_numbers();
  void check_for_stalls();
  bool disk_is_well() const { return disk_heals_at_ == Timestamp{}; }

  Task<void> join_into(DeviceKey device, LaneId lane, std::string token,
                       std::shared_ptr<Answer> answer);
  Task<void> leave_into(std::string token);
  Task<void> change_into(SettingsPatch patch, std::int64_t number, std::string seen = {});
  void change(SettingsPatch patch);
  Task<void> draw_into(std::vector<Sequence> ranked);
  void demand(bool holds, const char* promise) {
    if (!holds && report_.broken.empty()) report_.broken = promise;
  }

  const Guards guards_;
  std::mt19937_64 random_;
  const RoomId room_ = *RoomId::parse("film-1");
  FakeClock clock_;
  SeededRandom bytes_;
  FakeSigner signer_;
  FakeAnnouncer announcer_;
  FakeAuditLog audit_;
  SimDisk disk_;
  Auditor auditor_;
  // To read the disk anew when it forgot something.
  Auditor checkpoint_;
  std::deque<std::string> since_checkpoint_;
  std::size_t since_start_ = 0;  // batches of this life, after the first
  bool begins_ = true;
  std::unique_ptr<LifeJournal> journal_;
  std::unique_ptr<Host> host_;
  std::vector<Person> people_;
  std::size_t audited_before_ = 0;  // this life
  std::uint64_t configured_before_ = 0;
  std::deque<std::string> left_;       // tokens whose leaving was acknowledged
  std::int64_t changes_ = 0;           // of settings, numbered in their message
  std::vector<Sequence> closed_with_;  // the entrants of a lottery that the operator gave up
  std::priority_queue<Wake, std::vector<Wake>, std::greater<>> wakes_;
  std::map<std::uint64_t, std::function<void()>> mail_;  // by the order of their wakes
  std::vector<std::function<void()>> asked_;             // some of all that was ever asked
  std::uint64_t order_ = 0;
  std::uint64_t next_device_ = 1;
  Timestamp disk_well_since_{}, disk_heals_at_{};
  std::optional<Timestamp> could_admit_since_;
  Report report_;
};

}  // namespace onsale::waitroom::sim
