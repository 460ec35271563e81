#include <gtest/gtest.h>
#include <sys/stat.h>

#include <boost/json.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include "base/fakes.h"
#include "platform/crypto/bytes.h"
#include "platform/crypto/fakes.h"
#include "platform/crypto/key_file.h"
#include "platform/crypto/password.h"
#include "platform/crypto/seal.h"
#include "platform/crypto/token.h"
#include "platform/crypto/verified_cache.h"

namespace onsale::crypto {
namespace {

using namespace std::chrono_literals;

const Timestamp kNow = from_unix_ms(1'800'000'000'000);

std::string unhex(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    bytes.push_back(static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  return bytes;
}

Claims good_claims() {
  return {.issuer = "https://onsale.test",
          .subject = "plc_1",
          .audience = "film-x",
          .id = "pas_1",
          .issued_at = kNow,
          .not_before = kNow,
          .expires_at = kNow + 10min,
          .text = {{"role", "buyer"}},
          .numbers = {{"epoch", 7}}};
}

Expected expected() {
  return {.issuer = "https://onsale.test", .audience = "film-x", .type = "pass+jwt"};
}

struct Keys : testing::Test {
  MemoryKeyStore store;
  KeyRing ring{store, kNow};
};
using Jwt = Keys;
using SignedBytes = Keys;
using Seal = Keys;
using Cache = Keys;

TEST(Bytes, Base64ForOthersIsPadded) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("test_sk_x:"), "dGVzdF9za194Og==");
  EXPECT_EQ(base64("\xfb\xff\xbf"), "+/+/");
}

TEST(Base64Url, RoundTripsEveryLengthAndRefusesOtherSpellings) {
  for (std::size_t n = 0; n < 70; ++n) {
    const std::string bytes = random_bytes(n);
    EXPECT_EQ(from_base64url(base64url(bytes)), bytes);
  }
  EXPECT_EQ(base64url("\xfb\xff\xfe"), "-__-");
  for (const char* wrong : {"A", "AA==", "AA=", "A A", "+/+/", "AB", "AAB", "\xff\xff", "AAA\n"})
    EXPECT_FALSE(from_base64url(wrong)) << wrong;
}

TEST(Hash, AgreesWithKnownAnswersAndKeysMatter) {
  EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(HashKey("s").mac("x"), HashKey("s").mac("x"));
  EXPECT_NE(HashKey("s").mac("x"), HashKey("t").mac("x"));
  EXPECT_NE(HashKey().hash128("x"), HashKey().hash128("x"));
  EXPECT_TRUE(equal_constant_time("secret", "secret"));
  EXPECT_FALSE(equal_constant_time("secret", "secreT"));
  EXPECT_FALSE(equal_constant_time("secret", "secre"));
}

// RFC 4231, cases 1, 2 and 6: a short key, a shorter one, one above the block.
TEST(Hash, HmacAgreesWithRfc4231) {
  const auto mac = [](std::string_view key, std::string_view text) {
    const Sha256 digest = hmac_sha256(key, text);
    return hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
  };
  EXPECT_EQ(mac(std::string(20, 0x0b), "Hi There"),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(mac("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(mac(std::string(131, static_cast<char>(0xaa)),
                "Test Using Larger Than Block-Size Key - Hash Key First"),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Password, OnlyTheRightOneVerifies) {
  const std::string hash = hash_password("correct horse");
  EXPECT_TRUE(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
  EXPECT_TRUE(verify_password(hash, "correct horse"));
  EXPECT_FALSE(verify_password(hash, "correct horsf"));
  EXPECT_FALSE(verify_password(hash, ""));
  EXPECT_FALSE(verify_password("", "correct horse"));
  EXPECT_FALSE(verify_password("$argon2id$nonsense", "correct horse"));
  EXPECT_FALSE(verify_password(decoy_password_hash(), "correct horse"));
  EXPECT_FALSE(needs_rehash(hash));
  EXPECT_TRUE(
      needs_rehash("$argon2id$v=19$m=9728,t=1,p=1$c29tZXNhbHRzb21lc2Fs$"
                   "RdescudvJCsgt3ub+b27dRWLVoZRL+lSgd2zXnpzv0s"));
  EXPECT_TRUE(needs_rehash("garbage"));
}

// RFC 8032, section 7.1, tests 1 to 3.
TEST(Ed25519, AgreesWithRfc8032) {
  struct Vector {
    const char *seed, *public_key, *message, *signature;
  };
  const Vector vectors[] = {
      {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
       "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
       "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf"
       "9b"
       "46bd25bf5f0595bbe24655141438e7a100b"},
      {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
       "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
       "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f"
       "11"
       "d8c387b2eaeb4302aeeb00d291612bb0c00"},
      {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
       "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
       "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984"
       "dc"
       "6594a7c15e9716ed28dc027beceea1ec40a"},
  };
  for (const Vector& vector : vectors) {
    const Key key({.seed = unhex(vector.seed)});
    EXPECT_EQ(hex(key.public_key()), vector.public_key);
    EXPECT_EQ(hex(key.sign(unhex(vector.message))), vector.signature);
    EXPECT_TRUE(key.verify(unhex(vector.message), unhex(vector.signature)));
    EXPECT_FALSE(key.verify("other", unhex(vector.signature)));
  }
}

// RFC 8037, appendix A.3: the thumbprint of the key of RFC 8032's first test.
TEST(Ed25519, KeyIdIsTheRfc7638ThumbprintShortened) {
  const Key key(
      {.seed = unhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")});
  const auto whole = from_base64url("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
  EXPECT_EQ(key.kid(), base64url(whole->substr(0, kKidBytes)));
}

TEST_F(Jwt, SaysWhatWasSigned) {
  const std::string token = sign_jwt(ring, "pass+jwt", good_claims());
  const auto claims = verify_jwt(ring, token, expected(), kNow);
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->subject, "plc_1");
  EXPECT_EQ(claims->id, "pas_1");
  EXPECT_EQ(claims->expires_at, kNow + 10min);
  EXPECT_EQ(claims->text.at("role"), "buyer");
  EXPECT_EQ(claims->numbers.at("epoch"), 7);
  EXPECT_EQ(claims->numbers.size(), 1U);
}

TEST_F(Jwt, EveryRefusalHasItsName) {
  const auto why = [&](const Claims& claims, Expected want, Timestamp now) {
    const auto result = verify_jwt(ring, sign_jwt(ring, "pass+jwt", claims), want, now);
    return result ? "accepted" : to_string(result.error());
  };
  EXPECT_EQ(why(good_claims(), expected(), kNow), "accepted");
  EXPECT_EQ(why(good_claims(), expected(), kNow + 10min), "expired");
  EXPECT_EQ(why(good_claims(), expected(), kNow + 10min - 1ms), "accepted");
  EXPECT_EQ(why(good_claims(), expected(), kNow - 1s), "not_yet_valid");
  Expected lenient = expected();
  lenient.leeway = 5s;
  EXPECT_EQ(why(good_claims(), lenient, kNow - 5s), "accepted");
  EXPECT_EQ(why(good_claims(), lenient, kNow + 10min + 4s), "accepted");
  EXPECT_EQ(why(good_claims(), lenient, kNow + 10min + 5s), "expired");
  EXPECT_EQ(why(good_claims(), {"https://onsale.test", "film-y", "pass+jwt"}, kNow),
            "wrong_audience");
  EXPECT_EQ(why(good_claims(), {"https://other.test", "film-x", "pass+jwt"}, kNow), "wrong_issuer");
  EXPECT_EQ(why(good_claims(), {"https://onsale.test", "film-x", "at+jwt"}, kNow), "wrong_type");

  MemoryKeyStore foreign_store;
  const KeyRing foreign(foreign_store, kNow);
  const auto forged = sign_jwt(foreign, "pass+jwt", good_claims());
  EXPECT_EQ(verify_jwt(ring, forged, expected(), kNow).error(), TokenRefusal::unknown_key);
  for (const std::string wrong : {"", ".", "..", "a.b.c", "a.b.c.d", "e30.e30.", "e30.e30"})
    EXPECT_FALSE(verify_jwt(ring, wrong, expected(), kNow)) << wrong;
  EXPECT_EQ(verify_jwt(ring, std::string(5000, 'A'), expected(), kNow).error(),
            TokenRefusal::malformed);
}

TEST_F(Jwt, TheTokenCannotChooseItsAlgorithm) {
  const std::string good = sign_jwt(ring, "pass+jwt", good_claims());
  const std::string rest = good.substr(good.find('.'));
  const std::string kid = ring.active()->kid();
  for (const char* alg : {"none", "HS256", "eddsa", "ES256"}) {
    const std::string header =
        std::string(R"({"alg":")") + alg + R"(","typ":"pass+jwt","kid":")" + kid + "\"}";
    const auto result = verify_jwt(ring, base64url(header) + rest, expected(), kNow);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error(), TokenRefusal::bad_algorithm) << alg;
  }
}

// Any change of one character, and cuts and swaps, over 10,000 seeded mutations.
template <class Verify>
int accepted_mutants(const std::string& good, Verify verify) {
  std::mt19937 engine(20'260'101);
  int accepted = 0;
  for (int i = 0; i < 10'000; ++i) {
    std::string token = good;
    const std::size_t at = engine() % token.size();
    switch (engine() % 4) {
      case 0:
        token[at] = static_cast<char>(engine() % 256);
        break;
      case 1:
        token.erase(at, 1 + engine() % 4);
        break;
      case 2:
        token.insert(at, 1, "ABCabc019-_."[engine() % 12]);
        break;
      default:
        std::swap(token[at], token[engine() % token.size()]);
    }
    if (token != good && verify(token)) ++accepted;
  }
  return accepted;
}

TEST_F(Jwt, NoMutantIsAccepted) {
  const std::string good = sign_jwt(ring, "pass+jwt", good_claims());
  JwtVerifier cached(ring, expected(), 1000);
  ASSERT_TRUE(cached.verify(good, kNow));
  EXPECT_EQ(
      accepted_mutants(
          good, [&](const auto& t) { return verify_jwt(ring, t, expected(), kNow).has_value(); }),
      0);
  EXPECT_EQ(
      accepted_mutants(good, [&](const auto& t) { return cached.verify(t, kNow).has_value(); }), 0);
}

TEST_F(Jwt, NegativeControlMutantsGetThroughWhenTheSignatureIsNotLookedAt) {
  const std::string good = sign_jwt(ring, "pass+jwt", good_claims());
  EXPECT_GT(accepted_mutants(good,
                             [](const std::string& t) {
                               const auto a = t.find('.');
                               const auto b = t.find('.', a + 1);
                               return b != t.npos &&
                                      from_base64url(t.substr(a + 1, b - a - 1)).has_value();
                             }),
            0);
}

TEST_F(SignedBytes, ShortAndBoundToTheirPurpose) {
  const std::string payload = random_bytes(60);
  const std::string token = sign_bytes(ring, "place", payload);
  EXPECT_LE(token.size(), 200U);
  EXPECT_EQ(verify_bytes(ring, "place", token, kNow), payload);
  EXPECT_EQ(verify_bytes(ring, "ticket", token, kNow).error(), TokenRefusal::bad_signature);
  EXPECT_EQ(verify_bytes(ring, "place", "", kNow).error(), TokenRefusal::malformed);
  EXPECT_EQ(verify_bytes(ring, "place", "no token", kNow).error(), TokenRefusal::malformed);
  EXPECT_EQ(
      accepted_mutants(
          token, [&](const auto& t) { return verify_bytes(ring, "place", t, kNow).has_value(); }),
      0);
}

TEST_F(Seal, OpensOnlyForItsPurposeAndTime) {
  const std::string sealed = seal(ring, "cookie", "device 7", kNow + 1h);
  EXPECT_EQ(unseal(ring, "cookie", sealed, kNow), "device 7");
  EXPECT_EQ(unseal(ring, "other", sealed, kNow).error(), TokenRefusal::bad_signature);
  EXPECT_EQ(unseal(ring, "cookie", sealed, kNow + 1h).error(), TokenRefusal::expired);
  EXPECT_NE(sealed, seal(ring, "cookie", "device 7", kNow + 1h));
  EXPECT_EQ(accepted_mutants(
                sealed, [&](const auto& t) { return unseal(ring, "cookie", t, kNow).has_value(); }),
            0);
}

TEST_F(Keys, APreviousKeyVerifiesUntilItRetires) {
  Claims claims = good_claims();
  claims.expires_at = kNow + 24h;
  const std::string old_jwt = sign_jwt(ring, "pass+jwt", claims);
  const std::string old_bytes = sign_bytes(ring, "place", "p");
  const std::string old_kid = ring.active()->kid();
  ring.rotate(kNow, 1h);
  EXPECT_NE(ring.active()->kid(), old_kid);
  EXPECT_TRUE(verify_jwt(ring, old_jwt, expected(), kNow + 59min));
  EXPECT_EQ(verify_jwt(ring, old_jwt, expected(), kNow + 1h).error(), TokenRefusal::unknown_key);
  EXPECT_EQ(verify_bytes(ring, "place", old_bytes, kNow + 59min), "p");
  const auto count = [&](Timestamp now) {
    return boost::json::parse(ring.jwks_json(now)).at("keys").as_array().size();
  };
  EXPECT_EQ(count(kNow), 2U);
  EXPECT_EQ(count(kNow + 1h), 1U);
  for (int i = 0; i < 20; ++i) ring.rotate(kNow, 24h);
  EXPECT_EQ(count(kNow), 1 + kPreviousKeysMax);
  EXPECT_EQ(store.keys.size(), 1 + kPreviousKeysMax);
}

TEST_F(Keys, ASuccessorIsKnownBeforeItSigns) {
  const auto kids = [&](Timestamp now) {
    const auto set = boost::json::parse(ring.jwks_json(now));
    std::set<std::string> out;
    for (const auto& key : set.at("keys").as_array()) out.emplace(key.at("kid").as_string());
    return out;
  };
  const std::string first = ring.active()->kid();
  const auto renew = [](KeyRing& any, Timestamp now) { return any.renew(now, 90h, 2h, 360h); };
  EXPECT_FALSE(renew(ring, kNow + 89h));
  EXPECT_TRUE(renew(ring, kNow + 90h));
  EXPECT_EQ(ring.active()->kid(), first);
  EXPECT_EQ(kids(kNow + 90h).size(), 2U);
  EXPECT_FALSE(renew(ring, kNow + 91h));
  KeyRing restarted(store, kNow + 91h);  // remembers who signs and who will
  EXPECT_EQ(restarted.active()->kid(), first);
  EXPECT_TRUE(renew(restarted, kNow + 92h));
  const std::string second = restarted.active()->kid();
  EXPECT_NE(second, first);
  EXPECT_TRUE(kids(kNow + 90h).contains(second)) << "announced two hours before";
  EXPECT_FALSE(renew(restarted, kNow + 93h));
}

TEST_F(Keys, RenewedForYearsTheyStayFewAndWhatTheySignedVerifies) {
  std::vector<std::string> signed_at;  // by hour
  for (int hour = 0; hour < 3'000; ++hour) {
    const Timestamp now = kNow + std::chrono::hours(hour);
    ring.renew(now, 90h, 2h, 360h);
    signed_at.push_back(sign_bytes(ring, "ticket", std::to_string(hour)));
    ASSERT_LE(store.keys.size(), 2 + kPreviousKeysMax);
    if (hour >= 360) {
      const int then = hour - 359;
      ASSERT_EQ(verify_bytes(ring, "ticket", signed_at[static_cast<std::size_t>(then)], now),
                std::to_string(then));
    }
  }
}

TEST_F(Keys, JwksNamesEverythingAVerifierNeeds) {
  const auto set = boost::json::parse(ring.jwks_json(kNow));
  const auto& key = set.at("keys").at(0).as_object();
  EXPECT_EQ(key.at("kty"), "OKP");
  EXPECT_EQ(key.at("crv"), "Ed25519");
  EXPECT_EQ(key.at("alg"), "EdDSA");
  EXPECT_EQ(key.at("use"), "sig");
  EXPECT_EQ(key.at("kid").as_string(), ring.active()->kid());
  EXPECT_EQ(from_base64url(key.at("x").as_string().c_str()), ring.active()->public_key());
}

struct KeyFileTest : testing::Test {
  std::string directory = testing::TempDir() + "onsale_keys_" + std::to_string(::getpid());
  std::string path = directory + "/keys.json";
  KeyFileTest() { std::filesystem::create_directory(directory); }
  ~KeyFileTest() override { std::filesystem::remove_all(directory); }
};

TEST_F(KeyFileTest, ARestartKnowsTheKeysAndOnlyTheOwnerReadsThem) {
  KeyFile file(path);
  KeyRing first(file, kNow);
  first.rotate(kNow, 1h);
  const std::string token = sign_jwt(first, "pass+jwt", good_claims());
  const KeyRing second(file, kNow);
  EXPECT_TRUE(verify_jwt(second, token, expected(), kNow));
  EXPECT_EQ(second.jwks_json(kNow), first.jwks_json(kNow));
  struct stat info{};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
}

TEST_F(KeyFileTest, ADamagedFileIsNeverReplacedByAFreshKey) {
  std::ofstream(path) << R"({"keys":[{"seed":"short"}]})";
  KeyFile file(path);
  EXPECT_THROW(KeyRing(file, kNow), std::runtime_error);
  std::ofstream(path, std::ios::trunc) << "";
  EXPECT_THROW(KeyRing(file, kNow), std::runtime_error);
  KeyFile nowhere(directory + "/missing/keys.json");
  EXPECT_THROW(KeyRing(nowhere, kNow), std::runtime_error);
}

TEST_F(Cache, ChecksTheTimeAtEveryLook) {
  JwtVerifier verifier(ring, expected(), 1000);
  const std::string token = sign_jwt(ring, "pass+jwt", good_claims());
  const auto first = verifier.verify(token, kNow);
  const auto again = verifier.verify(token, kNow + 9min);
  ASSERT_TRUE(first && again);
  EXPECT_EQ(first->get(), again->get());
  EXPECT_EQ(verifier.verify(token, kNow + 10min).error(), TokenRefusal::expired);
}

TEST_F(Cache, ForgetsAWithdrawnKeyWithinMinutes) {
  BytesVerifier verifier(ring, "place", 1000);
  const std::string token = sign_bytes(ring, "place", "p");
  EXPECT_TRUE(verifier.verify(token, kNow));
  ring.rotate(kNow, 1s);
  EXPECT_EQ(verifier.verify(token, kNow + 10min).error(), TokenRefusal::unknown_key);
}

TEST_F(Cache, StaysWithinItsBound) {
  VerifiedCache<int> cache(320);
  for (int i = 0; i < 10'000; ++i) {
    const auto value =
        cache.get(std::to_string(i), kNow, [&]() -> Result<Verified<int>, TokenRefusal> {
          return Verified<int>{std::make_shared<const int>(i)};
        });
    ASSERT_EQ(**value, i);
    ASSERT_LE(cache.size(), 320U);
  }
  // What is looked at stays.
  int misses = 0;
  for (int i = 0; i < 1000; ++i) {
    for (const std::string& token : {std::string("hot"), std::to_string(i)})
      (void)cache.get(token, kNow, [&]() -> Result<Verified<int>, TokenRefusal> {
        misses += token == "hot";
        return Verified<int>{std::make_shared<const int>(0)};
      });
  }
  EXPECT_EQ(misses, 1);
}

TEST_F(Cache, ManyThreadsSeeOneTruth) {
  BytesVerifier verifier(ring, "place", 64);
  std::vector<std::string> tokens;
  for (int i = 0; i < 40; ++i) tokens.push_back(sign_bytes(ring, "place", std::to_string(i)));
  std::vector<std::jthread> threads;
  std::atomic<int> wrong{0};
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 2000; ++i) {
        const int n = (i * 7 + t) % 40;
        const auto payload = verifier.verify(tokens[n], kNow);
        if (!payload || **payload != std::to_string(n)) ++wrong;
      }
    });
  threads.clear();
  EXPECT_EQ(wrong, 0);
}

TEST_F(Cache, AKnownTokenCostsMuchLessThanASignature) {
  const std::string token = sign_jwt(ring, "pass+jwt", good_claims());
  JwtVerifier verifier(ring, expected(), 1000);
  const auto rate = [](int count, auto body) {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < count; ++i) body();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    return count / took.count();
  };
  const double raw = rate(500, [&] { (void)verify_jwt(ring, token, expected(), kNow); });
  const double cached = rate(50'000, [&] { (void)verifier.verify(token, kNow); });
  std::printf("verified tokens/s: %.0f by signature, %.0f cached\n", raw, cached);
  EXPECT_GT(cached, 3 * raw);
}

}  // namespace
}  // namespace onsale::crypto
