// A room behind a gatekeeper with real keys, for tests.
#pragma once

#include "platform/crypto/fakes.h"
#include "waitroom/join/proof_client.h"
#include "waitroom/join/proof_fakes.h"
#include "waitroom/room/fakes.h"
#include "waitroom/room/host.h"

namespace onsale::waitroom {

class JoinCheckWorld {
 public:
  explicit JoinCheckWorld(Settings settings, ProofGuards guards = {}, PressureRules pressure = {})
      : keeper({*crypto, random, host, invites, &external},
               {.pressure = pressure, .guards = guards}) {
    sync_wait(host.declare_room(room, "A film", std::move(settings)));
  }
  ~JoinCheckWorld() { sync_wait(host.drain()); }
  JoinCheckWorld(const JoinCheckWorld&) = delete;
  JoinCheckWorld& operator=(const JoinCheckWorld&) = delete;

  JoinAttempt attempt(std::optional<DeviceKey> device = {},
                      std::string_view address = "192.0.2.1") {
    return {.room = *host.room(room),
            .device = device,
            .network = prefix_of(address),
            .address = std::string(address)};
  }
  Verdict ask(JoinAttempt attempt) {
    auto verdict = keeper.decide(attempt, clock.now());
    if (!verdict) verdict = sync_wait(keeper.check(std::move(attempt), clock.now()));
    return std::move(*verdict);
  }
  Solutions solved(const AskProof& question) {
    return {question.token, solve(*crypto, question.token, question.bits, question.count)};
  }
  // What the join route does with a verdict that admits.
  PlaceView join(const Admit& admit) {
    DeviceKey key{};
    if (admit.device) {
      key = *admit.device;
    } else {
      random.fill(std::as_writable_bytes(std::span(key)));
    }
    return sync_wait(host.join(room, key, admit.lane)).value();
  }
  std::int64_t places() { return host.room(room)->waiting + host.room(room)->active; }
  void set(SettingsPatch patch) {
    const auto done = sync_wait(host.configure(room, std::move(patch), "acc_admin"));
    if (!done) throw std::logic_error("settings are refused: " + done.error().obstacles[0].field);
  }

  const RoomId room = *RoomId::parse("film-1");
  FakeClock clock;
  SeededRandom random{11};
  FakeJournal journal;
  FakeSigner signer;
  FakeAnnouncer announcer;
  FakeAuditLog audit;
  Host host{{clock, random, journal, signer, announcer, audit}};
  crypto::MemoryKeyStore store;
  crypto::KeyRing ring{store, clock.now()};
  std::unique_ptr<ProofCrypto> crypto = make_proof_crypto(ring);
  FakeInviteBook invites;
  FakeExternalChallenge external;
  Gatekeeper keeper;
};

}  // namespace onsale::waitroom
