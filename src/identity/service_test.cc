#include "identity/service.h"

#include <gtest/gtest.h>

#include "base/fakes.h"
#include "base/overload.h"
#include "base/unicode.h"
#include "identity/crypto_client.h"
#include "identity/fakes.h"
#include "platform/crypto/fakes.h"

namespace onsale::identity {
namespace {

using std::chrono::days;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr const char* kIssuer = "https://onsale.test";

class IdentityService : public testing::Test {
 protected:
  void make(Settings settings) {
    identity_ = make_identity({.store = store_,
                               .passwords = passwords_,
                               .tokens = tokens_,
                               .ended = ended_,
                               .clock = clock_,
                               .random = random_},
                              settings);
  }
  IdentityService() { make({}); }

  SignedIn sign_up(const std::string& email = "ada@example.com") {
    auto session = sync_wait(identity_->sign_up({email, "correct horse", "Ada"}));
    EXPECT_TRUE(session);
    return std::move(*session);
  }
  auto login(const std::string& password, const std::string& address = "192.0.2.1",
             const std::string& email = "ada@example.com") {
    return sync_wait(identity_->login({email, password, address}));
  }
  auto refresh(const std::string& token) { return sync_wait(identity_->refresh(token)); }
  bool accepted(const std::string& access) {
    return verifier_.authenticate(access, clock_.now()).has_value();
  }

