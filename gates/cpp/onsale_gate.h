// Checks onsale's passes offline, in front of any origin. One header, C++20 and libsodium; nothing
// else of onsale. A pass is a JWT with one algorithm, EdDSA over Ed25519: nothing in it can choose
// another. Keys come from the server's /.well-known/jwks.json, the epoch from
// /api/v1/rooms/{room}/gate; fetch both every few seconds and hand them over. When the server is
// away, the last ones stay good: whoever has a pass gets in, and nobody can make one.
//
//   onsale_gate::Gate gate({.room = "film-x", .issuer = "onsale"});
//   gate.set_keys(*onsale_gate::parse_jwks(text));
//   gate.set_epoch(epoch);
//   const auto verdict = gate.use(jwt, unix_seconds, session);
//   if (verdict) let_in(verdict.pass->place); else explain(to_string(verdict.refusal));
//
// Single use: use() binds a pass to the session that came with it first; every other session is
// refused until the pass has expired, and then everybody is. One Gate remembers for itself: two
// gates, or one that was started anew, do not know what the other has seen.
// Thread: any. Nothing blocks but short locks; a signature takes about 50 us. Throws
// std::bad_alloc. Build with: -std=c++20 -lsodium
#pragma once

#include <sodium.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace onsale_gate {

// Why somebody stays outside. Checked in this order.
enum class Refusal {
  no_keys,        // no key was handed over yet: let nobody in, say 503
  malformed,      // not the form of a pass, or a claim is missing
  bad_algorithm,  // asks for something else than EdDSA
  unknown_key,    // signed by no key that is live
  bad_signature,  // changed, or forged
  wrong_type,     // a token of this server, but no pass
  wrong_issuer,   // a pass of another server
  wrong_room,     // a pass for another room
  expired,        // its time is over
  not_yet_valid,  // its time has not come
  revoked,        // of an epoch that the operator has ended
  used,           // somebody else came with it first
  full,           // more passes in use than may be remembered: try again
};

inline std::string_view to_string(Refusal refusal) {
  constexpr std::array<std::string_view, 13> kNames{
      "no_keys",    "malformed",    "bad_algorithm", "unknown_key", "bad_signature",
      "wrong_type", "wrong_issuer", "wrong_room",    "expired",     "not_yet_valid",
      "revoked",    "used",         "full"};
  return kNames[static_cast<std::size_t>(refusal)];
}

struct Pass {
  std::string room;                                            // aud
  std::string place;                                           // sub
  std::string id;                                              // jti
  std::int64_t issued_at = 0, not_before = 0, expires_at = 0;  // Unix seconds
  std::int64_t epoch = 0;
};

struct Verdict {
  std::optional<Pass> pass{};            // there when it is accepted
  Refusal refusal = Refusal::malformed;  // why not, otherwise
  explicit operator bool() const { return pass.has_value(); }
};

struct Key {
  std::string kid;
  std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> public_key{};
};

inline constexpr std::size_t kPassBytesMax = 2048;
inline constexpr std::size_t kJwksBytesMax = 64 * 1024;
inline constexpr std::size_t kKeysMax = 16;
inline constexpr std::size_t kIdBytesMax = 128;  // of a jti and of a place

namespace detail {

// As much of JSON as tokens and key sets need: strict, bounded in depth, integers only.
struct Json {
  enum class Kind { null, boolean, integer, number, text, array, object };
  Kind kind = Kind::null;
  bool truth = false;
  std::int64_t integer = 0;
  std::string text;
  std::vector<std::string> names;  // of an object's members: names[i] is what items[i] is called
  std::vector<Json> items;

  const Json* find(std::string_view name) const {
    for (std::size_t i = 0; i < names.size(); ++i)
      if (names[i] == name) return &items[i];
    return nullptr;
  }
  // The text or integer of that name; null when it is not there or of another kind.
  const std::string* text_of(std::string_view name) const {
    const Json* value = find(name);
    return value && value->kind == Kind::text ? &value->text : nullptr;
  }
  const std::int64_t* integer_of(std::string_view name) const {
    const Json* value = find(name);
    return value && value->kind == Kind::integer ? &value->integer : nullptr;
  }
};

class JsonReader {
 public:
  static std::optional<Json> read(std::string_view text) {
    if (!utf8(text)) return {};
    JsonReader reader(text);
    Json value;
    if (!reader.value(value, 0)) return {};
    reader.space();
    if (reader.at_ != text.size()) return {};
    return value;
  }

