#include "waitroom/room/approvals.h"

namespace onsale::waitroom {
namespace {

bool takes_people(Mode mode) { return mode != Mode::closed && mode != Mode::drain; }
bool admits(Mode mode) { return mode == Mode::open || mode == Mode::queue || mode == Mode::drain; }

}  // namespace

bool needs_two(const Settings& before, const Settings& after) {
  if (!before.two_person) return false;
  return !after.two_person || takes_people(before.mode) != takes_people(after.mode) ||
         admits(before.mode) != admits(after.mode) || before.opens_at != after.opens_at ||
         before.schedule != after.schedule;
}

Proposal Approvals::propose(const RoomId& room, SettingsPatch patch, const Settings& before,
                            std::string by, Timestamp now) {
  Proposal proposal{.id = ProposalId::make(now, random_),
                    .by = std::move(by),
                    .at = now,
                    .expires_at = now + kProposalLife,
                    .patch = patch,
                    .changes = changes(before, patched(before, patch))};
  std::lock_guard lock(mutex_);
  return proposals_.insert_or_assign(room, std::move(proposal)).first->second;
}

std::optional<Proposal> Approvals::pending(const RoomId& room, Timestamp now) const {
  std::lock_guard lock(mutex_);
  const auto found = proposals_.find(room);
  if (found == proposals_.end() || found->second.expires_at <= now) return {};
  return found->second;
}

Result<Proposal, ApprovalRefusal> Approvals::approve(const RoomId& room, ProposalId id,
                                                     std::string_view by, Timestamp now) {
  std::lock_guard lock(mutex_);
  const auto found = proposals_.find(room);
  if (found == proposals_.end() || !(found->second.id == id) || found->second.expires_at <= now) {
    return std::unexpected(ApprovalRefusal::unknown);
  }
  if (found->second.by == by) return std::unexpected(ApprovalRefusal::same_person);
  Proposal approved = std::move(found->second);
  proposals_.erase(found);
  return approved;
}

bool Approvals::withdraw(const RoomId& room, ProposalId id) {
  std::lock_guard lock(mutex_);
  const auto found = proposals_.find(room);
  if (found == proposals_.end() || !(found->second.id == id)) return false;
  proposals_.erase(found);
  return true;
}

}  // namespace onsale::waitroom