  FakeClock clock_;
  SeededRandom random_{1};
  FakeStore store_;
  FakePasswords passwords_;
  crypto::MemoryKeyStore key_store_;
  crypto::KeyRing ring_{key_store_, clock_.now()};
  SignedTokens tokens_{ring_, kIssuer};
  EndedSessions ended_{kAccessLife + kEndedSlack};
  AccessVerifier verifier_{ring_, kIssuer, ended_};
  std::unique_ptr<Identity> identity_;
};

TEST_F(IdentityService, SigningUpSignsIn) {
  const SignedIn session = sign_up(" Ada@Example.com ");
  EXPECT_EQ(session.account.email, "ada@example.com");
  EXPECT_EQ(session.account.role, Role::buyer);
  EXPECT_EQ(session.access_expires_at, clock_.now() + minutes(15));
  EXPECT_EQ(session.refresh_expires_at, clock_.now() + days(30));
  const auto principal = verifier_.authenticate(session.access_token, clock_.now());
  ASSERT_TRUE(principal);
  EXPECT_EQ(principal->account, session.account.id.str());
  EXPECT_EQ(principal->role, "buyer");
  EXPECT_EQ(verifier_.session_of(session.access_token, clock_.now()), session.session);
}

TEST_F(IdentityService, AnAddressThatIsTakenCostsNoHashing) {
  sign_up();
  const int before = passwords_.hashes;
  EXPECT_FALSE(sync_wait(identity_->sign_up({"ada@example.com", "correct horse", "Ada"})));
  EXPECT_EQ(passwords_.hashes, before);
}

TEST_F(IdentityService, WhatIsNoAddressIsNobodys) {
  sign_up();
  EXPECT_FALSE(sync_wait(identity_->find_by_email("ada")));
  EXPECT_TRUE(sync_wait(identity_->find_by_email(" ADA@example.com")));
}

// The role changes between the check of the password and the session.
TEST_F(IdentityService, ASessionHasTheRoleThatJustCame) {
  struct Changing : Passwords {
    explicit Changing(Store& accounts) : store(accounts) {}
    Task<std::string> hash(std::string password) override { co_return password; }
    Task<bool> verify(std::optional<std::string>, std::string) override {
      const auto changed = co_await store.set_role(account, Role::admin, Timestamp{});
      co_return changed.has_value();
    }
    bool outdated(const std::string&) const override { return false; }
    Store& store;
    AccountId account;
  } changing{store_};
  changing.account = sign_up().account.id;
  const auto identity = make_identity({.store = store_,
                                       .passwords = changing,
                                       .tokens = tokens_,
                                       .ended = ended_,
                                       .clock = clock_,
                                       .random = random_},
                                      {});
  const auto session =
      sync_wait(identity->login({"ada@example.com", "correct horse", "192.0.2.1"}));
  ASSERT_TRUE(session);
  EXPECT_EQ(session->account.role, Role::admin);
  EXPECT_TRUE(sync_wait(identity->refresh(session->refresh_token)));
}

TEST_F(IdentityService, SignUpNamesWhatIsWrong) {
  using enum SignUpRefusal;
  sign_up();
  const auto why = [this](SignUp request) {
    return sync_wait(identity_->sign_up(std::move(request))).error();
  };
  EXPECT_EQ(why({"ADA@example.com", "correct horse", "Ada"}).why, email_taken);
  EXPECT_EQ(why({"nobody", "correct horse", "Ada"}).why, email_malformed);
  EXPECT_EQ(why({"b@c.test", "correct horse", " "}).why, name_malformed);
  const auto weak = why({"b@c.test", "12345678", "Bob"});
  EXPECT_EQ(weak.why, weak_password);
  ASSERT_EQ(weak.obstacles.size(), 1u);
  EXPECT_EQ(weak.obstacles[0].field, "password");
}

TEST_F(IdentityService, AnUnknownAccountCostsAHashToo) {
  sign_up();
  EXPECT_EQ(login("wrong horse").error().why, LoginRefusal::bad_credentials);
  const int known = passwords_.verifications;
  EXPECT_EQ(login("wrong horse", "192.0.2.1", "nobody@example.com").error().why,
            LoginRefusal::bad_credentials);
  EXPECT_EQ(login("wrong horse", "192.0.2.1", "not an address").error().why,
            LoginRefusal::bad_credentials);
  EXPECT_EQ(passwords_.verifications, known + 2);
}

TEST_F(IdentityService, AnOutdatedHashIsReplacedAtLogin) {
  sign_up();
  const int before = passwords_.hashes;
  passwords_.rehash = true;
  EXPECT_TRUE(login("correct horse"));
  EXPECT_EQ(passwords_.hashes, before + 1);
}

TEST_F(IdentityService, APasswordIsTheSameComposedAndDecomposed) {
  const std::string composed = "비밀번호는열자", apart = *decomposed(composed);
  ASSERT_NE(composed, apart);
  EXPECT_EQ(sync_wait(identity_->sign_up({"a@b.test", "가나다라마바사", "A"})).error().why,
            SignUpRefusal::weak_password);
  EXPECT_EQ(sync_wait(identity_->sign_up({"a@b.test", *decomposed("가나다"), "A"})).error().why,
            SignUpRefusal::weak_password)
      << "three characters, however they are typed";
  ASSERT_TRUE(sync_wait(identity_->sign_up({"a@b.test", apart + "!", "A"})));
  EXPECT_TRUE(login(composed + "!", "192.0.2.1", "a@b.test"));
  EXPECT_TRUE(login(apart + "!", "192.0.2.1", "a@b.test"));
  EXPECT_FALSE(login(composed + "?", "192.0.2.1", "a@b.test"));
}

// A hash from before passwords were composed, of what a Mac sent.
TEST_F(IdentityService, AnOldHashOfAnotherSpellingStillVerifiesAndIsMadeAgain) {
  const std::string composed = "옛날비밀번호입니다", apart = *decomposed(composed);
  const Account account = sign_up().account;
  sync_wait(store_.replace_password(account.id, "plain:correct horse", "plain:" + apart));
  EXPECT_TRUE(login(composed));
  EXPECT_EQ(sync_wait(store_.find_by_email("ada@example.com"))->password_hash, "plain:" + composed);
  EXPECT_TRUE(login(apart));
}

TEST_F(IdentityService, GuessingOneAccountIsSlowedDownAndDoesNotKeepItsOwnerOut) {
  sign_up();
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(login("wrong horse").error().why, LoginRefusal::bad_credentials);
  const int hashed = passwords_.verifications;
  const auto refusal = login("correct horse").error();
  EXPECT_EQ(refusal.why, LoginRefusal::throttled);
  EXPECT_EQ(refusal.retry_after_s, 30);
  EXPECT_EQ(refusal.limit, 10);
  EXPECT_EQ(passwords_.verifications, hashed) << "a refused try costs no hash";
  for (int i = 0; i < 200; ++i) (void)login("wrong horse");
  for (int i = 0; i < 20; ++i)
    EXPECT_TRUE(login("correct horse", "192.0.2.99")) << "elsewhere; and success is free";
  EXPECT_EQ(login("correct horse").error().why, LoginRefusal::throttled);
  clock_.advance(seconds(30));
  EXPECT_TRUE(login("correct horse"));
}

TEST_F(IdentityService, ManyAddressesGuessingOneAccountAreSlowedDownTogether) {
  sign_up();
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(login("wrong horse", "192.0.2." + std::to_string(i)).error().why,
              LoginRefusal::bad_credentials);
  const auto refusal = login("wrong horse", "192.0.2.200").error();
  EXPECT_EQ(refusal.why, LoginRefusal::throttled);
  EXPECT_EQ(refusal.retry_after_s, 3);
  EXPECT_EQ(refusal.limit, 100);
  clock_.advance(seconds(3));
  EXPECT_TRUE(login("correct horse", "192.0.2.200"));
  EXPECT_EQ(login("wrong horse", "192.0.2.201").error().why, LoginRefusal::bad_credentials);
  EXPECT_EQ(login("wrong horse", "192.0.2.202").error().why, LoginRefusal::throttled)
      << "a success does not forget the others' tries";
}

TEST_F(IdentityService, OneAddressGuessingManyAccountsIsSlowedDown) {
  for (int i = 0; i < 300; ++i)
    EXPECT_EQ(
        login("wrong horse", "192.0.2.1", "u" + std::to_string(i) + "@example.com").error().why,
        LoginRefusal::bad_credentials)
        << "an address may be thousands of people";
  EXPECT_EQ(login("wrong horse", "192.0.2.1", "u999@example.com").error().why,
            LoginRefusal::throttled);
  EXPECT_EQ(login("wrong horse", "192.0.2.2", "u999@example.com").error().why,
            LoginRefusal::bad_credentials);
}

TEST_F(IdentityService, ATryThatNobodyLookedAtDoesNotCount) {
  sign_up();
  passwords_.after_verifying = [] { throw Overloaded("the pool is full"); };
  for (int i = 0; i < 400; ++i) EXPECT_THROW((void)login("correct horse"), Overloaded);
  passwords_.after_verifying = nullptr;
  EXPECT_TRUE(login("correct horse"));
}

TEST_F(IdentityService, ThrottlingCanBeSwitchedOff) {
  make({.throttle = false});
  sign_up();
  for (int i = 0; i < 200; ++i) (void)login("wrong horse");
  EXPECT_TRUE(login("correct horse"));
}

TEST_F(IdentityService, RefreshingReplacesTheToken) {
  const SignedIn session = sign_up();
  clock_.advance(minutes(14));
  const auto next = refresh(session.refresh_token);
  ASSERT_TRUE(next);
  EXPECT_NE(next->refresh_token, session.refresh_token);
  EXPECT_EQ(next->session, session.session);
  EXPECT_EQ(next->refresh_expires_at, clock_.now() + days(30));
  clock_.advance(minutes(14));
  EXPECT_FALSE(accepted(session.access_token));
  EXPECT_TRUE(accepted(next->access_token));
  EXPECT_EQ(refresh("made up").error(), RefreshRefusal::token_invalid);
  EXPECT_EQ(refresh("").error(), RefreshRefusal::token_invalid);
}

TEST_F(IdentityService, TwoTabsThatRefreshAtOnceGetTheVerySameSuccessor) {
  const SignedIn session = sign_up();
  const auto one = refresh(session.refresh_token);
  clock_.advance(seconds(9));
  const auto two = refresh(session.refresh_token);
  ASSERT_TRUE(one);
  ASSERT_TRUE(two);
  EXPECT_EQ(one->refresh_token, two->refresh_token);
  const auto three = refresh(one->refresh_token);
  ASSERT_TRUE(three);
  const auto late = refresh(session.refresh_token);
  ASSERT_TRUE(late) << "still in the grace of both: the end of the chain, not a branch";
  EXPECT_EQ(late->refresh_token, three->refresh_token);
}

TEST_F(IdentityService, AReplacedTokenThatComesBackEndsTheSession) {
  const SignedIn victim = sign_up();
  const auto thief = refresh(victim.refresh_token);
  ASSERT_TRUE(thief);
  const auto later = refresh(thief->refresh_token);
  ASSERT_TRUE(later) << "the successor was shown";
  EXPECT_TRUE(accepted(later->access_token));
  clock_.advance(seconds(11));
  EXPECT_EQ(refresh(victim.refresh_token).error(), RefreshRefusal::token_reused);
  EXPECT_FALSE(accepted(later->access_token)) << "the access token dies with its session";
  EXPECT_EQ(refresh(later->refresh_token).error(), RefreshRefusal::token_invalid);
  EXPECT_TRUE(login("correct horse")) << "the account itself is fine";
}

TEST_F(IdentityService, ALostAnswerSignsNobodyOut) {
  const SignedIn buyer = sign_up();
  std::string token = buyer.refresh_token;
  for (const int wait_s : {16, 45, 600}) {
    const auto lost = refresh(token);
    ASSERT_TRUE(lost);
    clock_.advance(seconds(wait_s));
    const auto once_more = refresh(token);
    ASSERT_TRUE(once_more) << wait_s;
    EXPECT_EQ(once_more->refresh_token, lost->refresh_token) << "never a branch";
    clock_.advance(seconds(wait_s));
    ASSERT_TRUE(refresh(token)) << "lost again";
    EXPECT_TRUE(accepted(once_more->access_token) || wait_s > 400);
    clock_.advance(minutes(10));
    const auto fine = refresh(lost->refresh_token);
    ASSERT_TRUE(fine);
    token = fine->refresh_token;
  }
}

// A thief who keeps up: shows the owner's last token and gets what the owner has got.
TEST_F(IdentityService, WhoSharesASuccessorWithTheOwnerIsNoticedAtTheNextRefresh) {
  const SignedIn owner = sign_up();
  const auto owners = refresh(owner.refresh_token);
  clock_.advance(minutes(1));
  const auto thiefs = refresh(owner.refresh_token);
  ASSERT_TRUE(thiefs);
  clock_.advance(minutes(10));
  ASSERT_TRUE(refresh(owners->refresh_token));
  clock_.advance(minutes(1));
  EXPECT_EQ(refresh(thiefs->refresh_token).error(), RefreshRefusal::token_reused);
}

TEST_F(IdentityService, NegativeControlAStolenTokenWorksWhenReuseIsNotDetected) {
  make({.detect_reuse = false});
  const SignedIn victim = sign_up();
  const auto next = refresh(victim.refresh_token);
  clock_.advance(minutes(5));
  const auto thief = refresh(victim.refresh_token);
  ASSERT_TRUE(thief);
  EXPECT_TRUE(accepted(thief->access_token));
  EXPECT_TRUE(accepted(next->access_token)) << "and nobody notices";
}

TEST_F(IdentityService, LoggingOutEndsAccessAtOnceAndOnlyThere) {
  const SignedIn phone = sign_up();
  const auto laptop = login("correct horse");
  ASSERT_TRUE(laptop);
  sync_wait(identity_->end_session(phone.session));
  sync_wait(identity_->end_session(phone.session));
  EXPECT_FALSE(accepted(phone.access_token));
  EXPECT_EQ(refresh(phone.refresh_token).error(), RefreshRefusal::token_invalid);
  EXPECT_TRUE(accepted(laptop->access_token));
  sync_wait(identity_->end_session_of(laptop->refresh_token));
  EXPECT_FALSE(accepted(laptop->access_token));
  sync_wait(identity_->end_session_of("made up"));
}

TEST_F(IdentityService, AnotherNodeLearnsWhichSessionsEnded) {
  const SignedIn session = sign_up();
  EndedSessions elsewhere(kAccessLife + kEndedSlack);
  AccessVerifier verifier(ring_, kIssuer, elsewhere);
  const auto node = make_identity({.store = store_,
                                   .passwords = passwords_,
                                   .tokens = tokens_,
                                   .ended = elsewhere,
                                   .clock = clock_,
                                   .random = random_});
  sync_wait(identity_->end_session(session.session));
  EXPECT_TRUE(verifier.authenticate(session.access_token, clock_.now()));
  sync_wait(node->sync_ended_sessions());
  EXPECT_FALSE(verifier.authenticate(session.access_token, clock_.now()));
}

TEST_F(IdentityService, AChangedRoleIsInForceAtOnce) {
  const SignedIn session = sign_up();
  EXPECT_TRUE(sync_wait(identity_->set_role(session.account.id, Role::admin)));
  EXPECT_FALSE(accepted(session.access_token));
  const auto again = login("correct horse");
  ASSERT_TRUE(again);
  EXPECT_EQ(verifier_.authenticate(again->access_token, clock_.now())->role, "admin");
}

TEST_F(IdentityService, AnAddressThatAStrangerTookFirstMakesNoAdministrator) {
  const SignedIn stranger = sign_up("boss@example.com");
  const SignUp request{"BOSS@example.com", "operator's own", "Boss"};
  const auto made = sync_wait(identity_->create_account(request, Role::admin));
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().why, SignUpRefusal::email_taken);
  const auto again = login("correct horse", "192.0.2.1", "boss@example.com");
  EXPECT_EQ(verifier_.authenticate(again->access_token, clock_.now())->role, "buyer");
}

TEST_F(IdentityService, TakingAnAccountOverPutsWhoHadItOut) {
  const SignedIn stranger = sign_up("boss@example.com");
  const auto why = [this](const std::string& email, const std::string& password) {
    return sync_wait(identity_->take_over(email, password, Role::admin)).error().why;
  };
  EXPECT_EQ(why("nobody@example.com", "operator's own"), TakeOverRefusal::account_unknown);
  EXPECT_EQ(why("boss@example.com", "12345678"), TakeOverRefusal::weak_password);
  EXPECT_TRUE(accepted(stranger.access_token)) << "a refused one changes nothing";
  const auto taken =
      sync_wait(identity_->take_over("Boss@example.com", "operator's own", Role::admin));
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->id, stranger.account.id);
  EXPECT_EQ(taken->role, Role::admin);
  EXPECT_FALSE(accepted(stranger.access_token));
  EXPECT_FALSE(refresh(stranger.refresh_token));
  EXPECT_FALSE(login("correct horse", "192.0.2.1", "boss@example.com"));
  const auto boss = login("operator's own", "192.0.2.1", "boss@example.com");
  ASSERT_TRUE(boss);
  EXPECT_EQ(verifier_.authenticate(boss->access_token, clock_.now())->role, "admin");
}

