#include "waitroom/room/approvals.h"

#include <algorithm>

namespace onsale::waitroom {
namespace {

bool takes_people(const Settings& s) { return s.mode != Mode::closed && s.mode != Mode::drain; }

bool admits(const Settings& s) {
  const bool serves = s.mode == Mode::queue || s.mode == Mode::drain;
  return s.mode == Mode::open || (serves && s.capacity > 0 && s.admit_per_minute > 0);
}

bool opens(const Settings& before, const Settings& after) {
  return (takes_people(after) && !takes_people(before)) || (admits(after) && !admits(before)) ||
         (after.mode == Mode::open && before.mode != Mode::open);
}

}  // namespace

bool needs_two(const Settings& before, const Settings& after, Timestamp now, bool drawn) {
  if (!before.two_person) return false;
  if (!after.two_person) return true;
  std::vector<Timestamp> moments{now};
  for (const Settings* settings : {&before, &after}) {
    if (settings->opens_at) moments.push_back(std::max(now, *settings->opens_at));
    for (const PlannedChange& planned : settings->schedule) {
      moments.push_back(std::max(now, planned.at));
    }
  }
  // A lottery may be drawn before any of them.
  const auto opens_when = [&](Timestamp at, bool as_drawn) {
    return opens(followed(before, at, before.lottery && !as_drawn),
                 followed(after, at, after.lottery && !as_drawn));
  };
  return std::ranges::any_of(moments, [&](Timestamp at) {
    return opens_when(at, true) || (!drawn && opens_when(at, false));
  });
}

Proposal Approvals::propose(ProposalId id, const Settings& before, Settings after, std::string by,
                            Timestamp now) {
  Proposal proposal{.id = id,
                    .by = std::move(by),
                    .at = now,
                    .expires_at = now + kProposalLife,
                    .changes = changes(before, after)};
  held_ = Proposed{.proposal = std::move(proposal), .before = before, .after = std::move(after)};
  return held_->proposal;
}

std::optional<Proposal> Approvals::pending(Timestamp now) const {
  if (!held_ || held_->proposal.expires_at <= now) return {};
  return held_->proposal;
}

Result<Approvals::Proposed, ConfigureRefusal> Approvals::approved(ProposalId id,
                                                                  std::string_view by,
                                                                  const Settings& present,
                                                                  Timestamp now) {
  const auto proposal = pending(now);
  if (!proposal || !(proposal->id == id)) {
    return std::unexpected(ConfigureRefusal::proposal_not_found);
  }
  if (proposal->by == by) return std::unexpected(ConfigureRefusal::second_person_needed);
  Proposed held = std::move(*std::exchange(held_, {}));
  if (held.before != present) return std::unexpected(ConfigureRefusal::changed_meanwhile);
  return held;
}

bool Approvals::withdraw(ProposalId id, Timestamp now) {
  const auto proposal = pending(now);
  if (!proposal || !(proposal->id == id)) return false;
  held_.reset();
  return true;
}

}  // namespace onsale::waitroom
