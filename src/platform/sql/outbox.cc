#include "platform/sql/outbox.h"

#include "platform/sql/outbox_relay.h"

namespace onsale::sql {

Outbox::Outbox(Database& database, OutboxOptions options)
    : relay_(std::make_shared<Relay>(database, options)) {}

Outbox::~Outbox() { stop(); }

void Outbox::subscribe(std::string consumer, std::string topic, Handler handler) {
  relay_->subscribe(std::move(consumer), std::move(topic), std::move(handler));
}

void Outbox::start() { relay_->start(); }

void Outbox::stop() { relay_->stop(); }

void Outbox::skip(Millis time) { relay_->skip(time); }

OutboxStatistics Outbox::statistics() const { return relay_->statistics(); }

}  // namespace onsale::sql
