#include "waitroom/room/journal_writer.h"

#include <algorithm>

#include "base/log.h"
#include "base/overload.h"

namespace onsale::waitroom {

namespace {

constexpr std::size_t kInFlightMax = 500'000;  // records
constexpr Millis kPauseMin{200};
constexpr Millis kPauseMax{5'000};

std::exception_ptr not_durable() {
  return std::make_exception_ptr(Overloaded("the waiting room can't be written to disk now"));
}

}  // namespace

JournalWriter::JournalWriter(Journal& journal, Signer& signer, const Clock& clock,
                             std::function<void(Room&)> written)
    : journal_(journal), signer_(signer), clock_(clock), written_(std::move(written)) {}

void JournalWriter::wake(Room& room) {
  {
    std::lock_guard lock(mutex_);
    if (std::ranges::find(dirty_, &room) == dirty_.end()) dirty_.push_back(&room);
    if (failing()) return;  // retry() takes it along
  }
  start_if_idle();
}

void JournalWriter::demand_open() const {
  if (failing()) throw Overloaded("the waiting room can't be written to disk now");
  if (in_flight_.load(std::memory_order_relaxed) > kInFlightMax) {
    throw Overloaded("the waiting room's journal lags behind");
  }
}

void JournalWriter::retry(Timestamp now) {
  if (!failing()) return;
  {
    std::lock_guard lock(mutex_);
    if (now < retry_at_) return;
  }
  start_if_idle();
}

Task<void> JournalWriter::drain() {
  home_ = nullptr;
  Durable done;
  {
    std::lock_guard lock(mutex_);
    if (!running_ && dirty_.empty()) co_return;
    drained_.push_back(done);
  }
  start_if_idle();
  try {
    co_await done.wait();
  } catch (const Overloaded&) {
  }
}

void JournalWriter::start_if_idle() {
  {
    std::lock_guard lock(mutex_);
    if (running_) return;
    running_ = true;
  }
  if (Executor* home = home_) {
    home->post([this] { start(run(), [](std::exception_ptr) {}); });
  } else {
    start(run(), [](std::exception_ptr) {});
  }
}

Task<void> JournalWriter::run() {
  std::exception_ptr error;
  try {
    while (gather()) {
      auto signing = signer_.sign_places(payloads(), clock_.now());
      auto batches = stored();
      if (!batches->empty()) co_await journal_.append(std::move(batches));
      auto tokens = co_await signing.wait();
      land(std::move(tokens));
    }
  } catch (...) {
    error = std::current_exception();
  }
  if (error) hold(error);
}

// False, and no longer running, when there is nothing to write. What failed before goes first.
bool JournalWriter::gather() {
  std::vector<Durable> drained;
  bool more = false;
  {
    std::lock_guard lock(mutex_);
    for (Room* room : std::exchange(dirty_, {})) {
      for (Unwritten& batch : room->take_unwritten()) flights_.push_back({room, std::move(batch)});
    }
    std::size_t records = 0;
    for (const Flight& flight : flights_) records += flight.batch.records.size();
    in_flight_ = records;
    more = !flights_.empty();
    if (!more) {
      // From here on flights_ belongs to whoever starts next.
      running_ = false;
      drained = std::exchange(drained_, {});
    }
  }
  for (Durable& done : drained) done.set({});
  return more;
}

std::shared_ptr<const std::vector<StoredBatch>> JournalWriter::stored() const {
  auto batches = std::make_shared<std::vector<StoredBatch>>();
  for (const auto& [room, batch] : flights_) {
    if (batch.records.empty()) continue;
    batches->push_back(to_stored(room->id(), batch.number, batch.records));
  }
  return batches;
}

// Of everybody who waits for a token, in order.
std::vector<std::string> JournalWriter::payloads() const {
  std::vector<std::string> payloads;
  const Timestamp now = clock_.now();
  for (const auto& [room, batch] : flights_) {
    for (const Waiter& waiter : batch.waiters) {
      if (waiter.joined == 0) continue;
      payloads.push_back(fresh_payload(room->id(), room->epoch(), waiter.joined, now));
    }
  }
  return payloads;
}

// A throw leaves in flight only what did not settle: nothing settles twice, nobody waits for ever.
void JournalWriter::settle(Timestamp now) {
  std::size_t settled = 0;
  try {
    for (; settled < flights_.size(); ++settled) {
      flights_[settled].room->settle(flights_[settled].batch, now);
    }
  } catch (...) {
    const auto end = flights_.begin() + static_cast<std::ptrdiff_t>(settled);
    for (auto flight = flights_.begin(); flight != end; ++flight) {
      for (Waiter& waiter : flight->batch.waiters) waiter.durable.fail(not_durable());
    }
    flights_.erase(flights_.begin(), end);
    throw;
  }
}

void JournalWriter::land(std::vector<std::string> tokens) {
  const Timestamp now = clock_.now();
  settle(now);
  const std::vector<Flight> landed = std::exchange(flights_, {});
  if (failing_.exchange(false)) log::info("waitroom", "the journal can be written again");
  in_flight_ = 0;
  pause_ = Millis(0);
  auto token = tokens.begin();
  for (const auto& [room, batch] : landed) {
    for (Waiter waiter : batch.waiters) {
      waiter.durable.set(waiter.joined == 0 ? std::string() : std::move(*token++));
    }
  }
  tell_written(landed);
}

// What is durable stays so, whoever fails to be told of it.
void JournalWriter::tell_written(const std::vector<Flight>& landed) {
  Room* last = nullptr;
  for (const auto& [room, batch] : landed) {
    if (std::exchange(last, room) == room) continue;
    try {
      written_(*room);
    } catch (const std::exception& e) {
      log::error("waitroom", "a change could not be announced",
                 {{"room", room->id().str()}, {"reason", e.what()}});
    }
  }
}

void JournalWriter::hold(std::exception_ptr error) {
  std::string reason = "unknown";
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& e) {
    reason = e.what();
  } catch (...) {
  }
  std::vector<Durable> waiters;
  for (Flight& flight : flights_) {
    for (Waiter& waiter : flight.batch.waiters) waiters.push_back(waiter.durable);
    flight.batch.waiters.clear();
  }
  {
    std::lock_guard lock(mutex_);
    pause_ = std::clamp(pause_ * 2, kPauseMin, kPauseMax);
    retry_at_ = clock_.now() + pause_;
    if (!failing_.exchange(true)) {
      log::error("waitroom", "the journal can't be written; nobody is admitted until it can",
                 {{"reason", reason}});
    }
    waiters.insert(waiters.end(), drained_.begin(), drained_.end());
    drained_.clear();
    running_ = false;
  }
  for (Durable& durable : waiters) durable.fail(not_durable());
}

}  // namespace onsale::waitroom
