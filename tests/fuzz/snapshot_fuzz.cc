// A room's snapshot as a bad disk may have left it, its checksum made to fit, so that what is
// behind it is reached: it is refused, or the engine can go on with it as if nothing had been.
// Inputs of the older format have no checksum.
#include "tests/fuzz/fuzz.h"
#include "waitroom/line/checksum.h"
#include "waitroom/line/view.h"
#include "waitroom/log/replay.h"

namespace onsale::fuzz {
namespace {

using waitroom::DeviceKey;
using waitroom::Engine;
using waitroom::kLanes;
using waitroom::LaneId;
using waitroom::Records;
using waitroom::Sequence;

constexpr char kChecksumFormat = 3;
constexpr Sequence kNextMax = Sequence{1} << 52;
constexpr std::uint64_t kDrawnMax = 100'000;  // numbers that a lottery here spans

DeviceKey device(std::uint8_t number) {
  DeviceKey key{};
  key.fill(number);
  return key;
}

void keep_and_restore(const Engine& engine) {
  const std::string kept = engine.snapshot();
  Engine again;
  check(again.restore(kept), "a snapshot can be restored");
  check(difference(engine, again).empty(), "and is the same room");
  check(again.snapshot() == kept, "to the byte");
}

// Everything that people and operators do, to whoever is there.
void live_on(Engine& engine) {
  Records out;
  Timestamp now = from_unix_ms(1'800'000'000'000);
  engine.resume(now);
  waitroom::View view(engine);
  engine.tick(now, out);
  for (std::uint8_t i = 0; i < kLanes; ++i) (void)engine.join(device(i), LaneId{i}, now, out);
  std::vector<Sequence> places;
  engine.visit_live([&](const waitroom::Place& place) { places.push_back(place.sequence); });
  places.resize(std::min<std::size_t>(places.size(), 64));
  engine.restore_lost(engine.line().lost().held_to, device(200), now, out);
  for (const Sequence place : places) {
    check(engine.line().number_of(place) > 0, "everybody has a number");
    engine.sign_of_life(place, now, out);
    engine.use(place, "acc_1", now, out);
    if (place % 3 == 0) engine.leave(place, now, out);
    if (place % 3 == 1) engine.complete(place, now, out);
    engine.page_closed(place, now, out);
  }
  for (int i = 0; i < 20; ++i) {
    now += Millis(60'000);
    engine.tick(now, out);
  }
  const auto entrants = engine.entrants();
  if (!entrants.empty() && entrants.back() - entrants.front() < kDrawnMax) {
    engine.draw({}, now, out);
  }
  auto open = engine.settings();
  open.mode = waitroom::Mode::open;
  open.lottery = false;
  engine.configure(open, now, out);
  engine.tick(now, out);
  engine.skip_lost(now, out);
  engine.stop(now, out);
  for (const waitroom::Record& record : out) view.apply(record);
  check(view.waiting() == engine.line().size() && view.active() == engine.active(),
        "people are told of the same room");
}

void snapshot(std::string_view bytes) {
  std::string stored(bytes);
  if (!stored.empty() && stored.front() >= kChecksumFormat) stored += waitroom::checksum_of(stored);
  Engine engine;
  if (!engine.restore(stored)) return;
  keep_and_restore(engine);
  if (engine.next_sequence() > kNextMax) return;  // at the end of all numbers nobody goes on
  live_on(engine);
  keep_and_restore(engine);
}

const Declare kDeclared("snapshot", snapshot);

}  // namespace
}  // namespace onsale::fuzz