 private:
  static constexpr int kDepthMax = 4;
  static constexpr std::size_t kMembersMax = 64;

  explicit JsonReader(std::string_view text) : text_(text) {}

  // No overlong forms, no surrogates, nothing above U+10FFFF.
  static bool utf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
      const auto first = static_cast<unsigned char>(text[at++]);
      if (first < 0x80) continue;
      const std::size_t more = first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
      if (first < 0xC2 || first > 0xF4 || text.size() - at < more) return false;
      std::uint32_t code = first & (0x3FU >> more);
      for (std::size_t i = 0; i < more; ++i) {
        const auto next = static_cast<unsigned char>(text[at++]);
        if ((next & 0xC0) != 0x80) return false;
        code = code << 6 | (next & 0x3FU);
      }
      if ((more == 2 && code < 0x800) || (more == 3 && code < 0x10000)) return false;
      if ((code >= 0xD800 && code <= 0xDFFF) || code > 0x10FFFF) return false;
    }
    return true;
  }

  void space() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != text_.npos) ++at_;
  }
  bool take(char c) {
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool take(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  bool value(Json& out, int depth) {
    space();
    if (at_ == text_.size() || depth > kDepthMax) return false;
    switch (text_[at_]) {
      case '{':
        return object(out, depth);
      case '[':
        return array(out, depth);
      case '"':
        out.kind = Json::Kind::text;
        return string(out.text);
      case 't':
        out.kind = Json::Kind::boolean;
        out.truth = true;
        return take("true");
      case 'f':
        out.kind = Json::Kind::boolean;
        return take("false");
      case 'n':
        return take("null");
      default:
        return number(out);
    }
  }

  bool object(Json& out, int depth) {
    out.kind = Json::Kind::object;
    take('{');
    space();
    if (take('}')) return true;
    do {
      space();
      std::string name;
      if (!string(name) || out.find(name)) return false;  // a name that comes twice is a trick
      if (out.names.size() == kMembersMax) return false;
      space();
      if (!take(':')) return false;
      out.names.push_back(std::move(name));
      out.items.emplace_back();
      if (!value(out.items.back(), depth + 1)) return false;
      space();
    } while (take(','));
    return take('}');
  }

  bool array(Json& out, int depth) {
    out.kind = Json::Kind::array;
    take('[');
    space();
    if (take(']')) return true;
    do {
      out.items.emplace_back();
      if (!value(out.items.back(), depth + 1)) return false;
      space();
    } while (take(','));
    return take(']');
  }

  bool digits() {
    const std::size_t from = at_;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
    return at_ > from;
  }

  bool number(Json& out) {
    const std::size_t from = at_;
    take('-');
    const std::size_t first = at_;
    if (!digits() || (text_[first] == '0' && at_ > first + 1)) return false;
    out.kind = Json::Kind::integer;
    if (take('.')) {
      out.kind = Json::Kind::number;
      if (!digits()) return false;
    }
    if (take('e') || take('E')) {
      out.kind = Json::Kind::number;
      if (!take('+')) take('-');
      if (!digits()) return false;
    }
    const auto read = std::from_chars(text_.data() + from, text_.data() + at_, out.integer);
    if (out.kind == Json::Kind::integer && read.ec != std::errc{}) out.kind = Json::Kind::number;
    return true;
  }

  bool string(std::string& out) {
    if (!take('"')) return false;
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '"') return true;
      if (static_cast<unsigned char>(c) < 0x20) return false;
      if (c != '\\') {
        out.push_back(c);
      } else if (!escape(out)) {
        return false;
      }
    }
    return false;
  }

  bool escape(std::string& out) {
    if (at_ == text_.size()) return false;
    const char c = text_[at_++];
    constexpr std::string_view kFrom = "\"\\/bfnrt";
    constexpr std::string_view kTo = "\"\\/\b\f\n\r\t";
    if (const std::size_t i = kFrom.find(c); i != kFrom.npos) {
      out.push_back(kTo[i]);
      return true;
    }
    if (c != 'u' || text_.size() - at_ < 4) return false;
    unsigned code = 0;
    const auto read = std::from_chars(text_.data() + at_, text_.data() + at_ + 4, code, 16);
    if (read.ptr != text_.data() + at_ + 4) return false;
    at_ += 4;
    if (code >= 0xD800 && code <= 0xDFFF) return false;  // nothing of ours needs a pair
    if (code < 0x80) {
      out.push_back(static_cast<char>(code));
    } else if (code < 0x800) {
      out.push_back(static_cast<char>(0xC0 | (code >> 6)));
      out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
    } else {
      out.push_back(static_cast<char>(0xE0 | (code >> 12)));
      out.push_back(static_cast<char>(0x80 | ((code >> 6) & 0x3F)));
      out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
    }
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

// Strict: no padding, no other alphabet, no stray bits. Every value has one spelling.
inline std::optional<std::string> from_base64url(std::string_view text) {
  if (text.size() % 4 == 1) return {};
  std::string out;
  out.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    std::uint32_t six = 0;
    if (c >= 'A' && c <= 'Z') {
      six = static_cast<std::uint32_t>(c - 'A');
    } else if (c >= 'a' && c <= 'z') {
      six = static_cast<std::uint32_t>(c - 'a') + 26;
    } else if (c >= '0' && c <= '9') {
      six = static_cast<std::uint32_t>(c - '0') + 52;
    } else if (c == '-' || c == '_') {
      six = c == '-' ? 62 : 63;
    } else {
      return {};
    }
    bits = (bits << 6) | six;
    count += 6;
    if (count >= 8) {
      count -= 8;
      out.push_back(static_cast<char>((bits >> count) & 0xFF));
    }
  }
  if ((bits & ((1U << count) - 1)) != 0) return {};
  return out;
}

