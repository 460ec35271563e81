// Where answers to requests with an Idempotency-Key are kept: the port, in http's words.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/task.h"
#include "base/time.h"

namespace onsale::http {

inline constexpr Millis kIdempotencyKept = std::chrono::hours(24);
// A request that has not finished after this was cut off by a crash; the key may be tried again.
inline constexpr Millis kIdempotencyLease = std::chrono::seconds(60);
// Answers kept for one scope: more push out the oldest, so that nobody fills the table.
inline constexpr int kIdempotencyKeysMax = 1'000;

struct IdempotencyRequest {
  std::string scope;      // who: "account:acc_…", "device:<hash>" or "address:127.0.0.1"
  std::string operation;  // "POST /api/v1/performances/prf_…/holds"
  std::string key;        // as sent, at most 255 bytes
  std::string body_hash;  // hex
  Timestamp now{};
};

struct StoredAnswer {
  int status = 0;
  std::string content_type;
  std::vector<std::pair<std::string, std::string>> headers;  // set by the handler, cookies too
  std::string body;
};

struct IdempotencyStarted {
  std::string token;  // names this attempt in finish() and abandon()
};
struct IdempotencyReused {};      // same key, other body
struct IdempotencyInProgress {};  // the first one still runs

using IdempotencyBegin =
    std::variant<IdempotencyStarted, StoredAnswer, IdempotencyReused, IdempotencyInProgress>;

// Thread: any loop; resumes on it.
class IdempotencyStore {
 public:
  virtual ~IdempotencyStore() = default;
  // Exactly one of two concurrent calls with the same scope, operation and key gets Started.
  virtual Task<IdempotencyBegin> begin(IdempotencyRequest request) = 0;
  virtual Task<void> finish(IdempotencyRequest request, std::string token, StoredAnswer answer) = 0;
  // Forgets the attempt: the request failed in a way worth retrying.
  virtual Task<void> abandon(IdempotencyRequest request, std::string token) = 0;
  // Deletes what is older than kIdempotencyKept; returns how many. Call it now and then.
  virtual Task<std::size_t> sweep(Timestamp now) = 0;
};

}  // namespace onsale::http
