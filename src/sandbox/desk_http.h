// Where every call to a provider passes: faults on purpose, waiting until what it did is durable,
// and the record of it. Thread: the stand-in's loop.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/task.h"
#include "platform/http/router.h"
#include "sandbox/calls.h"
#include "sandbox/faults.h"
#include "sandbox/records.h"
#include "sandbox/sandbox_clock.h"

namespace onsale::sandbox {

struct Reply {
  http::Raw raw;
  std::string code{};     // the provider's error, for the record
  std::string payment{};  // likewise
  bool replayed = false;
};

inline http::Raw json_raw(int status, std::string body) {
  return {.status = status, .content_type = "application/json", .body = std::move(body)};
}

// One call. Each function runs on the loop and is done when it returns.
struct Step {
  std::string_view pattern;  // the path as declared
  // An answer that needs no work (a key that doesn't fit, a repeat); else the work begins, which
  // may be a while later.
  std::function<std::optional<Reply>()> enter{};
  std::function<Reply()> work;
  // How this provider says that something broke on its side.
  std::function<Reply(int status)> trouble;
};

struct DeskParts {
  const Clock& real;
  SandboxClock& clock;
  Faults& faults;
  Calls& calls;
  Records& records;
};

class Desk {
 public:
  explicit Desk(DeskParts parts) : parts_(parts) {}

  // The answer of `call`, which must outlive the task, as it does in a route's handler.
  Task<http::Raw> serve(http::Call& call, Step step);

  // Every so often: whom nobody overtook in time goes on.
  void tick();

  // For what goes out (webhooks): the same rules, under a path of their own.
  FaultVerdict judge(std::string_view path) { return parts_.faults.judge(path, path); }

 private:
  struct Turn;

  Task<http::Raw> serve_faulty(http::Call& call, Step step, FaultVerdict verdict);
  Task<Reply> once(const Step& step, Millis delay, std::optional<std::size_t> rule, Millis wait);
  void note(const http::Call& call, const Reply& reply, const FaultVerdict& verdict, int status);

  DeskParts parts_;
  std::map<std::size_t, std::shared_ptr<Turn>> turns_;  // who waits, by the rule's number
};

}  // namespace onsale::sandbox
