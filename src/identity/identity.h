// Who somebody is: accounts, credentials, sessions, roles. Owns the tables identity_*.
// Thread: call from any event loop; SQL and argon2id run on their own bounded pools. A full pool
// throws Overloaded (503).
// Not promised: that two sign-ups of one e-mail address at once tell which one won; one does.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/id.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"

namespace onsale::identity {

struct AccountKind {
  static constexpr std::string_view prefix = "acc";
};
using AccountId = Id<AccountKind>;

// A session is one sign-in on one device; every refresh token of its family belongs to it.
struct SessionKind {
  static constexpr std::string_view prefix = "ses";
};
using SessionId = Id<SessionKind>;

enum class Role { buyer, admin };
std::string_view to_string(Role role);
std::optional<Role> parse_role(std::string_view text);

struct Account {
  AccountId id;
  std::string email;  // normalised: trimmed, lower case
  std::string name;
  Role role = Role::buyer;
  Timestamp created_at{};
};

// What a successful sign-in hands out. The refresh token is shown once and stored only as a hash.
struct SignedIn {
  Account account;
  SessionId session;
  std::string access_token;  // EdDSA JWT, typ at+jwt
  Timestamp access_expires_at{};
  std::string refresh_token;
  Timestamp refresh_expires_at{};
};

struct SignUp {
  std::string email;
  std::string password;
  std::string name;
};

struct Login {
  std::string email;
  std::string password;
  std::string client;  // whose tries they are: an address, or the network that one client has
};

enum class SignUpRefusal { email_malformed, name_malformed, weak_password, email_taken };
enum class TakeOverRefusal { account_unknown, weak_password };
enum class LoginRefusal { bad_credentials, throttled };
enum class RefreshRefusal { token_invalid, token_reused };

struct LoginRefused {
  LoginRefusal why;
  int retry_after_s = 0;  // when throttled
  int limit = 0;          // when throttled: tries that the limit in the way allows at once
};

class Identity {
 public:
  virtual ~Identity() = default;

  // Makes an account with role buyer and signs it in. weak_password and the malformed ones name
  // what is wrong in the obstacles.
  virtual Task<Result<SignedIn, Refused<SignUpRefusal>>> sign_up(SignUp request) = 0;

  // An unknown account costs the same time as a wrong password.
  virtual Task<Result<SignedIn, LoginRefused>> login(Login request) = 0;

  // Replaces the presented token by its successor. Presenting a replaced token again returns the
  // very same successor within kRefreshGrace (two tabs of one browser), and later while nobody has
  // shown the successor (the answer was lost); otherwise it ends the whole session: token_reused.
  // What went out a second time is not forgiven in its turn, or a thief who keeps up with the owner
  // would never be noticed.
  virtual Task<Result<SignedIn, RefreshRefusal>> refresh(std::string refresh_token) = 0;

  // Ends the session at once, access tokens included. Repeating is harmless.
  virtual Task<void> end_session(SessionId session) = 0;
  // The same for whoever holds `refresh_token`; unknown tokens are ignored.
  virtual Task<void> end_session_of(std::string refresh_token) = 0;

  // Ends every session of the account at once; unknown ones are ignored.
  virtual Task<void> end_sessions_of_account(AccountId id) = 0;

  virtual Task<std::optional<Account>> find(AccountId id) = 0;
  virtual Task<std::optional<Account>> find_by_email(std::string email) = 0;

  // Makes an account with this role and signs nobody in. An address that is taken is refused: who
  // signed up with it may be anybody. For --demo and `onsale admin create`.
  virtual Task<Result<Account, Refused<SignUpRefusal>>> create_account(SignUp request,
                                                                       Role role) = 0;
  // Gives whoever has the server an account that exists: the new password, this role, and every
  // session of before ended, all or nothing. For `onsale admin create --reset`.
  virtual Task<Result<Account, Refused<TakeOverRefusal>>> take_over(std::string email,
                                                                    std::string password,
                                                                    Role role) = 0;

  // Ends every session of the account when the role changes. False when there is no such account.
  virtual Task<bool> set_role(AccountId id, Role role) = 0;

  // Loads the sessions that ended recently, here or on another node. Call before serving and then
  // every few seconds (exec::Scheduler).
  virtual Task<void> sync_ended_sessions() = 0;

  // Deletes what can no longer be presented. Call once an hour.
  virtual Task<void> sweep() = 0;
};

}  // namespace onsale::identity

namespace onsale {
using identity::AccountId;
}  // namespace onsale