// The password was right when it was looked at, and is another one when the session opens.
TEST_F(IdentityService, ASignInUnderWayDoesNotOutliveTheTakingOver) {
  sign_up();
  passwords_.after_verifying = [this] {
    passwords_.after_verifying = nullptr;
    sync_wait(identity_->take_over("ada@example.com", "operator's own", Role::buyer));
  };
  EXPECT_EQ(login("correct horse").error().why, LoginRefusal::bad_credentials);
}

TEST_F(IdentityService, PublishedPasswordsOpenNothing) {
  sign_up();
  make({.published_passwords = {"correct horse"}});
  EXPECT_EQ(login("correct horse").error().why, LoginRefusal::bad_credentials);
  const auto made = sync_wait(identity_->sign_up({"b@c.test", "correct horse", "Bob"}));
  EXPECT_EQ(made.error().why, SignUpRefusal::weak_password);
  EXPECT_EQ(
      sync_wait(identity_->take_over("ada@example.com", "correct horse", Role::admin)).error().why,
      TakeOverRefusal::weak_password);
}

// It may be in many hands: somebody signed up with it while the server was a demo.
TEST_F(IdentityService, WhoHasAPublishedPasswordLosesTheirSessionsWhenItIsTried) {
  const SignedIn session = sign_up();
  make({.published_passwords = {"correct horse"}});
  EXPECT_FALSE(login("another horse"));
  EXPECT_TRUE(accepted(session.access_token)) << "a wrong password is nobody's business";
  EXPECT_FALSE(login("correct horse"));
  EXPECT_FALSE(accepted(session.access_token));
  EXPECT_FALSE(refresh(session.refresh_token));
}

