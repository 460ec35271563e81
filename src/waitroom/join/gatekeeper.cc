#include "waitroom/join/gatekeeper.h"

#include <algorithm>

namespace onsale::waitroom {

namespace {

// What cookies are derived from, by what was shown.
constexpr std::string_view kByProof = "proof";
constexpr std::string_view kByInvite = "invite";
constexpr std::string_view kByExternal = "external";
constexpr std::string_view kByKey = "key";

constexpr std::int64_t kAllowanceWithoutQuota = 30;  // only for the price, not for the lane
constexpr std::int64_t kSharePercent = 1;            // of a room's joins, when that is more
constexpr std::int64_t kSharesOfWide = 4;            // together, however many /56 a /48 has
constexpr std::int64_t kFailuresSome = 5, kFailuresMany = 20;  // a minute
constexpr int kSuspectFrom = 3;                                // points

std::string key_of(const RoomId& room, const auto& bytes) {
  std::string key = room.str();
  key.push_back('\0');
  key.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return key;
}

bool takes_newcomers(const Settings& settings) {
  return settings.mode != Mode::closed && settings.mode != Mode::drain;
}

}  // namespace

Gatekeeper::Gatekeeper(Parts parts, Options options)
    : parts_(parts),
      options_(options),
      places_(options.columns, parts.random.next_u64()),
      asked_(options.columns / 4, parts.random.next_u64()),
      failed_(options.columns / 4, parts.random.next_u64()) {}

std::optional<Verdict> Gatekeeper::decide(const JoinAttempt& attempt, Timestamp now) {
  const Settings& settings = attempt.room.settings;
  if (!attempt.invite.empty()) return {};
  const bool off = settings.proof == ProofMode::off && settings.joins_per_prefix == 0;
  // Who is refused anyway need not work for it.
  Admit admit = as_it_comes(attempt, now);
  if ((off && !attempt.proof) || !takes_newcomers(settings)) return admit;
  const Crowd crowd = look_around(attempt, true, now);
  if (crowd.pressed && admit.device && holds(attempt.room.id, *admit.device, now)) return admit;
  if (crowd.demanded && !attempt.external.empty() && parts_.external) return {};
  return judge_proof(attempt, crowd, now);
}

Task<Verdict> Gatekeeper::check(JoinAttempt attempt, Timestamp now) {
  if (!attempt.invite.empty()) return check_invite(std::move(attempt), now);
  return check_external(std::move(attempt), now);
}

JoinPressure& Gatekeeper::pressure_of(const RoomId& room) {
  {
    std::shared_lock lock(mutex_);
    if (const auto found = pressures_.find(room); found != pressures_.end()) return *found->second;
  }
  std::lock_guard lock(mutex_);
  auto& pressure = pressures_[room];
  if (!pressure) pressure = std::make_unique<JoinPressure>(options_.pressure);
  return *pressure;
}

Gatekeeper::Crowd Gatekeeper::look_around(const JoinAttempt& attempt, bool count, Timestamp now) {
  const RoomId& room = attempt.room.id;
  const ProofMode mode = attempt.room.settings.proof;
  JoinPressure& pressure = pressure_of(room);
  Crowd crowd{.pressure = pressure, .key = key_of(room, attempt.network.bytes)};
  if (const auto wide = wider(attempt.network)) crowd.wide = key_of(room, wide->bytes);
  crowd.failure = attempt.device ? key_of(room, *attempt.device) : crowd.key;
  if (count) {
    asked_.add(crowd.key, now);
    if (!crowd.wide.empty()) asked_.add(crowd.wide, now);
    crowd.pressed = pressure.attempt(!attempt.device, in_flight_, now);
  } else {
    crowd.pressed = pressure.pressed(in_flight_, now);
  }
  if (mode == ProofMode::on) crowd.pressed = true;
  crowd.demanded = crowd.pressed && mode != ProofMode::off;
  return crowd;
}

// Whether the device is in the room already: then it is no newcomer, and proves nothing again.
bool Gatekeeper::holds(const RoomId& room, const DeviceKey& device, Timestamp now) {
  const PlaceProof proof{.token = {}, .device = device, .present = false};
  const auto place = parts_.rooms.look(room, proof, now);
  return place && (place->state == PlaceState::waiting || place->state == PlaceState::prequeue ||
                   place->state == PlaceState::admitted);
}

// The shown device, or the one that follows from what was shown instead of a device.
Admit Gatekeeper::admit_by(const JoinAttempt& attempt, std::string_view kind, std::string_view seed,
                           Timestamp now) {
  if (attempt.device) return {.device = attempt.device};
  if (!options_.guards.same_device) return {.device = {}};
  Admit admit{.device = {}, .cookie = parts_.crypto.device_cookie(kind, seed, now)};
  admit.device = parts_.crypto.device_key(admit.cookie);
  return admit;
}

// Who showed nothing: the device; a stranger's repeated request is the same stranger's.
Admit Gatekeeper::as_it_comes(const JoinAttempt& attempt, Timestamp now) {
  if (attempt.key.empty()) return {.device = attempt.device};
  return admit_by(attempt, kByKey, attempt.key, now);
}

Verdict Gatekeeper::judge_proof(const JoinAttempt& attempt, const Crowd& crowd, Timestamp now) {
  std::optional<ProofFault> fault;
  if (attempt.proof) {
    auto accepted = accept_proof(attempt, now);
    if (accepted) {
      ++counts_.proven;
      return let_in(attempt, crowd, std::move(*accepted), now);
    }
    fault = accepted.error();
  }
  if (!crowd.demanded) return let_in(attempt, crowd, as_it_comes(attempt, now), now);
  // Late is what anybody may be; the rest is what robots try.
  if (fault && *fault != ProofFault::expired && *fault != ProofFault::foreign) {
    failed_.add(crowd.failure, now);
  }
  if (fault) ++counts_.refused;
  AskProof question = ask(attempt, crowd, now);
  question.fault = fault;
  return question;
}

Result<Admit, ProofFault> Gatekeeper::accept_proof(const JoinAttempt& attempt, Timestamp now) {
  const std::string& token = attempt.proof->token;
  const ProofExpected expected{.room = attempt.room.id,
                               .epoch = attempt.room.epoch,
                               .binding = binding_of(attempt.device, attempt.network)};
  const auto challenge = open_challenge(parts_.crypto, token, expected, now, options_.guards);
  if (!challenge) return std::unexpected(challenge.error());
  Admit admit = admit_by(attempt, kByProof, token, now);
  // An answer may have been lost: a proof that has its place leads back to it however late.
  const bool late = options_.guards.expiry && challenge->expires_at <= now;
  if (late && !(admit.device && holds(attempt.room.id, *admit.device, now))) {
    return std::unexpected(ProofFault::expired);
  }
  const auto fault =
      check_solutions(parts_.crypto, token, *challenge, attempt.proof->numbers, options_.guards);
  if (fault) return std::unexpected(*fault);
  return admit;
}

AskProof Gatekeeper::ask(const JoinAttempt& attempt, const Crowd& crowd, Timestamp now) {
  const Settings& settings = attempt.room.settings;
  const std::int64_t extra =
      extra_bits_of(crowd, allowance(attempt.room, crowd.pressure, now), now);
  const Challenge challenge =
      make_challenge({.room = attempt.room.id,
                      .epoch = attempt.room.epoch,
                      .binding = binding_of(attempt.device, attempt.network),
                      .bits = settings.proof_bits + extra,
                      .count = settings.proof_count},
                     parts_.random, now);
  ++counts_.asked;
  return {.token = sign(parts_.crypto, challenge),
          .bits = challenge.bits,
          .count = challenge.count,
          .expires_at = challenge.expires_at,
          .external_url = parts_.external ? parts_.external->url() : std::string()};
}

std::int64_t Gatekeeper::allowance(const RoomView& room, JoinPressure& pressure, Timestamp now) {
  const std::int64_t quota = room.settings.joins_per_prefix;
  return std::max(quota > 0 ? quota : kAllowanceWithoutQuota,
                  pressure.placed_last_minute(now) * kSharePercent / 100);
}

bool Gatekeeper::take_share(const Crowd& crowd, std::int64_t most, Timestamp now) {
  if (!places_.take(crowd.key, most, now)) return false;
  return crowd.wide.empty() || places_.take(crowd.wide, most * kSharesOfWide, now);
}

std::int64_t Gatekeeper::extra_bits_of(const Crowd& crowd, std::int64_t most, Timestamp now) {
  const std::int64_t own =
      extra_bits(places_.count(crowd.key, now), asked_.count(crowd.key, now), most);
  if (crowd.wide.empty()) return own;
  return std::max(own, extra_bits(places_.count(crowd.wide, now), asked_.count(crowd.wide, now),
                                  most * kSharesOfWide));
}

// Which lane. A network over its share, and what looks like a robot, goes on in the slow one.
Admit Gatekeeper::let_in(const JoinAttempt& attempt, const Crowd& crowd, Admit admit,
                         Timestamp now) {
  if (admit.device && holds(attempt.room.id, *admit.device, now)) return admit;
  const bool quota = crowd.pressed && attempt.room.settings.joins_per_prefix > 0;
  if (quota && options_.guards.quota) {
    const std::int64_t most = allowance(attempt.room, crowd.pressure, now);
    if (!take_share(crowd, most, now)) {
      ++counts_.slow_quota;
      admit.lane = kSlowLane;
      return admit;
    }
  } else {
    places_.add(crowd.key, now);
    if (!crowd.wide.empty()) places_.add(crowd.wide, now);
  }
  if (crowd.pressed && suspect(attempt, crowd, now)) {
    ++counts_.slow_suspect;
    admit.lane = kSlowLane;
    return admit;
  }
  crowd.pressure.placed(now);
  return admit;
}

// Failures of a network count against strangers from it only while they are more than the places
// it got: a few clumsy robots must not spoil a network that thousands share.
bool Gatekeeper::suspect(const JoinAttempt& attempt, const Crowd& crowd, Timestamp now) {
  const std::int64_t failures = failed_.count(crowd.failure, now);
  if (failures < kFailuresSome) return false;
  if (!attempt.device && failures <= places_.count(crowd.key, now)) return false;
  const int points = (attempt.device ? 0 : 1) + (failures >= kFailuresMany ? 3 : 2);
  return points >= kSuspectFrom;
}

Task<Verdict> Gatekeeper::check_invite(JoinAttempt attempt, Timestamp now) {
  const RoomView& room = attempt.room;
  if (attempt.invite.size() > kInviteTokenMax) co_return InviteFault::invalid;
  Admit admit = admit_by(attempt, kByInvite, attempt.invite, now);
  // Back again, or in line without it: an invitation is not spent on that.
  if (admit.device && holds(room.id, *admit.device, now)) co_return admit;
  if (!takes_newcomers(room.settings)) co_return admit;
  const auto invite = open_invite(parts_.crypto, attempt.invite, room, now);
  if (!invite) co_return invite.error();
  if (!admit.device) co_return InviteFault::invalid;
  const InviteUse use =
      co_await parts_.invites.use(room.id, room.epoch, invite->number, *admit.device, now);
  if (use == InviteUse::used_by_another) co_return InviteFault::used;
  ++counts_.invited;
  admit.lane = invite->lane;
  co_return admit;
}

Task<Verdict> Gatekeeper::check_external(JoinAttempt attempt, Timestamp now) {
  const Crowd crowd = look_around(attempt, false, now);
  Admit admit = admit_by(attempt, kByExternal, attempt.external, now);
  if (admit.device && holds(attempt.room.id, *admit.device, now)) co_return admit;
  // Nobody makes us flood the service with nonsense.
  if (failed_.count(crowd.failure, now) >= kFailuresMany) {
    co_return judge_proof(attempt, crowd, now);
  }
  const ExternalAnswer answer = co_await parts_.external->check(attempt.external, attempt.address);
  if (answer == ExternalAnswer::passed) {
    ++counts_.external_passed;
    co_return let_in(attempt, crowd, std::move(admit), now);
  }
  const bool failed = answer == ExternalAnswer::failed;
  ++(failed ? counts_.external_failed : counts_.external_unavailable);
  if (failed) failed_.add(crowd.failure, now);
  Verdict verdict = judge_proof(attempt, crowd, now);
  if (auto* question = std::get_if<AskProof>(&verdict)) question->external_failed = failed;
  co_return verdict;
}

Gatekeeper::Status Gatekeeper::status(const RoomView& room, Timestamp now) {
  JoinPressure& pressure = pressure_of(room.id);
  Status status{.reading = pressure.read(in_flight_, now),
                .allowance = allowance(room, pressure, now)};
  const ProofMode mode = room.settings.proof;
  status.demanded =
      mode == ProofMode::on || (mode == ProofMode::automatic && status.reading.pressed);
  return status;
}

std::size_t Gatekeeper::memory_bytes() const {
  return places_.memory_bytes() + asked_.memory_bytes() + failed_.memory_bytes();
}

}  // namespace onsale::waitroom