// A JSON object whose members are plain: nothing of a pass is nested.
inline std::optional<Json> flat_object(std::string_view encoded) {
  const auto text = from_base64url(encoded);
  if (!text) return {};
  auto value = JsonReader::read(*text);
  if (!value || value->kind != Json::Kind::object) return {};
  for (const Json& member : value->items)
    if (member.kind == Json::Kind::array || member.kind == Json::Kind::object) return {};
  return value;
}

inline const unsigned char* raw(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

inline bool sodium_ready() {
  static const bool ready = sodium_init() >= 0;
  return ready;
}

}  // namespace detail

// The Ed25519 keys of a JWK set; keys of other kinds are passed over. Empty when it is no JWK set,
// or holds none of ours, or too many.
inline std::optional<std::vector<Key>> parse_jwks(std::string_view text) {
  if (text.size() > kJwksBytesMax) return {};
  const auto set = detail::JsonReader::read(text);
  const detail::Json* list = set ? set->find("keys") : nullptr;
  if (!list || list->kind != detail::Json::Kind::array) return {};
  std::vector<Key> keys;
  for (const detail::Json& item : list->items) {
    const std::string* kty = item.text_of("kty");
    const std::string* crv = item.text_of("crv");
    const std::string* kid = item.text_of("kid");
    const std::string* x = item.text_of("x");
    if (!kty || !crv || *kty != "OKP" || *crv != "Ed25519") continue;
    if (const std::string* alg = item.text_of("alg"); alg && *alg != "EdDSA") continue;
    const auto point = x ? detail::from_base64url(*x) : std::nullopt;
    if (!kid || kid->empty() || !point || point->size() != crypto_sign_PUBLICKEYBYTES) return {};
    Key key{.kid = *kid};
    std::copy_n(detail::raw(*point), key.public_key.size(), key.public_key.begin());
    keys.push_back(std::move(key));
  }
  if (keys.empty() || keys.size() > kKeysMax) return {};
  return keys;
}

// Who came first with which pass. Bounded, and forgotten with the pass. Thread: any.
class Uses {
 public:
  enum class Claim { first, again, another, full };

  explicit Uses(std::size_t uses_max) : uses_max_(uses_max) {}

