// A snapshot as a bad disk may have left it: refused, or a room that works.
#include "fuzz/fuzz.h"
#include "waitroom/replay.h"
#include "waitroom/view.h"

namespace onsale::fuzz {
namespace {

using namespace waitroom;

constexpr std::int64_t kNowS = 1'800'000'000;

void lives_on(Engine& engine) {
  Timestamp now = from_unix_ms(kNowS * 1000);
  Records records;
  engine.resume(now);
  DeviceKey device{};
  device.fill(1);
  (void)engine.join(device, kMainLane, now, records);
  for (int i = 0; i < 4; ++i) {
    now += Millis(30'000);
    engine.tick(now, records);
  }
  (void)waiting_in(engine);
  (void)engine.entrants();
  (void)engine.memory_bytes();
  if (const auto place = engine.find(device)) engine.leave(*place, now, records);
}

void snapshot(std::string_view bytes) {
  Engine engine;
  if (!engine.restore(bytes)) return;
  const std::string kept = engine.snapshot();
  Engine again;
  check(again.restore(kept), "what is kept can be restored");
  check(again.snapshot() == kept, "and is the same");
  check(difference(engine, again).empty(), "to everybody in it");
  lives_on(engine);
}

const Declare kDeclared("snapshot", snapshot);

}  // namespace
}  // namespace onsale::fuzz
