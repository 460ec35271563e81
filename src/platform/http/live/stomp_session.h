// The server's side of one STOMP 1.2 conversation, without the socket: bytes go in, frames to send
// come out when the peer takes them. Clients subscribe and listen; whatever else they send is
// refused with ERROR and the end. At most one frame is on its way and one body per subscription is
// pending, so memory stays bounded however slowly the peer reads. Thread: the connection's loop.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/http/live/hub.h"
#include "platform/http/live/stomp.h"

namespace onsale::http {

inline constexpr std::size_t kSubscriptionsMax = 16;  // per connection
inline constexpr std::size_t kSubscriptionIdMax = 128;
inline constexpr std::size_t kDestinationMax = 256;
// Heart-beats: what we promise to send, and want to get.
inline constexpr Millis kBeat{10'000};
// A silent peer is asked with a ping, then given up. Looked at every kTickInterval, so a peer that
// vanishes is noticed after kSilenceMax + kTickInterval at the latest.
inline constexpr Millis kSilencePing{7'000};
inline constexpr Millis kSilenceMax{20'000};
static_assert(kSilenceMax + kTickInterval < Millis(30'000));
// A beat goes out at a tick unless something did less than this before: the pause is below kBeat.
inline constexpr Millis kBeatSlack{1'500};
static_assert(kBeatSlack + kTickInterval < kBeat);
inline constexpr Millis kWriteStuckMax{20'000};  // one frame that the peer does not take
inline constexpr Millis kConnectMax{10'000};     // from the handshake to CONNECT
inline constexpr Millis kCloseMax{5'000};        // for the peer to answer our close

// What a session needs from its socket.
class Wire {
 public:
  virtual void wake() = 0;   // ask next() when nothing is being written
  virtual void ping() = 0;   // a WebSocket ping
  virtual void abort() = 0;  // close the socket now; ends in closed()

 protected:
  ~Wire() = default;
};

struct Outgoing {
  std::string head;
  std::shared_ptr<const std::string> body;  // may be null
  bool nul = true;                          // whether the frame's NUL follows
};

// WebSocket close codes (RFC 6455, 7.4.1).
enum class CloseCode : std::uint16_t {
  none = 0,
  normal = 1000,
  policy = 1008,
  service_restart = 1012,
};

class StompSession final : public Watcher, public Connection {
 public:
  // Refused (see accepted()) when the hub is full or going away, or `client` (an address) has its
  // share of it.
  StompSession(Hub& hub, std::optional<Principal> principal, Wire& wire,
               std::string_view client = {});
  ~StompSession() override;
  StompSession(const StompSession&) = delete;
  StompSession& operator=(const StompSession&) = delete;

  bool accepted() const { return static_cast<bool>(registration_); }

  // What the peer sent, in any pieces.
  void received(std::string_view bytes);
  void heard() { heard_at_ = hub_.now(); }  // any sign of life: a pong
  // The next frame to write, after which sent() is called. False: nothing now.
  bool next(Outgoing& out);
  void sent();
  // False while answers wait to be written: read no more until they are.
  bool wants_input() const { return replies_.empty(); }
  // Not none: close with this code once next() has nothing more.
  CloseCode close_code() const { return close_code_; }
  // The socket is gone.
  void closed();

  void ready(Watch& watch) override;
  void tick(Steady now) override;
  void farewell(Millis after) override;
  void abort() override { wire_.abort(); }

 private:
  struct Subscription {
    std::string id;
    std::string destination;
    bool ready = true;
    std::unique_ptr<Watch> watch;
  };

  void handle(const stomp::Frame& frame);
  void connect(const stomp::Frame& frame);
  void subscribe(const stomp::Frame& frame);
  void unsubscribe(const stomp::Frame& frame);
  void receipt(const stomp::Frame& frame);
  void fail(std::string_view code, std::string_view detail, const stomp::Frame* frame = nullptr);
  void close(CloseCode code);
  std::string message_head(const Subscription& subscription);

  Hub& hub_;
  const std::optional<Principal> principal_;
  Wire& wire_;
  Registration registration_;
  std::string inbox_;                 // an incomplete frame
  std::vector<std::string> replies_;  // whole frames, answers to what was received
  std::vector<Subscription> subscriptions_;
  std::uint32_t turn_ = 0;  // whose subscription is looked at first
  std::uint32_t message_number_ = 0;
  CloseCode close_code_ = CloseCode::none;
  bool connected_ = false;
  bool sends_beats_ = false;
  bool beat_due_ = false;
  bool writing_ = false;
  Steady since_;  // of the handshake, then of the close
  Steady heard_at_;
  Steady wrote_at_;  // when the last write began
};

}  // namespace onsale::http
