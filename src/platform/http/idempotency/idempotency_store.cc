#include "platform/http/idempotency/idempotency_store.h"

#include "platform/crypto/bytes.h"

namespace onsale::http {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

// The parts cannot run into each other: NUL is in none of them.
std::string row_id(const IdempotencyRequest& request) {
  std::string text = request.scope;
  text.append(1, '\0').append(request.operation).append(1, '\0').append(request.key);
  return crypto::hex(crypto::sha256(text));
}

std::string to_lines(const Headers& headers) {
  std::string lines;
  for (const auto& [name, value] : headers)
    lines.append(name).append(": ").append(value).append("\n");
  return lines;
}

Headers from_lines(std::string_view lines) {
  Headers headers;
  while (!lines.empty()) {
    const auto line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(line.size() + 1);
    const auto colon = line.find(": ");
    headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
  }
  return headers;
}

struct Begin {
  std::string id, attempt;
  IdempotencyRequest request;

  IdempotencyBegin operator()(sql::Tx& tx) const {
    const auto now = to_unix_ms(request.now);
    const auto row =
        tx.one<std::string, int, std::string, std::string, std::string, std::int64_t, std::int64_t>(
            "SELECT body_hash, status, content_type, headers, body, created_at, lease_until "
            "FROM http_idempotency WHERE id = ? FOR UPDATE",
            id);
    if (!row) return insert(tx, now);
    const auto& [hash, status, type, headers, body, created_at, lease_until] = *row;
    const bool forgotten = created_at <= now - kIdempotencyKept.count();
    if (!forgotten && hash != request.body_hash) return IdempotencyReused{};
    if (!forgotten && status != 0) return StoredAnswer{status, type, from_lines(headers), body};
    if (!forgotten && lease_until > now) return IdempotencyInProgress{};
    tx.exec(
        "UPDATE http_idempotency SET body_hash = ?, attempt = ?, status = 0, created_at = ?, "
        "lease_until = ? WHERE id = ?",
        request.body_hash, attempt, now, now + kIdempotencyLease.count(), id);
    return IdempotencyStarted{attempt};
  }

  IdempotencyBegin insert(sql::Tx& tx, std::int64_t now) const {
    try {
      tx.exec(
          "INSERT INTO http_idempotency (id, scope, body_hash, attempt, status, content_type, "
          "headers, body, created_at, lease_until) VALUES (?, ?, ?, ?, 0, '', '', '', ?, ?)",
          id, request.scope, request.body_hash, attempt, now, now + kIdempotencyLease.count());
    } catch (const sql::UniqueViolation&) {
      return IdempotencyInProgress{};  // another node was quicker by a hair
    }
    push_out(tx, now);
    return IdempotencyStarted{attempt};
  }

  // Those that still run stay.
  void push_out(sql::Tx& tx, std::int64_t now) const {
    const auto oldest = tx.one<std::int64_t>(
        "SELECT created_at FROM http_idempotency WHERE scope = ? ORDER BY created_at DESC LIMIT 1 "
        "OFFSET ?",
        request.scope, kIdempotencyKeysMax);
    if (!oldest) return;
    tx.exec(
        "DELETE FROM http_idempotency WHERE scope = ? AND created_at <= ? AND (status <> 0 OR "
        "lease_until <= ?)",
        request.scope, std::get<0>(*oldest), now);
  }
};

}  // namespace

Task<IdempotencyBegin> SqlIdempotencyStore::begin(IdempotencyRequest request) {
  std::array<std::byte, 16> bytes;
  random_.fill(bytes);
  std::string attempt = crypto::hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  return database_.write(Begin{row_id(request), std::move(attempt), std::move(request)});
}

Task<void> SqlIdempotencyStore::finish(IdempotencyRequest request, std::string token,
                                       StoredAnswer answer) {
  return database_.write(
      [id = row_id(request), token = std::move(token), answer = std::move(answer)](sql::Tx& tx) {
        tx.exec(
            "UPDATE http_idempotency SET status = ?, content_type = ?, headers = ?, body = ? "
            "WHERE id = ? AND attempt = ?",
            answer.status, answer.content_type, to_lines(answer.headers), answer.body, id, token);
      });
}

Task<void> SqlIdempotencyStore::abandon(IdempotencyRequest request, std::string token) {
  return database_.write([id = row_id(request), token = std::move(token)](sql::Tx& tx) {
    tx.exec("DELETE FROM http_idempotency WHERE id = ? AND attempt = ? AND status = 0", id, token);
  });
}

Task<void> SqlIdempotencyStore::forget_unfinished() {
  return database_.write(
      [](sql::Tx& tx) { tx.exec("DELETE FROM http_idempotency WHERE status = 0"); });
}

Task<std::size_t> SqlIdempotencyStore::sweep(Timestamp now) {
  return database_.write([before = to_unix_ms(now - kIdempotencyKept)](sql::Tx& tx) {
    return static_cast<std::size_t>(
        tx.exec("DELETE FROM http_idempotency WHERE created_at <= ?", before));
  });
}

}  // namespace onsale::http
