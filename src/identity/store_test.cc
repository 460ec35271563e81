// The contract of identity::Store, run against the fake and both databases.
#include <gtest/gtest.h>

#include <thread>

#include "base/fakes.h"
#include "identity/fakes.h"
#include "identity/sql_store.h"
#include "tests/contract/databases.h"

namespace onsale::identity {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::seconds;

class IdentityStore : public testing::TestWithParam<std::string> {
 protected:
  IdentityStore() {
    database_ = testing_support::database_for(GetParam());
    store_ = database_ ? make_sql_store(*database_) : std::make_unique<FakeStore>();
  }

  Account add(const std::string& email, Role role = Role::buyer) {
    Account account{.id = AccountId::make(clock_.now(), random_),
                    .email = email,
                    .name = "아무개",
                    .role = role,
                    .created_at = clock_.now()};
    EXPECT_TRUE(sync_wait(store_->insert_account({account, "hash"})));
    return account;
  }
  NewToken token(const std::string& digest) {
    return {digest, clock_.now(), clock_.now() + days(30)};
  }
  SessionId open(const Account& account, const std::string& digest) {
    clock_.advance(Millis(1));
    const auto id = SessionId::make(clock_.now(), random_);
    const auto opened = sync_wait(store_->open_session({.id = id,
                                                        .account = account.id,
                                                        .role = account.role,
                                                        .password_hash = "hash",
                                                        .created_at = clock_.now(),
                                                        .expires_at = clock_.now() + days(180),
                                                        .token = token(digest)},
                                                       20));
    EXPECT_TRUE(opened.opened);
    return id;
  }
  Seen rotate(const std::string& digest, const std::string& next) {
    return sync_wait(store_->rotate(
        {.digest = digest, .successor = "wrapped " + next, .next = token(next)}, clock_.now()));
  }

  FakeClock clock_;
  SeededRandom random_{7};
  std::unique_ptr<sql::Database> database_;
  std::unique_ptr<Store> store_;
};

TEST_P(IdentityStore, AnEmailAddressBelongsToOneAccount) {
  const Account first = add("a@b.test");
  Account second = first;
  second.id = AccountId::make(clock_.now(), random_);
  EXPECT_FALSE(sync_wait(store_->insert_account({second, "other"})));
  const auto found = sync_wait(store_->find_by_email("a@b.test"));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->account.id, first.id);
  EXPECT_EQ(found->account.name, "아무개");
  EXPECT_EQ(found->account.created_at, first.created_at);
  EXPECT_EQ(found->password_hash, "hash");
  EXPECT_FALSE(sync_wait(store_->find(second.id)));
  EXPECT_FALSE(sync_wait(store_->find_by_email("A@b.test")));
}

TEST_P(IdentityStore, APasswordIsReplacedOnlyWhenItIsTheOneThatWasRead) {
  const Account account = add("a@b.test");
  sync_wait(store_->replace_password(account.id, "another", "new"));
  EXPECT_EQ(sync_wait(store_->find_by_email("a@b.test"))->password_hash, "hash");
  sync_wait(store_->replace_password(account.id, "hash", "new"));
  EXPECT_EQ(sync_wait(store_->find_by_email("a@b.test"))->password_hash, "new");
}

TEST_P(IdentityStore, ATokenIsReplacedOnceAndLeadsToItsSuccessor) {
  const Account account = add("a@b.test");
  const SessionId session = open(account, "t0");
  const Seen first = rotate("t0", "t1");
  EXPECT_EQ(first.state, Seen::State::live);
  EXPECT_EQ(first.session, session);
  EXPECT_EQ(first.account.email, "a@b.test");
  EXPECT_EQ(first.expires_at, clock_.now() + days(30));
  const Timestamp replaced_at = clock_.now();
  clock_.advance(seconds(5));
  const Seen again = rotate("t0", "t9");
  EXPECT_EQ(again.state, Seen::State::replaced);
  EXPECT_EQ(again.replaced_at, replaced_at);
  EXPECT_EQ(again.successor, "wrapped t1");
  EXPECT_EQ(sync_wait(store_->look("t1", clock_.now())).state, Seen::State::live);
  EXPECT_EQ(sync_wait(store_->look("t9", clock_.now())).state, Seen::State::refused);
  EXPECT_EQ(sync_wait(store_->session_of("t0")), session);
  EXPECT_FALSE(sync_wait(store_->session_of("t9")));
}

TEST_P(IdentityStore, ATokenThatWentOutAgainSaysSoUnlessItWasShown) {
  const Account account = add("a@b.test");
  (void)open(account, "t0");
  (void)rotate("t0", "t1");
  EXPECT_FALSE(sync_wait(store_->look("t1", clock_.now())).handed_again);
  EXPECT_TRUE(sync_wait(store_->hand_again("t1", clock_.now())));
  EXPECT_TRUE(sync_wait(store_->hand_again("t1", clock_.now()))) << "as often as it is lost";
  EXPECT_TRUE(sync_wait(store_->look("t1", clock_.now())).handed_again);
  (void)rotate("t1", "t2");
  EXPECT_FALSE(sync_wait(store_->hand_again("t1", clock_.now()))) << "somebody has shown it";
  EXPECT_TRUE(sync_wait(store_->look("t1", clock_.now())).handed_again);
  EXPECT_FALSE(sync_wait(store_->look("t2", clock_.now())).handed_again);
  EXPECT_FALSE(sync_wait(store_->hand_again("t9", clock_.now())));
}

