// The two-person rule: what opens a room further than it would be waits for a second operator; one
// alone can stop it. One proposal a room, kept in memory for ten minutes; a restart forgets it, and
// nothing has happened. Thread: its room's.
#pragma once

#include "waitroom/settings.h"

namespace onsale::waitroom {

inline constexpr Millis kProposalLife{600'000};

// Does this change need two, in a room with the rule? When at some time from `now` on, as both are
// planned, people join, are admitted or need no line who could not without it; and to give up the
// rule. `drawn`: the room's lottery is.
bool needs_two(const Settings& before, const Settings& after, Timestamp now, bool drawn);

class Approvals {
 public:
  struct Proposed {
    Proposal proposal;
    Settings before, after;
  };
  // Takes the place of an earlier proposal.
  Proposal propose(ProposalId id, const Settings& before, Settings after, std::string by,
                   Timestamp now);
  std::optional<Proposal> pending(Timestamp now) const;
  // What was proposed, which is over with it. Refused, and over, when those of the room are no
  // longer the ones that they were proposed for; refused to who proposed them.
  Result<Proposed, ConfigureRefusal> approved(ProposalId id, std::string_view by,
                                              const Settings& present, Timestamp now);
  // False when there is none of this id.
  bool withdraw(ProposalId id, Timestamp now);

 private:
  std::optional<Proposed> held_;
};

}  // namespace onsale::waitroom
