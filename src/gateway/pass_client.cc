#include "gateway/pass_client.h"

#include <onsale_gate.h>

#include <mutex>

#include "platform/crypto/bytes.h"

namespace onsale::gateway {
namespace {

namespace gate = onsale_gate;

constexpr std::int64_t kSkewSeconds = 5;

std::int64_t seconds(Timestamp t) {
  return std::chrono::floor<std::chrono::seconds>(t).time_since_epoch().count();
}

Refusal refusal_of(gate::Refusal refusal) {
  switch (refusal) {
    case gate::Refusal::no_keys:
      return Refusal::not_ready;
    case gate::Refusal::expired:
      return Refusal::pass_expired;
    case gate::Refusal::revoked:
      return Refusal::pass_revoked;
    case gate::Refusal::used:
      return Refusal::pass_used;
    case gate::Refusal::full:
      return Refusal::busy;
    case gate::Refusal::malformed:
    case gate::Refusal::bad_algorithm:
    case gate::Refusal::unknown_key:
    case gate::Refusal::bad_signature:
    case gate::Refusal::wrong_type:
    case gate::Refusal::wrong_issuer:
    case gate::Refusal::wrong_room:
    case gate::Refusal::not_yet_valid:
      break;
  }
  return Refusal::pass_invalid;
}

}  // namespace

struct GatePasses::State {
  State(std::string id, UseStore* kept)
      : room(std::move(id)),
        store(kept),
        stamps(kept ? kept->stamp_key() : crypto::random_bytes(crypto::HashKey::kBytes)) {}

  const std::string room;
  UseStore* const store;
  const crypto::HashKey stamps;
  mutable std::mutex mutex;
  std::string keys;                  // as they came; guarded by mutex
  std::string issuer;                // guarded by mutex
  std::shared_ptr<gate::Gate> gate;  // there as soon as the issuer is known; guarded by mutex

  std::shared_ptr<gate::Gate> present() const {
    std::lock_guard lock(mutex);
    return gate;
  }
};

GatePasses::GatePasses(std::string room, UseStore* store)
    : state_(std::make_unique<State>(std::move(room), store)) {}
GatePasses::~GatePasses() = default;

bool GatePasses::take_keys(std::string_view jwks) {
  auto keys = gate::parse_jwks(jwks);
  if (!keys) return false;
  std::lock_guard lock(state_->mutex);
  state_->keys = std::string(jwks);
  if (state_->gate) state_->gate->set_keys(std::move(*keys));
  return true;
}

std::optional<RoomFacts> GatePasses::take_room(std::string_view json, Timestamp now) {
  const auto said = gate::detail::JsonReader::read(json);
  if (!said || said->kind != gate::detail::Json::Kind::object) return {};
  const std::string* room = said->text_of("room");
  const std::string* issuer = said->text_of("issuer");
  const std::string* enter_url = said->text_of("enter_url");
  const std::int64_t* epoch = said->integer_of("epoch");
  const std::int64_t* session_seconds = said->integer_of("session_seconds");
  if (!room || *room != state_->room || !issuer || issuer->empty() || !epoch || !enter_url)
    return {};
  for (const char c : *enter_url)
    if (c <= ' ' || c == '"' || c == '\\' || c == '\x7f') return {};  // it goes into headers
  std::lock_guard lock(state_->mutex);
  // Another server under the same address: what was used there means nothing here. Only a gate that
  // knows all it has to know takes the place of the one before.
  if (!state_->gate || state_->issuer != *issuer) {
    auto made = std::make_shared<gate::Gate>(gate::Gate::Options{.room = state_->room,
                                                                 .issuer = *issuer,
                                                                 .skew_seconds = kSkewSeconds,
                                                                 .uses_max = kInsideMax});
    if (state_->store)
      for (const Use& use : state_->store->load(seconds(now)))
        made->restore(use.pass_id, use.owner, use.until_s);
    if (auto keys = gate::parse_jwks(state_->keys)) made->set_keys(std::move(*keys));
    state_->issuer = *issuer;
    state_->gate = std::move(made);
  }
  state_->gate->set_epoch(*epoch);
  const bool sane = session_seconds && *session_seconds > 0 && *session_seconds <= 86'400;
  return RoomFacts{.enter_url = *enter_url, .session_seconds = sane ? *session_seconds : 600};
}

bool GatePasses::ready() const {
  const auto present = state_->present();
  return present && present->has_keys();
}

std::int64_t GatePasses::epoch() const {
  const auto present = state_->present();
  return present ? present->epoch() : 0;
}

std::expected<Admitted, Refusal> GatePasses::use(std::string_view pass, std::string_view session,
                                                 Timestamp now) {
  const auto present = state_->present();
  if (!present) return std::unexpected(Refusal::not_ready);
  auto verdict = present->use(pass, seconds(now), session);
  if (!verdict) return std::unexpected(refusal_of(verdict.refusal));
  const Use used{.pass_id = verdict.pass->id,
                 .owner = gate::Uses::digest(session),
                 .until_s = verdict.pass->expires_at + kSkewSeconds};
  if (state_->store && !state_->store->add(used, seconds(now)))
    return std::unexpected(Refusal::busy);
  return Admitted{.pass_id = std::move(verdict.pass->id),
                  .place = std::move(verdict.pass->place),
                  .epoch = verdict.pass->epoch};
}

std::string GatePasses::stamp(std::string_view text) const {
  return crypto::base64url(state_->stamps.mac(text).substr(0, 16));
}

bool GatePasses::stamped(std::string_view text, std::string_view stamp_of) const {
  return crypto::equal_constant_time(stamp(text), stamp_of);
}

std::vector<std::string> ended_leases(std::string_view json) {
  std::vector<std::string> ids;
  const auto said = gate::detail::JsonReader::read(json);
  const gate::detail::Json* list = said ? said->find("ended") : nullptr;
  if (!list) return ids;
  for (const gate::detail::Json& item : list->items) ids.push_back(item.text);
  return ids;
}

}  // namespace onsale::gateway