TEST_F(IdentityService, InADemoPublishedPasswordsOpenItsAccountsAndMakeNoOthers) {
  make({.published_passwords = {"correct horse"}, .published_open = true});
  ASSERT_TRUE(sync_wait(
      identity_->create_account({"ada@example.com", "correct horse", "Ada"}, Role::buyer)));
  EXPECT_TRUE(login("correct horse"));
  EXPECT_EQ(sync_wait(identity_->sign_up({"b@c.test", "correct horse", "Bob"})).error().why,
            SignUpRefusal::weak_password);
}

TEST_F(IdentityService, EverySessionOfAnAccountCanBeEnded) {
  const SignedIn session = sign_up();
  sync_wait(identity_->end_sessions_of_account(session.account.id));
  EXPECT_FALSE(accepted(session.access_token));
  EXPECT_FALSE(refresh(session.refresh_token));
}

TEST_F(IdentityService, OtherPeoplesTokensAreRefused) {
  const SignedIn session = sign_up();
  EXPECT_FALSE(accepted("made up"));
  EXPECT_FALSE(accepted(session.refresh_token));
  EXPECT_FALSE(accepted(session.access_token + "x"));
  crypto::MemoryKeyStore other_store;
  crypto::KeyRing other_ring(other_store, clock_.now());
  SignedTokens forger(other_ring, kIssuer);
  const AccessClaims claims{.account = session.account.id,
                            .role = Role::admin,
                            .session = session.session,
                            .issued_at = clock_.now(),
                            .expires_at = clock_.now() + minutes(15)};
  EXPECT_FALSE(accepted(forger.sign_access(claims)));
  SignedTokens elsewhere(ring_, "https://other.test");
  EXPECT_FALSE(accepted(elsewhere.sign_access(claims)));
  EXPECT_FALSE(
      accepted(crypto::sign_jwt(ring_, "pass+jwt",
                                {.issuer = kIssuer,
                                 .subject = claims.account.str(),
                                 .issued_at = clock_.now(),
                                 .expires_at = claims.expires_at,
                                 .text = {{"role", "admin"}, {"sid", claims.session.str()}}})))
      << "a pass is no access token";
  EXPECT_TRUE(accepted(SignedTokens(ring_, kIssuer).sign_access(claims)));
}

