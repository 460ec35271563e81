#include "booking/api/called_off_http.h"

#include <boost/describe.hpp>

namespace onsale::booking {

using http::Access;
using http::Answer;
using http::Call;
using http::Problem;

enum class JobState { running, done };
BOOST_DESCRIBE_ENUM(JobState, running, done)
enum class JobProblemCode { refund_failed };
BOOST_DESCRIBE_ENUM(JobProblemCode, refund_failed)

struct JobProblemView {
  JobProblemCode code = JobProblemCode::refund_failed;  // it is among /admin/refunds
  ReservationId reservation_id;
  RefundId refund_id;
};
BOOST_DESCRIBE_STRUCT(JobProblemView, (), (code, reservation_id, refund_id))
struct JobView {
  JobId id;
  JobState state = JobState::running;
  PerformanceId performance_id;
  std::string reason;
  Timestamp at{};
  std::optional<catalogue::ShowId> show_id;
  std::optional<std::string> show_title, hall, room_id;  // room_id: the room that leads there
  std::optional<Timestamp> starts_at;
  std::int64_t done = 0, total = 0;  // reservations
  std::int64_t per_second = 0;       // at most so many are done
  std::int64_t refunds_under_way = 0, refunds_done = 0;
  std::int64_t refunded = 0;  // by those that are done
  std::string currency;
  std::vector<JobProblemView> problems;  // for people; at most 1,000
};
BOOST_DESCRIBE_STRUCT(JobView, (),
                      (id, state, performance_id, reason, at, show_id, show_title, hall, room_id,
                       starts_at, done, total, per_second, refunds_under_way, refunds_done,
                       refunded, currency, problems))
struct JobListView {
  std::vector<JobView> items;
  std::optional<JobId> next_cursor;
};
BOOST_DESCRIBE_STRUCT(JobListView, (), (items, next_cursor))
struct JobsQuery {
  std::optional<json::Int<1, 100>> limit;
  std::optional<JobId> cursor;
};
BOOST_DESCRIBE_STRUCT(JobsQuery, (), (limit, cursor))
struct CallOffBody {
  json::Text<1, 200> reason;
};
BOOST_DESCRIBE_STRUCT(CallOffBody, (), (reason))

namespace {

JobView view(const OfficeJob& job) {
  JobView out{.id = job.id,
              .state = job.over ? JobState::done : JobState::running,
              .performance_id = job.performance,
              .reason = job.reason,
              .at = job.at,
              .room_id = job.room,
              .done = job.done,
              .total = job.total,
              .per_second = kCallOffPace,
              .refunds_under_way = job.refunds_under_way,
              .refunds_done = job.refunds_done,
              .refunded = job.refunded,
              .currency = job.currency};
  if (job.occasion) {
    out.show_id = job.occasion->show;
    out.show_title = job.occasion->title;
    out.hall = job.occasion->venue + " " + job.occasion->hall;
    out.starts_at = job.occasion->starts_at;
  }
  for (const JobProblem& problem : job.problems) {
    out.problems.push_back({.reservation_id = problem.reservation, .refund_id = problem.refund});
  }
  return out;
}

Task<Answer<JobView>> call_off(Booking& booking, CallOffBody body, Call& call) {
  CallOff request{.performance = call.id<PerformanceId>("performance"),
                  .reason = std::move(body.reason.value),
                  .who = call.principal()->account};
  const auto job = co_await booking.call_off(std::move(request));
  if (!job) co_return Problem(404, "not_found", "There is no such performance.");
  co_return http::accepted(view(*job));
}

Task<Answer<JobView>> show(Booking& booking, Call& call) {
  const auto job = co_await booking.job(call.id<JobId>("job"));
  if (!job) co_return Problem(404, "not_found", "There is no such job.");
  co_return view(*job);
}

constexpr int kPageSize = 20;

Task<Answer<JobListView>> list(Booking& booking, JobsQuery query) {
  const int limit = query.limit ? static_cast<int>(query.limit->value) : kPageSize;
  const OfficeJobPage page = co_await booking.jobs(limit, query.cursor);
  JobListView out{.next_cursor = page.next};
  for (const OfficeJob& job : page.items) out.items.push_back(view(job));
  co_return out;
}

}  // namespace

void called_off_routes(http::Router& router, Booking& booking) {
  router.post("/admin/performances/{performance}/cancel",
              {.summary = "Call a performance off: nothing of it is sold any more, at once, and "
                          "everybody gets everything back; the same job when it is called off",
               .access = Access::admin,
               .answers = {{202, "job"}, {404, "not_found"}},
               .tag = "operators"},
              [&booking](CallOffBody body, Call& call) {
                return call_off(booking, std::move(body), call);
              });
  router.get("/admin/jobs",
             {.summary = "Performances that are called off, the newest first, and how far that is",
              .access = Access::admin,
              .answers = {{200, "jobs"}},
              .tag = "operators"},
             [&booking](JobsQuery query, Call&) { return list(booking, std::move(query)); });
  router.get("/admin/jobs/{job}",
             {.summary = "How far it is, and what needs people",
              .access = Access::admin,
              .answers = {{200, "job"}, {404, "not_found"}},
              .tag = "operators"},
             [&booking](Call& call) { return show(booking, call); });
}

}  // namespace onsale::booking
