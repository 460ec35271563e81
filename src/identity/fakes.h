// Maintained stand-ins for identity's ports. FakeStore passes the same contract suite as the
// tables do (identity_store_test.cc). Thread: any.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <mutex>

#include "identity/ports.h"

namespace onsale::identity {

class FakeStore final : public Store {
 public:
  Task<bool> insert_account(Credentials account) override {
    std::lock_guard lock(mutex_);
    for (const auto& [id, known] : accounts_)
      if (known.account.email == account.account.email) co_return false;
    accounts_[account.account.id] = std::move(account);
    co_return true;
  }
  Task<std::optional<Credentials>> find_by_email(std::string email) override {
    std::lock_guard lock(mutex_);
    for (const auto& [id, known] : accounts_)
      if (known.account.email == email) co_return known;
    co_return std::nullopt;
  }
  Task<std::optional<Account>> find(AccountId id) override {
    std::lock_guard lock(mutex_);
    const auto found = accounts_.find(id);
    if (found == accounts_.end()) co_return std::nullopt;
    co_return found->second.account;
  }
  Task<void> replace_password(AccountId id, std::string old_hash, std::string new_hash) override {
    std::lock_guard lock(mutex_);
    const auto found = accounts_.find(id);
    if (found != accounts_.end() && found->second.password_hash == old_hash)
      found->second.password_hash = std::move(new_hash);
    co_return;
  }
  Task<Opened> open_session(NewSession session, int keep_max) override {
    std::lock_guard lock(mutex_);
    const auto account = accounts_.find(session.account);
    if (account == accounts_.end() || account->second.account.role != session.role ||
        account->second.password_hash != session.password_hash)
      co_return Opened{};
    tokens_[session.token.digest] = {session.token, session.id, std::nullopt, {}};
    sessions_[session.id] = {session, std::nullopt};
    Opened opened{.opened = true};
    std::vector<SessionId> live;
    for (const auto& [id, known] : sessions_)
      if (known.session.account == session.account && !known.ended_at) live.push_back(id);
    std::ranges::sort(live, std::greater<>());  // ids are ordered by time
    for (std::size_t i = static_cast<std::size_t>(keep_max); i < live.size(); ++i) {
      sessions_[live[i]].ended_at = session.created_at;
      opened.ended.push_back({live[i], session.created_at});
    }
    co_return opened;
  }
  Task<Seen> rotate(Rotate request, Timestamp now) override {
    std::lock_guard lock(mutex_);
    Seen seen = look_locked(request.digest, now);
    if (seen.state != Seen::State::live) co_return seen;
    Token& token = tokens_[request.digest];
    token.replaced_at = now;
    token.successor = request.successor;
    seen.expires_at = std::min(request.next.expires_at, sessions_[seen.session].session.expires_at);
    request.next.expires_at = seen.expires_at;
    tokens_[request.next.digest] = {request.next, seen.session, std::nullopt, {}};
    const auto of_session = [&](const auto& entry) { return entry.second.session == seen.session; };
    if (std::ranges::count_if(tokens_, of_session) > kTokensMax) {
      sessions_[seen.session].ended_at = now;
      co_return Seen{};
    }
    co_return seen;
  }
  Task<Seen> look(std::string digest, Timestamp now) override {
    std::lock_guard lock(mutex_);
    co_return look_locked(digest, now);
  }
  Task<bool> hand_again(std::string digest, Timestamp) override {
    std::lock_guard lock(mutex_);
    const auto found = tokens_.find(digest);
    if (found == tokens_.end() || found->second.replaced_at) co_return false;
    found->second.handed_again = true;
    co_return true;
  }
  Task<std::optional<SessionId>> session_of(std::string digest) override {
    std::lock_guard lock(mutex_);
    const auto found = tokens_.find(digest);
    if (found == tokens_.end()) co_return std::nullopt;
    co_return found->second.session;
  }
  Task<bool> end_session(SessionId session, std::string, Timestamp now) override {
    std::lock_guard lock(mutex_);
    const auto found = sessions_.find(session);
    if (found == sessions_.end() || found->second.ended_at) co_return false;
    found->second.ended_at = now;
    co_return true;
  }
  Task<std::optional<std::vector<Ended>>> set_role(AccountId id, Role role,
                                                   Timestamp now) override {
    std::lock_guard lock(mutex_);
    const auto account = accounts_.find(id);
    if (account == accounts_.end()) co_return std::nullopt;
    if (account->second.account.role == role) co_return std::vector<Ended>{};
    account->second.account.role = role;
    co_return end_all_locked(id, now);
  }
  Task<std::optional<std::vector<Ended>>> take_over(AccountId id, Role role,
                                                    std::string password_hash,
                                                    Timestamp now) override {
    std::lock_guard lock(mutex_);
    const auto account = accounts_.find(id);
    if (account == accounts_.end()) co_return std::nullopt;
    account->second.account.role = role;
    account->second.password_hash = std::move(password_hash);
    co_return end_all_locked(id, now);
  }
  Task<std::vector<Ended>> end_sessions_of(AccountId id, std::string, Timestamp now) override {
    std::lock_guard lock(mutex_);
    co_return end_all_locked(id, now);
  }
  Task<std::vector<Ended>> ended_since(Timestamp since) override {
    std::lock_guard lock(mutex_);
    std::vector<Ended> ended;
    for (const auto& [id, known] : sessions_)
      if (known.ended_at && *known.ended_at >= since) ended.push_back({id, *known.ended_at});
    co_return ended;
  }
  Task<int> sweep(Timestamp now, Timestamp ended_before, int limit) override {
    std::lock_guard lock(mutex_);
    int tokens = 0;
    int sessions = 0;
    std::erase_if(tokens_, [&](const auto& entry) {
      return entry.second.token.expires_at <= now && tokens++ < limit;
    });
    std::erase_if(sessions_, [&](const auto& entry) {
      const auto& [session, ended_at] = entry.second;
      const bool over = (ended_at && *ended_at < ended_before) || session.expires_at <= now;
      if (!over || sessions++ >= limit) return false;
      std::erase_if(tokens_, [&](const auto& t) { return t.second.session == entry.first; });
      return true;
    });
    co_return std::min(limit, std::max(tokens, sessions));
  }