TEST_P(IdentityStore, OneOfManyAtOnceReplacesATokenAndTheOthersSeeTheSameSuccessor) {
  const Account account = add("a@b.test");
  (void)open(account, "t0");
  std::vector<Seen> seen(8);
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < seen.size(); ++i)
      threads.emplace_back([this, i, &seen] { seen[i] = rotate("t0", "n" + std::to_string(i)); });
  }
  const auto winners = std::ranges::count(seen, Seen::State::live, &Seen::state);
  EXPECT_EQ(winners, 1);
  const auto winner = std::ranges::find(seen, Seen::State::live, &Seen::state) - seen.begin();
  for (const Seen& one : seen) {
    if (one.state != Seen::State::live) {
      EXPECT_EQ(one.successor, "wrapped n" + std::to_string(winner));
    }
  }
}

TEST_P(IdentityStore, NothingLeadsBackIntoAnEndedSession) {
  const Account account = add("a@b.test");
  const SessionId session = open(account, "t0");
  (void)rotate("t0", "t1");
  EXPECT_TRUE(sync_wait(store_->end_session(session, "logout", clock_.now())));
  EXPECT_FALSE(sync_wait(store_->end_session(session, "logout", clock_.now())));
  EXPECT_EQ(rotate("t1", "t2").state, Seen::State::refused);
  EXPECT_EQ(rotate("t0", "t2").state, Seen::State::refused);
  const auto ended = sync_wait(store_->ended_since(clock_.now()));
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].session, session);
  EXPECT_EQ(ended[0].ended_at, clock_.now());
  EXPECT_TRUE(sync_wait(store_->ended_since(clock_.now() + Millis(1))).empty());
}

TEST_P(IdentityStore, ASessionEndsForGoodHoweverOftenItIsRefreshed) {
  const Account account = add("a@b.test");
  const Timestamp start = clock_.now() + Millis(1);
  (void)open(account, "t0");
  for (int i = 0; i < 7; ++i) {
    clock_.advance(days(25));
    const Seen seen = rotate("t" + std::to_string(i), "t" + std::to_string(i + 1));
    ASSERT_EQ(seen.state, Seen::State::live) << i;
    EXPECT_LE(seen.expires_at, start + days(180));
  }
  clock_.advance(days(25));
  EXPECT_EQ(rotate("t7", "t8").state, Seen::State::refused);
}

// Neither can fill the table: who renews without end, and who signs in again and again.
TEST_P(IdentityStore, ASessionThatIsRenewedWithoutEndEnds) {
  open(add("a@b.test"), "t0");
  int renewed = 0;
  while (rotate("t" + std::to_string(renewed), "t" + std::to_string(renewed + 1)).state ==
         Seen::State::live) {
    ASSERT_LE(++renewed, kTokensMax);
  }
  EXPECT_EQ(renewed, kTokensMax - 1);
  EXPECT_EQ(sync_wait(store_->look("t" + std::to_string(renewed), clock_.now())).state,
            Seen::State::refused);
}

TEST_P(IdentityStore, TheTokensOfAnEndedSessionGoWithIt) {
  const SessionId session = open(add("a@b.test"), "t0");
  rotate("t0", "t1");
  sync_wait(store_->end_session(session, "logout", clock_.now()));
  sync_wait(store_->sweep(clock_.now() + hours(1), clock_.now() + hours(1), 100));
  for (const char* digest : {"t0", "t1"}) {
    EXPECT_FALSE(sync_wait(store_->session_of(digest))) << digest;
  }
}

TEST_P(IdentityStore, AnExpiredTokenIsNoToken) {
  const Account account = add("a@b.test");
  (void)open(account, "t0");
  clock_.advance(days(30));
  EXPECT_EQ(rotate("t0", "t1").state, Seen::State::refused);
}

TEST_P(IdentityStore, AChangedRoleEndsEverySession) {
  const Account account = add("a@b.test");
  const Account other = add("c@d.test");
  const SessionId one = open(account, "t0");
  const SessionId two = open(account, "u0");
  (void)open(other, "v0");
  EXPECT_EQ(sync_wait(store_->set_role(account.id, Role::buyer, clock_.now()))->size(), 0u);
  const auto ended = sync_wait(store_->set_role(account.id, Role::admin, clock_.now()));
  ASSERT_TRUE(ended);
  ASSERT_EQ(ended->size(), 2u);
  EXPECT_TRUE((*ended)[0].session == one || (*ended)[0].session == two);
  EXPECT_EQ(rotate("t0", "t1").state, Seen::State::refused);
  EXPECT_EQ(rotate("v0", "v1").state, Seen::State::live);
  EXPECT_EQ(sync_wait(store_->find(account.id))->role, Role::admin);
  const auto nobody = AccountId::make(clock_.now(), random_);
  EXPECT_FALSE(sync_wait(store_->set_role(nobody, Role::admin, clock_.now())));
}

