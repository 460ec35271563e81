// The verifier over the shared vectors, and over a million passes that somebody has tampered with.
#include "gates/cpp/onsale_gate.h"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/json.hpp>
#include <fstream>
#include <random>
#include <sstream>
#include <thread>

#include "gates/cpp/onsale_gate_path.h"
#include "gates/vectors/vectors.h"
#include "platform/crypto/mutants.h"

namespace onsale_gate {
namespace {

namespace json = boost::json;

std::string file_text(const char* path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string text(const json::value& value) { return std::string(value.as_string()); }

struct Vectors : testing::Test {
  std::unique_ptr<Gate> gate(bool keys = true, std::size_t uses_max = 1000) const {
    auto made =
        std::make_unique<Gate>(Gate::Options{.room = text(all.at("room")),
                                             .issuer = text(all.at("issuer")),
                                             .skew_seconds = all.at("skew_seconds").as_int64(),
                                             .uses_max = uses_max});
    if (keys) made->set_keys(keys_of("jwks"));
    made->set_epoch(all.at("epoch").as_int64());
    return made;
  }
  std::vector<Key> keys_of(const char* name) const {
    return parse_jwks(json::serialize(all.at(name))).value();
  }
  std::string pass(std::string_view name) const {
    for (const json::value& item : all.at("cases").as_array())
      if (item.at("name").as_string() == name) return text(item.at("steps").at(0).at("pass"));
    return "";
  }
  std::int64_t now() const { return all.at("now").as_int64(); }

  json::object all = json::parse(file_text("gates/vectors.json")).as_object();
};
using OnsaleGate = Vectors;

TEST_F(Vectors, AreWhatTheServersSignerMakes) {
  EXPECT_EQ(file_text("gates/vectors.json"), onsale::gates::vectors_json())
      << "run gates/regenerate";
}

TEST_F(Vectors, EachStepIsAnsweredAsItSays) {
  std::size_t steps = 0;
  for (const json::value& item : all.at("cases").as_array()) {
    const auto made = gate(!item.as_object().contains("no_keys"));
    for (const json::value& value : item.at("steps").as_array()) {
      const json::object& step = value.as_object();
      if (step.contains("keys")) made->set_keys(keys_of("jwks_active"));
      if (step.contains("epoch")) made->set_epoch(step.at("epoch").as_int64());
      const std::string session = step.contains("session") ? text(step.at("session")) : "";
      const Verdict verdict = made->use(text(step.at("pass")), step.at("at").as_int64(), session);
      const std::string said = verdict ? "accepted" : std::string(to_string(verdict.refusal));
      const std::string expected = text(step.at("expect"));
      EXPECT_TRUE(said == expected || (expected == "refused" && !verdict))
          << item.at("name") << ": " << said << ", expected " << expected;
      ++steps;
    }
  }
  EXPECT_GE(steps, 90U);
}

TEST_F(OnsaleGate, SaysWhatThePassSays) {
  const auto made = gate();
  const Verdict verdict = made->check(pass("valid"), now());
  ASSERT_TRUE(verdict);
  EXPECT_EQ(verdict.pass->room, "film-1");
  EXPECT_EQ(verdict.pass->place, "plc_0000000000000000000000000A");
  EXPECT_EQ(verdict.pass->id, "pas_1");
  EXPECT_EQ(verdict.pass->issued_at, now());
  EXPECT_EQ(verdict.pass->expires_at, now() + 120);
  EXPECT_EQ(verdict.pass->epoch, 3);
}

TEST_F(OnsaleGate, LookingDoesNotUseUp) {
  const auto made = gate();
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(made->check(pass("valid"), now()));
  EXPECT_EQ(made->uses(), 0U);
  EXPECT_TRUE(made->use(pass("valid"), now(), "one"));
  EXPECT_EQ(made->use(pass("valid"), now(), "two").refusal, Refusal::used);
}

// What use() does is what stops a replay: without it both get in.
TEST_F(OnsaleGate, NegativeControlWithoutUseAReplayGetsIn) {
  const auto made = gate();
  EXPECT_TRUE(made->check(pass("valid"), now()));
  EXPECT_TRUE(made->check(pass("valid"), now()));
}

TEST_F(OnsaleGate, RemembersBoundedAndForgetsWithThePass) {
  const auto made = gate(true, 1);
  const std::string second = [&] {
    for (const json::value& item : all.at("cases").as_array())
      if (item.at("name").as_string() == "two passes of two people")
        return text(item.at("steps").at(1).at("pass"));
    return std::string();
  }();
  EXPECT_TRUE(made->use(pass("valid"), now(), "one"));
  EXPECT_EQ(made->use(second, now(), "two").refusal, Refusal::full);
  EXPECT_TRUE(made->use(pass("valid"), now(), "one"));  // who is inside stays inside
  EXPECT_EQ(made->uses(), 1U);
  EXPECT_EQ(made->use("x", now() + 1000).refusal, Refusal::malformed);
  EXPECT_EQ(made->use(second, now() + 200, "two").refusal, Refusal::expired);
}

TEST_F(OnsaleGate, ReadsKeySetsStrictly) {
  const std::string good = json::serialize(all.at("jwks"));
  EXPECT_EQ(parse_jwks(good)->size(), 2U);
  EXPECT_FALSE(parse_jwks(""));
  EXPECT_FALSE(parse_jwks("{}"));
  EXPECT_FALSE(parse_jwks(R"({"keys":[]})"));
  EXPECT_FALSE(parse_jwks(R"({"keys":{}})"));
  EXPECT_FALSE(parse_jwks(good + "x"));
  EXPECT_FALSE(parse_jwks(good.substr(0, good.size() - 1)));
  EXPECT_FALSE(parse_jwks(R"({"keys":[{"kty":"RSA","kid":"1","n":"AQAB","e":"AQAB"}]})"));
  EXPECT_FALSE(parse_jwks(R"({"keys":[{"kty":"OKP","crv":"Ed25519","kid":"1","x":"AAAA"}]})"));
  EXPECT_FALSE(parse_jwks(std::string(100'000, '[')));
  std::string mixed = good;
  mixed.insert(mixed.find('[') + 1, R"({"kty":"RSA","kid":"1","n":"AQAB","e":"AQAB","a":[1]},)");
  EXPECT_EQ(parse_jwks(mixed)->size(), 2U);
}

TEST_F(OnsaleGate, OneSpellingOfEveryPass) {
  const std::string good = pass("valid");
  const auto made = gate();
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (const char c : {'A', 'B', '.', '=', ' ', '\0', '\x80'}) {
      if (good[i] == c) continue;
      std::string mutant = good;
      mutant[i] = c;
      EXPECT_FALSE(made->check(mutant, now())) << i;
    }
  }
  EXPECT_TRUE(made->check(good, now()));
}

TEST_F(OnsaleGate, AMillionMutantsAndNoneIsLetIn) {
  const std::string good = pass("valid");
  const std::string other = pass("valid, signed by the key before the rotation");
  const auto made = gate(true, 10'000'000);
  const std::size_t count = onsale::crypto::mutants_wanted("ONSALE_GATE_MUTANTS");
  std::atomic<std::size_t> tried{0}, accepted{0}, by_signature{0};
  const unsigned threads = std::max(1U, std::thread::hardware_concurrency());
  {
    std::vector<std::jthread> workers;
    for (unsigned t = 0; t < threads; ++t) {
      workers.emplace_back([&, t] {
        std::mt19937_64 random(20'261'121 + t);
        while (tried.load() < count) {
          const std::string mutant = onsale::crypto::mutant_of(good, other, random);
          if (mutant == good || mutant == other) continue;
          ++tried;
          const Verdict verdict = made->use(mutant, now());
          if (verdict) ++accepted;
          if (verdict.refusal == Refusal::bad_signature) ++by_signature;
        }
      });
    }
  }
  EXPECT_GE(tried.load(), count);
  EXPECT_EQ(accepted.load(), 0U);
  EXPECT_GT(by_signature.load(), count / 3);  // most of them got as far as the signature
  EXPECT_EQ(made->uses(), 0U);
  EXPECT_TRUE(made->use(good, now()));
  RecordProperty("mutants", static_cast<int>(tried.load()));
}

TEST_F(OnsaleGate, EachPathOfTheVectorsIsReadAsItSays) {
  std::vector<std::string> prefixes;
  for (const auto& prefix : all.at("prefixes").as_array()) prefixes.push_back(text(prefix));
  for (const auto& prefix : prefixes) EXPECT_TRUE(is_prefix(prefix)) << prefix;
  std::size_t count = 0;
  for (const auto& one : all.at("paths").as_array()) {
    const std::string path = text(one.at("path"));
    const std::string expect = text(one.at("expect"));
    const Reading reading = read_path(path, prefixes);
    EXPECT_EQ(reading, expect == "free"      ? Reading::free
                       : expect == "guarded" ? Reading::guarded
                                             : Reading::refused)
        << path;
    ++count;
  }
  EXPECT_GE(count, 50U);
  // The control: a comparison of beginnings, as a plain proxy has it, is fooled.
  EXPECT_FALSE(std::string_view("/%62uy").starts_with("/buy"));
  EXPECT_EQ(read_path("/%62uy", prefixes), Reading::guarded);
}

TEST_F(OnsaleGate, ManyThreadsAndOneWinner) {
  const auto made = gate();
  std::atomic<int> in{0};
  {
    std::vector<std::jthread> workers;
    for (int t = 0; t < 8; ++t) {
      workers.emplace_back([&, t] {
        for (int i = 0; i < 20; ++i) {
          if (made->use(pass("valid"), now(), std::to_string(t)) && i == 0) ++in;
          made->set_keys(keys_of("jwks"));
          made->set_epoch(3);
        }
      });
    }
  }
  EXPECT_EQ(in.load(), 1);
}

}  // namespace
}  // namespace onsale_gate
