// Our own room: the production host with its engine, view, journal writer and pace, over a disk in
// memory. A node's death is kill -9 and a restart two seconds later from what was on the disk.
#include <unordered_map>

#include "../sim_disk.h"
#include "base/fakes.h"
#include "base/log_fakes.h"
#include "queue.h"
#include "waitroom/line/place_token.h"
#include "waitroom/line/record.h"
#include "waitroom/room/fakes.h"
#include "waitroom/room/host.h"

namespace onsale::compare {
namespace {

using namespace std::chrono_literals;
using waitroom::PlaceState;

constexpr Seconds kRestart = 2;
const Timestamp kStart = from_unix_ms(1'800'000'000'000);

// Starts and ends are not what this is about.
const QuietLog quiet;

class Ours final : public Queue {
 public:
  Ours(const Limits& limits, Court& court) : limits_(limits), court_(court), random_(limits.seed) {
    disk_.on_stored([this](const waitroom::StoredBatch& batch) {
      waitroom::decode_records(batch.records,
                               [this](const waitroom::Record& record) { read(record); });
    });
    clock_.set(kStart);
    start_life();
  }
  ~Ours() override { sync_wait(host_->drain()); }
  std::string_view name() const override { return "onsale"; }

  Answer arrive(Person person, Seconds now) override {
    set(now);
    if (now < up_at_) return {.ask_again = 1};
    auto joined = sync_wait(host_->join(room_, device(person)));
    if (!joined) return {.ask_again = 5};
    Ticket& ticket = tickets_[person];
    ticket = {.token = joined->token, .place = joined->id};
    if (joined->state == PlaceState::admitted) act(person, now);  // goes on to what is sold
    return answer(*joined);
  }

  Answer ask(Person person, Seconds now) override {
    set(now);
    if (now < up_at_) return {.ask_again = 1};
    const auto found = tickets_.find(person);
    if (found == tickets_.end()) return arrive(person, now);
    const auto place =
        host_->look(room_, {.token = found->second.token, .device = {}}, clock_.now());
    if (!place) return {.ask_again = 1};
    if (place->state == PlaceState::expired) return arrive(person, now);
    return answer(*place);
  }

  void goodbye(Person person, Seconds now) override {
    set(now);
    const auto found = tickets_.find(person);
    if (found == tickets_.end() || now < up_at_) return;
    start(leave(host_.get(), room_, found->second.token), [](std::exception_ptr) {});
  }

  void act(Person person, Seconds now) override {
    set(now);
    if (now < up_at_) return;
    host_->sign_of_life(room_, tickets_[person].place, clock_.now());
  }

  void finish(Person person, Seconds now) override {
    set(now);
    if (now < up_at_) return;
    start(host_->complete(room_, tickets_[person].place), [](std::exception_ptr) {});
  }

  void tick(Seconds now) override {
    set(now);
    if (now < up_at_) return;
    if (!host_) start_life();
    host_->tick();
  }

  void crash(Seconds now) override {
    set(now);
    journal_->die();
    disk_.cut(0);
    disk_.bury();
    sync_wait(host_->drain());
    host_.reset();
    up_at_ = now + kRestart;
  }

  std::int64_t taken() const override { return taken_; }

 private:
  struct Ticket {
    std::string token;
    waitroom::PlaceId place;
  };

  static Task<void> leave(waitroom::Host* host, waitroom::RoomId room, std::string token) {
    auto left = co_await host->leave(std::move(room), std::move(token), {});
    (void)left;
  }

  static waitroom::DeviceKey device(Person person) {
    waitroom::DeviceKey key{};
    std::memcpy(key.data(), &person, sizeof person);
    return key;
  }

  void set(Seconds now) {
    const Timestamp at = kStart + Millis(static_cast<std::int64_t>(now * 1000));
    if (at > clock_.now()) clock_.set(at);
  }

  void start_life() {
    auto journal = std::make_unique<waitroom::LifeJournal>(disk_);
    host_ = std::make_unique<waitroom::Host>(
        waitroom::Host::Ports{clock_, random_, *journal, signer_, announcer_, audit_});
    journal_ = std::move(journal);
    sync_wait(host_->load());
    waitroom::Settings settings;
    settings.capacity = limits_.capacity;
    settings.admit_per_minute = limits_.capacity * 6;  // all slots within ten seconds
    sync_wait(host_->declare_room(room_, "A film", settings));
  }

  // What is durable counts, for them as for us.
  void read(const waitroom::Record& record) {
    const Seconds now = static_cast<double>((clock_.now() - kStart).count()) / 1000.0;
    if (record.fact == waitroom::Fact::joined) {
      Person person = 0;
      std::memcpy(&person, record.device.data(), sizeof person);
      people_[record.place] = person;
    } else if (record.fact == waitroom::Fact::admitted) {
      ++taken_;
      court_.granted(people_[record.place], now);
      court_.pushed(people_[record.place]);
    } else if (frees_slot(record.fact)) {
      --taken_;
      court_.freed(people_[record.place], now);
    }
  }

  static Answer answer(const waitroom::PlaceView& place) {
    Answer answer{.state = Answer::State::waiting};
    if (place.state == PlaceState::admitted) return {.state = Answer::State::inside};
    if (place.state != PlaceState::waiting) return {.ask_again = 5};
    if (place.position > 0) answer.position = static_cast<double>(place.position);
    if (place.eta) answer.wait = static_cast<double>(place.eta->p50_seconds);
    answer.ask_again = static_cast<double>(place.poll_after.count()) / 1000.0;
    return answer;
  }

  Limits limits_;
  Court& court_;
  const waitroom::RoomId room_ = *waitroom::RoomId::parse("film-1");
  FakeClock clock_;
  SeededRandom random_;
  waitroom::FakeSigner signer_;
  waitroom::FakeAnnouncer announcer_;
  waitroom::FakeAuditLog audit_;
  waitroom::sim::SimDisk disk_;
  std::unique_ptr<waitroom::LifeJournal> journal_;
  std::unique_ptr<waitroom::Host> host_;
  std::unordered_map<Person, Ticket> tickets_;
  std::unordered_map<waitroom::Sequence, Person> people_;
  std::int64_t taken_ = 0;
  Seconds up_at_ = 0;
};

}  // namespace

std::unique_ptr<Queue> ours(const Limits& limits, Court& court) {
  return std::make_unique<Ours>(limits, court);
}

}  // namespace onsale::compare
