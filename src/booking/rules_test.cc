#include "booking/rules.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <chrono>
#include <set>

#include "base/fakes.h"
#include "booking/http.h"
#include "catalogue/fakes.h"

namespace onsale::booking {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

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
  EXPECT_THROW(check_settings({.hold_seconds = 600, .hold_seconds_total = 599}),
               std::invalid_argument);
}

TEST(Ticket, CodeIsAnSvgThatSaysItsTitle) {
  const std::string svg = qr_svg("some token", "Ticket for seat <A&1>");
  EXPECT_TRUE(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 29 29\""));
  EXPECT_NE(svg.find("<title id=\"t\">Ticket for seat &lt;A&amp;1&gt;</title>"), std::string::npos);
  EXPECT_TRUE(svg.ends_with("\"/></svg>"));
  EXPECT_NE(svg, qr_svg("some tokeN", "Ticket for seat <A&1>"));
}

}  // namespace
}  // namespace onsale::booking
