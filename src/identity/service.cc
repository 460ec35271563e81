#include "identity/service.h"

#include <algorithm>

#include "base/log.h"
#include "identity/account.h"

namespace onsale::identity {
namespace {

constexpr Millis kSweepLag = std::chrono::hours(1);
constexpr int kSweepBatch = 500;
constexpr int kLoginAttempts = 2;

const Obstacle kTooCommon{"password", "too_common", "a published password"};

// An e-mail address has no line breaks.
std::string pair_of(const std::string& email, const std::string& client) {
  return email + '\n' + client;
}

class Service final : public Identity {
 public:
  Service(Parts parts, Settings settings)
      : store_(parts.store),
        passwords_(parts.passwords),
        tokens_(parts.tokens),
        ended_(parts.ended),
        clock_(parts.clock),
        random_(parts.random),
        settings_(settings),
        per_pair_(settings.per_pair),
        per_account_(settings.per_account),
        per_address_(settings.per_address) {}

  Task<Result<SignedIn, Refused<SignUpRefusal>>> sign_up(SignUp request) override;
  Task<Result<SignedIn, LoginRefused>> login(Login request) override;
  Task<Result<SignedIn, RefreshRefusal>> refresh(std::string refresh_token) override;
  Task<void> end_session(SessionId session) override;
  Task<void> end_session_of(std::string refresh_token) override;
  Task<std::optional<Account>> find(AccountId id) override { return store_.find(id); }
  Task<std::optional<Account>> find_by_email(std::string email) override;
  Task<void> end_sessions_of_account(AccountId id) override;
  Task<Result<Account, Refused<SignUpRefusal>>> create_account(SignUp request, Role role) override;
  Task<Result<Account, Refused<TakeOverRefusal>>> take_over(std::string email, std::string password,
                                                            Role role) override;
  Task<bool> set_role(AccountId id, Role role) override;
  Task<void> sync_ended_sessions() override;
  Task<void> sweep() override;

 private:
  using Made = Result<Credentials, Refused<SignUpRefusal>>;

  bool published(const std::string& password) const;
  std::optional<Obstacle> unfit(const std::string& password, const std::string& email) const;
  Task<Made> make_account(SignUp request, Role role);
  Task<std::optional<SignedIn>> open_session(Credentials known);
  Task<std::optional<Credentials>> check(std::string email, std::string password);
  Task<std::optional<SignedIn>> open_with(std::string email, std::string password);
  std::optional<LoginRefused> take_try(const std::string& email, const std::string& client);
  void give_try_back(const std::string& email, const std::string& client);
  void try_succeeded(const std::string& email, const std::string& client);
  Task<void> end(SessionId session, std::string_view reason);
  SignedIn continued(const Seen& seen, std::string refresh_token, Timestamp now);
  std::string sign(const Account& account, SessionId session, Timestamp now);
  void remember_ended(const std::vector<Ended>& ended);

