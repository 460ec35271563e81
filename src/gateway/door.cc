#include "gateway/door.h"

#include <algorithm>

#include "base/encoding.h"

namespace onsale::gateway {
namespace {

constexpr std::int64_t kBeforeEntrySeconds = 86'400;  // how long the wait may take
constexpr std::string_view kPassCookie = "onsale_pass";

// The first cookie of that name; empty when there is none.
std::string_view cookie_value(std::string_view cookies, std::string_view name) {
  while (!cookies.empty()) {
    const std::size_t end = std::min(cookies.find(';'), cookies.size());
    std::string_view pair = cookies.substr(0, end);
    cookies.remove_prefix(std::min(end + 1, cookies.size()));
    while (pair.starts_with(' ')) pair.remove_prefix(1);
    const std::size_t equals = pair.find('=');
    if (equals != pair.npos && pair.substr(0, equals) == name) return pair.substr(equals + 1);
  }
  return {};
}

bool reads(std::string_view method) { return method == "GET" || method == "HEAD"; }

}  // namespace

Door::Door(Settings settings, Passes& passes, Random& random)
    : settings_(std::move(settings)),
      passes_(passes),
      random_(random),
      enter_url_(settings_.issuer_url + "/wait/" + settings_.room) {}

void Door::set_room(std::string enter_url, std::int64_t session_seconds) {
  std::lock_guard lock(mutex_);
  enter_url_ = std::move(enter_url);
  session_seconds_ = session_seconds;
}

Decision Door::decide(const Visit& visit, Timestamp now) {
  const auto target = parse_target(visit.target);
  if (!target) return {.step = Step::refuse, .refusal = Refusal::bad_target};
  const std::string* prefix = guard_of(target->path, settings_.prefixes);
  if (!prefix) return {.step = Step::forward, .target = target->plain()};
  if (!passes_.ready()) return {.step = Step::refuse, .refusal = Refusal::not_ready};

  // Nobody can show a pass in a preflight; what the guarded page holds doesn't go out either.
  if (visit.preflight) return {.step = Step::forward, .target = target->plain(), .head_only = true};
  std::string session = session_of(visit.cookies);
  const bool known = !session.empty();
  if (!known) session = fresh_session();
  const bool by_query = !target->pass.empty();
  const std::string clean = base(visit) + target->plain();
  if (known) {
    if (auto place = place_of(session, visit.silent, now)) {
      if (by_query && reads(visit.method)) return {.step = Step::redirect, .location = clean};
      return {.step = Step::forward, .target = target->plain(), .place = std::move(*place)};
    }
  }
  if (visit.silent) return {.step = Step::refuse, .refusal = Refusal::pass_required};
  std::string_view pass = target->pass;
  if (pass.empty()) pass = visit.pass;
  if (pass.empty()) pass = cookie_value(visit.cookies, kPassCookie);
  const auto entered = enter(pass, session, now);
  if (entered) {
    Decision decision{.step = Step::forward, .target = target->plain(), .place = *entered};
    if (by_query && reads(visit.method)) decision = {.step = Step::redirect, .location = clean};
    std::lock_guard lock(mutex_);
    decision.set_cookie = cookie(session, session_seconds_);
    return decision;
  }
  Decision decision{.step = Step::refuse, .refusal = entered.error()};
  // Whoever sent a form comes back to where the guarded part begins: a wait page can't send it.
  decision.enter_url = enter_url(reads(visit.method) ? clean : base(visit) + *prefix);
  if (!known) decision.set_cookie = cookie(session, kBeforeEntrySeconds);
  // A pass that came by the address and is no good is explained: sending its owner back at once
  // could go round for ever.
  const bool send_on =
      visit.html && reads(visit.method) && !by_query && status_of(decision.refusal) != 503;
  if (send_on) {
    decision.step = Step::redirect;
    decision.location = decision.enter_url;
  }
  return decision;
}

Decision Door::check(const Visit& visit, std::string_view back, Timestamp now) {
  if (!passes_.ready()) return {.step = Step::refuse, .refusal = Refusal::not_ready};
  std::string session = session_of(visit.cookies);
  const bool known = !session.empty();
  if (known) {
    if (auto place = place_of(session, visit.silent, now))
      return {.step = Step::forward, .place = std::move(*place)};
  } else {
    session = fresh_session();
  }
  std::string_view pass = visit.pass;
  if (pass.empty()) pass = cookie_value(visit.cookies, kPassCookie);
  const auto entered = enter(pass, session, now);
  if (entered) {
    std::lock_guard lock(mutex_);
    return {
        .step = Step::forward, .place = *entered, .set_cookie = cookie(session, session_seconds_)};
  }
  Decision decision{.step = Step::refuse, .refusal = entered.error(), .enter_url = enter_url(back)};
  if (!known) decision.set_cookie = cookie(session, kBeforeEntrySeconds);
  return decision;
}

std::expected<std::string, Refusal> Door::enter(std::string_view pass, const std::string& session,
                                                Timestamp now) {
  if (pass.empty()) return std::unexpected(Refusal::pass_required);
  auto admitted = passes_.use(pass, session, now);
  if (!admitted) return std::unexpected(admitted.error());
  std::lock_guard lock(mutex_);
  forget_ended(now);
  if (gone_.contains(admitted->pass_id)) return std::unexpected(Refusal::pass_expired);
  if (inside_.size() >= kInsideMax) return std::unexpected(Refusal::busy);
  forget(session);
  const Timestamp ends_at = now + std::chrono::seconds(session_seconds_);
  by_end_[ends_at].push_back(session);
  by_pass_[admitted->pass_id] = session;
  inside_[session] = {.place = admitted->place,
                      .pass_id = admitted->pass_id,
                      .pass = std::string(pass),
                      .epoch = admitted->epoch,
                      .ends_at = ends_at,
                      .seen_at = now};
  return admitted->place;
}

std::optional<std::string> Door::place_of(const std::string& session, bool silent, Timestamp now) {
  const std::int64_t epoch = passes_.epoch();
  std::lock_guard lock(mutex_);
  const auto found = inside_.find(session);
  if (found == inside_.end()) return {};
  Inside& visitor = found->second;
  if (visitor.ends_at <= now || visitor.epoch < epoch) return {};
  if (!silent) visitor.seen_at = now;
  return visitor.place;
}

std::vector<std::string> Door::due_leases(std::size_t max, Timestamp now) {
  std::vector<Inside*> due;
  std::lock_guard lock(mutex_);
  forget_ended(now);
  for (auto& [session, visitor] : inside_) {
    const bool came = visitor.seen_at > visitor.renewed_at;
    if (came && visitor.renewed_at + kRenewEvery <= now) due.push_back(&visitor);
  }
  // The longest waiting first: however many there are, nobody is left out for ever.
  const std::size_t many = std::min(max, due.size());
  std::ranges::partial_sort(due, due.begin() + static_cast<std::ptrdiff_t>(many), {},
                            [](const Inside* visitor) { return visitor->renewed_at; });
  std::vector<std::string> passes;
  for (std::size_t i = 0; i < many; ++i) {
    due[i]->renewed_at = now;
    passes.push_back(due[i]->pass);
  }
  return passes;
}

void Door::due_again(std::span<const std::string> passes) {
  const std::unordered_set<std::string_view> failed(passes.begin(), passes.end());
  std::lock_guard lock(mutex_);
  for (auto& [session, visitor] : inside_) {
    if (failed.contains(visitor.pass)) visitor.renewed_at = {};
  }
}

// A pass is good for no longer than the session of its slot.
void Door::ended(const std::vector<std::string>& pass_ids, Timestamp now) {
  std::lock_guard lock(mutex_);
  for (const std::string& id : pass_ids) {
    const auto found = by_pass_.find(id);
    if (found == by_pass_.end()) continue;
    const std::string session = found->second;
    forget(session);
    gone_.insert(id);
    gone_until_[now + std::chrono::seconds(session_seconds_)].push_back(id);
  }
}

std::size_t Door::inside() const {
  std::lock_guard lock(mutex_);
  return inside_.size();
}

void Door::forget_ended(Timestamp now) {
  while (!by_end_.empty() && by_end_.begin()->first <= now) {
    for (const std::string& session : by_end_.begin()->second) {
      const auto found = inside_.find(session);
      // It may have come in again since, until later.
      if (found != inside_.end() && found->second.ends_at <= now) forget(session);
    }
    by_end_.erase(by_end_.begin());
  }
  while (!gone_until_.empty() && gone_until_.begin()->first <= now) {
    for (const std::string& id : gone_until_.begin()->second) gone_.erase(id);
    gone_until_.erase(gone_until_.begin());
  }
}

void Door::forget(const std::string& session) {
  const auto found = inside_.find(session);
  if (found == inside_.end()) return;
  by_pass_.erase(found->second.pass_id);
  inside_.erase(found);
}

std::string Door::cookie(const std::string& session, std::int64_t seconds) const {
  std::string out = cookie_name() + '=' + session + '.' + passes_.stamp(session) +
                    "; Path=/; HttpOnly; SameSite=Lax; Max-Age=" + std::to_string(seconds);
  if (settings_.public_url.starts_with("https://")) out += "; Secure";
  return out;
}

std::string Door::session_of(std::string_view cookies) const {
  const std::string_view value = cookie_value(cookies, cookie_name());
  const std::size_t dot = value.find('.');
  if (dot == value.npos || !passes_.stamped(value.substr(0, dot), value.substr(dot + 1))) return {};
  return std::string(value.substr(0, dot));
}

std::string Door::fresh_session() { return random_hex(random_); }

std::string Door::base(const Visit& visit) const {
  return settings_.public_url.empty() ? "http://" + std::string(visit.host) : settings_.public_url;
}

std::string Door::enter_url(std::string_view back) const {
  std::lock_guard lock(mutex_);
  if (back.empty() || back.size() > kReturnBytesMax) return enter_url_;
  return enter_url_ + "?return=" + percent_encoded(back);
}

}  // namespace onsale::gateway
