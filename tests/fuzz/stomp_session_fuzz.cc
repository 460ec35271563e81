// A whole STOMP conversation. The first two bytes say in which pieces the rest arrives and what
// happens in between; the rest is what the peer sends.
#include <boost/asio/io_context.hpp>

#include "platform/exec/loop.h"
#include "platform/http/live/stomp_session.h"
#include "tests/fuzz/fuzz.h"

namespace onsale::fuzz {
namespace {

namespace stomp = http::stomp;
using http::CloseCode;
using http::Hub;
using http::kSubscriptionsMax;
using http::kTickInterval;
using http::Outgoing;
using http::Principal;
using http::Steady;
using http::StompSession;
using http::SubscribeRefusal;
using http::UserSubscription;
using http::Wire;

constexpr std::uint8_t kOnlyReadsLate = 4;

struct Script {
  std::size_t piece = 0;  // bytes at a time; 0: all at once
  bool publishes = false, passes_time = false, reads_late = false, goes_away = false;
};

// What a peer may see. Everything is a frame of its own; nothing follows an ERROR.
class Seen {
 public:
  void frame(const std::string& bytes) {
    check(!over_, "nothing follows an error");
    if (bytes == "\n") return;
    const auto parsed = stomp::parse(bytes);
    check(parsed && parsed->frame && parsed->used == bytes.size(), "one whole frame at a time");
    const std::string& command = parsed->frame->command;
    check(command == "CONNECTED" || command == "MESSAGE" || command == "RECEIPT" ||
              command == "ERROR",
          "a server's frame");
    check(connected_ || command == "CONNECTED" || command == "ERROR", "CONNECTED comes first");
    check(!(connected_ && command == "CONNECTED"), "and once");
    connected_ |= command == "CONNECTED";
    over_ = command == "ERROR";
    if (!over_) all_ += bytes;
  }
  bool over() const { return over_; }
  const std::string& all() const { return all_; }  // but for an error: its words may differ

 private:
  std::string all_;
  bool connected_ = false, over_ = false;
};

struct SilentWire final : Wire {
  void wake() override {}
  void ping() override {}
  void abort() override { aborted = true; }
  bool aborted = false;
};

// A hub of its own, on a loop that this thread runs.
class Conversation {
 public:
  Conversation() {
    hub_.topic_source("/topic/rooms/", [](std::string_view rest) -> std::optional<std::string> {
      if (rest == "x") return R"({"waiting":1})";
      return rest == "quiet" ? std::optional<std::string>("") : std::nullopt;
    });
    hub_.on_user_destination(
        "/user/queue/place",
        [this](const stomp::Headers& headers,
               const std::optional<Principal>&) -> Result<UserSubscription, SubscribeRefusal> {
          if (headers.get("place") != "good")
            return std::unexpected(SubscribeRefusal{"place_invalid", "no such place"});
          ++opened_;
          return UserSubscription{"room:x", [this] { return std::to_string(++told_); },
                                  [this] { ++closed_; }, "place:1"};
        });
  }

  Seen hold(std::string_view bytes, const Script& script) {
    Seen seen;
    on_loop([&] { talk(bytes, script, seen); });
    check(hub_.stats().watches == 0 && hub_.stats().connections == 0, "nothing is left behind");
    check(opened_ == closed_, "every private subscription was closed");
    return seen;
  }

 private:
  template <class F>
  void on_loop(F work) {
    exec::Loop& loop = loops_.at(0);
    loop.post([&] {
      work();
      loop.stop();
    });
    loop.run();
    loop.io().restart();
  }

  void talk(std::string_view bytes, const Script& script, Seen& seen) {
    SilentWire wire;
    StompSession session(hub_, std::nullopt, wire);
    check(session.accepted(), "there is room for one");
    while (!bytes.empty() && !wire.aborted) {
      const auto piece = script.piece == 0 ? bytes : bytes.substr(0, script.piece);
      session.received(piece);
      bytes.remove_prefix(piece.size());
      if (script.publishes) {
        hub_.publish("/topic/rooms/x", R"({"waiting":2})");
        hub_.poke_now({"place:1"});
      }
      if (script.passes_time) {
        now_ += kTickInterval;
        session.tick(now_);
      }
      check(hub_.stats().watches <= std::int64_t{kSubscriptionsMax}, "few subscriptions");
      if (!script.reads_late) drain(session, seen);
    }
    if (script.goes_away) session.farewell(Millis(100));
    drain(session, seen);
    check(!seen.over() || session.close_code() == CloseCode::policy, "an error ends it");
    session.closed();
  }

  static void drain(StompSession& session, Seen& seen) {
    Outgoing out;
    while (session.next(out)) {
      session.sent();
      std::string frame = out.head + (out.body ? *out.body : "");
      if (out.nul) frame += '\0';
      seen.frame(frame);
    }
  }

  int opened_ = 0, closed_ = 0, told_ = 0;
  Steady now_{Millis(1'000'000)};
  exec::Loops loops_{1};
  Hub hub_{loops_, {.now = [this] { return now_; }}};
};

void stomp_session(std::string_view bytes) {
  Choices choices(bytes);
  const std::uint8_t flags = choices.byte();
  const Script script{.piece = choices.byte(),
                      .publishes = (flags & 1U) != 0,
                      .passes_time = (flags & 2U) != 0,
                      .reads_late = (flags & kOnlyReadsLate) != 0,
                      .goes_away = (flags & 8U) != 0};
  const std::string_view sent = choices.rest();
  const Seen in_pieces = Conversation().hold(sent, script);
  if (flags != kOnlyReadsLate) return;
  const Seen at_once = Conversation().hold(sent, {.reads_late = true});
  // In pieces an error may be found later, when the frame has come to its end.
  check(in_pieces.all() == at_once.all() || in_pieces.over() != at_once.over(),
        "the same in pieces and at once");
}

const Declare kDeclared("stomp_session", stomp_session);

}  // namespace
}  // namespace onsale::fuzz