  // The pass `id` belongs to the first `session` until `until_s`; an empty session is nobody's
  // again. Who is refused changes nothing.
  Claim claim(const std::string& id, std::string_view session, std::int64_t until_s,
              std::int64_t now_s) {
    const Digest owner = digest(session);
    std::lock_guard lock(mutex_);
    while (!by_expiry_.empty() && by_expiry_.begin()->first <= now_s) {
      for (const std::string& old : by_expiry_.begin()->second) owners_.erase(old);
      by_expiry_.erase(by_expiry_.begin());
    }
    if (const auto known = owners_.find(id); known != owners_.end()) {
      const bool same =
          !session.empty() && sodium_memcmp(known->second.data(), owner.data(), owner.size()) == 0;
      return same ? Claim::again : Claim::another;
    }
    if (owners_.size() >= uses_max_) return Claim::full;
    owners_.emplace(id, owner);
    by_expiry_[until_s].push_back(id);
    return Claim::first;
  }

  std::size_t size() const {
    std::lock_guard lock(mutex_);
    return owners_.size();
  }

  // For those who keep the book on disk: what stands for a session there, and a line read back.
  using Digest = std::array<unsigned char, 16>;
  static Digest digest(std::string_view session) {
    Digest out{};
    crypto_generichash(out.data(), out.size(), detail::raw(session), session.size(), nullptr, 0);
    return out;
  }
  void restore(const std::string& id, const Digest& owner, std::int64_t until_s) {
    std::lock_guard lock(mutex_);
    if (owners_.emplace(id, owner).second) by_expiry_[until_s].push_back(id);
  }

 private:
  const std::size_t uses_max_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Digest> owners_;              // guarded by mutex_
  std::map<std::int64_t, std::vector<std::string>> by_expiry_;  // guarded by mutex_
};

class Gate {
 public:
  struct Options {
    std::string room{};
    std::string issuer{};
    std::int64_t skew_seconds = 5;     // for clocks that differ
    std::size_t uses_max = 1'000'000;  // passes remembered at once, some 250 bytes each
  };

  // Throws std::runtime_error when libsodium cannot start.
  explicit Gate(Options options) : options_(std::move(options)) {
    if (!detail::sodium_ready()) throw std::runtime_error("libsodium cannot start");
  }

  // Replaces every key: the one that signs now and those before it that still verify.
  void set_keys(std::vector<Key> keys) {
    auto fresh = std::make_shared<const std::vector<Key>>(std::move(keys));
    std::lock_guard lock(mutex_);
    keys_ = std::move(fresh);
  }
  // Passes of an earlier epoch are refused from now on. Never goes back: a stale copy of the
  // setting must not bring revoked passes to life.
  void set_epoch(std::int64_t epoch) {
    std::lock_guard lock(mutex_);
    if (epoch > epoch_) epoch_ = epoch;
  }
  std::int64_t epoch() const {
    std::lock_guard lock(mutex_);
    return epoch_;
  }
  bool has_keys() const {
    std::lock_guard lock(mutex_);
    return keys_ && !keys_->empty();
  }

  // What the pass says, without using it up. `now_s` is Unix time in seconds.
  Verdict check(std::string_view jwt, std::int64_t now_s) const {
    const auto [keys, epoch] = trusted();
    if (!keys || keys->empty()) return {.refusal = Refusal::no_keys};
    Verdict verdict = authentic(jwt, *keys);
    if (!verdict) return verdict;
    const Pass& pass = *verdict.pass;
    if (now_s >= pass.expires_at + options_.skew_seconds) return {.refusal = Refusal::expired};
    if (now_s + options_.skew_seconds < pass.not_before) return {.refusal = Refusal::not_yet_valid};
    if (pass.epoch < epoch) return {.refusal = Refusal::revoked};
    return verdict;
  }

  // check(), and the pass belongs to `session` from now on: a secret that you gave this visitor,
  // such as a random cookie. Without a session a pass is good for one call.
  Verdict use(std::string_view jwt, std::int64_t now_s, std::string_view session = {}) {
    Verdict verdict = check(jwt, now_s);
    if (!verdict) return verdict;
    const Pass& pass = *verdict.pass;
    switch (uses_.claim(pass.id, session, pass.expires_at + options_.skew_seconds, now_s)) {
      case Uses::Claim::another:
        return {.refusal = Refusal::used};
      case Uses::Claim::full:
        return {.refusal = Refusal::full};
      case Uses::Claim::first:
      case Uses::Claim::again:
        break;
    }
    return verdict;
  }

