#include "identity/sql_store.h"

#include <algorithm>
#include <stdexcept>

namespace onsale::identity {
namespace {

template <class I>
I id_of(const std::string& text) {
  const auto id = I::parse(text);
  if (!id) throw std::runtime_error("identity: malformed id in a table");
  return *id;
}

Role role_of(const std::string& text) {
  const auto role = parse_role(text);
  if (!role) throw std::runtime_error("identity: unknown role in a table");
  return *role;
}

using AccountRow = std::tuple<std::string, std::string, std::string, std::string, Timestamp>;

Account to_account(const AccountRow& row) {
  const auto& [id, email, name, role, created_at] = row;
  return {id_of<AccountId>(id), email, name, role_of(role), created_at};
}

std::optional<Credentials> read_by_email(sql::Tx& tx, const std::string& email) {
  const auto row =
      tx.one<std::string, std::string, std::string, std::string, Timestamp, std::string>(
          "SELECT id, email, name, role, created_at, password_hash FROM identity_account"
          " WHERE email = ?",
          email);
  if (!row) return {};
  const auto& [id, mail, name, role, created_at, hash] = *row;
  return Credentials{to_account({id, mail, name, role, created_at}), hash};
}

std::optional<Account> read_account(sql::Tx& tx, const std::string& id) {
  const auto row = tx.one<std::string, std::string, std::string, std::string, Timestamp>(
      "SELECT id, email, name, role, created_at FROM identity_account WHERE id = ?", id);
  if (!row) return {};
  return to_account(*row);
}

void insert_token(sql::Tx& tx, const std::string& session, const NewToken& token,
                  Timestamp expires_at) {
  tx.exec("INSERT INTO identity_refresh (digest, session, issued_at, expires_at) VALUES (?,?,?,?)",
          token.digest, session, token.issued_at, expires_at);
}

bool end_one(sql::Tx& tx, const std::string& session, std::string_view reason, Timestamp now) {
  return tx.exec(
             "UPDATE identity_session SET ended_at = ?, end_reason = ?"
             " WHERE id = ? AND ended_at IS NULL",
             now, reason, session) > 0;
}

std::vector<Ended> end_all(sql::Tx& tx, const std::vector<std::tuple<std::string>>& sessions,
                           std::string_view reason, Timestamp now) {
  std::vector<Ended> ended;
  for (const auto& [session] : sessions) {
    if (end_one(tx, session, reason, now)) ended.push_back({id_of<SessionId>(session), now});
  }
  return ended;
}

// The token with its session and account; the session's expiry goes to `session_expires_at`.
Seen read_token(sql::Tx& tx, const std::string& digest, Timestamp now,
                Timestamp* session_expires_at) {
  const auto row =
      tx.one<std::string, Timestamp, std::optional<Timestamp>, std::optional<std::string>,
             std::optional<Timestamp>, Timestamp, std::string>(
          "SELECT r.session, r.expires_at, r.replaced_at, r.successor, r.handed_again_at,"
          " s.expires_at, s.account"
          " FROM identity_refresh r JOIN identity_session s ON s.id = r.session"
          " WHERE r.digest = ? AND s.ended_at IS NULL",
          digest);
  if (!row) return {};
  const auto& [session, expires_at, replaced_at, successor, handed_again_at, session_ends,
               account] = *row;
  if (expires_at <= now || session_ends <= now) return {};
  const auto owner = read_account(tx, account);
  if (!owner) return {};
  if (session_expires_at) *session_expires_at = session_ends;
  return {.state = replaced_at ? Seen::State::replaced : Seen::State::live,
          .session = id_of<SessionId>(session),
          .account = *owner,
          .expires_at = expires_at,
          .replaced_at = replaced_at.value_or(Timestamp{}),
          .successor = successor.value_or(""),
          .handed_again = handed_again_at.has_value()};
}

// A client that renews without end would fill the table. Its oldest tokens can't be forgotten
// (their coming back must be noticed), so its session ends.
bool worn_out(sql::Tx& tx, const std::string& session) {
  return tx
      .one<std::string>("SELECT digest FROM identity_refresh WHERE session = ? LIMIT 1 OFFSET ?",
                        session, kTokensMax)
      .has_value();
}

// The conditional UPDATE comes first: it waits for a rival's row lock, and what is read after it
// is what the rival left (a snapshot taken before would still show the token alive).
Seen rotate_token(sql::Tx& tx, const Rotate& request, Timestamp now) {
  const bool won =
      tx.exec(
          "UPDATE identity_refresh SET replaced_at = ?, successor = ?"
          " WHERE digest = ? AND replaced_at IS NULL AND expires_at > ?"
          " AND EXISTS (SELECT 1 FROM identity_session s WHERE s.id = identity_refresh.session"
          " AND s.ended_at IS NULL AND s.expires_at > ?)",
          now, request.successor, request.digest, now, now) > 0;
  Timestamp session_expires_at{};
  Seen seen = read_token(tx, request.digest, now, &session_expires_at);
  if (!won) return seen;
  if (seen.state == Seen::State::refused)
    throw std::runtime_error("identity: session has no owner");
  seen.state = Seen::State::live;
  seen.expires_at = std::min(request.next.expires_at, session_expires_at);
  insert_token(tx, seen.session.str(), request.next, seen.expires_at);
  if (worn_out(tx, seen.session.str())) {
    end_one(tx, seen.session.str(), "worn out", now);
    return {};
  }
  return seen;
}

Store::Opened open_one(sql::Tx& tx, const NewSession& session, int keep_max) {
  const std::string id = session.id.str();
  const std::string account = session.account.str();
  // Locked, so that whoever changes role or password ends this session too, or is waited for.
  const auto unchanged = tx.one<std::string>(
      "SELECT id FROM identity_account WHERE id = ? AND role = ? AND password_hash = ? FOR UPDATE",
      account, to_string(session.role), session.password_hash);
  if (!unchanged) return {};
  tx.exec("INSERT INTO identity_session (id, account, created_at, expires_at) VALUES (?,?,?,?)", id,
          account, session.created_at, session.expires_at);
  insert_token(tx, id, session.token, session.token.expires_at);
  const auto oldest = tx.query<std::string>(
      "SELECT id FROM identity_session WHERE account = ? AND ended_at IS NULL"
      " ORDER BY created_at DESC, id DESC LIMIT 100 OFFSET ?",
      account, keep_max);
  return {.opened = true, .ended = end_all(tx, oldest, "displaced", session.created_at)};
}

std::vector<Ended> end_every(sql::Tx& tx, const std::string& account, std::string_view reason,
                             Timestamp now) {
  const auto live = tx.query<std::string>(
      "SELECT id FROM identity_session WHERE account = ? AND ended_at IS NULL", account);
  return end_all(tx, live, reason, now);
}

// The row first: a sign-in that is under way waits for it, and finds another password.
std::optional<std::vector<Ended>> take_over_one(sql::Tx& tx, const std::string& id, Role role,
                                                const std::string& password_hash, Timestamp now) {
  tx.exec("UPDATE identity_account SET role = ?, password_hash = ? WHERE id = ?", to_string(role),
          password_hash, id);
  if (!read_account(tx, id)) return std::nullopt;
  return end_every(tx, id, "taken_over", now);
}

std::optional<std::vector<Ended>> change_role(sql::Tx& tx, const std::string& id, Role role,
                                              Timestamp now) {
  const bool changed = tx.exec("UPDATE identity_account SET role = ? WHERE id = ? AND role <> ?",
                               to_string(role), id, to_string(role)) > 0;
  if (!changed) {
    if (!read_account(tx, id)) return std::nullopt;
    return std::vector<Ended>{};
  }
  return end_every(tx, id, "role", now);
}

int sweep_some(sql::Tx& tx, Timestamp now, Timestamp ended_before, int limit) {
  const auto tokens = tx.query<std::string>(
      "SELECT digest FROM identity_refresh WHERE expires_at <= ? LIMIT ?", now, limit);
  for (const auto& [digest] : tokens)
    tx.exec("DELETE FROM identity_refresh WHERE digest = ?", digest);
  const auto sessions = tx.query<std::string>(
      "SELECT id FROM identity_session WHERE ended_at < ? OR expires_at <= ? LIMIT ?", ended_before,
      now, limit);
  for (const auto& [id] : sessions) {
    tx.exec("DELETE FROM identity_refresh WHERE session = ?", id);  // nothing opens with them
    tx.exec("DELETE FROM identity_session WHERE id = ?", id);
  }
  return static_cast<int>(std::max(tokens.size(), sessions.size()));
}

class SqlStore final : public Store {
 public:
  explicit SqlStore(sql::Database& database) : database_(database) {}

