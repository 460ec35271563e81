#include "platform/http/live/sse.h"

#include <memory>

namespace onsale::http {
namespace {

class EventSession final : public Watcher, public Connection {
 public:
  EventSession(Hub& hub, std::string name, UserSubscription subscription, std::string client)
      : hub_(hub),
        name_(std::move(name)),
        client_(std::move(client)),
        subscription_(std::move(subscription)) {}

  // A stream that never opened, or was one too many: its watcher has left all the same.
  ~EventSession() override {
    if (subscription_.on_close) subscription_.on_close();
  }

  void open(std::shared_ptr<StreamWriter> writer) {
    registration_ = hub_.add(*this, client_);
    if (!registration_) return writer->close();
    writer_ = std::move(writer);
    watch_ = hub_.watch(std::exchange(subscription_, {}), *this);
    ready(*watch_);
  }

  void close() {
    watch_.reset();
    registration_ = {};
    writer_.reset();
  }

  void ready(Watch& watch) override {
    const auto body = watch.take();
    if (!body) return;
    // Only the newest unsent event is kept, so each says all there is to say.
    writer_->send("retry: " + std::to_string(kEventRetry.count()) +
                  "\nid: " + std::to_string(++number_) + "\n" + event_frame(name_, *body));
  }
  void tick(Steady) override {}
  void farewell(Millis after) override {
    const auto writer = writer_;  // close() may end us
    writer->send("retry: " + std::to_string(after.count()) + "\n\n");
    writer->close();
  }
  void abort() override {
    const auto writer = writer_;
    writer->close();
  }

 private:
  Hub& hub_;
  const std::string name_, client_;
  UserSubscription subscription_;
  std::shared_ptr<StreamWriter> writer_;
  Registration registration_;
  std::unique_ptr<Watch> watch_;
  std::uint64_t number_ = 0;
};

}  // namespace

Stream event_stream(Hub& hub, std::string name, UserSubscription subscription, std::string client) {
  const auto session = std::make_shared<EventSession>(hub, std::move(name), std::move(subscription),
                                                      std::move(client));
  return {.on_open = [session](std::shared_ptr<StreamWriter> w) { session->open(std::move(w)); },
          .on_close = [session] { session->close(); }};
}

}  // namespace onsale::http
