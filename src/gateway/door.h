// Who may pass. Decides about one request at a time from what it brings: the gate's own cookie, or
// a pass. Remembers who is inside, bounded. Thread: any; no I/O.
//
// The cookie holds an id with this process's stamp. A visitor gets it on the way to the wait page
// already, so that a pass belongs to the browser that waited for it, and a lost answer loses
// nothing.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "gateway/ports.h"
#include "gateway/target.h"

namespace onsale::gateway {

// What a request brings. Views live during the call.
struct Visit {
  std::string_view method = "GET";
  std::string_view target;
  std::string_view host;     // as the browser says
  std::string_view cookies;  // the Cookie header
  std::string_view pass;     // the header Onsale-Pass
  bool html = false;         // a person in a browser asks
  bool preflight = false;    // a browser asks, without anybody's cookies, what may be asked (CORS)
  bool silent = false;       // nothing came: an open connection is looked at, no sign of life
};

enum class Step { forward, redirect, refuse };

struct Decision {
  Step step = Step::refuse;
  std::string target{};      // forward: what to ask the origin for
  std::string place{};       // forward: who comes, when the address is guarded
  bool head_only = false;    // forward: nothing but the head of the answer may go out
  std::string location{};    // redirect
  Refusal refusal{};         // refuse
  std::string enter_url{};   // refuse: where a pass is to be had
  std::string set_cookie{};  // for the answer, whatever it is; may be empty
};

class Door {
 public:
  Door(Settings settings, Passes& passes, Random& random);

  Decision decide(const Visit& visit, Timestamp now);
  // For nginx's auth_request: forward (204), or refuse. `visit.target` does not count; `back` is
  // where the visitor wanted to go, absolute.
  Decision check(const Visit& visit, std::string_view back, Timestamp now);

  // What the waiting room's server says about the room.
  void set_room(std::string enter_url, std::int64_t session_seconds);

  // Passes of people who came since the last call that named them, and whose slots have to be kept
  // alive. At most `max`, the longest waiting first; each is due again after kRenewEvery.
  std::vector<std::string> due_leases(std::size_t max, Timestamp now);
  // Those that were due and that nobody could be asked about.
  void due_again(std::span<const std::string> passes);
  // Those slots are gone: who comes with such a session, or such a pass, needs a new one.
  void ended(const std::vector<std::string>& pass_ids, Timestamp now);

  std::size_t inside() const;

  static constexpr Millis kRenewEvery{8'000};

 private:
  struct Inside {
    std::string place, pass_id, pass;
    std::int64_t epoch = 0;
    Timestamp ends_at{}, seen_at{}, renewed_at{};
  };

  std::string cookie_name() const { return "onsale_gate_" + settings_.room; }
  std::string cookie(const std::string& session, std::int64_t seconds) const;
  // The session that the visitor's cookie proves; empty for none.
  std::string session_of(std::string_view cookies) const;
  std::string fresh_session();
  std::optional<std::string> place_of(const std::string& session, bool silent, Timestamp now);
  std::expected<std::string, Refusal> enter(std::string_view pass, const std::string& session,
                                            Timestamp now);
  std::string base(const Visit& visit) const;
  std::string enter_url(std::string_view back) const;
  void forget_ended(Timestamp now);
  void forget(const std::string& session);

  const Settings settings_;
  Passes& passes_;
  Random& random_;
  mutable std::mutex mutex_;
  std::string enter_url_;                                 // guarded by mutex_
  std::int64_t session_seconds_ = 600;                    // guarded by mutex_
  std::unordered_map<std::string, Inside> inside_;        // by session; guarded by mutex_
  std::unordered_map<std::string, std::string> by_pass_;  // pass id -> session; guarded
  std::map<Timestamp, std::vector<std::string>> by_end_;  // sessions; guarded by mutex_
  // Passes whose slots are gone, until no pass of then can be valid; guarded by mutex_
  std::unordered_set<std::string> gone_;
  std::map<Timestamp, std::vector<std::string>> gone_until_;
};

}  // namespace onsale::gateway
