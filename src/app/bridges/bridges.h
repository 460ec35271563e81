// Where a lower module must be told what a higher one knows, in the lower one's words.
#pragma once

#include "base/random.h"
#include "booking/events.h"
#include "catalogue/ports.h"
#include "identity/identity.h"
#include "ops/ops.h"
#include "ops/ports.h"
#include "payments/events.h"
#include "waitroom/events.h"
#include "waitroom/room/ports.h"

namespace onsale::app {

// The catalogue's lists show free seats; booking comes into being after the catalogue.
class LateSeatCounts final : public catalogue::SeatCounts {
 public:
  void connect(const booking::Booking& booking) { booking_ = &booking; }
  std::int64_t available(catalogue::PerformanceId performance) const override {
    return booking_ ? booking_->seats_available(performance) : 0;
  }
  std::int64_t sold(catalogue::PerformanceId performance) const override {
    return booking_ ? booking_->seats_sold(performance) : 0;
  }
  bool called_off(catalogue::PerformanceId performance) const override {
    return booking_ != nullptr && booking_->called_off(performance);
  }

 private:
  const booking::Booking* booking_ = nullptr;  // set before anybody is served
};

// A room's changes go to the audit log.
class RoomAudit final : public waitroom::AuditLog {
 public:
  RoomAudit(ops::AuditLog& audit, Random& random) : audit_(audit), random_(random) {}
  Task<void> changed(waitroom::AuditEntry entry) override;

 private:
  ops::AuditId id_of(const waitroom::AuditEntry& entry);

  ops::AuditLog& audit_;
  Random& random_;
};

// What was decided about a refund goes to the audit log, once however often it is told: the entry
// has the decision's id.
Task<void> audit_refund(ops::AuditLog& audit, payments::RefundDecided decided);

// The same for what booking's back office did.
Task<void> audit_policy(ops::AuditLog& audit, booking::PolicyChanged changed);
Task<void> audit_call_off(ops::AuditLog& audit, booking::PerformanceCalledOff fact);
// The same for what is told of a room beside its settings.
Task<void> audit_room(ops::AuditLog& audit, waitroom::RoomChanged changed);
// Who decided what becomes of a purchase whose money the provider took back.
Task<void> audit_reversal(ops::AuditLog& audit, payments::ReversalDecided decided);
// Who said how a payment ended.
Task<void> audit_payment(ops::AuditLog& audit, payments::Decided decided);
// Who had a payment looked up at its provider.
Task<void> audit_look_up(ops::AuditLog& audit, payments::LookedUp looked);

// Who did it, for those who read the audit log.
class AccountNames final : public ops::People {
 public:
  explicit AccountNames(identity::Identity& identity) : identity_(identity) {}
  Task<std::optional<ops::Person>> find(std::string who) override;

 private:
  identity::Identity& identity_;
};

}  // namespace onsale::app
