#include "booking/api/cancellation_http.h"

#include "booking/api/views_http.h"

namespace onsale::booking {

using http::Access;
using http::Answer;
using http::Call;
using http::Problem;

struct CancellationQuery {
  // Names with commas between them; none: all that are kept.
  std::optional<json::Text<1, 1000>> seats;
};
BOOST_DESCRIBE_STRUCT(CancellationQuery, (), (seats))

struct PolicyView {
  catalogue::ShowId show_id;
  std::vector<CancellationStepView> steps;  // the first one that holds decides
  bool is_default = true;                   // of the show's kind
};
BOOST_DESCRIBE_STRUCT(PolicyView, (), (show_id, steps, is_default))
struct PolicyBody {
  std::vector<CancellationStepView> steps;
};
BOOST_DESCRIBE_STRUCT(PolicyBody, (), (steps))

struct PreviewBody {
  std::vector<CancellationStepView> steps;
  Timestamp bought_at{}, starts_at{};
  json::Int<0, 1'000'000'000> price;  // of a seat
};
BOOST_DESCRIBE_STRUCT(PreviewBody, (), (steps, bought_at, starts_at, price))
// from <= cancelled < until. Without fee_percent it can't be given back.
struct StretchView {
  Timestamp from{}, until{};
  std::optional<std::int64_t> fee_percent;
  std::int64_t fee = 0, refund = 0;
};
BOOST_DESCRIBE_STRUCT(StretchView, (), (from, until, fee_percent, fee, refund))
struct PreviewView {
  std::vector<StretchView> lines;
};
BOOST_DESCRIBE_STRUCT(PreviewView, (), (lines))

namespace {

std::vector<std::string> listed(std::string_view text) {
  std::vector<std::string> names;
  while (!text.empty()) {
    const std::string_view name = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), name.size() + 1));
    names.emplace_back(name);
  }
  return names;
}

CancellationStepView view(const CancellationStep& step) {
  CancellationStepView out{.fee_percent = {step.fee_percent}};
  if (step.within_days) out.within_days = {*step.within_days};
  if (step.days_before > 0) out.days_before = {step.days_before};
  if (step.minutes_before > 0) out.minutes_before = {step.minutes_before};
  return out;
}

CancellationPolicy policy_of(const std::vector<CancellationStepView>& steps) {
  CancellationPolicy out;
  for (const CancellationStepView& step : steps) {
    CancellationStep& made = out.emplace_back();
    made.fee_percent = step.fee_percent.value;
    if (step.within_days) made.within_days = step.within_days->value;
    if (step.days_before) made.days_before = step.days_before->value;
    if (step.minutes_before) made.minutes_before = step.minutes_before->value;
  }
  return out;
}

Task<Answer<CancellationView>> quote(Booking& booking, CancellationQuery query, Call& call) {
  std::vector<std::string> seats;
  if (query.seats) seats = listed(query.seats->value);
  const auto id = call.id<ReservationId>("reservation");
  const auto cost = co_await booking.cancellation(id, caller(call), std::move(seats));
  if (!cost) co_return problem(cost.error());
  co_return view(*cost);
}

Answer<PreviewView> preview(const PreviewBody& body) {
  const CancellationPolicy steps = policy_of(body.steps);
  auto obstacles = policy_obstacles(steps);
  if (body.starts_at <= body.bought_at)
    obstacles.push_back({"starts_at", "out_of_range", "after bought_at"});
  if (!obstacles.empty())
    return Problem(422, "invalid", "Some fields are not valid.", std::move(obstacles));
  PreviewView out;
  for (const PolicyStretch& stretch :
       course_of(steps, {.bought_at = body.bought_at, .starts_at = body.starts_at})) {
    StretchView line{
        .from = stretch.from, .until = stretch.until, .fee_percent = stretch.fee_percent};
    if (stretch.fee_percent) line.fee = fee_of(body.price.value, *stretch.fee_percent);
    if (stretch.fee_percent) line.refund = body.price.value - line.fee;
    out.lines.push_back(line);
  }
  return out;
}

Answer<PolicyView> shown(catalogue::ShowId show, const std::optional<ShowPolicy>& policy) {
  if (!policy) return Problem(404, "not_found", "There is no such show.");
  return PolicyView{show, view(policy->steps), policy->is_default};
}

Task<Answer<PolicyView>> change(Booking& booking, PolicyBody body, Call& call) {
  PolicyChange change{.show = call.id<catalogue::ShowId>("show"),
                      .steps = policy_of(body.steps),
                      .who = call.principal()->account};
  const catalogue::ShowId show = change.show;
  const auto changed = co_await booking.set_policy(std::move(change));
  if (!changed && changed.error().why == PolicyRefusal::policy_invalid) {
    co_return Problem(422, "invalid", "Some fields are not valid.", changed.error().obstacles);
  }
  std::optional<ShowPolicy> policy;
  if (changed) policy = *changed;
  co_return shown(show, policy);
}

}  // namespace

CancellationView view(const Cancellation& cancellation) {
  CancellationView out{.refund = cancellation.refund,
                       .fee = cancellation.fee,
                       .currency = cancellation.currency,
                       .valid_until = cancellation.valid_until};
  for (const SeatRefund& line : cancellation.seats) {
    auto& made = out.lines.emplace_back(line.seat, line.paid, line.fee, line.refund);
    if (line.rule) made.rule = view(*line.rule);
  }
  return out;
}

std::vector<CancellationStepView> view(const CancellationPolicy& policy) {
  std::vector<CancellationStepView> out;
  for (const CancellationStep& step : policy) out.push_back(view(step));
  return out;
}

void cancellation_routes(http::Router& router, Booking& booking) {
  router.get("/reservations/{reservation}/cancellation",
             {.summary = "What comes back when seats are given back now, before it is done: all "
                         "that are kept, or those named with commas in between",
              .access = Access::signed_in,
              .answers = {{200, "amounts"},
                          {404, "not_found"},
                          {409, "not_cancellable"},
                          {422, "seat_unknown"}},
              .tag = "booking"},
             [&booking](CancellationQuery query, Call& call) {
               return quote(booking, std::move(query), call);
             });
  router.get("/admin/shows/{show}/cancellation-policy",
             {.summary = "What cancelling costs: the first step whose conditions hold decides, and "
                         "once none does, nothing is cancelled any more",
              .access = Access::admin,
              .answers = {{200, "policy"}, {404, "not_found"}},
              .tag = "operators"},
             [&booking](Call& call) {
               const auto show = call.id<catalogue::ShowId>("show");
               return shown(show, booking.policy(show));
             });
  router.post(
      "/admin/cancellation-policy/preview",
      {.summary = "What a seat would bring back under such a policy, from its buying to the "
                  "start; nothing is changed",
       .access = Access::admin,
       .repeatable = true,
       .answers = {{200, "stretches"}, {422, "invalid"}},
       .tag = "operators"},
      [](const PreviewBody& body, Call&) { return preview(body); });
  router.put(
      "/admin/shows/{show}/cancellation-policy",
      {.summary = "Another policy for reservations made from now on; those that are there "
                  "keep theirs",
       .access = Access::admin,
       .answers = {{200, "policy"}, {404, "not_found"}, {422, "invalid"}},
       .tag = "operators"},
      [&booking](PolicyBody body, Call& call) { return change(booking, std::move(body), call); });
}

}  // namespace onsale::booking
