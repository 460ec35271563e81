#include "booking/rules.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <chrono>
#include <set>

#include "base/fakes.h"
#include "booking/refund_reasons.h"
#include "catalogue/fakes.h"

namespace onsale::booking {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using enum ReservationState;

const Timestamp kNow = from_unix_ms(1'800'000'000'000);

TEST(Choice, NamesEverySeatThatIsWrong) {
  SeededRandom random{1};
  const auto sale =
      catalogue::fake_sale(PerformanceId::make(kNow, random), kNow + hours(2), kNow - hours(2));
  const auto why = [&](std::vector<std::string> seats) {
    const auto lines = lines_of(*sale, seats, 4);
    return lines ? std::optional<Refused<HoldRefusal>>{} : lines.error();
  };
  EXPECT_EQ(why({})->why, HoldRefusal::choice_invalid);
  EXPECT_EQ(why({"A-1", "A-2", "A-3", "A-4", "A-5"})->why, HoldRefusal::too_many_seats);
  EXPECT_EQ(why({"A-1", "A-1"})->why, HoldRefusal::choice_invalid);
  EXPECT_EQ(why({"A-1", "A-1"})->obstacles.at(0).field, "seats[1]");
  EXPECT_EQ(why({"A-1", "a-1", "Z-9", "A-01"})->why, HoldRefusal::seat_unknown);
  EXPECT_EQ(why({"A-1", "a-1", "Z-9", "A-01"})->obstacles.size(), 3U);
  const auto lines = lines_of(*sale, {"B-2", "A-1"}, 4);
  ASSERT_TRUE(lines);
  EXPECT_EQ(lines->at(0).seat, "B-2");
  EXPECT_EQ(total_of(*lines), 250'000);
}

TEST(Hold, LivesLongerOncePayingBeganButNotForEver) {
  const Settings settings{.hold_seconds = 300, .payment_seconds = 600, .hold_seconds_total = 1200};
  const Timestamp made = kNow;
  const Timestamp ends = made + seconds(300);
  EXPECT_EQ(extended_until(settings, made, ends, made + seconds(10)), made + seconds(610));
  EXPECT_EQ(extended_until(settings, made, made + seconds(900), made + seconds(850)),
            made + seconds(1200));
  EXPECT_EQ(extended_until(settings, made, made + seconds(1300), made + seconds(1250)),
            made + seconds(1300));
}

RC_GTEST_PROP(Refund, PartsAddUpToWhatWasPaid, ()) {
  const auto prices = *rc::gen::nonEmpty(
      rc::gen::container<std::vector<std::int64_t>>(rc::gen::inRange<std::int64_t>(0, 200'001)));
  std::int64_t list = 0;
  for (const auto price : prices) list += price;
  const auto payable = *rc::gen::inRange<std::int64_t>(0, list + 1);
  std::int64_t before = 0;
  std::int64_t refunded = 0;
  for (const auto price : prices) {
    const auto part = refund_share(list, payable, before, price);
    RC_ASSERT(part >= 0);
    RC_ASSERT(part <= price);
    refunded += part;
    before += price;
  }
  RC_ASSERT(refunded == payable);
}

TEST(ReturnUrl, IsAnHttpAddressOrAPathOfOurs) {
  for (const char* good :
       {"/", "/checkout/res_1", "http://shop.test/", "https://shop.test:8443/a?b=c#d",
        "http://127.0.0.1", "https://[::1]/x"}) {
    EXPECT_TRUE(valid_return_url(good)) << good;
  }
  for (const char* bad : {"", "//evil.test", "/\\evil.test", "javascript:alert(1)", "ftp://x/",
                          "http://", "https:///x", "http://a@evil.test/", "http://x/ y",
                          "http://x/\r\nA: b", "checkout", "http://:80/", "HTTP//x"}) {
    EXPECT_FALSE(valid_return_url(bad)) << bad;
  }
  EXPECT_TRUE(valid_return_url("http://x/" + std::string(kReturnUrlMax - 9, 'y')));
  EXPECT_FALSE(valid_return_url("http://x/" + std::string(kReturnUrlMax - 8, 'y')));
}

TEST(ReturnUrl, LeadsToUsOrToAnAllowedOrigin) {
  const std::vector<std::string> ours{"https://onsale.test/api/v1/x", "http://", "https://",
                                      "http://LocalHost:8080"};
  const auto allowed = [&](std::string_view url, std::string_view list = "") {
    return return_allowed(url, ours, list);
  };
  for (const char* good : {"/", "/checkout?a=https://evil.test", "https://onsale.test",
                           "https://ONSALE.test:443/back#x", "http://localhost:8080/back"}) {
    EXPECT_TRUE(allowed(good)) << good;
  }
  for (const char* bad :
       {"https://evil.test/", "http://onsale.test/", "https://onsale.test:8443/",
        "https://onsale.test.evil.test/", "https://evil.test/https://onsale.test",
        "https://evil.test?https://onsale.test", "http://localhost/", "http://:80/"}) {
    EXPECT_FALSE(allowed(bad)) << bad;
    EXPECT_FALSE(allowed(bad, "https://shop.test, http://a.test/")) << bad;
  }
  EXPECT_TRUE(allowed("https://evil.test/", "*"));
  EXPECT_TRUE(allowed("https://shop.test/x", " http://a.test ,https://shop.test/"));
  EXPECT_FALSE(return_allowed("https://shop.test/x", {"/relative", "https://"}, ""));
  EXPECT_NO_THROW(check_settings({.return_origins = "https://shop.test, *"}));
  for (const char* bad : {"shop.test", "https://", "/x", "https://a@b"}) {
    EXPECT_THROW(check_settings({.return_origins = bad}), std::invalid_argument) << bad;
  }
}

TEST(ReturnUrl, GetsItsQueryBeforeTheFragment) {
  EXPECT_EQ(with_query("/checkout", "a=1"), "/checkout?a=1");
  EXPECT_EQ(with_query("http://x?", "a=1"), "http://x?a=1");
  EXPECT_EQ(with_query("http://x/?b=2", "a=1"), "http://x/?b=2&a=1");
  EXPECT_EQ(with_query("/x?b=2&#top", "a=1"), "/x?b=2&a=1#top");
  EXPECT_EQ(with_query("/x#a?b", "a=1"), "/x?a=1#a?b");
}

TEST(Number, HasEightLettersThatAreToldApart) {
  std::set<std::string> seen;
  SeededRandom random{2};
  for (int i = 0; i < 1000; ++i) {
    const std::string number = reservation_number(random.next_u64());
    EXPECT_EQ(number.size(), kNumberSize);
    EXPECT_EQ(number.find_first_of("ILOU"), std::string::npos);
    seen.insert(number);
  }
  EXPECT_EQ(seen.size(), 1000U);
}

TEST(Settings, AreBounded) {
  EXPECT_NO_THROW(check_settings({}));
  EXPECT_THROW(check_settings({.hold_seconds = 59}), std::invalid_argument);
  EXPECT_THROW(check_settings({.hold_seconds = 1801}), std::invalid_argument);
  EXPECT_THROW(check_settings({.seats_per_account = 0}), std::invalid_argument);
  EXPECT_THROW(check_settings({.seats_per_account = 11}), std::invalid_argument);
  // Whoever begins to pay in the last second has the time that a payment needs.
  EXPECT_NO_THROW(check_settings({.hold_seconds = 600, .hold_seconds_total = 720}));
  EXPECT_THROW(check_settings({.hold_seconds = 600, .hold_seconds_total = 719}),
               std::invalid_argument);
  EXPECT_NO_THROW(check_settings({.payment_seconds = 900, .hold_seconds_total = 900}));
  EXPECT_THROW(check_settings({.payment_seconds = 900, .hold_seconds_total = 899}),
               std::invalid_argument);
}

class Verdicts : public testing::Test {
 protected:
  template <class I>
  I make() {
    return I::make(kNow, random_);
  }
  Reservation reservation(ReservationState state) {
    return {.id = make<ReservationId>(),
            .state = state,
            .buyer = make<AccountId>(),
            .hold = make<HoldId>(),
            .occasion = {.starts_at = kNow + hours(2)},
            .seats = {{.seat = "B-1", .price = 70}, {.seat = "A-1", .price = 30}},
            .list = 100,
            .payable = 100,
            .currency = "KRW"};
  }
  ConfirmOrder paid(const Reservation& r) {
    return {.reservation = r.id, .payment = make<PaymentId>(), .captured = r.payable, .now = kNow};
  }
  CancelOrder cancel(const Reservation& r, std::vector<std::string> seats = {}) {
    return {.reservation = r.id,
            .buyer = r.buyer,
            .seats = std::move(seats),
            .refund = make<RefundId>(),
            .reason = "changed my mind",
            .now = kNow};
  }

  SeededRandom random_{2};
};

TEST_F(Verdicts, MoneyConfirmsWhatIsPendingOrRanOut) {
  for (const auto state : {pending, expired}) {
    const Reservation r = reservation(state);
    const auto verdict = may_confirm(r, paid(r), false);
    EXPECT_EQ(verdict.state, ConfirmState::confirmed) << verdict.why;
    EXPECT_EQ(verdict.why, "");
  }
}

TEST_F(Verdicts, MoneyConfirmsNothingElse) {
  const auto why = [&](const Reservation& r, const ConfirmOrder& order, bool goes_back = false) {
    const auto verdict = may_confirm(r, order, goes_back);
    return verdict.state == ConfirmState::refused ? verdict.why : "not refused";
  };
  Reservation r = reservation(pending);
  EXPECT_EQ(why(r, paid(r), true), "its money goes back");
  for (const std::int64_t amount : {99, 101}) {
    ConfirmOrder order = paid(r);
    order.captured = amount;
    EXPECT_EQ(why(r, order), "another amount was paid");
  }
  ConfirmOrder late = paid(r);
  late.now = r.occasion.starts_at;
  EXPECT_EQ(why(r, late), "the performance has started");
  late.now -= Millis(1);
  EXPECT_EQ(why(r, late), "not refused");
  r.seats[0].cancelled = true;
  EXPECT_EQ(why(r, paid(r)), "not refused");
  r.seats[1].cancelled = true;
  EXPECT_EQ(why(r, paid(r)), "the reservation has no seats");
  r = reservation(confirmed);
  r.payment = make<PaymentId>();
  EXPECT_EQ(why(r, paid(r)), "the reservation is paid already");
  r.state = cancelled;
  EXPECT_EQ(why(r, paid(r)), "the reservation was cancelled");
  r.payment.reset();
  EXPECT_EQ(why(r, paid(r)), "the reservation was cancelled");
  ConfirmOrder free = paid(r);
  free.payment.reset();
  EXPECT_EQ(why(r, free), "the reservation was cancelled") << "nothing was paid, and it is over";
}

TEST_F(Verdicts, WhyMoneyGoesBackIsToldInAWord) {
  const auto told = [](const Reservation& r, const ConfirmOrder& order) {
    return refund_why(may_confirm(r, order, false).why, r.called_off);
  };
  Reservation r = reservation(confirmed);
  r.payment = make<PaymentId>();
  EXPECT_EQ(told(r, paid(r)), RefundWhy::paid_twice);
  r = reservation(cancelled);
  EXPECT_EQ(told(r, paid(r)), RefundWhy::after_cancel);
  r = reservation(expired);
  ConfirmOrder late = paid(r);
  late.now = r.occasion.starts_at;
  EXPECT_EQ(told(r, late), RefundWhy::too_late);
  r.called_off = true;
  EXPECT_EQ(told(r, paid(r)), RefundWhy::called_off);
  EXPECT_EQ(refund_why("flood", true), RefundWhy::called_off) << "whoever called it off said so";
  EXPECT_EQ(refund_why("changed my mind", false), RefundWhy::cancelled);
}

TEST_F(Verdicts, TheMoneyThatBoughtItIsARepeat) {
  for (const auto state : {confirmed, cancelled}) {
    Reservation r = reservation(state);
    const ConfirmOrder order = paid(r);
    r.payment = order.payment;
    EXPECT_EQ(may_confirm(r, order, false).state, ConfirmState::repeated);
    EXPECT_FALSE(may_write_off(r, *order.payment));
    EXPECT_TRUE(may_write_off(r, make<PaymentId>()));
  }
  const Reservation free = reservation(confirmed);
  ConfirmOrder nothing = paid(free);
  nothing.payment.reset();
  EXPECT_EQ(may_confirm(free, nothing, false).state, ConfirmState::repeated);
}

TEST_F(Verdicts, TheOwnerCancelsWhatIsPendingOrBoughtBeforeItStarts) {
  for (const auto state : {pending, confirmed, cancelled, expired}) {
    const Reservation r = reservation(state);
    EXPECT_EQ(may_cancel(r, cancel(r)).has_value(), state == pending || state == confirmed);
    CancelOrder other = cancel(r);
    other.buyer = make<AccountId>();
    EXPECT_EQ(may_cancel(r, other).error(), CancelRefusal::reservation_unknown);
    CancelOrder late = cancel(r);
    late.now = r.occasion.starts_at;
    EXPECT_EQ(may_cancel(r, late).error(), CancelRefusal::not_cancellable);
    CancelOrder hold = cancel(r);
    hold.only_pending = true;
    EXPECT_EQ(may_cancel(r, hold).has_value(), state == pending);
  }
}

TEST_F(Verdicts, PartsGoOnceItIsPaidAndNeverTwice) {
  Reservation r = reservation(pending);
  EXPECT_EQ(may_cancel(r, cancel(r, {"A-1"})).error(), CancelRefusal::not_cancellable);
  EXPECT_TRUE(may_cancel(r, cancel(r, {"A-1", "B-1"}))->whole);
  r.state = confirmed;
  r.payment = make<PaymentId>();
  const auto part = may_cancel(r, cancel(r, {"A-1"}));
  ASSERT_TRUE(part);
  EXPECT_FALSE(part->whole);
  EXPECT_FALSE(part->pending);
  EXPECT_EQ(part->refund->amount.amount, 30);
  EXPECT_EQ(part->refund->payment, r.payment);
  EXPECT_EQ(may_cancel(r, cancel(r, {"A-1", "C-1"})).error(), CancelRefusal::seat_unknown);
  r.seats[1].cancelled = true;
  EXPECT_EQ(may_cancel(r, cancel(r, {"A-1"})).error(), CancelRefusal::not_cancellable);
  const auto rest = may_cancel(r, cancel(r));
  ASSERT_TRUE(rest);
  EXPECT_TRUE(rest->whole);
  ASSERT_EQ(rest->seats.size(), 1U);
  EXPECT_EQ(rest->refund->amount.amount, 70);
}

TEST_F(Verdicts, NothingPaidIsNothingToGiveBack) {
  Reservation r = reservation(confirmed);
  r.payable = 0;
  EXPECT_FALSE(may_cancel(r, cancel(r))->refund) << "no payment";
  r.payment = make<PaymentId>();
  EXPECT_FALSE(may_cancel(r, cancel(r))->refund) << "no money";
}

TEST_F(Verdicts, ASeatThatCostNothingAsksForNoRefund) {
  Reservation r = reservation(confirmed);
  r.payment = make<PaymentId>();
  r.seats.push_back({.seat = "C-1", .price = 0});
  r.seats.push_back({.seat = "C-2", .price = 1});
  r.list = r.payable = 101;
  const auto free = may_cancel(r, cancel(r, {"C-1"}));
  ASSERT_TRUE(free);
  EXPECT_FALSE(free->refund);
  EXPECT_EQ(may_cancel(r, cancel(r, {"C-2"}))->refund->amount.amount, 1);
}

TEST_F(Verdicts, SeatsAreTakenInOneOrder) {
  Reservation r = reservation(confirmed);
  EXPECT_EQ(kept_seats(r), (std::vector<std::string>{"A-1", "B-1"}));
  r.seats[0].cancelled = true;
  EXPECT_EQ(kept_seats(r), std::vector<std::string>{"A-1"});
}

TEST_F(Verdicts, AUsedIdHasOneSuccessor) {
  const HoldId used = make<HoldId>();
  EXPECT_EQ(hold_after(used), hold_after(used));
  EXPECT_NE(hold_after(used), used);
  EXPECT_NE(hold_after(hold_after(used)), hold_after(used));
}

}  // namespace
}  // namespace onsale::booking