TEST_F(IdentityService, WhatIsNoWrappedTokenUnwrapsToNothing) {
  SignedTokens tokens(ring_, kIssuer);
  const std::string token = tokens.new_refresh_token();
  const std::string under = tokens.new_refresh_token();
  EXPECT_EQ(tokens.unwrap(tokens.wrap(token, under), under), token);
  for (const char* other : {"", "made up", "AAAA"}) EXPECT_EQ(tokens.unwrap(other, under), "");
}

TEST(PooledPasswords, HashesOnItsPoolAndSaysWhenItIsFull) {
  exec::BlockingPool pool("passwords", 1, 1);
  PooledPasswords passwords(pool);
  const std::string hash = sync_wait(passwords.hash("correct horse"));
  EXPECT_TRUE(hash.starts_with("$argon2id$"));
  EXPECT_TRUE(sync_wait(passwords.verify(hash, "correct horse")));
  EXPECT_FALSE(sync_wait(passwords.verify(hash, "wrong horse")));
  EXPECT_FALSE(sync_wait(passwords.verify(std::nullopt, "correct horse")));
  EXPECT_FALSE(passwords.outdated(hash));
  std::atomic<int> overloaded = 0;
  std::atomic<int> finished = 0;
  for (int i = 0; i < 6; ++i) {
    auto one = [](PooledPasswords& p) -> Task<void> { (void)co_await p.hash("correct horse"); };
    start(one(passwords), [&](std::exception_ptr error) {
      if (error) ++overloaded;
      ++finished;
      finished.notify_all();
    });
  }
  for (int seen = finished; seen < 6; seen = finished) finished.wait(seen);
  EXPECT_GE(overloaded, 3) << "one runs, one waits, a third may have slipped in";
}

}  // namespace
}  // namespace onsale::identity