  Task<bool> insert_account(Credentials account) override;
  Task<Opened> open_session(NewSession session, int keep_max) override {
    return database_.write([session = std::move(session), keep_max](sql::Tx& tx) {
      return open_one(tx, session, keep_max);
    });
  }
  Task<std::optional<Credentials>> find_by_email(std::string email) override {
    return database_.read(
        [email = std::move(email)](sql::Tx& tx) { return read_by_email(tx, email); });
  }
  Task<std::optional<Account>> find(AccountId id) override {
    return database_.read([id = id.str()](sql::Tx& tx) { return read_account(tx, id); });
  }
  Task<void> replace_password(AccountId id, std::string old_hash, std::string new_hash) override {
    return database_.write([id = id.str(), old_hash = std::move(old_hash),
                            new_hash = std::move(new_hash)](sql::Tx& tx) {
      tx.exec("UPDATE identity_account SET password_hash = ? WHERE id = ? AND password_hash = ?",
              new_hash, id, old_hash);
    });
  }
  Task<Seen> rotate(Rotate request, Timestamp now) override {
    return database_.write([request = std::move(request), now](sql::Tx& tx) {
      return rotate_token(tx, request, now);
    });
  }
  Task<Seen> look(std::string digest, Timestamp now) override {
    return database_.read([digest = std::move(digest), now](sql::Tx& tx) {
      return read_token(tx, digest, now, nullptr);
    });
  }
  Task<bool> hand_again(std::string digest, Timestamp now) override {
    return database_.write([digest = std::move(digest), now](sql::Tx& tx) {
      return tx.exec(
                 "UPDATE identity_refresh SET handed_again_at = ?"
                 " WHERE digest = ? AND replaced_at IS NULL",
                 now, digest) > 0;
    });
  }
  Task<std::optional<SessionId>> session_of(std::string digest) override;
  Task<bool> end_session(SessionId session, std::string reason, Timestamp now) override {
    return database_.write([id = session.str(), reason = std::move(reason), now](sql::Tx& tx) {
      return end_one(tx, id, reason, now);
    });
  }
  Task<std::optional<std::vector<Ended>>> set_role(AccountId id, Role role,
                                                   Timestamp now) override {
    return database_.write(
        [id = id.str(), role, now](sql::Tx& tx) { return change_role(tx, id, role, now); });
  }
  Task<std::optional<std::vector<Ended>>> take_over(AccountId id, Role role,
                                                    std::string password_hash,
                                                    Timestamp now) override {
    return database_.write(
        [id = id.str(), role, password_hash = std::move(password_hash), now](sql::Tx& tx) {
          return take_over_one(tx, id, role, password_hash, now);
        });
  }
  Task<std::vector<Ended>> end_sessions_of(AccountId id, std::string reason,
                                           Timestamp now) override {
    return database_.write([id = id.str(), reason = std::move(reason), now](sql::Tx& tx) {
      return end_every(tx, id, reason, now);
    });
  }
  Task<std::vector<Ended>> ended_since(Timestamp since) override;
  Task<int> sweep(Timestamp now, Timestamp ended_before, int limit) override {
    return database_.write([now, ended_before, limit](sql::Tx& tx) {
      return sweep_some(tx, now, ended_before, limit);
    });
  }

