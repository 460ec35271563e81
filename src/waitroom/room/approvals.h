// The two-person rule: opening and closing a room waits for a second operator. One proposal a room,
// kept in memory for ten minutes; a restart forgets it, and nothing has happened. Thread: any.
#pragma once

#include <map>
#include <mutex>

#include "base/random.h"
#include "base/result.h"
#include "waitroom/settings.h"

namespace onsale::waitroom {

struct ProposalKind {
  static constexpr std::string_view prefix = "apr";
};
using ProposalId = Id<ProposalKind>;

struct Proposal {
  ProposalId id;
  std::string by;  // an account id
  Timestamp at{}, expires_at{};
  SettingsPatch patch;
  std::vector<Change> changes;  // as they would be now
};

enum class ApprovalRefusal { unknown, same_person };

inline constexpr Millis kProposalLife{600'000};

// Does this change need two, in a room with the rule? Opening, closing, and giving up the rule.
bool needs_two(const Settings& before, const Settings& after);

class Approvals {
 public:
  explicit Approvals(Random& random) : random_(random) {}

  // Takes the place of an earlier proposal for the room.
  Proposal propose(const RoomId& room, SettingsPatch patch, const Settings& before, std::string by,
                   Timestamp now);
  std::optional<Proposal> pending(const RoomId& room, Timestamp now) const;
  // The proposal, which is over with it. The proposer can't approve.
  Result<Proposal, ApprovalRefusal> approve(const RoomId& room, ProposalId id, std::string_view by,
                                            Timestamp now);
  // False when there is none of this id.
  bool withdraw(const RoomId& room, ProposalId id);

 private:
  Random& random_;
  mutable std::mutex mutex_;
  std::map<RoomId, Proposal> proposals_;  // rooms are declared, so they are few
};

}  // namespace onsale::waitroom
