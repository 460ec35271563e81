// SqlStore: performances that are called off.
#include <memory>

#include "booking/events.h"
#include "booking/store/rows_store.h"
#include "booking/store/sql_store.h"
#include "platform/json/json.h"

namespace onsale::booking {

namespace {

constexpr std::string_view kLive =
    "FROM booking_reservation WHERE performance_id = ? AND state IN ('pending', 'confirmed')";

JobId call_off_in(sql::Tx& tx, const CallOffOrder& order) {
  const std::string performance = order.request.performance.str();
  const auto there = tx.one<std::string>(
      "SELECT job_id FROM booking_called_off WHERE performance_id = ?", performance);
  if (there) return rows::id<JobId>(std::get<0>(*there));
  static const std::string kCount = "SELECT COUNT(*) " + std::string(kLive);
  const auto [total] = *tx.one<std::int64_t>(kCount, performance);
  tx.exec(
      "INSERT INTO booking_called_off (performance_id, job_id, reason, at, total) VALUES "
      "(?, ?, ?, ?, ?)",
      performance, order.job.str(), order.request.reason, order.now, total);
  tx.publish(kCalledOffTopic, performance,
             json::write(PerformanceCalledOff{.id = order.act,
                                              .performance = order.request.performance,
                                              .who = order.request.who,
                                              .reason = order.request.reason,
                                              .reservations = total,
                                              .at = order.now}));
  return order.job;
}

// Refunds of the performance that the provider refused, for people.
std::vector<JobProblem> problems_of(sql::Tx& tx, const std::string& performance, int limit) {
  std::vector<JobProblem> out;
  for (const auto& [reservation, refund] : tx.query<std::string, std::string>(
           "SELECT r.id, f.id FROM booking_reservation r JOIN booking_refund f ON "
           "f.reservation_id = r.id WHERE r.performance_id = ? AND f.state = 'failed' "
           "ORDER BY r.id LIMIT ?",
           performance, limit)) {
    out.push_back({rows::id<ReservationId>(reservation), rows::id<RefundId>(refund)});
  }
  return out;
}

constexpr int kProblemsMax = 1000;

std::optional<OfficeJob> job_in(sql::Tx& tx, JobId id) {
  const auto row =
      tx.one<std::string, std::string, Timestamp, std::int64_t, std::optional<Timestamp>>(
          "SELECT performance_id, reason, at, total, done_at FROM booking_called_off WHERE "
          "job_id = ?",
          id.str());
  if (!row) return {};
  const auto& [performance, reason, at, total, done_at] = *row;
  static const std::string kCount = "SELECT COUNT(*) " + std::string(kLive);
  const auto [left] = *tx.one<std::int64_t>(kCount, performance);
  const auto [under_way] = *tx.one<std::int64_t>(
      "SELECT COUNT(*) FROM booking_reservation r JOIN booking_refund f ON f.reservation_id = r.id "
      "WHERE r.performance_id = ? AND f.state = 'requested'",
      performance);
  const auto [refunds, refunded] = *tx.one<std::int64_t, std::optional<std::int64_t>>(
      "SELECT COUNT(*), CAST(SUM(f.amount) AS SIGNED) FROM booking_reservation r JOIN "
      "booking_refund f ON f.reservation_id = r.id WHERE r.performance_id = ? AND f.state = 'done' "
      "AND f.created_at >= ?",
      performance, at);
  OfficeJob out{.id = id,
                .performance = rows::id<PerformanceId>(performance),
                .reason = reason,
                .at = at,
                .done = std::max<std::int64_t>(0, total - left),
                .total = std::max(total, left),
                .refunds_under_way = under_way,
                .refunds_done = refunds,
                .refunded = refunded.value_or(0),
                .problems = problems_of(tx, performance, kProblemsMax)};
  out.over = done_at && left == 0 && under_way == 0;
  return out;
}

}  // namespace

// Two who call it off at once: the second finds the first.
Task<JobId> SqlStore::call_off(CallOffOrder order) {
  auto shared = std::make_shared<const CallOffOrder>(std::move(order));
  for (bool again = false;; again = true) {
    auto unit = [shared](sql::Tx& tx) { return call_off_in(tx, *shared); };
    auto task = db_.write(std::move(unit));
    try {
      const JobId job = co_await std::move(task);
      co_return job;
    } catch (const sql::UniqueViolation&) {
      if (again) throw;
    }
  }
}

Task<std::optional<OfficeJob>> SqlStore::job(JobId id) {
  return db_.read([id](sql::Tx& tx) { return job_in(tx, id); });
}

Task<std::vector<OfficeJob>> SqlStore::jobs(int limit, std::optional<JobId> before) {
  return db_.read([limit, before](sql::Tx& tx) {
    std::vector<OfficeJob> out;
    for (const auto& [id] : tx.query<std::string>(
             "SELECT job_id FROM booking_called_off WHERE job_id < ? ORDER BY job_id DESC LIMIT ?",
             before ? before->str() : std::string("k"), limit)) {
      if (auto job = job_in(tx, rows::id<JobId>(id))) out.push_back(std::move(*job));
    }
    return out;
  });
}

Task<std::vector<PerformanceId>> SqlStore::called_off() {
  return db_.read([](sql::Tx& tx) {
    std::vector<PerformanceId> out;
    for (const auto& [id] :
         tx.query<std::string>("SELECT performance_id FROM booking_called_off")) {
      out.push_back(rows::id<PerformanceId>(id));
    }
    return out;
  });
}

Task<std::vector<CalledOff>> SqlStore::called_off_now() {
  return db_.read([](sql::Tx& tx) {
    std::vector<CalledOff> out;
    for (auto& [id, reason, at] : tx.query<std::string, std::string, Timestamp>(
             "SELECT performance_id, reason, at FROM booking_called_off WHERE done_at IS NULL")) {
      out.push_back({rows::id<PerformanceId>(id), std::move(reason), at});
    }
    return out;
  });
}

Task<std::vector<ReservationId>> SqlStore::live_of(PerformanceId performance, int limit) {
  return db_.read([performance, limit](sql::Tx& tx) {
    static const std::string kText = "SELECT id " + std::string(kLive) + " ORDER BY id LIMIT ?";
    std::vector<ReservationId> out;
    for (const auto& [id] : tx.query<std::string>(kText, performance.str(), limit)) {
      out.push_back(rows::id<ReservationId>(id));
    }
    return out;
  });
}

Task<void> SqlStore::worked_off(PerformanceId performance, Timestamp now) {
  return db_.write([performance, now](sql::Tx& tx) {
    tx.exec("UPDATE booking_called_off SET done_at = ? WHERE performance_id = ?", now,
            performance.str());
  });
}

}  // namespace onsale::booking
