// Service: a performance is called off, and everybody gets everything back. Stored before the first
// refund is asked for; each step looks at what is left, so that a process that dies loses nothing.
#include "base/log.h"
#include "booking/rules.h"
#include "booking/service.h"

namespace onsale::booking {

namespace {

constexpr Millis kUnderWay{120'000};  // whatever was being written when it was called off is in

}  // namespace

bool Service::called_off(PerformanceId performance) const {
  std::shared_lock lock(office_mutex_);
  return called_off_.contains(performance);
}

void Service::remember_called_off(PerformanceId performance) {
  std::unique_lock lock(office_mutex_);
  called_off_.insert(performance);
}

Task<std::optional<OfficeJob>> Service::call_off(CallOff request) {
  if (!parts_.catalogue.sale(request.performance)) co_return std::nullopt;
  const Timestamp now = parts_.clock.now();
  CallOffOrder order{.act = OfficeActId::make(now, parts_.random),
                     .job = JobId::make(now, parts_.random),
                     .request = std::move(request),
                     .now = now};
  const PerformanceId performance = order.request.performance;
  const JobId job = co_await parts_.store.call_off(std::move(order));
  remember_called_off(performance);
  co_return co_await this->job(job);
}

void Service::describe(OfficeJob& job) const {
  const auto sale = parts_.catalogue.sale(job.performance);
  if (!sale) return;
  job.currency = sale->currency;
  job.room = sale->room;
  job.occasion = Occasion{.performance = sale->id,
                          .show = sale->show,
                          .title = sale->title,
                          .hall = sale->hall,
                          .venue = sale->venue,
                          .starts_at = sale->starts_at};
}

Task<std::optional<OfficeJob>> Service::job(JobId id) {
  auto job = co_await parts_.store.job(id);
  if (job) describe(*job);
  co_return job;
}

Task<OfficeJobPage> Service::jobs(int limit, std::optional<JobId> before) {
  OfficeJobPage page;
  page.items = co_await parts_.store.jobs(limit + 1, before);
  if (std::ssize(page.items) > limit) {
    page.items.pop_back();
    page.next = page.items.back().id;
  }
  for (OfficeJob& job : page.items) describe(job);
  co_return page;
}

Task<void> Service::work_off() {
  const Timestamp now = parts_.clock.now();
  const std::vector<CalledOff> all = co_await parts_.store.called_off_now();
  for (const CalledOff& each : all) {
    const auto left = co_await parts_.store.live_of(each.performance, kCallOffPace);
    for (const ReservationId reservation : left) {
      CancelOrder order{.reservation = reservation,
                        .refund = RefundId::make(now, parts_.random),
                        .reason = each.reason,
                        .called_off = true,
                        .now = now};
      try {
        (void)co_await give_up(std::move(order));
      } catch (const std::exception& error) {
        log::warn("booking", "a reservation of a performance that is called off stays for now",
                  {{"reservation", reservation.str()}, {"why", error.what()}});
      }
    }
    if (left.empty() && now >= each.at + kUnderWay) {
      co_await parts_.store.worked_off(each.performance, now);
    }
  }
}

}  // namespace onsale::booking
