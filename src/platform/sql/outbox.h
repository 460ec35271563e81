// Events that units published, brought to in-process subscribers: at least once, in order of their
// sequence for each consumer, across restarts. A handler must be idempotent. Units that were in
// flight at the same time have no order between them; a unit that began after another had been
// acknowledged comes later.
// A handler that throws is asked again. What passes by itself (Outage, Overloaded) is waited for,
// however long it lasts; anything else parks the event in the end, for an operator: see
// outbox_parked.h. So a step that must happen, such as one of money, never has an event as its only
// driver.
// Thread: handlers run on the outbox's own executor; they may await anything and never block.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/task.h"
#include "base/time.h"
#include "platform/sql/database.h"

namespace onsale::sql {

struct Event {
  std::int64_t sequence = 0;
  std::string topic;
  std::string key;
  std::string json;
  Timestamp at;
};

struct OutboxOptions {
  int attempts_max = 10;   // of lasting failures; then the event is parked for that consumer
  Millis retry_first{50};  // doubles up to retry_max, with jitter
  Millis retry_max{10'000};
  Millis poll{2'000};       // a safety net only: commits wake the relay
  Millis save{100};         // how often what was handled is written down
  std::size_t batch = 256;  // events read at once; a consumer holds at most twice that
};

struct OutboxStatistics {
  std::int64_t pending = 0;     // events that some consumer has yet to handle
  std::int64_t lag_ms = 0;      // age of the oldest of them
  std::uint64_t delivered = 0;  // handler calls that succeeded
  std::uint64_t failed = 0;     // handler calls that threw
  std::uint64_t parked = 0;     // given up, in platform_outbox_parked, not yet replayed
};

class Outbox {
 public:
  using Handler = std::function<Task<void>(Event)>;

  // `database` must outlive this and have been migrated before start().
  explicit Outbox(Database& database, OutboxOptions options = {});
  ~Outbox();  // stops

  // Before start(). Every consumer gets every event of its topics, one at a time; a failing handler
  // is retried with backoff and holds up nobody else. One consumer may take several topics: it then
  // still handles one event at a time, in order across them.
  void subscribe(std::string consumer, std::string topic, Handler handler);

  void start();
  // Waits for the handlers that are running, so whatever they await must still be there; the rest
  // is delivered after the next start.
  void stop();

  OutboxStatistics statistics() const;

  // For tests, after start(): as if so much time had gone by.
  void skip(Millis time);

 private:
  class Relay;
  std::shared_ptr<Relay> relay_;
};

}  // namespace onsale::sql
