#include "booking/api/http.h"

#include <memory>

#include "booking/api/called_off_http.h"
#include "booking/api/cancellation_http.h"
#include "booking/api/views_http.h"
#include "platform/crypto/bytes.h"
#include "platform/http/message/language.h"

namespace onsale::booking {

using http::Access;
using http::Answer;
using http::Call;
using http::Problem;

namespace {

constexpr std::int32_t kPageSize = 20;
constexpr std::string_view kTag = "booking";

// The same Idempotency-Key of the same account is the same thing done, even when the stored answer
// was lost in a crash: its id follows from the key, and from `what` was asked for.
template <class I>
I id_of(const Call& call, std::string what) {
  const std::string_view key = call.header("Idempotency-Key");
  if (key.empty()) {
    SystemRandom random;
    return I::make(call.started(), random);
  }
  const std::string digest = crypto::sha256(what.append("\n").append(key));
  const auto word = [&](std::size_t at) {
    std::uint64_t out = 0;
    for (std::size_t i = 0; i < 8; ++i) {
      out = out << 8 | static_cast<unsigned char>(digest[at + i]);
    }
    return out;
  };
  return I(RawId{word(0), word(8)});
}

HoldId hold_id(const Call& call, AccountId buyer, PerformanceId performance) {
  return id_of<HoldId>(call, "hold\n" + buyer.str() + "\n" + performance.str());
}

RefundId refund_id(const Call& call, const CancelRequest& request) {
  std::string what = "cancel\n" + request.buyer.str() + "\n" + request.reservation.str();
  for (const std::string& seat : request.seats) what.append("\n").append(seat);
  // In the order of the reservations, so that lists by id are not in disorder.
  const RawId low = id_of<RefundId>(call, std::move(what)).raw();
  return RefundId(RawId{request.reservation.raw().high, low.low});
}

Result<SeatChoice, Problem> choice_of(HoldBody body) {
  if (body.seats.has_value() == body.best.has_value()) {
    return std::unexpected(Problem(422, "invalid", "Some fields are not valid.",
                                   {{"seats", "required", "either seats or best, not both"}}));
  }
  if (body.best) {
    BestSeats best{.quantity = body.best->quantity.value};
    if (body.best->grade) best.grade = std::move(body.best->grade->value);
    return SeatChoice(std::move(best));
  }
  NamedSeats named;
  for (auto& seat : *body.seats) named.seats.push_back(std::move(seat.value));
  return SeatChoice(std::move(named));
}

Task<Answer<HoldView>> hold(Booking& booking, HoldBody body, Call& call) {
  auto choice = choice_of(std::move(body));
  if (!choice) co_return choice.error();
  const AccountId buyer = caller(call);
  const auto performance = call.id<PerformanceId>("performance");
  HoldRequest request{.id = hold_id(call, buyer, performance),
                      .performance = performance,
                      .buyer = buyer,
                      .choice = std::move(*choice),
                      .pass = std::string(call.header("Onsale-Pass"))};
  auto held = co_await booking.hold(std::move(request));
  if (!held) co_return problem(held.error());
  co_return http::created(view(*held));
}

Task<Answer<HoldView>> show_hold(Booking& booking, Call& call) {
  const auto held = co_await booking.find_hold(call.id<HoldId>("hold"), caller(call));
  if (!held) co_return Problem{404, "hold_not_found", "You have no such hold."};
  co_return view(*held);
}

Task<Answer<void>> release(Booking& booking, Call& call) {
  const bool released = co_await booking.release(call.id<HoldId>("hold"), caller(call));
  if (!released) co_return Problem{404, "hold_not_found", "You have no such hold."};
  co_return Answer<void>();
}

Task<Answer<ReservationView>> reserve(Booking& booking, ReserveBody body, Call& call) {
  ReserveRequest request{.hold = body.hold_id, .buyer = caller(call)};
  if (body.coupon_id) request.coupon = std::move(body.coupon_id->value);
  const auto made = co_await booking.reserve(std::move(request));
  if (!made) co_return problem(made.error());
  Answer<ReservationView> answer(view(*made));  // GCC 12 warns of http::created() here
  answer.status(201);
  co_return answer;
}

Task<Answer<ReservationView>> show_reservation(Booking& booking, Call& call) {
  const auto found = co_await booking.find(call.id<ReservationId>("reservation"), caller(call));
  if (!found) co_return Problem{404, "not_found", "You have no such reservation."};
  co_return view(*found);
}

Task<Answer<ReservationListView>> list(Booking& booking, ReservationQuery query, bool office) {
  const ReservationPage page = co_await booking.list(std::move(query));
  ReservationListView out{.next_cursor = page.next};
  for (const Reservation& reservation : page.items) {
    out.items.push_back(view(reservation));
    if (office) out.items.back().account_id = reservation.buyer;
  }
  co_return out;
}

std::int32_t limit_of(const std::optional<json::Int<1, 100>>& limit) {
  return limit ? static_cast<std::int32_t>(limit->value) : kPageSize;
}

Task<Answer<PayingView>> pay(Booking& booking, PayBody body, std::string return_address,
                             Call& call) {
  PayRequest request{.reservation = call.id<ReservationId>("reservation"),
                     .buyer = caller(call),
                     .provider = std::string(payments::to_string(body.provider)),
                     .return_url = std::move(body.return_url.value),
                     .return_address = std::move(return_address),
                     .locale = std::string(http::code_of(call.language())),
                     .mobile = call.header("User-Agent").find("Mobi") != std::string_view::npos,
                     .own_origin_host = std::string(call.host())};
  const auto paying = co_await booking.pay(std::move(request));
  if (!paying) co_return problem(paying.error());
  PayingView out{
      .payment_id = paying->payment, .state = paying->state, .redirect_url = paying->redirect_url};
  co_return http::created(std::move(out));
}

Task<http::Raw> come_back(Booking& booking, Call& call) {
  payments::ReturnData data;
  for (const std::string_view name : payments::kReturnFields) {
    const std::string_view value = call.query(name);
    if (!value.empty()) data.emplace(name, value);
  }
  const auto location = co_await booking.returned(call.id<PaymentId>("payment"), std::move(data));
  // A wrong key and an unknown payment look the same.
  if (!location) throw Problem(404, "not_found", "There is no such payment.");
  http::Raw answer = http::redirect(*location);
  answer.headers.emplace_back("Referrer-Policy", "no-referrer");
  co_return answer;
}

payments::RefundAccount account_of(RefundAccountBody body) {
  return {.bank = std::move(body.bank.value),
          .account = std::move(body.account.value),
          .holder = std::move(body.holder.value)};
}

Task<Answer<void>> refund_account(Booking& booking, RefundAccountBody body, Call& call) {
  const auto id = call.id<ReservationId>("reservation");
  payments::RefundAccount account = account_of(std::move(body));
  const auto given = co_await booking.give_refund_account(id, caller(call), std::move(account));
  if (given) co_return http::no_content();
  switch (given.error()) {
    case RefundAccountRefusal::reservation_unknown:
      co_return Problem{404, "not_found", "There is no such reservation."};
    case RefundAccountRefusal::account_invalid:
      co_return problem(CancelRefusal::account_invalid);
    case RefundAccountRefusal::not_needed:
      break;
  }
  co_return Problem{409, "refund_account_not_needed",
                    "What comes back of this reservation goes where it came from."};
}

Task<Answer<ReservationView>> cancel(Booking& booking, CancelBody body, Call& call) {
  CancelRequest request{
      .reservation = call.id<ReservationId>("reservation"),
      .buyer = caller(call),
      .reason = body.reason ? body.reason->value : std::string(reasons::kByBuyer)};
  if (body.seats) {
    for (auto& seat : *body.seats) request.seats.push_back(std::move(seat.value));
    if (request.seats.empty()) co_return problem(CancelRefusal::seat_unknown);
  }
  if (body.refund_expected) request.refund_expected = body.refund_expected->value;
  if (body.refund_account) request.refund_account = account_of(std::move(*body.refund_account));
  request.refund = refund_id(call, request);
  auto seats = request.seats;
  const auto after = co_await booking.cancel(std::move(request));
  if (after) co_return view(*after);
  Problem refusal = problem(after.error());
  if (after.error() == CancelRefusal::refund_changed) {
    const auto id = call.id<ReservationId>("reservation");
    const auto cost = co_await booking.cancellation(id, caller(call), std::move(seats));
    if (!cost) co_return problem(cost.error());
    refusal.extensions.emplace_back("cancellation", json::write(view(*cost)));
  }
  co_return refusal;
}

Task<Answer<std::vector<TicketView>>> tickets(Booking& booking, Call& call) {
  auto found = co_await booking.tickets(call.id<ReservationId>("reservation"), caller(call));
  if (!found) co_return Problem{404, "not_found", "You have no such reservation."};
  std::vector<TicketView> out;
  for (Ticket& ticket : *found) {
    out.push_back({.id = ticket.id,
                   .seat = {ticket.seat, ticket.label, ticket.grade, ticket.price},
                   .qr_svg_url = "/api/v1/tickets/" + ticket.id.str() + "/qr.svg",
                   .token = std::move(ticket.token)});
  }
  co_return out;
}

Task<http::Raw> qr(Booking& booking, Call& call) {
  const auto ticket = co_await booking.ticket(call.id<TicketId>("ticket"), caller(call));
  if (!ticket) throw Problem(404, "not_found", "You have no such ticket.");
  http::Raw out{.content_type = "image/svg+xml"};
  out.body = qr_svg(ticket->token, "Ticket for seat " + ticket->seat);
  co_return out;
}

void hold_routes(http::Router& router, Booking& booking) {
  router.post(
      "/performances/{performance}/holds",
      {.summary = "Claim seats for a few minutes",
       .access = Access::signed_in,
       .idempotent = true,
       .answers = {{201, "held"},
                   {403, "pass_required"},
                   {403, "pass_invalid"},
                   {404, "not_found"},
                   {409, "seat_unavailable"},
                   {409, "held_too_often"},
                   {409, "not_on_sale"},
                   {409, "sold_out"},
                   {422, "seat_unknown"},
                   {422, "grade_unknown"},
                   {422, "too_many_seats"},
                   {422, "orphan_seat"}},
       .tag = kTag,
       .headers = {{"Onsale-Pass", "The waiting room's pass, where the show has a room"}}},
      [&booking](HoldBody body, Call& call) { return hold(booking, std::move(body), call); });
  router.get("/holds/{hold}",
             {.summary = "A hold of yours",
              .access = Access::signed_in,
              .answers = {{200, "held"}, {404, "hold_not_found"}},
              .tag = kTag},
             [&booking](Call& call) { return show_hold(booking, call); });
  router.del("/holds/{hold}",
             {.summary = "Let the seats go at once",
              .access = Access::signed_in,
              .idempotent = true,
              .answers = {{204, "released"}, {404, "hold_not_found"}},
              .tag = kTag},
             [&booking](Call& call) { return release(booking, call); });
}

void refund_account_route(http::Router& router, Booking& booking) {
  router.put("/reservations/{reservation}/refund-account",
             {.summary = "Where what was deposited goes back; refunds that waited for it are made",
              .access = Access::signed_in,
              .answers = {{204, "taken"},
                          {404, "not_found"},
                          {409, "refund_account_not_needed"},
                          {422, "refund_account_invalid"}},
              .tag = "booking"},
             [&booking](RefundAccountBody body, Call& call) {
               return refund_account(booking, std::move(body), call);
             });
}

void reservation_routes(http::Router& router, Booking& booking) {
  router.post(
      "/reservations",
      {.summary = "Turn a hold into a reservation",
       .access = Access::signed_in,
       .idempotent = true,
       .answers = {{201, "pending"},
                   {404, "hold_not_found"},
                   {409, "hold_expired"},
                   {422, "coupon_unknown"}},
       .tag = kTag},
      [&booking](ReserveBody body, Call& call) { return reserve(booking, std::move(body), call); });
  router.get("/reservations",
             {.summary = "Your reservations, newest first",
              .access = Access::signed_in,
              .answers = {{200, "reservations"}},
              .tag = kTag,
              .replica = true},
             [&booking](ListQuery query, Call& call) {
               return list(booking,
                           {.buyer = caller(call),
                            .state = query.state,
                            .limit = limit_of(query.limit),
                            .before = query.cursor},
                           false);
             });
  router.get("/reservations/{reservation}",
             {.summary = "A reservation of yours",
              .access = Access::signed_in,
              .answers = {{200, "reservation"}, {404, "not_found"}},
              .tag = kTag,
              .replica = true},
             [&booking](Call& call) { return show_reservation(booking, call); });
  router.post(
      "/reservations/{reservation}/cancel",
      {.summary = "Give seats back, all or some",
       .access = Access::signed_in,
       .idempotent = true,
       .answers = {{200, "cancelled"},
                   {404, "not_found"},
                   {409, "not_cancellable"},
                   {409, "refund_changed"},
                   {422, "refund_account_invalid"},
                   {422, "seat_unknown"}},
       .tag = kTag,
       .problem_members = {{409, "cancellation", &json::kTypeOf<CancellationView>}}},
      [&booking](CancelBody body, Call& call) { return cancel(booking, std::move(body), call); });
  refund_account_route(router, booking);
  router.get("/admin/reservations",
             {.summary = "Everybody's reservations, newest first",
              .access = Access::admin,
              .answers = {{200, "reservations"}},
              .tag = "operators",
              .replica = true},
             [&booking](AdminListQuery query, Call&) {
               return list(booking,
                           {.buyer = query.account_id,
                            .state = query.state,
                            .performance = query.performance_id,
                            .number = query.number ? query.number->value : "",
                            .limit = limit_of(query.limit),
                            .before = query.cursor},
                           true);
             });
}

void payment_routes(http::Router& router, Booking& booking, const RouteOptions& options) {
  const std::string back = options.public_url + "/api/v1/payments/{payment}/return";
  router.post("/reservations/{reservation}/payments",
              {.summary = "Open a payment",
               .access = Access::signed_in,
               .idempotent = true,
               .answers = {{201, "paying"},
                           {404, "not_found"},
                           {409, "not_payable"},
                           {409, "payment_in_progress"},
                           {422, "provider_unavailable"},
                           {503, "provider_unavailable"}},
               .tag = kTag},
              [&booking, back](PayBody body, Call& call) {
                // Providers send browsers there from their own sites: it has to be whole.
                std::string whole = back.starts_with('/') ? call.site() + back : back;
                return pay(booking, std::move(body), std::move(whole), call);
              });
  router.get("/payments/{payment}/return",
             {.summary = "Where a pay page sends the buyer's browser back to",
              .answers = {{303, "return_url"}, {404, "page"}},
              .tag = kTag,
              .trouble = return_trouble},
             [&booking](Call& call) { return come_back(booking, call); });
}

void ticket_routes(http::Router& router, Booking& booking) {
  router.get("/reservations/{reservation}/tickets",
             {.summary = "The tickets of a confirmed reservation",
              .access = Access::signed_in,
              .answers = {{200, "tickets"}, {404, "not_found"}},
              .tag = kTag,
              .replica = true},
             [&booking](Call& call) { return tickets(booking, call); });
  router.get("/tickets/{ticket}/qr.svg",
             {.summary = "A ticket's QR code",
              .access = Access::signed_in,
              .answers = {{200, "svg"}, {404, "not_found"}},
              .tag = kTag,
              .etag = true,
              .cache_control = "private, max-age=60",
              .produces = "image/svg+xml"},
             [&booking](Call& call) { return qr(booking, call); });
}

}  // namespace

void routes(http::Router& router, Booking& booking, RouteOptions options) {
  hold_routes(router, booking);
  reservation_routes(router, booking);
  cancellation_routes(router, booking);
  called_off_routes(router, booking);
  payment_routes(router, booking, options);
  ticket_routes(router, booking);
}

}  // namespace onsale::booking