 private:
  struct Token {
    NewToken token;
    SessionId session;
    std::optional<Timestamp> replaced_at;
    std::string successor;
    bool handed_again = false;
  };
  struct Session {
    NewSession session;
    std::optional<Timestamp> ended_at;
  };

  std::vector<Ended> end_all_locked(AccountId id, Timestamp now) {
    std::vector<Ended> ended;
    for (auto& [session, known] : sessions_) {
      if (known.session.account != id || known.ended_at) continue;
      known.ended_at = now;
      ended.push_back({session, now});
    }
    return ended;
  }
  Seen look_locked(const std::string& digest, Timestamp now) {
    const auto token = tokens_.find(digest);
    if (token == tokens_.end() || token->second.token.expires_at <= now) return {};
    const auto session = sessions_.find(token->second.session);
    if (session == sessions_.end() || session->second.ended_at ||
        session->second.session.expires_at <= now)
      return {};
    const auto account = accounts_.find(session->second.session.account);
    if (account == accounts_.end()) return {};
    return {.state = token->second.replaced_at ? Seen::State::replaced : Seen::State::live,
            .session = token->second.session,
            .account = account->second.account,
            .expires_at = token->second.token.expires_at,
            .replaced_at = token->second.replaced_at.value_or(Timestamp{}),
            .successor = token->second.successor,
            .handed_again = token->second.handed_again};
  }

  std::mutex mutex_;
  std::map<AccountId, Credentials> accounts_;
  std::map<SessionId, Session> sessions_;
  std::map<std::string, Token> tokens_;
};

// A hash that is none: fast, and it counts how often it was asked.
class FakePasswords final : public Passwords {
 public:
  Task<std::string> hash(std::string password) override {
    ++hashes;
    co_return "plain:" + password;
  }
  Task<bool> verify(std::optional<std::string> hash, std::string password) override {
    ++verifications;
    const bool right = hash && *hash == "plain:" + password;
    if (after_verifying) after_verifying();
    co_return right;
  }
  bool outdated(const std::string&) const override { return rehash; }

  int hashes = 0;
  int verifications = 0;
  bool rehash = false;
  std::function<void()> after_verifying;  // what others do before the caller goes on
};

}  // namespace onsale::identity
