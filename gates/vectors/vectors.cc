#include "gates/vectors/vectors.h"

#include <boost/json.hpp>
#include <vector>

#include "platform/crypto/bytes.h"
#include "platform/crypto/fakes.h"
#include "platform/crypto/token.h"
#include "waitroom/room/crypto_client.h"

namespace onsale::gates {
namespace {

namespace json = boost::json;

constexpr std::int64_t kNow = 1'800'000'000;  // 2027-01-15T08:00:00Z
constexpr std::int64_t kLife = 120;
constexpr std::int64_t kSkew = 5;
constexpr std::int64_t kEpoch = 3;
constexpr std::string_view kRoom = "film-1";
constexpr std::string_view kIssuer = "https://onsale.test";

Timestamp at(std::int64_t seconds) { return from_unix_ms(seconds * 1000); }

// A ring whose keys everybody knows.
struct TestRing {
  TestRing(char signs, std::string_view before) : ring(filled(store, signs, before), at(kNow)) {}

  crypto::MemoryKeyStore store;
  crypto::KeyRing ring;

 private:
  static crypto::KeyStore& filled(crypto::MemoryKeyStore& store, char signs,
                                  std::string_view before) {
    store.keys.push_back({.seed = std::string(crypto::kSeedBytes, signs), .created_at = at(kNow)});
    for (const char seed : before) {
      store.keys.push_back({.seed = std::string(crypto::kSeedBytes, seed),
                            .created_at = at(kNow - 86'400),
                            .retires_at = at(kNow + 86'400)});
    }
    return store;
  }
};

class Maker {
 public:
  std::string text();

 private:
  // What a good pass says; a case changes one thing.
  static waitroom::PassClaims claims() {
    return {.room = std::string(kRoom),
            .place = "plc_0000000000000000000000000A",
            .id = "pas_1",
            .issued_at = at(kNow),
            .expires_at = at(kNow + kLife),
            .epoch = kEpoch};
  }
  std::string pass(const waitroom::PassClaims& said = claims()) { return server_->sign_pass(said); }
  std::string pass_of(const crypto::KeyRing& ring, std::string_view issuer = kIssuer) {
    return waitroom::make_signer(ring, std::string(issuer))->sign_pass(claims());
  }
  std::string pass_with_id(std::string id) {
    auto said = claims();
    said.id = std::move(id);
    return pass(said);
  }

  // A token of any form under the server's own key.
  std::string raw(std::string_view header, std::string_view body) {
    const std::string message = crypto::base64url(header) + '.' + crypto::base64url(body);
    return message + '.' + crypto::base64url(both_.ring.active()->sign(message));
  }
  std::string kid() const { return both_.ring.active()->kid(); }
  std::string header(std::string_view alg, std::string_view more = "") const {
    return R"({"alg":")" + std::string(alg) + R"(","typ":"pass+jwt","kid":")" + kid() + '"' +
           std::string(more) + '}';
  }
  static std::string body(std::string_view claim = "", std::string_view value = "") {
    std::string out = "{";
    const std::vector<std::pair<std::string_view, std::string>> members{
        {"iss", '"' + std::string(kIssuer) + '"'},
        {"aud", '"' + std::string(kRoom) + '"'},
        {"sub", R"("plc_0000000000000000000000000A")"},
        {"jti", R"("pas_1")"},
        {"iat", std::to_string(kNow)},
        {"nbf", std::to_string(kNow)},
        {"exp", std::to_string(kNow + kLife)},
        {"epoch", std::to_string(kEpoch)}};
    for (const auto& [name, usual] : members) {
      const std::string_view said = name == claim ? value : std::string_view(usual);
      if (said.empty()) continue;
      if (out.size() > 1) out += ',';
      out.append("\"").append(name).append("\":").append(said);
    }
    return out + '}';
  }

  struct Step {
    std::string pass;
    std::string_view expect;
    std::int64_t at = kNow;
    std::string_view session = "";
    std::string_view keys = "";  // handed over before this step: "all", "active"
    std::int64_t epoch = -1;     // set before this step
  };
  void add(std::string_view name, const std::vector<Step>& steps, bool no_keys = false);
  void one(std::string_view name, std::string pass, std::string_view expect,
           std::int64_t at = kNow) {
    add(name, {{.pass = std::move(pass), .expect = expect, .at = at}});
  }

  void good();
  void claims_of_others();
  void times_and_epochs();
  void algorithms();
  void forms();
  void broken_claims();
  void changed();
  void uses();

  TestRing both_{'b', "a"};     // b signs, a still verifies
  TestRing previous_{'a', ""};  // before the rotation
  TestRing foreign_{'x', ""};
  std::unique_ptr<waitroom::Signer> server_ =
      waitroom::make_signer(both_.ring, std::string(kIssuer));
  json::array cases_;
};

void Maker::add(std::string_view name, const std::vector<Step>& steps, bool no_keys) {
  json::array list;
  for (const Step& step : steps) {
    json::object item;
    if (!step.keys.empty()) item["keys"] = json::string(step.keys.data(), step.keys.size());
    if (step.epoch >= 0) item["epoch"] = step.epoch;
    item["at"] = step.at;
    if (!step.session.empty())
      item["session"] = json::string(step.session.data(), step.session.size());
    item["expect"] = json::string(step.expect.data(), step.expect.size());
    item["pass"] = step.pass;
    list.push_back(std::move(item));
  }
  json::object one{{"name", json::string(name.data(), name.size())}};
  if (no_keys) one["no_keys"] = true;
  one["steps"] = std::move(list);
  cases_.push_back(std::move(one));
}

void Maker::good() {
  one("valid", pass(), "accepted");
  one("valid, signed by the key before the rotation", pass_of(previous_.ring), "accepted");
  auto newer = claims();
  newer.epoch = kEpoch + 1;
  one("valid, of an epoch that the gate has not heard of yet", pass(newer), "accepted");
  one("valid, with members that nobody knows",
      raw(header("EdDSA", R"(,"new":true)"), R"({"seat":null,)" + body().substr(1)), "accepted");
  one("valid, with spaces in its JSON",
      raw("{ \"kid\" : \"" + kid() + "\" ,\n\"typ\":\"pass+jwt\",\"alg\":\"EdDSA\" }",
          " " + body() + "\n"),
      "accepted");
}

void Maker::claims_of_others() {
  auto other = claims();
  other.room = "film-2";
  one("for another room", pass(other), "wrong_room");
  one("of another server with the same keys", pass_of(both_.ring, "https://other.test"),
      "wrong_issuer");
  one("signed by a key that is not ours", pass_of(foreign_.ring), "unknown_key");
  const std::string claimed = crypto::base64url(header("EdDSA")) + '.' + crypto::base64url(body());
  one("signed by another key under our key's id",
      claimed + '.' + crypto::base64url(foreign_.ring.active()->sign(claimed)), "bad_signature");
  const crypto::Claims access{.issuer = std::string(kIssuer),
                              .subject = "acc_1",
                              .audience = std::string(kRoom),
                              .id = "1",
                              .issued_at = at(kNow),
                              .not_before = at(kNow),
                              .expires_at = at(kNow + kLife)};
  one("an access token of the same server", crypto::sign_jwt(both_.ring, "at+jwt", access),
      "wrong_type");
  one("without a type", raw(R"({"alg":"EdDSA","kid":")" + kid() + R"("})", body()), "wrong_type");
  one("a place token", server_->sign_place("payload"), "malformed");
}

void Maker::times_and_epochs() {
  one("in its last second", pass(), "accepted", kNow + kLife - 1);
  one("expired within the skew", pass(), "accepted", kNow + kLife + kSkew - 1);
  one("expired", pass(), "expired", kNow + kLife + kSkew);
  one("expired for a year", pass(), "expired", kNow + 31'536'000);
  one("early within the skew", pass(), "accepted", kNow - kSkew);
  one("not yet valid", pass(), "not_yet_valid", kNow - kSkew - 1);
  auto old = claims();
  old.epoch = kEpoch - 1;
  one("of an epoch that has ended", pass(old), "revoked");
  one("without an epoch where the first has ended", raw(header("EdDSA"), body("epoch")), "revoked");
  add("the epoch ends under a pass",
      {{.pass = pass(), .expect = "accepted", .session = "one"},
       {.pass = pass(), .expect = "revoked", .session = "one", .epoch = kEpoch + 1},
       {.pass = pass(), .expect = "revoked", .session = "one", .epoch = kEpoch}});
}

void Maker::algorithms() {
  const std::string signature = raw(header("EdDSA"), body());
  const std::string tail = signature.substr(signature.rfind('.'));
  const auto unsigned_token = [&](std::string_view alg) {
    return crypto::base64url(header(alg)) + '.' + crypto::base64url(body());
  };
  one("alg none, no signature", unsigned_token("none") + '.', "bad_algorithm");
  one("alg None, with a signature", unsigned_token("None") + tail, "bad_algorithm");
  one("alg none, signed all the same", raw(header("none"), body()), "bad_algorithm");
  const std::string hmac_message = unsigned_token("HS256");
  const std::string hmac = crypto::HashKey(both_.ring.active()->public_key()).mac(hmac_message);
  one("alg HS256 keyed with our public key", hmac_message + '.' + crypto::base64url(hmac),
      "bad_algorithm");
  one("alg ES256", raw(header("ES256"), body()), "bad_algorithm");
  one("alg eddsa", raw(header("eddsa"), body()), "bad_algorithm");
  one("alg missing", raw(R"({"typ":"pass+jwt","kid":")" + kid() + R"("})", body()),
      "bad_algorithm");
  one("alg is a number", raw(R"({"alg":1,"typ":"pass+jwt","kid":")" + kid() + R"("})", body()),
      "bad_algorithm");
  one("kid missing", raw(R"({"alg":"EdDSA","typ":"pass+jwt"})", body()), "unknown_key");
  one("a key of its own in the header", raw(header("EdDSA", R"(,"jwk":{"kty":"OKP"})"), body()),
      "malformed");
  one("an extension that must be understood", raw(header("EdDSA", R"(,"crit":"exp")"), body()),
      "malformed");
}

void Maker::forms() {
  const std::string good = pass();
  const std::size_t first = good.find('.');
  const std::size_t second = good.rfind('.');
  one("empty", "", "malformed");
  one("a word", "pass", "malformed");
  one("two dots", "..", "malformed");
  one("two parts", good.substr(0, second), "malformed");
  one("four parts", good + ".AAAA", "malformed");
  one("without a signature", good.substr(0, second + 1), "bad_signature");
  one("a signature cut short", good.substr(0, good.size() - 6), "bad_signature");
  one("a signature with more behind it", good + "AAAA", "bad_signature");
  one("padding", good + "==", "malformed");
  one("a space in front", " " + good, "malformed");
  one("a line break behind", good + "\n", "malformed");
  one("the other base64 alphabet", good.substr(0, second + 1) + "+/" + good.substr(second + 3),
      "malformed");
  std::string stray = good;  // 86 characters hold 516 bits for 512: the last four must be zero
  stray.back() = static_cast<char>(stray.back() + 1);
  one("stray bits in the last character", stray, "malformed");
  one("longer than any pass", good + std::string(4096, 'A'), "malformed");
  one("a header that is no JSON", crypto::base64url("{alg:EdDSA}") + good.substr(first),
      "malformed");
  one("a header that is a list", crypto::base64url(R"(["EdDSA"])") + good.substr(first),
      "malformed");
  one("claims that are a list", raw(header("EdDSA"), "[1]"), "malformed");
  one("claims that are no JSON", raw(header("EdDSA"), body() + "}"), "malformed");
  add("no key was handed over", {{.pass = good, .expect = "no_keys"}}, true);
}

void Maker::broken_claims() {
  for (const std::string_view claim : {"iss", "aud", "sub", "jti", "iat", "nbf", "exp"})
    one("without " + std::string(claim), raw(header("EdDSA"), body(claim)), "malformed");
  const auto broken = [&](std::string_view claim, std::string_view value) {
    one(std::string(claim) + " is " + std::string(value), raw(header("EdDSA"), body(claim, value)),
        "malformed");
  };
  broken("exp", "\"1800000120\"");
  broken("exp", "1800000120.5");
  broken("exp", "-1");
  broken("exp", "9223372036854775807");
  broken("exp", "1e99");
  broken("exp", "true");
  broken("exp", "{}");
  broken("nbf", "null");
  broken("epoch", "\"3\"");
  broken("epoch", "3.5");
  broken("epoch", "null");
  broken("aud", R"(["film-1"])");
  broken("sub", R"("")");
  broken("jti", R"("")");
  broken("jti", "7");
}

void Maker::changed() {
  const std::string good = pass();
  auto later = claims();
  later.expires_at = at(kNow + 10 * kLife);
  const std::string other = pass(later);
  const std::size_t first = good.find('.');
  const std::size_t second = good.rfind('.');
  one("other claims under a good signature",
      good.substr(0, first) + other.substr(first, other.rfind('.') - first) + good.substr(second),
      "bad_signature");
  for (const std::size_t position :
       {first + 1, first + 20, first + 60, second - 1, second + 1, second + 20, good.size() - 3}) {
    std::string mutant = good;
    mutant[position] = mutant[position] == 'A' ? 'B' : 'A';
    one("character " + std::to_string(position) + " changed", mutant, "refused");
  }
}

void Maker::uses() {
  const std::string good = pass();
  add("replayed by another session",
      {{.pass = good, .expect = "accepted", .session = "one"},
       {.pass = good, .expect = "accepted", .session = "one"},
       {.pass = good, .expect = "used", .session = "two"},
       {.pass = good, .expect = "used"},
       {.pass = good, .expect = "accepted", .at = kNow + kLife, .session = "one"},
       {.pass = good, .expect = "expired", .at = kNow + kLife + kSkew, .session = "one"},
       {.pass = good, .expect = "expired", .at = kNow + kLife + kSkew, .session = "two"}});
  add("replayed without sessions",
      {{.pass = good, .expect = "accepted"}, {.pass = good, .expect = "used"}});
  add("a refused pass is not used up",
      {{.pass = good, .expect = "not_yet_valid", .at = kNow - 60, .session = "one"},
       {.pass = good, .expect = "accepted", .session = "two"}});
  add("two passes of two people",
      {{.pass = good, .expect = "accepted", .session = "one"},
       {.pass = pass_with_id("pas_2"), .expect = "accepted", .session = "two"},
       {.pass = pass_with_id("pas_2"), .expect = "used", .session = "one"}});
  add("a rotation: both keys are good, then the old one goes",
      {{.pass = pass_of(previous_.ring), .expect = "accepted", .session = "one"},
       {.pass = pass_with_id("pas_2"), .expect = "accepted", .session = "two"},
       {.pass = pass_of(previous_.ring),
        .expect = "unknown_key",
        .session = "one",
        .keys = "active"},
       {.pass = pass_with_id("pas_2"), .expect = "accepted", .session = "two"}});
}

std::string Maker::text() {
  good();
  claims_of_others();
  times_and_epochs();
  algorithms();
  forms();
  broken_claims();
  changed();
  uses();
  const TestRing active{'b', ""};
  std::string out = "{\n";
  const auto line = [&out](std::string_view name, const std::string& value) {
    out.append("\"").append(name).append("\": ").append(value).append(",\n");
  };
  line("about",
       R"("Made by gates/regenerate with the server's own signer. Each case begins with a new )"
       R"(gate. `refused` is any refusal. The keys are for tests only.")");
  line("room", json::serialize(json::string(kRoom.data(), kRoom.size())));
  line("issuer", json::serialize(json::string(kIssuer.data(), kIssuer.size())));
  line("skew_seconds", std::to_string(kSkew));
  line("now", std::to_string(kNow));
  line("epoch", std::to_string(kEpoch));
  line("jwks", both_.ring.jwks_json(at(kNow)));
  line("jwks_active", active.ring.jwks_json(at(kNow)));
  out += "\"cases\": [\n";
  for (std::size_t i = 0; i < cases_.size(); ++i)
    out += json::serialize(cases_[i]) + (i + 1 < cases_.size() ? ",\n" : "\n");
  return out + "],\n";
}

struct PathCase {
  std::string_view path, expect;
};

// Read with kPrefixes. Refused: 400, at every address.
constexpr std::string_view kPrefixes[] = {"/buy", "/api/orders"};
constexpr PathCase kPaths[] = {
    {"/", "free"},
    {"/buyers", "free"},
    {"/about/buy", "free"},
    {"/api/order", "free"},
    {"/api", "free"},
    {"/.well-known/x", "free"},
    {"/a.b/..c", "free"},
    {"/wiki/Talk:Buy", "free"},
    {"/cart;jsessionid=1/x", "free"},
    {"/x%2fy", "free"},
    {"/100%25", "free"},
    {"/%EC%A2%8C", "free"},
    {"/%B0%A1", "free"},
    {"/x%2fbuy", "free"},
    {"/buy", "guarded"},
    {"/buy/seats", "guarded"},
    {"/BUY", "guarded"},
    {"/b%75y", "guarded"},
    {"/%2562uy", "guarded"},
    {"//buy", "guarded"},
    {"/%2fbuy", "guarded"},
    {"/%252fbuy", "guarded"},
    {"/buy%2fseats", "guarded"},
    {"/buy;x=1", "guarded"},
    {"/buy%3bx/y", "guarded"},
    {"/buy::$DATA", "guarded"},
    {"/buy%3a%3a$DATA", "guarded"},
    {"/buy:x/y", "guarded"},
    {"/buy.", "guarded"},
    {"/buy%20", "guarded"},
    {"/buy.%20./x", "guarded"},
    {"/buy%2e", "guarded"},
    {"/api//orders/7", "guarded"},
    {"/API/Orders;a;b", "guarded"},
    {"/buy/../x", "refused"},
    {"/x/../buy", "refused"},
    {"/x/./buy", "refused"},
    {"/x/..", "refused"},
    {"/x/%2e%2e/buy", "refused"},
    {"/x/.%2E/y", "refused"},
    {"/x/%252e%252e/y", "refused"},
    {"/x%2f..%2fbuy", "refused"},
    {"/buy/..;/x", "refused"},
    {"/x/..%3b/y", "refused"},
    {"/;/buy", "refused"},
    {"/.../buy", "refused"},
    {"/%20/buy", "refused"},
    {"/::$DATA/buy", "refused"},
    {"/x\\buy", "refused"},
    {"/x%5cbuy", "refused"},
    {"/x%255cbuy", "refused"},
    {"/buy%00", "refused"},
    {"/b%0auy", "refused"},
    {"/buy%", "refused"},
    {"/%u0062uy", "refused"},
    {"buy", "refused"},
};

std::string paths_text() {
  json::array prefixes, paths;
  for (const auto prefix : kPrefixes) prefixes.emplace_back(prefix);
  std::string out = "\"prefixes\": " + json::serialize(prefixes) + ",\n\"paths\": [\n";
  for (const PathCase& one : kPaths) {
    out += json::serialize(json::object{{"path", one.path}, {"expect", one.expect}});
    out += &one == std::end(kPaths) - 1 ? "\n" : ",\n";
  }
  return out + "]\n";
}

}  // namespace

std::string vectors_json() { return Maker().text() + paths_text() + "}\n"; }

}  // namespace onsale::gates
