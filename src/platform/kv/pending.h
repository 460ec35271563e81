// A call on its way. It lives in the frame of the coroutine that waits for it; whoever finishes it
// resumes that, and must not touch it afterwards. Thread: its loop's, once submitted.
#pragma once

#include <chrono>
#include <optional>
#include <span>

#include "platform/kv/kv.h"
#include "platform/kv/stream.h"

namespace onsale::kv {

// The calls that one coroutine waits for together.
struct Group {
  int remaining = 0;
  std::coroutine_handle<> waiter{};
  Executor* home = nullptr;  // where it waits
};

struct Pending {
  Pending(Command what, const Options& options, Group& waiting, Deadline until)
      : command(std::move(what)),
        deadline(until),
        group(&waiting),
        bytes(command.wire().size()),
        from(options.from),
        idempotent(options.idempotent) {}

  Command command;
  const Deadline deadline;
  Group* const group;
  const std::size_t bytes;
  int slot = -1;  // in a cluster; -1: any server
  const From from;
  const bool idempotent;

  // A pipeline that blocks is routed by its first call, with the others as `rest`; its calls are
  // never sent elsewhere one by one.
  bool blocks = false;
  bool together = false;
  std::span<Pending> rest{};
  const void* wants = nullptr;  // the server that it waits for a connection to

  bool maybe = false;               // was sent once without an answer
  bool spelled_out = false;         // NOSCRIPT was said once
  std::optional<Endpoint> ask{};    // ASK: the next try goes there
  int tries = 0;                    // refused and asked again
  Deadline not_before{};            // of the next try
  Failure last{Why::not_sent, ""};  // what stood in the way until now
  std::optional<Outcome> outcome{};
};

}  // namespace onsale::kv