TEST_P(IdentityStore, NoSessionOpensWithARoleTheAccountNoLongerHas) {
  Account account = add("a@b.test", Role::admin);
  (void)sync_wait(store_->set_role(account.id, Role::buyer, clock_.now()));
  const auto opened = sync_wait(store_->open_session({.id = SessionId::make(clock_.now(), random_),
                                                      .account = account.id,
                                                      .role = Role::admin,
                                                      .password_hash = "hash",
                                                      .created_at = clock_.now(),
                                                      .expires_at = clock_.now() + days(180),
                                                      .token = token("t0")},
                                                     20));
  EXPECT_FALSE(opened.opened);
  EXPECT_EQ(rotate("t0", "t1").state, Seen::State::refused);
}

TEST_P(IdentityStore, TakingAnAccountOverReplacesItsPasswordAndEndsEverySession) {
  const Account account = add("a@b.test", Role::admin);
  const Account other = add("c@d.test");
  (void)open(account, "t0");
  (void)open(other, "v0");
  const auto ended =
      sync_wait(store_->take_over(account.id, Role::admin, "theirs no more", clock_.now()));
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->size(), 1u) << "also where the role stays what it was";
  EXPECT_EQ(rotate("t0", "t1").state, Seen::State::refused);
  EXPECT_EQ(rotate("v0", "v1").state, Seen::State::live);
  EXPECT_EQ(sync_wait(store_->find_by_email("a@b.test"))->password_hash, "theirs no more");
  const auto late = sync_wait(store_->open_session({.id = SessionId::make(clock_.now(), random_),
                                                    .account = account.id,
                                                    .role = Role::admin,
                                                    .password_hash = "hash",
                                                    .created_at = clock_.now(),
                                                    .expires_at = clock_.now() + days(180),
                                                    .token = token("t9")},
                                                   20));
  EXPECT_FALSE(late.opened) << "a sign-in with the old password that was under way";
  const auto nobody = AccountId::make(clock_.now(), random_);
  EXPECT_FALSE(sync_wait(store_->take_over(nobody, Role::admin, "x", clock_.now())));
}

TEST_P(IdentityStore, EverySessionOfAnAccountEndsAtOnce) {
  const Account account = add("a@b.test");
  (void)open(account, "t0");
  (void)open(account, "u0");
  EXPECT_EQ(sync_wait(store_->end_sessions_of(account.id, "operator", clock_.now())).size(), 2u);
  EXPECT_EQ(rotate("t0", "t1").state, Seen::State::refused);
  EXPECT_TRUE(sync_wait(store_->end_sessions_of(account.id, "operator", clock_.now())).empty());
}

TEST_P(IdentityStore, TheOldestSessionsGiveWay) {
  const Account account = add("a@b.test");
  const SessionId first = open(account, "s0");
  for (int i = 1; i < 20; ++i) (void)open(account, "s" + std::to_string(i));
  clock_.advance(Millis(1));
  const auto opened = sync_wait(store_->open_session({.id = SessionId::make(clock_.now(), random_),
                                                      .account = account.id,
                                                      .role = account.role,
                                                      .password_hash = "hash",
                                                      .created_at = clock_.now(),
                                                      .expires_at = clock_.now() + days(180),
                                                      .token = token("s20")},
                                                     20));
  ASSERT_EQ(opened.ended.size(), 1u);
  EXPECT_EQ(opened.ended[0].session, first);
  EXPECT_EQ(rotate("s0", "x").state, Seen::State::refused);
  EXPECT_EQ(rotate("s1", "y").state, Seen::State::live);
}

TEST_P(IdentityStore, SweepingRemovesOnlyWhatCannotComeBack) {
  const Account account = add("a@b.test");
  const SessionId gone = open(account, "t0");
  (void)open(account, "u0");
  sync_wait(store_->end_session(gone, "logout", clock_.now()));
  clock_.advance(hours(2));
  EXPECT_EQ(sync_wait(store_->sweep(clock_.now(), clock_.now() - hours(1), 10)), 1);
  EXPECT_EQ(sync_wait(store_->sweep(clock_.now(), clock_.now() - hours(1), 10)), 0);
  EXPECT_EQ(rotate("u0", "u1").state, Seen::State::live);
  clock_.advance(days(31));
  EXPECT_EQ(sync_wait(store_->sweep(clock_.now(), clock_.now() - hours(1), 10)), 2)
      << "t0 went with its session";
  EXPECT_TRUE(sync_wait(store_->find(account.id)));
}

INSTANTIATE_TEST_SUITE_P(, IdentityStore, testing::Values("fake", "sqlite", "mysql"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace onsale::identity
