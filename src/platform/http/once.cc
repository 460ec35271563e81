// Idempotency-Key: the same request is done once; what was done is told again.
#include "base/log.h"
#include "platform/crypto/bytes.h"
#include "platform/http/pipeline.h"

namespace onsale::http {
namespace {

constexpr std::size_t kKeyBytesMax = 255;

std::string sha256_hex(std::string_view bytes) { return crypto::hex(crypto::sha256(bytes)); }

// Whose key it is: two strangers may choose the same one.
std::string scope_of(const Exchange& x) {
  if (x.principal) return "account:" + x.principal->account;
  if (const auto device = find_cookie(x.header(Known::cookie), "onsale_device"))
    return "device:" + sha256_hex(*device);
  return "address:" + std::string(x.client_address);
}

std::vector<std::pair<std::string, std::string>> header_list(std::string_view lines) {
  std::vector<std::pair<std::string, std::string>> list;
  while (!lines.empty()) {
    const auto line = lines.substr(0, lines.find("\r\n"));
    lines.remove_prefix(line.size() + 2);
    const auto colon = line.find(": ");
    list.emplace_back(line.substr(0, colon), line.substr(colon + 2));
  }
  return list;
}

void replay(Exchange& x, StoredAnswer answer) {
  x.reply.status = answer.status;
  x.reply.content_type = std::move(answer.content_type);
  x.reply.body = std::move(answer.body);
  for (const auto& [name, value] : answer.headers)
    x.reply.headers.append(name).append(": ").append(value).append("\r\n");
  x.reply.headers += "Idempotency-Replayed: true\r\n";
}

// What was done is told again, and so is a refusal of the request's form, which no time can heal.
// Every other refusal changed nothing and may be another one a moment later (seats, passes, the
// sale itself): the same key tries again. A stranger's refusal is not worth a row: anybody can make
// them without end.
bool worth_keeping(const Exchange& x) {
  const int status = x.reply.status;
  if (x.reply.stream) return false;
  if (status < 400) return true;
  return x.malformed && x.principal && (status == 400 || status == 422);
}

}  // namespace

// Throws Problem 400 when it can be none.
std::string_view Pipeline::key_of(const Exchange& x) {
  const auto key = x.header(Known::idempotency_key);
  if (key.empty() || key.size() > kKeyBytesMax)
    throw Problem(400, "idempotency_key_invalid", "Idempotency-Key has 1 to 255 characters.");
  return key;
}

std::optional<Task<void>> Pipeline::start_once(Exchange& x) {
  const auto key = key_of(x);
  IdempotencyRequest request;
  request.scope = scope_of(x);
  request.operation = std::string(x.method_text) + ' ' + std::string(x.path);
  request.key = key;
  request.body_hash = sha256_hex(x.body);
  request.now = x.started;
  return run_once(x, std::move(request));
}

Task<void> Pipeline::run_once(Exchange& x, IdempotencyRequest request) {
  IdempotencyBegin begun = co_await parts_.idempotency->begin(request);
  if (auto* stored = std::get_if<StoredAnswer>(&begun)) {
    replay(x, std::move(*stored));
    co_return;
  }
  if (std::holds_alternative<IdempotencyReused>(begun))
    throw Problem(422, "idempotency_key_reused", "This key came with another body before.");
  if (std::holds_alternative<IdempotencyInProgress>(begun))
    throw Problem(409, "idempotency_in_progress", "The first request with this key still runs.", {},
                  1);
  std::string token = std::get<IdempotencyStarted>(begun).token;
  std::exception_ptr error;
  try {
    auto task = x.route->endpoint->run(x.call);
    if (task) co_await std::move(*task);
  } catch (...) {
    error = std::current_exception();
  }
  if (error) failed(x, error);
  try {
    co_await settle(x, std::move(request), std::move(token));
  } catch (const std::exception& e) {  // the lease frees the key; the answer itself stands
    log::error("http", "an answer could not be kept",
               {{"path", x.path}, {"trace_id", x.call.trace_id()}, {"error", e.what()}});
  }
}

Task<void> Pipeline::settle(Exchange& x, IdempotencyRequest request, std::string token) {
  const Reply& reply = x.reply;
  if (!worth_keeping(x)) {
    co_await parts_.idempotency->abandon(std::move(request), std::move(token));
    co_return;
  }
  StoredAnswer answer{reply.status, reply.content_type, header_list(reply.headers), reply.body};
  co_await parts_.idempotency->finish(std::move(request), std::move(token), std::move(answer));
}

}  // namespace onsale::http
