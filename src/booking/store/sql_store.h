// Store on sql::Database: SQLite and MySQL/MariaDB from the same code. Where writers run in
// parallel (MySQL) rows are locked in the order quota, hold, claims by seat; the rest is left to
// the deadlock retry of sql.
#pragma once

#include <atomic>

#include "base/control.h"
#include "booking/ports.h"
#include "platform/sql/database.h"

namespace onsale::booking {

// What keeps a seat from being sold twice, and the books complete.
struct Guards {
  Guard only_expired{};  // a claim is taken over only when its time is over
  Guard quota{};         // an account's seats are counted in the claim's own transaction
  Guard not_empty{};     // an order without seats makes no hold
  Guard book_sales{};    // what is bought is in the ledger
};

class SqlStore final : public Store {
 public:
  // `database` must outlive this.
  explicit SqlStore(sql::Database& database, Guards guards = {});

  Task<Live> live() override;
  std::uint64_t unanswered() const override { return unanswered_; }
  Task<Claims> claims(PerformanceId performance) override;
  Task<Result<Claimed, ClaimRefused>> claim(ClaimOrder order) override;
  Task<std::optional<Hold>> hold(HoldId id) override;
  Task<Result<SeatSet, ReleaseRefusal>> release(HoldId id, AccountId buyer) override;
  Task<Expired> expire(std::vector<HoldId> ids, Timestamp now) override;
  Task<Result<Reservation, ReserveRefusal>> reserve(ReserveOrder order,
                                                    AskParticulars ask) override;
  Task<std::optional<Reservation>> find(ReservationId id) override;
  Task<std::optional<Standing>> standing(ReservationId id) override;
  Task<std::optional<Reservation>> find_by_hold(HoldId id) override;
  Task<ReservationPage> list(ReservationQuery query) override;
  Task<std::map<std::string, SoldAs>> shows_of(std::vector<std::string> reservations) override;
  Task<Result<Extended, PayRefusal>> extend(ExtendOrder order) override;
  Task<Confirmed> confirm(ConfirmOrder order) override;
  Task<WrittenOff> write_off(WriteOffOrder order) override;
  Task<Result<Cancelled, CancelRefusal>> cancel(CancelOrder order) override;
  Task<std::vector<StoredPolicy>> policies() override;
  Task<StoredPolicy> set_policy(PolicyOrder order) override;
  Task<JobId> call_off(CallOffOrder order) override;
  Task<std::optional<OfficeJob>> job(JobId id) override;
  Task<std::vector<OfficeJob>> jobs(int limit, std::optional<JobId> before) override;
  Task<std::vector<PerformanceId>> called_off() override;
  Task<std::vector<CalledOff>> called_off_now() override;
  Task<std::vector<ReservationId>> live_of(PerformanceId performance, int limit) override;
  Task<void> worked_off(PerformanceId performance, Timestamp now) override;
  Task<std::optional<Refund>> refund(RefundId id) override;
  Task<int> forget_ended(Timestamp before, int limit) override;
  Task<std::vector<AccountId>> accounts_with_ended(Timestamp from, Timestamp to) override;
  Task<int> forget_ended_of(AccountId account, Timestamp before, int keep, int limit) override;
  Task<int> forget_quotas(Timestamp before, int limit) override;
  Task<void> refund_ended(RefundId id, payments::RefundState state) override;
  Task<std::vector<Refund>> refunds_waiting(Timestamp before, std::optional<RefundId> after,
                                            int limit) override;
  Task<std::vector<Refund>> failed_refunds() override;
  Task<std::optional<std::vector<Ticket>>> tickets(ReservationId id, AccountId buyer) override;
  Task<std::optional<std::pair<Ticket, AccountId>>> ticket(TicketId id) override;

 private:
  Stamp claim_in(sql::Tx& tx, const ClaimOrder& order);
  Stamp next_stamp() { return ++stamps_; }
  // A write after which somebody's seats are not what they were.
  template <class F>
  Task<std::invoke_result_t<F&, sql::Tx&>> change(F unit) {
    try {
      auto done = co_await db_.write(std::move(unit));
      co_return done;
    } catch (const sql::Failure&) {
      ++unanswered_;
      throw;
    }
  }

  sql::Database& db_;
  const Guards guards_;
  std::atomic<Stamp> stamps_{0};
  std::atomic<std::uint64_t> unanswered_{0};
};

}  // namespace onsale::booking