  std::size_t uses() const { return uses_.size(); }
  // A use of before a restart.
  void restore(const std::string& id, const Uses::Digest& owner, std::int64_t until_s) {
    uses_.restore(id, owner, until_s);
  }

 private:
  using Keys = std::shared_ptr<const std::vector<Key>>;

  struct Trusted {
    Keys keys;
    std::int64_t epoch;
  };
  Trusted trusted() const {
    std::lock_guard lock(mutex_);
    return {keys_, epoch_};
  }

  // Signed by a live key, a pass, of our server, for our room. Nothing of what it says is looked at
  // before the signature has been found good.
  Verdict authentic(std::string_view jwt, const std::vector<Key>& keys) const {
    if (jwt.size() > kPassBytesMax) return {};
    const std::size_t first = jwt.find('.');
    const std::size_t second = first == jwt.npos ? jwt.npos : jwt.find('.', first + 1);
    if (second == jwt.npos || jwt.find('.', second + 1) != jwt.npos) return {};
    const auto header = detail::flat_object(jwt.substr(0, first));
    const auto signature = detail::from_base64url(jwt.substr(second + 1));
    if (!header || !signature || header->find("crit")) return {};
    const std::string* alg = header->text_of("alg");
    if (!alg || *alg != "EdDSA") return {.refusal = Refusal::bad_algorithm};
    const std::string* kid = header->text_of("kid");
    const Key* key = nullptr;
    for (const Key& candidate : keys)
      if (kid && candidate.kid == *kid) key = &candidate;
    if (!key) return {.refusal = Refusal::unknown_key};
    const std::string_view message = jwt.substr(0, second);
    if (signature->size() != crypto_sign_BYTES ||
        crypto_sign_verify_detached(detail::raw(*signature), detail::raw(message), message.size(),
                                    key->public_key.data()) != 0)
      return {.refusal = Refusal::bad_signature};
    const std::string* typ = header->text_of("typ");
    if (!typ || *typ != "pass+jwt") return {.refusal = Refusal::wrong_type};
    return said(jwt.substr(first + 1, second - first - 1));
  }

  Verdict said(std::string_view encoded) const {
    const auto body = detail::flat_object(encoded);
    if (!body) return {};
    const std::string* issuer = body->text_of("iss");
    const std::string* room = body->text_of("aud");
    const std::string* place = body->text_of("sub");
    const std::string* id = body->text_of("jti");
    const std::int64_t* issued = body->integer_of("iat");
    const std::int64_t* not_before = body->integer_of("nbf");
    const std::int64_t* expires = body->integer_of("exp");
    const std::int64_t* epoch = body->integer_of("epoch");
    if (!issuer || !room || !id_fits(place) || !id_fits(id)) return {};
    if (!time_fits(issued) || !time_fits(not_before) || !time_fits(expires)) return {};
    if (!epoch && body->find("epoch")) return {};
    if (*issuer != options_.issuer) return {.refusal = Refusal::wrong_issuer};
    if (*room != options_.room) return {.refusal = Refusal::wrong_room};
    return {.pass = Pass{.room = *room,
                         .place = *place,
                         .id = *id,
                         .issued_at = *issued,
                         .not_before = *not_before,
                         .expires_at = *expires,
                         .epoch = epoch ? *epoch : 0}};
  }

  static bool id_fits(const std::string* id) {
    return id && !id->empty() && id->size() <= kIdBytesMax;
  }
  static bool time_fits(const std::int64_t* seconds) {
    constexpr std::int64_t kEndOfYear9999 = 253'402'300'799;
    return seconds && *seconds >= 0 && *seconds <= kEndOfYear9999;
  }

  const Options options_;
  mutable std::mutex mutex_;
  Keys keys_;               // guarded by mutex_
  std::int64_t epoch_ = 0;  // guarded by mutex_
  Uses uses_{options_.uses_max};
};

}  // namespace onsale_gate