  Store& store_;
  Passwords& passwords_;
  Tokens& tokens_;
  EndedSessions& ended_;
  Clock& clock_;
  Random& random_;
  const Settings settings_;
  Throttle per_pair_;
  Throttle per_account_;
  Throttle per_address_;
};

std::string Service::sign(const Account& account, SessionId session, Timestamp now) {
  return tokens_.sign_access({.account = account.id,
                              .role = account.role,
                              .session = session,
                              .issued_at = now,
                              .expires_at = now + kAccessLife});
}

void Service::remember_ended(const std::vector<Ended>& ended) {
  const Timestamp now = clock_.now();
  for (const Ended& one : ended) ended_.add(one.session, one.ended_at, now);
}

bool Service::published(const std::string& password) const {
  return std::ranges::find(settings_.published_passwords, password) !=
         settings_.published_passwords.end();
}

std::optional<Obstacle> Service::unfit(const std::string& password,
                                       const std::string& email) const {
  if (published(password) && !settings_.published_open) return kTooCommon;
  return weakness(password, email);
}

Task<Service::Made> Service::make_account(SignUp request, Role role) {
  using enum SignUpRefusal;
  const auto email = normalise_email(request.email);
  if (!email) co_return refused(email_malformed, {{"email", "malformed", "no e-mail address"}});
  const auto name = normalise_name(request.name);
  if (!name) co_return refused(name_malformed, {{"name", "malformed", "1 to 50 characters"}});
  request.password = spellings(request.password).front();
  if (auto weak = unfit(request.password, *email)) co_return refused(weak_password, {*weak});
  const auto taken = co_await store_.find_by_email(*email);
  if (taken) co_return refused(email_taken);
  std::string hash = co_await passwords_.hash(std::move(request.password));
  const Timestamp now = clock_.now();
  Account account{.id = AccountId::make(now, random_),
                  .email = *email,
                  .name = *name,
                  .role = role,
                  .created_at = now};
  Credentials credentials{std::move(account), std::move(hash)};
  const bool inserted = co_await store_.insert_account(credentials);
  if (!inserted) co_return refused(email_taken);
  co_return credentials;
}

// Empty when the account is gone or its role or password has just changed.
Task<std::optional<SignedIn>> Service::open_session(Credentials known) {
  Account account = std::move(known.account);
  const Timestamp now = clock_.now();
  const auto id = SessionId::make(now, random_);
  const std::string token = tokens_.new_refresh_token();
  NewSession session{.id = id,
                     .account = account.id,
                     .role = account.role,
                     .password_hash = std::move(known.password_hash),
                     .created_at = now,
                     .expires_at = now + kSessionLife,
                     .token = {tokens_.digest(token), now, now + kRefreshLife}};
  const Store::Opened opened = co_await store_.open_session(std::move(session), kSessionsMax);
  remember_ended(opened.ended);
  if (!opened.opened) co_return std::nullopt;
  std::string access = sign(account, id, now);
  co_return SignedIn{.account = std::move(account),
                     .session = id,
                     .access_token = std::move(access),
                     .access_expires_at = now + kAccessLife,
                     .refresh_token = token,
                     .refresh_expires_at = now + kRefreshLife};
}

Task<Result<SignedIn, Refused<SignUpRefusal>>> Service::sign_up(SignUp request) {
  // Also in a demo, or the account would be everybody's once the demo is over.
  if (published(spellings(request.password).front())) {
    co_return refused(SignUpRefusal::weak_password, {kTooCommon});
  }
  Made made = co_await make_account(std::move(request), Role::buyer);
  if (!made) co_return std::unexpected(made.error());
  auto signed_in = co_await open_session(std::move(*made));
  // Only an administrator who changed the role in between gets in the way; log in then.
  if (!signed_in) co_return refused(SignUpRefusal::email_taken);
  co_return std::move(*signed_in);
}

// All limits count before the password is looked at, so that many tries at once are no way round. A
// refused try costs nothing in the other buckets: who is locked out locks out nobody else.
std::optional<LoginRefused> Service::take_try(const std::string& email, const std::string& client) {
  if (!settings_.throttle) return {};
  const Timestamp now = clock_.now();
  const std::string pair = pair_of(email, client);
  LoginRefused refusal{.why = LoginRefusal::throttled, .limit = settings_.per_address.burst};
  Millis wait = per_address_.take(client, now);
  if (wait == Millis(0)) {
    wait = per_pair_.take(pair, now);
    refusal.limit = settings_.per_pair.burst;
    if (wait == Millis(0)) {
      wait = per_account_.take(email, now);
      refusal.limit = settings_.per_account.burst;
      if (wait > Millis(0)) per_pair_.give_back(pair);
    }
    if (wait > Millis(0)) per_address_.give_back(client);
  }
  if (wait == Millis(0)) return {};
  refusal.retry_after_s = static_cast<int>((wait.count() + 999) / 1000);
  return refusal;
}

void Service::give_try_back(const std::string& email, const std::string& client) {
  if (!settings_.throttle) return;
  per_pair_.give_back(pair_of(email, client));
  per_account_.give_back(email);
  per_address_.give_back(client);
}

void Service::try_succeeded(const std::string& email, const std::string& client) {
  give_try_back(email, client);  // the tries of others still count
  per_pair_.clear(pair_of(email, client));
}

// The account as it is stored, when this is its password; its hash made again where it is outdated,
// or of another spelling than new ones.
Task<std::optional<Credentials>> Service::check(std::string email, std::string password) {
  std::optional<Credentials> known;
  if (!email.empty()) known = co_await store_.find_by_email(email);
  std::optional<std::string> hash;
  if (known) hash = known->password_hash;
  const std::vector<std::string> forms = spellings(password);
  bool right = false;
  std::size_t form = 0;
  for (; form < forms.size() && !right; ++form)
    right = co_await passwords_.verify(hash, forms[form]);
  if (!known || !right) co_return std::nullopt;
  if (published(forms.front()) && !settings_.published_open) {
    co_await end_sessions_of_account(known->account.id);  // whose they are, nobody knows
    co_return std::nullopt;
  }
  if (form > 1 || passwords_.outdated(known->password_hash)) {
    std::string fresh = co_await passwords_.hash(forms.front());
    co_await store_.replace_password(known->account.id, known->password_hash, fresh);
    known->password_hash = std::move(fresh);
  }
  co_return known;
}

// Twice when role or password changed between looking and opening: the password is held against
// what is stored now. Empty when it is the wrong one.
Task<std::optional<SignedIn>> Service::open_with(std::string email, std::string password) {
  for (int attempt = 0; attempt < kLoginAttempts; ++attempt) {
    std::optional<Credentials> known = co_await check(email, password);
    if (!known) break;
    auto signed_in = co_await open_session(std::move(*known));
    if (signed_in) co_return signed_in;
  }
  co_return std::nullopt;
}

Task<Result<SignedIn, LoginRefused>> Service::login(Login request) {
  const std::string email = normalise_email(request.email).value_or("");
  if (const auto throttled = take_try(email, request.client)) co_return std::unexpected(*throttled);
  std::optional<SignedIn> signed_in;
  try {
    signed_in = co_await open_with(email, request.password);
  } catch (...) {
    give_try_back(email, request.client);  // nobody looked: we were overloaded, or out of order
    throw;
  }
  if (!signed_in) co_return std::unexpected(LoginRefused{.why = LoginRefusal::bad_credentials});
  try_succeeded(email, request.client);
  co_return std::move(*signed_in);
}

SignedIn Service::continued(const Seen& seen, std::string refresh_token, Timestamp now) {
  return {.account = seen.account,
          .session = seen.session,
          .access_token = sign(seen.account, seen.session, now),
          .access_expires_at = now + kAccessLife,
          .refresh_token = std::move(refresh_token),
          .refresh_expires_at = seen.expires_at};
}

Task<Result<SignedIn, RefreshRefusal>> Service::refresh(std::string refresh_token) {
  const Timestamp now = clock_.now();
  std::string token = std::move(refresh_token);
  std::string next = tokens_.new_refresh_token();
  Rotate rotate{.digest = tokens_.digest(token),
                .successor = tokens_.wrap(next, token),
                .next = {tokens_.digest(next), now, now + kRefreshLife}};
  Seen seen = co_await store_.rotate(std::move(rotate), now);
  if (seen.state == Seen::State::live) co_return continued(seen, std::move(next), now);

  // Replaced a moment ago: another tab was faster. It gets the very same successor, and where that
  // was replaced as quickly, the one at the end of the chain; never a branch.
  for (int step = 0; step < kGraceChainMax && seen.state == Seen::State::replaced; ++step) {
    const bool late = settings_.detect_reuse && now - seen.replaced_at > kRefreshGrace;
    if (late && seen.handed_again) break;
    token = tokens_.unwrap(seen.successor, token);
    Seen next_seen = co_await store_.look(tokens_.digest(token), now);
    if (late && next_seen.state == Seen::State::replaced) break;
    if (late && next_seen.state == Seen::State::live) {
      const bool unshown = co_await store_.hand_again(tokens_.digest(token), now);
      if (!unshown) break;
    }
    seen = std::move(next_seen);
    if (seen.state == Seen::State::live) co_return continued(seen, std::move(token), now);
  }
  if (seen.state == Seen::State::refused) co_return std::unexpected(RefreshRefusal::token_invalid);
  log::warn("identity", "a replaced refresh token came back; its session ends",
            {{"session", seen.session.str()}, {"account", seen.account.id.str()}});
  co_await end(seen.session, "reuse");
  co_return std::unexpected(RefreshRefusal::token_reused);
}

// Refused on this node even before the table knows.
Task<void> Service::end(SessionId session, std::string_view reason) {
  const Timestamp now = clock_.now();
  ended_.add(session, now, now);
  std::string why(reason);
  co_await store_.end_session(session, std::move(why), now);
}

Task<void> Service::end_session(SessionId session) { return end(session, "logout"); }

Task<void> Service::end_sessions_of_account(AccountId id) {
  const auto ended = co_await store_.end_sessions_of(id, "operator", clock_.now());
  remember_ended(ended);
}

Task<void> Service::end_session_of(std::string refresh_token) {
  const auto session = co_await store_.session_of(tokens_.digest(refresh_token));
  if (session) co_await end(*session, "logout");
}

Task<std::optional<Account>> Service::find_by_email(std::string email) {
  const auto normal = normalise_email(email);
  if (!normal) co_return std::nullopt;
  const auto known = co_await store_.find_by_email(*normal);
  if (!known) co_return std::nullopt;
  co_return known->account;
}

Task<Result<Account, Refused<SignUpRefusal>>> Service::create_account(SignUp request, Role role) {
  Made made = co_await make_account(std::move(request), role);
  if (!made) co_return std::unexpected(made.error());
  co_return std::move(made->account);
}

Task<Result<Account, Refused<TakeOverRefusal>>> Service::take_over(std::string email,
                                                                   std::string password,
                                                                   Role role) {
  using enum TakeOverRefusal;
  auto account = co_await find_by_email(std::move(email));
  if (!account) co_return refused(account_unknown);
  password = spellings(password).front();
  if (auto weak = unfit(password, account->email)) co_return refused(weak_password, {*weak});
  std::string hash = co_await passwords_.hash(std::move(password));
  const auto ended = co_await store_.take_over(account->id, role, std::move(hash), clock_.now());
  if (!ended) co_return refused(account_unknown);
  remember_ended(*ended);
  account->role = role;
  co_return std::move(*account);
}

Task<bool> Service::set_role(AccountId id, Role role) {
  const auto ended = co_await store_.set_role(id, role, clock_.now());
  if (!ended) co_return false;
  remember_ended(*ended);
  co_return true;
}

Task<void> Service::sync_ended_sessions() {
  const std::vector<Ended> ended =
      co_await store_.ended_since(clock_.now() - kAccessLife - kEndedSlack);
  remember_ended(ended);
}

Task<void> Service::sweep() {
  int gone = kSweepBatch;
  while (gone >= kSweepBatch) {
    const Timestamp now = clock_.now();
    gone = co_await store_.sweep(now, now - kAccessLife - kSweepLag, kSweepBatch);
  }
}

}  // namespace

std::unique_ptr<Identity> make_identity(Parts parts, Settings settings) {
  return std::make_unique<Service>(parts, settings);
}

}  // namespace onsale::identity