 private:
  sql::Database& database_;
};

Task<bool> SqlStore::insert_account(Credentials credentials) {
  // Named, not written inside co_await: GCC 12 destroys the temporary closure twice.
  auto unit = [credentials = std::move(credentials)](sql::Tx& tx) {
    const Account& a = credentials.account;
    tx.exec(
        "INSERT INTO identity_account (id, email, name, role, password_hash, created_at)"
        " VALUES (?,?,?,?,?,?)",
        a.id.str(), a.email, a.name, to_string(a.role), credentials.password_hash, a.created_at);
  };
  try {
    co_await database_.write(std::move(unit));
  } catch (const sql::UniqueViolation&) {
    co_return false;
  }
  co_return true;
}

Task<std::optional<SessionId>> SqlStore::session_of(std::string digest) {
  return database_.read([digest = std::move(digest)](sql::Tx& tx) -> std::optional<SessionId> {
    const auto row =
        tx.one<std::string>("SELECT session FROM identity_refresh WHERE digest = ?", digest);
    if (!row) return std::nullopt;
    return id_of<SessionId>(std::get<0>(*row));
  });
}

Task<std::vector<Ended>> SqlStore::ended_since(Timestamp since) {
  return database_.read([since](sql::Tx& tx) {
    std::vector<Ended> ended;
    for (const auto& [id, at] : tx.query<std::string, Timestamp>(
             "SELECT id, ended_at FROM identity_session WHERE ended_at >= ?", since))
      ended.push_back({id_of<SessionId>(id), at});
    return ended;
  });
}

}  // namespace

std::unique_ptr<Store> make_sql_store(sql::Database& database) {
  return std::make_unique<SqlStore>(database);
}

}  // namespace onsale::identity
