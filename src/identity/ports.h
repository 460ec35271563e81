// What identity needs from outside, in its own words. Implemented by sql_store, crypto_client and
// the fakes of fakes.h; the same tests run against all of them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "identity/identity.h"

namespace onsale::identity {

struct Credentials {
  Account account;
  std::string password_hash;
};

// What is stored of a refresh token: never the token itself.
struct NewToken {
  std::string digest;
  Timestamp issued_at{};
  Timestamp expires_at{};
};

struct NewSession {
  SessionId id;
  AccountId account;
  Role role;                  // these two as the caller knows them; see open_session
  std::string password_hash;  // what the password was held against
  Timestamp created_at{};
  Timestamp expires_at{};  // whatever is refreshed: sign in again then
  NewToken token;
};

// What a refresh token is to us.
struct Seen {
  enum class State {
    live,      // good until `expires_at`
    replaced,  // at `replaced_at`, by what is wrapped in `successor`
    refused,   // unknown, expired, or its session has ended
  };
  State state = State::refused;
  SessionId session;
  Account account;
  Timestamp expires_at{};
  Timestamp replaced_at{};
  std::string successor;
  bool handed_again = false;  // see Store::hand_again
};

struct Rotate {
  std::string digest;     // of the presented token
  std::string successor;  // the next token, wrapped under the presented one
  NewToken next;          // its expiry is cut off where the session ends
};

struct Ended {
  SessionId session;
  Timestamp ended_at{};
};

// Refresh tokens of one session that are kept: it ends with the next one. Renewing with every
// access token makes 2,880 in the thirty days that one is kept.
inline constexpr int kTokensMax = 5'000;

// Every call is one transaction. Throws Overloaded and what the database throws.
class Store {
 public:
  virtual ~Store() = default;

  // False when the e-mail address is taken; nothing is changed then.
  virtual Task<bool> insert_account(Credentials account) = 0;
  virtual Task<std::optional<Credentials>> find_by_email(std::string email) = 0;
  virtual Task<std::optional<Account>> find(AccountId id) = 0;
  virtual Task<void> replace_password(AccountId id, std::string old_hash, std::string new_hash) = 0;

  // False when the account is gone or no longer has the role or the password that the session is
  // opened with.
  // Beyond `keep_max` live sessions of the account the oldest ones end and are returned in `ended`.
  struct Opened {
    bool opened = false;
    std::vector<Ended> ended;
  };
  virtual Task<Opened> open_session(NewSession session, int keep_max) = 0;

  // Replaces a live token. One conditional statement decides between two who present the same one:
  // the winner sees `live` with the expiry of the next token, the other `replaced`.
  virtual Task<Seen> rotate(Rotate request, Timestamp now) = 0;
  virtual Task<Seen> look(std::string digest, Timestamp now) = 0;
  // Notes that a live token goes out once more, to who shows the one before it. False when somebody
  // has replaced it, or it is gone.
  virtual Task<bool> hand_again(std::string digest, Timestamp now) = 0;
  // The session that a stored token, live or replaced, belongs to.
  virtual Task<std::optional<SessionId>> session_of(std::string digest) = 0;

  // False when it had ended before, or never was.
  virtual Task<bool> end_session(SessionId session, std::string reason, Timestamp now) = 0;
  // Sets the role and, where that changes it, ends every session. Empty when there is no account.
  virtual Task<std::optional<std::vector<Ended>>> set_role(AccountId id, Role role,
                                                           Timestamp now) = 0;
  // Sets role and password and ends every session. Empty when there is no account.
  virtual Task<std::optional<std::vector<Ended>>> take_over(AccountId id, Role role,
                                                            std::string password_hash,
                                                            Timestamp now) = 0;
  // Ends every session of the account.
  virtual Task<std::vector<Ended>> end_sessions_of(AccountId id, std::string reason,
                                                   Timestamp now) = 0;
  virtual Task<std::vector<Ended>> ended_since(Timestamp since) = 0;

  // Deletes tokens and sessions expired at `now` and sessions ended before `ended_before`, at most
  // `limit` of each; returns how many of the more numerous kind went.
  virtual Task<int> sweep(Timestamp now, Timestamp ended_before, int limit) = 0;
};

// Password hashing, on a bounded pool: throws Overloaded when that is full.
class Passwords {
 public:
  virtual ~Passwords() = default;
  virtual Task<std::string> hash(std::string password) = 0;
  // Without a hash (no such account) it works as long and says no.
  virtual Task<bool> verify(std::optional<std::string> hash, std::string password) = 0;
  // True when the hash should be made again with today's parameters.
  virtual bool outdated(const std::string& hash) const = 0;
};

struct AccessClaims {
  AccountId account;
  Role role = Role::buyer;
  SessionId session;
  Timestamp issued_at{};
  Timestamp expires_at{};
};

// Thread: any; none of these blocks.
class Tokens {
 public:
  virtual ~Tokens() = default;
  virtual std::string sign_access(const AccessClaims& claims) = 0;
  virtual std::string new_refresh_token() = 0;  // 256 random bits as text
  virtual std::string digest(std::string_view refresh_token) = 0;
  // Hides a refresh token so that only who knows the other one can read it.
  virtual std::string wrap(std::string_view token, std::string_view under) = 0;
  virtual std::string unwrap(std::string_view wrapped, std::string_view under) = 0;
};

}  // namespace onsale::identity
