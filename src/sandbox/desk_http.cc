#include "sandbox/desk_http.h"

#include "platform/exec/loop.h"
#include "sandbox/names.h"

namespace onsale::sandbox {
namespace {

constexpr Millis kReorderWait{1000};

Reply answer_now(const Step& step) {
  if (step.enter)
    if (auto known = step.enter()) return std::move(*known);
  return step.work();
}

}  // namespace

// Somebody who lets another one pass.
struct Desk::Turn {
  OneShot<bool> over;
  Timestamp until;
  // Whoever waits goes on after what runs now.
  void end() const {
    exec::Loop::current()->post([over = over]() mutable { over.set(true); });
  }
};

void Desk::tick() {
  const Timestamp now = parts_.real.now();
  for (auto& [rule, turn] : turns_)
    if (turn && turn->until <= now) std::exchange(turn, nullptr)->end();
}

Task<http::Raw> Desk::serve(http::Call& call, Step step) {
  FaultVerdict verdict;
  if (!parts_.faults.rules().empty()) verdict = parts_.faults.judge(call.path(), step.pattern);
  if (verdict.strongest) {
    auto faulty = serve_faulty(call, std::move(step), verdict);
    http::Raw raw = co_await std::move(faulty);
    co_return raw;
  }
  Reply reply = answer_now(step);
  if (!parts_.records.settled()) {
    co_await parts_.records.flush();
  }
  note(call, reply, verdict, reply.raw.status);
  co_return std::move(reply.raw);
}

Task<http::Raw> Desk::serve_faulty(http::Call& call, Step step, FaultVerdict verdict) {
  if (verdict.drop_before) {
    note(call, {}, verdict, 0);
    call.hang_up();
    co_return http::Raw{};
  }
  Reply reply;
  const bool refused = verdict.status != 0 && !verdict.status_after;
  if (refused) {
    if (verdict.delay.count() > 0) {
      co_await exec::Loop::current()->sleep(verdict.delay);
    }
    reply = step.trouble(verdict.status);
  } else {
    reply = co_await once(step, verdict.delay, verdict.reorder, verdict.reorder_max);
    if (verdict.duplicate) {
      if (verdict.again_after.count() > 0) {
        co_await exec::Loop::current()->sleep(verdict.again_after);
      }
      reply = answer_now(step);
    }
  }
  if (!parts_.records.settled()) {
    co_await parts_.records.flush();
  }
  if (verdict.drop_after) {
    note(call, reply, verdict, 0);
    call.hang_up();
    co_return http::Raw{};
  }
  if (verdict.status != 0 && verdict.status_after) {
    std::string payment = std::move(reply.payment);
    reply = step.trouble(verdict.status);
    reply.payment = std::move(payment);
  }
  note(call, reply, verdict, reply.raw.status);
  co_return std::move(reply.raw);
}

Task<Reply> Desk::once(const Step& step, Millis delay, std::optional<std::size_t> rule,
                       Millis wait) {
  if (step.enter)
    if (auto known = step.enter()) co_return std::move(*known);
  if (delay.count() > 0) {
    co_await exec::Loop::current()->sleep(delay);
  }
  std::shared_ptr<Turn> passed;
  if (rule) {
    auto& waiting = turns_[*rule];
    passed = std::exchange(waiting, nullptr);
    if (!passed) {
      const auto turn = std::make_shared<Turn>();
      turn->until = parts_.real.now() + (wait.count() > 0 ? wait : kReorderWait);
      waiting = turn;
      auto over = turn->over.wait();
      co_await std::move(over);
    }
  }
  Reply reply = step.work();
  if (passed) passed->end();
  co_return reply;
}

void Desk::note(const http::Call& call, const Reply& reply, const FaultVerdict& verdict,
                int status) {
  const Millis took = parts_.real.now() - call.started();
  parts_.calls.add(
      {.at = parts_.clock.now() - took,
       .method = std::string(call.method()),
       .path = std::string(call.path()),
       .status = status,
       .code = reply.code,
       .payment = reply.payment,
       .idempotency_key = std::string(call.header("Idempotency-Key").substr(0, 300)),
       .replayed = reply.replayed,
       .fault = verdict.strongest ? std::string(name_of(*verdict.strongest)) : std::string(),
       .body = std::string(call.body().substr(0, Calls::kBodyKept)),
       .took_ms = took.count()});
}

}  // namespace onsale::sandbox
