// The relay's consumers: one event at a time, again with backoff, parked in the end.
#include <algorithm>
#include <new>

#include "base/log.h"
#include "platform/sql/outbox_parked.h"
#include "platform/sql/outbox_relay.h"

namespace onsale::sql {

namespace {

Task<void> handle(const Outbox::Handler& handler, Event event) {
  auto task = handler(std::move(event));
  co_await std::move(task);
}

std::string words_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& why) {
    return why.what();
  } catch (...) {
    return "an exception that is none of the standard library's";
  }
}

// Passes without a change of ours: no reason to give the event up, however often it comes.
bool passes(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const Outage&) {
    return true;
  } catch (const Overloaded&) {
    return true;
  } catch (const std::bad_alloc&) {
    return true;
  } catch (...) {
    return false;
  }
}

Task<void> write_parked(Database& database, ParkedEvent parked) {
  parked.parked_at = database.clock().now();
  auto writing = database.write([parked = std::move(parked)](Tx& tx) { park_event(tx, parked); });
  co_await std::move(writing);
}

Task<void> forget_parked(Database& database, std::string consumer, std::int64_t sequence) {
  auto writing = database.write([consumer = std::move(consumer), sequence](Tx& tx) {
    forget_parked_event(tx, consumer, sequence);
  });
  co_await std::move(writing);
}

// Half of the pause is spread by the event's number, so that consumers do not retry in step.
Millis retry_pause(const OutboxOptions& options, int tries, std::int64_t sequence) {
  const auto most =
      std::min(options.retry_first.count() << std::min(tries - 1, 20), options.retry_max.count());
  return Millis(most / 2 + (sequence * 7'919 + tries) % (most / 2 + 1));
}

}  // namespace

void Outbox::Relay::give(Consumer& consumer, Event event) {
  if (!consumer.handlers.contains(event.topic)) return;
  auto& queue = consumer.queue;
  const auto from = queue.begin() + (consumer.busy && !consumer.replaying ? 1 : 0);
  const auto place =
      std::ranges::upper_bound(from, queue.end(), event.sequence, {}, &Event::sequence);
  queue.insert(place, std::move(event));
}

void Outbox::Relay::deliver(Consumer& consumer) {
  if (consumer.busy || (consumer.queue.empty() && consumer.replays.empty()) || stopping_) return;
  consumer.busy = true;
  const bool replay = !consumer.replays.empty();
  if (std::exchange(consumer.replaying, replay) != replay) consumer.attempts = consumer.tries = 0;
  ++running_;
  const Event& event = consumer.front();
  const Handler& handler = consumer.handlers.find(event.topic)->second;
  onsale::start(handle(handler, event), [this, &consumer](std::exception_ptr error) {
    worker_->post([this, &consumer, error] { delivered(consumer, error); });
  });
}

void Outbox::Relay::delivered(Consumer& consumer, const std::exception_ptr& error) {
  --running_;
  {
    std::lock_guard lock(mutex_);
    ++(error ? statistics_.failed : statistics_.delivered);
  }
  if (!error) {
    consumer.replaying ? unpark(consumer) : finish_front(consumer);
    return;
  }
  const Event& event = consumer.front();
  const std::string why = words_of(error);
  const bool waits = passes(error);
  ++consumer.tries;
  if (!waits) ++consumer.attempts;
  log::warn("sql", "an event could not be handled",
            {{"consumer", consumer.name},
             {"topic", event.topic},
             {"sequence", event.sequence},
             {"attempt", consumer.tries},
             {"passes", waits},
             {"why", why}});
  if (consumer.attempts >= options_.attempts_max) {
    park(consumer, why);
    return;
  }
  worker_->post_after(retry_pause(options_, consumer.tries, event.sequence), [this, &consumer] {
    consumer.busy = false;
    deliver(consumer);
  });
  note_progress();
}

void Outbox::Relay::park(Consumer& consumer, std::string why) {
  ++running_;
  const Event& event = consumer.front();
  log::error("sql", "an event is parked after its last attempt",
             {{"consumer", consumer.name}, {"topic", event.topic}, {"sequence", event.sequence}});
  auto writing = write_parked(
      database_,
      {.consumer = consumer.name, .event = event, .attempts = consumer.attempts, .reason = why});
  onsale::start(std::move(writing), [this, &consumer, why](std::exception_ptr error) {
    worker_->post([this, &consumer, why, error] {
      --running_;
      if (!error) {
        {
          std::lock_guard lock(mutex_);
          if (!consumer.replaying) ++statistics_.parked;
        }
        finish_front(consumer);
        return;
      }
      log::error("sql", "an event cannot even be parked", {{"why", words_of(error)}});
      worker_->post_after(options_.retry_max, [this, &consumer, why] {
        if (!stopping_) park(consumer, why);
      });
      note_progress();
    });
  });
}

// A replay was handled. When that can't be written down it comes again with the next poll.
void Outbox::Relay::unpark(Consumer& consumer) {
  ++running_;
  auto writing = forget_parked(database_, consumer.name, consumer.front().sequence);
  onsale::start(std::move(writing), [this, &consumer](std::exception_ptr error) {
    worker_->post([this, &consumer, error] {
      --running_;
      if (error) {
        log::warn("sql", "a replayed event stays on the list", {{"why", words_of(error)}});
      } else {
        std::lock_guard lock(mutex_);
        if (statistics_.parked > 0) --statistics_.parked;
      }
      finish_front(consumer);
    });
  });
}

void Outbox::Relay::finish_front(Consumer& consumer) {
  (consumer.replaying ? consumer.replays : consumer.queue).pop_front();
  consumer.attempts = consumer.tries = 0;
  consumer.busy = consumer.replaying = false;
  mark_dirty();
  deliver(consumer);
  if (consumer.cursor < frontier_ && has_room(consumer)) request_pump();
  note_progress();
}

// Publishes the statistics, and ends stop() once nothing runs and all is written down.
void Outbox::Relay::note_progress() {
  std::optional<Timestamp> oldest;
  std::int64_t lowest = frontier_;
  for (const auto& consumer : consumers_) {
    lowest = std::min(lowest, consumer->handled_upto());
    if (consumer->queue.empty()) continue;
    const Timestamp at = consumer->queue.front().at;
    oldest = oldest ? std::min(*oldest, at) : at;
  }
  {
    std::lock_guard lock(mutex_);
    statistics_.pending = frontier_ - lowest;
    oldest_ = oldest;
  }
  if (!stopping_ || running_ > 0 || pumping_) return;
  if (!final_save_) {
    final_save_ = true;
    request_pump();
    return;
  }
  ended_ = true;
  std::lock_guard lock(mutex_);
  quiet_ = true;
  changed_.notify_one();
}

}  // namespace onsale::sql
