#include "waitroom_sim.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/log.h"
#include "base/overload.h"

namespace onsale::waitroom::sim {

namespace {

constexpr std::size_t kPeople = 250;
constexpr Millis kMinute{60'000};
constexpr Millis kTick{100};
// A free slot and a free minute must reach the first in line within this, ticks and disk included.
constexpr Millis kStall{2'500};

DeviceKey key_of(std::uint64_t device) {
  DeviceKey key{};
  std::memcpy(key.data(), &device, sizeof device);
  return key;
}

}  // namespace

void Auditor::read(const std::string& batch) {
  demand(decode_records(batch, [&](const Record& record) { judge(record); }),
         "what is on the disk can be read");
}

void Auditor::judge(const Record& record) {
  if (record.fact == Fact::configured) settings_ = *decode_settings(record.text);
  if (record.fact == Fact::joined) {
    demand(waiting_.empty() || record.place > *waiting_.rbegin(), "I4: joined ahead of somebody");
    waiting_.insert(record.place);
  }
  if (record.fact == Fact::admitted) {
    ++admitted_;
    demand(!waiting_.empty() && *waiting_.begin() == record.place,
           "I4: somebody was admitted before somebody earlier");
    if (settings_.mode != Mode::open) {
      demand(std::ssize(inside_) < settings_.capacity, "I5: more slots in use than capacity");
      demand(recent(record.at, kMinute) < settings_.admit_per_minute,
             "I5: more admissions than the rate");
    }
    inside_.insert(record.place);
    admissions_.push_back(record.at);
  }
  if (leaves_line(record.fact)) {
    demand(waiting_.erase(record.place) == 1, "only who waits leaves the line");
  }
  if (frees_slot(record.fact)) {
    demand(inside_.erase(record.place) == 1, "only a slot in use is freed");
  }
}

std::int64_t Auditor::recent(Timestamp now, Millis window) const {
  return std::ranges::count_if(admissions_, [&](Timestamp at) { return at >= now - window; });
}

bool Auditor::should_admit(Timestamp now) const {
  const std::int64_t per_second = (settings_.admit_per_minute + 59) / 60;
  return settings_.mode == Mode::queue && !waiting_.empty() &&
         std::ssize(inside_) < settings_.capacity &&
         recent(now, kMinute) < settings_.admit_per_minute &&
         recent(now, Millis(1'000)) < per_second;
}

Evening::Evening(std::uint64_t seed) : random_(seed), bytes_(seed) {
  disk_.on_stored([this](const StoredBatch& batch) { auditor_.read(batch.records); });
  start_life();
  people_.resize(kPeople);
  for (std::size_t i = 0; i < kPeople; ++i) wake(i, Millis(static_cast<long>(dice(20'000))));
  wake(kWorld, kTick);
}

Evening::~Evening() {
  disk_.hold(false);
  disk_.fail(false);
  disk_.release();
  sync_wait(host_->drain());
}

Report Evening::run(std::uint64_t steps) {
  while (report_.steps < steps && report_.broken.empty()) {
    const Wake next = wakes_.top();
    wakes_.pop();
    clock_.set(std::max(clock_.now(), next.at));
    ++report_.steps;
    next.person == kWorld ? world() : act(next.person);
    if (report_.broken.empty()) report_.broken = auditor_.broken();
  }
  report_.admitted = auditor_.admitted();
  return report_;
}

void Evening::wake(std::size_t person, Millis after) {
  wakes_.push({clock_.now() + after, ++order_, person});
}

void Evening::act(std::size_t index) {
  Person& person = people_[index];
  long pause = 500 + static_cast<long>(dice(4'000));
  switch (person.doing) {
    case Doing::outside:
      ask_to_join(person);
      break;
    case Doing::joining:
      hear(person);
      break;
    case Doing::waiting: {
      const std::uint64_t mood = dice(100);
      if (mood < 2) {  // closes the page and comes back as a stranger
        person = Person{};
        pause = 30'000;
      } else if (mood < 4) {
        start(leave(person.token), [](std::exception_ptr) {});
        person = Person{};
      } else if (mood < 7) {  // reloads, or the answer was lost
        ask_to_join(person);
      } else if (mood < 9) {  // the phone sleeps
        pause = static_cast<long>(dice(200'000));
      } else {
        look(person);
      }
      break;
    }
    case Doing::inside:
      inside(person);
      break;
  }
  wake(index, Millis(pause));
}

void Evening::ask_to_join(Person& person) {
  if (person.device == 0) person.device = next_device_++;
  ++report_.joins;
  person.doing = Doing::joining;
  person.asked_at = clock_.now();
  person.answer = std::make_shared<Answer>();
  start(join_into(key_of(person.device), person.answer), [](std::exception_ptr) {});
  hear(person);
}

void Evening::hear(Person& person) {
  if (!person.answer->arrived) {  // a crash swallowed it, or the disk is slow
    if (clock_.now() > person.asked_at + Millis(10'000)) ask_to_join(person);
    return;
  }
  if (!person.answer->place) {  // 403 or 503: try again later
    ++report_.refused;
    person.doing = person.token.empty() ? Doing::outside : Doing::waiting;
    return;
  }
  const PlaceView view = *person.answer->place;
  if (!(view.id == person.place)) person.position = 0;  // the old place was over
  person.place = view.id;
  person.token = view.token;
  told(person, view);
}

void Evening::look(Person& person) {
  ++report_.looks;
  const auto view = host_->look(room_, {.token = person.token, .device = {}}, clock_.now());
  demand(view.has_value(), "I6: an acknowledged place was lost");
  if (!view) return;
  demand(view->id == person.place, "a token is one place for ever");
  told(person, *view);
}

void Evening::told(Person& person, const PlaceView& view) {
  switch (view.state) {
    case PlaceState::waiting:
    case PlaceState::prequeue:
      demand(person.position == 0 || view.position <= person.position, "I3: a shown position rose");
      demand(person.pass.empty(), "I3: an admission was taken back");
      demand(view.position >= 1 && view.position <= view.waiting, "a position lies in the line");
      person.position = view.position;
      person.doing = Doing::waiting;
      break;
    case PlaceState::admitted:
      demand(!view.pass.empty(), "who is admitted has a pass");
      person.pass = view.pass;
      person.doing = Doing::inside;
      break;
    default:
      person = Person{};
      break;
  }
}

void Evening::inside(Person& person) {
  const std::uint64_t mood = dice(100);
  if (mood < 30) {
    const auto account = "acc_" + std::to_string(person.device);
    const auto admission = host_->admit_with(room_, person.pass, account, clock_.now());
    demand(admission || admission.error() != PassRefusal::forged, "a pass of ours is ours");
    const auto thief = host_->admit_with(room_, person.pass, "acc_thief", clock_.now());
    demand(!admission || (!thief && thief.error() == PassRefusal::used_by_another),
           "a pass serves one account");
  } else if (mood < 45) {
    start(host_->complete(room_, person.place), [](std::exception_ptr) {});
    person = Person{};
  } else if (mood < 50) {
    start(leave(person.token), [](std::exception_ptr) {});
    person = Person{};
  } else if (mood < 55) {  // walks away without a word
    person = Person{};
  } else {
    look(person);
  }
}

void Evening::world() {
  const Timestamp now = clock_.now();
  if (disk_heals_at_ != Timestamp{} && now >= disk_heals_at_) {
    disk_heals_at_ = {};
    disk_.fail(false);
    disk_.hold(false);
    disk_.release();
    disk_well_since_ = now;
  }
  host_->tick();
  const std::uint64_t chance = dice(2'000);
  if (chance < 4 && disk_heals_at_ == Timestamp{}) {
    ++report_.disk_faults;
    const bool full = chance == 0;
    full ? disk_.fail(true) : disk_.hold(true);
    disk_heals_at_ = now + Millis(static_cast<long>(dice(full ? 15'000 : 2'000)));
  } else if (chance < 8 || (disk_heals_at_ != Timestamp{} && dice(30) == 0)) {
    crash();  // most of all while something is on its way to the disk
  } else if (chance < 16) {
    change_settings();
  } else if (chance < 18) {
    sync_wait(host_->compact());
  }
  check_for_stalls();
  wake(kWorld, kTick);
}

void Evening::change_settings() {
  SettingsPatch patch;
  switch (dice(4)) {
    case 0:
      patch.capacity = static_cast<std::int64_t>(dice(40));
      break;
    case 1:
      patch.admit_per_minute = static_cast<std::int64_t>(dice(300));
      break;
    case 2:
      patch.grace_seconds = 20 + static_cast<std::int64_t>(dice(200));
      break;
    default: {
      static constexpr Mode kModes[] = {Mode::queue, Mode::queue, Mode::queue, Mode::paused,
                                        Mode::open};
      patch.mode = kModes[dice(5)];
    }
  }
  start(
      [](Host* host, RoomId room, SettingsPatch change) -> Task<void> {
        auto changed = co_await host->configure(std::move(room), std::move(change), "acc_boss");
        (void)changed;
      }(host_.get(), room_, patch),
      [](std::exception_ptr) {});
}

void Evening::crash() {
  ++report_.crashes;
  dice(2) ? disk_.drop_held() : disk_.store_held_silently();
  disk_.hold(false);
  disk_.fail(false);
  disk_heals_at_ = {};
  // What the dead process still had in memory ends here, unheard and unwritten.
  journal_->die();
  disk_.bury();
  sync_wait(host_->drain());
  clock_.advance(Millis(static_cast<long>(dice(5'000))));
  start_life();
  // Everybody reconnects at once, before the first tick can mend anything.
  for (Person& person : people_) {
    if (!person.token.empty() && person.doing != Doing::joining) look(person);
  }
}

void Evening::start_life() {
  auto journal = std::make_unique<LifeJournal>(disk_);
  host_ =
      std::make_unique<Host>(Host::Ports{clock_, bytes_, *journal, signer_, announcer_, audit_});
  journal_ = std::move(journal);
  sync_wait(host_->load());
  Settings settings;
  settings.capacity = 20;
  settings.admit_per_minute = 240;
  sync_wait(host_->declare_room(room_, "A film", settings));
  disk_well_since_ = clock_.now();
  could_admit_since_.reset();
}

void Evening::check_for_stalls() {
  const Timestamp now = clock_.now();
  if (disk_heals_at_ != Timestamp{} || now < disk_well_since_ + Millis(6'000) ||
      !auditor_.should_admit(now)) {
    could_admit_since_.reset();
    return;
  }
  if (!could_admit_since_) could_admit_since_ = now;
  demand(now - *could_admit_since_ < kStall, "no stall: a free slot reaches the first in line");
}

Task<void> Evening::join_into(DeviceKey device, std::shared_ptr<Answer> answer) {
  Host* host = host_.get();
  try {
    auto joined = co_await host->join(room_, device);
    if (joined) answer->place = std::move(*joined);
    answer->arrived = true;
  } catch (const Overloaded&) {
    answer->arrived = true;
  }
}

Task<void> Evening::leave(std::string token) {
  auto left = co_await host_->leave(room_, std::move(token), {});
  (void)left;
}

namespace {

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

// ONSALE_SIM_SEED and ONSALE_SIM_STEPS replay or lengthen an evening.
TEST(WaitroomSim, AnEveningOfCrowdsCrashesAndBadDisksBreaksNoPromise) {
  const std::uint64_t steps = number_from("ONSALE_SIM_STEPS", 100'000);
  const char* fixed = std::getenv("ONSALE_SIM_SEED");
  const std::uint64_t evenings = fixed ? 1 : 4;
  for (std::uint64_t i = 0; i < evenings; ++i) {
    const std::uint64_t seed = fixed ? number_from("ONSALE_SIM_SEED", 0) : std::random_device{}();
    Evening evening(seed);
    const Report report = evening.run(steps);
    std::printf(
        "seed %llu: %llu steps, %llu joins, %llu looks, %lld admitted, %llu crashes, %llu "
        "disk faults, %llu refused\n",
        static_cast<unsigned long long>(seed), static_cast<unsigned long long>(report.steps),
        static_cast<unsigned long long>(report.joins),
        static_cast<unsigned long long>(report.looks), static_cast<long long>(report.admitted),
        static_cast<unsigned long long>(report.crashes),
        static_cast<unsigned long long>(report.disk_faults),
        static_cast<unsigned long long>(report.refused));
    EXPECT_EQ(report.broken, "") << "replay with ONSALE_SIM_SEED=" << seed << " after step "
                                 << report.steps;
    EXPECT_GT(report.admitted, 0);
  }
}

// The log is not what this is about.
class Quiet final : public log::Sink {
 public:
  Quiet() { log::install(this); }
  ~Quiet() override { log::install(nullptr); }
  void write(log::Level, std::string_view, std::string_view,
             const std::vector<log::Field>&) override {}
};
const Quiet quiet;

TEST(WaitroomSim, TheSameSeedIsTheSameEvening) {
  const auto run = [] { return Evening(7).run(20'000); };
  const Report a = run(), b = run();
  EXPECT_EQ(a.broken, "");
  EXPECT_EQ(std::tie(a.joins, a.looks, a.admitted, a.crashes),
            std::tie(b.joins, b.looks, b.admitted, b.crashes));
}

}  // namespace
}  // namespace onsale::waitroom::sim
