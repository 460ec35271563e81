// Who may join, in which lane, and who has to show something first: proof of work, an invitation,
// the answer to an external challenge. Stands before the waiting room; owns the invitations
// (waitroom_invite, waitroom_invite_use) and, in memory of a fixed size, what it knows about the
// crowd. Never bans: who looks like a robot waits in the slow lane and is told so.
// Thread: any. With proof off and no quota, deciding costs nothing.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <shared_mutex>
#include <variant>

#include "waitroom/join/invite.h"
#include "waitroom/join/proof_load.h"

namespace onsale::waitroom {

struct Solutions {
  std::string token;
  std::vector<std::uint64_t> numbers;
};

// Somebody asks for a place.
struct JoinAttempt {
  RoomView room;                    // as it is now
  std::optional<DeviceKey> device;  // of the cookie or the account that was shown
  NetworkPrefix network;            // where it comes from,
  std::string address{};            // and from where exactly, for the external challenge
  std::optional<Solutions> proof{};
  std::string invite{};    // empty: none
  std::string external{};  // what the external challenge gave the page; empty: nothing
  // The Idempotency-Key with whose it is: without a device it leads back to the same place. Empty:
  // none.
  std::string key{};
};

// May join. `device` is empty for a caller without any, who gets a fresh one; where it follows from
// what was shown, `cookie` is the one to set for it.
struct Admit {
  std::optional<DeviceKey> device;
  std::string cookie{};
  LaneId lane = kMainLane;
};

// Has to prove something first. `fault` says what was wrong with what came.
struct AskProof {
  std::string token;
  std::int64_t bits = 0, count = 0;
  Timestamp expires_at{};
  std::string external_url{};
  std::optional<ProofFault> fault{};
  bool external_failed = false;
};

using Verdict = std::variant<Admit, AskProof, InviteFault>;

enum class ExternalAnswer { passed, failed, unavailable };

// A challenge that somebody else poses and judges. Thread: any. Never throws.
class ExternalChallenge {
 public:
  virtual ~ExternalChallenge() = default;
  // Where the page gets it; empty while the service is out of order.
  virtual std::string url() const = 0;
  // Bounded in time and in number; unavailable when it can't be asked.
  virtual Task<ExternalAnswer> check(std::string response, std::string address) = 0;
};

struct JoinCounts {
  std::atomic<std::int64_t> asked{0}, proven{0}, refused{0}, slow_quota{0}, slow_suspect{0};
  std::atomic<std::int64_t> invited{0}, external_passed{0}, external_failed{0},
      external_unavailable{0};
};

class Gatekeeper {
 public:
  struct Parts {
    ProofCrypto& crypto;
    Random& random;
    Waitroom& rooms;
    InviteBook& invites;
    ExternalChallenge* external = nullptr;  // null: there is none
  };
  struct Options {
    PressureRules pressure{};
    ProofGuards guards{};
    std::size_t columns = 1 << 16;  // of the sketch of places; the others have a quarter
  };
  explicit Gatekeeper(Parts parts) : Gatekeeper(parts, Options{}) {}
  Gatekeeper(Parts parts, Options options);

  // The verdict, or nothing where somebody else has to be asked: then check() knows. No I/O.
  std::optional<Verdict> decide(const JoinAttempt& attempt, Timestamp now);
  Task<Verdict> check(JoinAttempt attempt, Timestamp now);

  // Held while a join waits to become durable: how far the disk is behind. `keeper` may be null.
  class InFlight {
   public:
    explicit InFlight(Gatekeeper* keeper) : keeper_(keeper) {
      if (keeper_) ++keeper_->in_flight_;
    }
    ~InFlight() {
      if (keeper_) --keeper_->in_flight_;
    }
    InFlight(const InFlight&) = delete;
    InFlight& operator=(const InFlight&) = delete;

   private:
    Gatekeeper* const keeper_;
  };

  // For operators.
  struct Status {
    bool demanded = false;  // joining costs a proof now
    JoinPressure::Reading reading;
    std::int64_t allowance = 0;  // new places a minute of one network in the main lane
  };
  Status status(const RoomView& room, Timestamp now);
  const JoinCounts& counts() const { return counts_; }
  // All it will ever use for networks; per room some 2 KB more.
  std::size_t memory_bytes() const;

 private:
  // What one attempt is judged by.
  struct Crowd {
    JoinPressure& pressure;
    std::string key;      // room and network, for the sketches
    std::string wide;     // the same of a wider network; empty where there is none
    std::string failure;  // room and device, or network without one
    bool pressed = false;
    bool demanded = false;
  };

  JoinPressure& pressure_of(const RoomId& room);
  Crowd look_around(const JoinAttempt& attempt, bool count, Timestamp now);
  bool holds(const RoomId& room, const DeviceKey& device, Timestamp now);
  Admit admit_by(const JoinAttempt& attempt, std::string_view kind, std::string_view seed,
                 Timestamp now);
  Admit as_it_comes(const JoinAttempt& attempt, Timestamp now);
  Verdict judge_proof(const JoinAttempt& attempt, const Crowd& crowd, Timestamp now);
  Result<Admit, ProofFault> accept_proof(const JoinAttempt& attempt, Timestamp now);
  AskProof ask(const JoinAttempt& attempt, const Crowd& crowd, Timestamp now);
  bool take_share(const Crowd& crowd, std::int64_t most, Timestamp now);
  std::int64_t extra_bits_of(const Crowd& crowd, std::int64_t most, Timestamp now);
  Admit let_in(const JoinAttempt& attempt, const Crowd& crowd, Admit admit, Timestamp now);
  std::int64_t allowance(const RoomView& room, JoinPressure& pressure, Timestamp now);
  bool suspect(const JoinAttempt& attempt, const Crowd& crowd, Timestamp now);
  Task<Verdict> check_invite(JoinAttempt attempt, Timestamp now);
  Task<Verdict> check_external(JoinAttempt attempt, Timestamp now);

  const Parts parts_;
  const Options options_;
  JoinCounts counts_;
  std::atomic<std::int64_t> in_flight_{0};
  PrefixSketch places_, asked_, failed_;
  std::shared_mutex mutex_;                                    // of the map
  std::map<RoomId, std::unique_ptr<JoinPressure>> pressures_;  // of rooms that were declared
};

}  // namespace onsale::waitroom
