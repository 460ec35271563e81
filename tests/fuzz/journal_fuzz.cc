// A room's log as a bad disk or a stranger may have left it: batches of records, read back, judged
// and applied by the production engine. The first byte says in how many batches the rest is.
#include "tests/fuzz/fuzz.h"
#include "waitroom/log/replay.h"

namespace onsale::fuzz {
namespace {

using waitroom::decode_records;
using waitroom::Engine;
using waitroom::Fact;
using waitroom::kNoLink;
using waitroom::Record;
using waitroom::Records;
using waitroom::Replay;
using waitroom::RoomId;
using waitroom::Sequence;
using waitroom::TouchedPlaces;

constexpr Sequence kRestoredMax = 1'000;

void records_survive(std::string_view batch) {
  Records records;
  const bool readable = decode_records(batch, [&](const Record& r) { records.push_back(r); });
  if (!readable) return;
  Records again;
  const std::string written = encode(records);
  check(decode_records(written, [&](const Record& record) { again.push_back(record); }),
        "what was written is read");
  check(again == records, "records survive being written");
  const auto touched = touched_by(records);
  check(std::ranges::is_sorted(touched, std::ranges::less_equal{}, &TouchedPlaces::block) ||
            touched.size() < 2,
        "blocks rise");
}

// Every link fits: what is behind the chain is what is tested here.
std::string no_digest(std::string_view) { return kNoLink; }

// Whoever comes back for a lost place brings along everybody before them: a few bytes, a million
// places, and too slow to be done a thousand times a second.
bool restores_many(std::string_view batch) {
  bool many = false;
  decode_records(batch, [&](const Record& record) {
    many |= record.fact == Fact::restored && record.place > kRestoredMax;
  });
  return many;
}

void replayed(Choices& choices, std::size_t batches) {
  Replay replay(*RoomId::parse("film-x"), {}, no_digest);
  for (std::uint64_t number = 1; number <= batches; ++number) {
    const std::string_view records =
        number == batches ? choices.rest() : choices.bytes(choices.number(2));
    if (restores_many(records)) return;
    if (!replay.take({.number = number, .records = std::string(records), .link = kNoLink})) break;
  }
  if (replay.fault()) check(!replay.fault()->what.empty(), "a fault has words");
  if (replay.fault()) return;
  // A room that went through all of it can be kept and come back.
  const std::string kept = replay.engine().snapshot();
  Engine restored;
  check(restored.restore(kept), "a snapshot can be restored");
  check(difference(replay.engine(), restored).empty(), "and is the same room");
  check(restored.snapshot() == kept, "to the byte");
}

void journal(std::string_view bytes) {
  Choices choices(bytes);
  const std::size_t batches = 1 + choices.byte() % 4;
  records_survive(bytes.substr(std::min<std::size_t>(1, bytes.size())));
  replayed(choices, batches);
}

const Declare kDeclared("journal", journal);

}  // namespace
}  // namespace onsale::fuzz
