// The report of a day: sums by provider and show, and what is not known stays unknown.
#include "ops/settlement.h"

#include <gtest/gtest.h>

#include "base/fakes.h"

namespace onsale::ops {
namespace {

using payments::DayLine;
using payments::Differs;
using payments::NoStatement;
using payments::ProviderDay;
using payments::Sums;

class Report : public testing::Test {
 protected:
  static DayLine line(std::string payment, Sums ours, Sums theirs, std::int64_t fee,
                      Differs differs = Differs::no) {
    return {.payment = payment,
            .subject = "res_" + payment,
            .ours = ours,
            .theirs = theirs,
            .fee = fee,
            .differs = differs};
  }
  void sold(const std::string& payment, const std::string& title) {
    const auto id = titles_.try_emplace(title, catalogue::ShowId::make(clock_.now(), random_));
    shows_["res_" + payment] = {id.first->second, title};
  }

  FakeClock clock_;
  SeededRandom random_{9};
  std::map<std::string, catalogue::ShowId> titles_;
  std::map<std::string, SoldShow> shows_;
};

TEST_F(Report, SumsByProviderAndByShowAndNamesWhatDiffers) {
  sold("1", "오페라의 유령");
  sold("2", "오페라의 유령");
  sold("3", "Cats");
  const ProviderDay toss{
      .provider = "toss",
      .fees_told = true,
      .lines = {
          line("1", {10'000, 0}, {10'000, 0}, 330),
          line("2", {20'000, 5'000}, {20'000, 0}, 660, Differs::amount),
          line("3", {7'000, 0}, {7'000, 0}, 231),
          {.payment = "foreign", .theirs = {400, 0}, .fee = 13, .differs = Differs::unknown_here}}};
  const auto report = settlement({toss}, shows_, {});
  EXPECT_EQ(report.sums.ours, (Sums{37'000, 5'000}));
  EXPECT_EQ(report.sums.theirs, (Sums{37'400, 0}));
  EXPECT_EQ(report.sums.difference(), 5'400);
  EXPECT_EQ(report.sums.fees, 1'234);
  ASSERT_EQ(report.lines.size(), 3U);
  EXPECT_FALSE(report.lines[0].show);
  EXPECT_EQ(report.lines[0].sums.theirs, (Sums{400, 0}));
  EXPECT_EQ(report.lines[1].show->title, "Cats");
  EXPECT_EQ(report.lines[2].show->title, "오페라의 유령");
  EXPECT_EQ(report.lines[2].payments, 2);
  EXPECT_EQ(report.lines[2].sums.ours, (Sums{30'000, 5'000}));
  EXPECT_EQ(report.lines[2].sums.difference(), 5'000);
  ASSERT_EQ(report.providers[0].differing.size(), 2U);
  EXPECT_EQ(report.providers[0].differing_total, 2);
}

TEST_F(Report, WhatAProviderDoesNotSayIsUnknownAndNotNothing) {
  sold("1", "Cats");
  const ProviderDay silent{.provider = "kakaopay",
                           .silent = NoStatement::not_offered,
                           .lines = {{.payment = "1", .subject = "res_1", .ours = {10'000, 0}}}};
  const auto report = settlement({silent}, shows_, {});
  EXPECT_EQ(report.sums.ours.captured, 10'000);
  EXPECT_FALSE(report.sums.theirs);
  EXPECT_FALSE(report.sums.difference());
  EXPECT_FALSE(report.sums.fees);
  EXPECT_FALSE(report.lines[0].sums.theirs);
  EXPECT_EQ(report.providers[0].fees_by, FeesBy::none);
}

TEST_F(Report, OneThatHasNoListAndNoMoneyLeavesTheTotalKnown) {
  const ProviderDay toss{.provider = "toss", .fees_told = true};
  ProviderDay kakaopay{.provider = "kakaopay", .silent = NoStatement::not_offered};
  EXPECT_EQ(settlement({toss, kakaopay}, shows_, {}).sums.theirs, Sums{});
  EXPECT_FALSE(settlement({kakaopay}, shows_, {}).sums.theirs) << "asked alone";
  kakaopay.silent = NoStatement::silent;  // it may have had something to say
  EXPECT_FALSE(settlement({toss, kakaopay}, shows_, {}).sums.theirs);
}

TEST_F(Report, FeesThatAreNotToldYetAreTheAgreedRate) {
  const ProviderDay toss{
      .provider = "toss",
      .lines = {line("1", {10'000, 0}, {10'000, 0}, 0), line("2", {0, 10'000}, {0, 10'000}, 0)}};
  const auto report = settlement({toss}, shows_, {{"toss", 330}});
  EXPECT_EQ(report.providers[0].fees_by, FeesBy::rate);
  EXPECT_EQ(report.sums.fees, 0);
  EXPECT_EQ(settlement({toss}, shows_, {}).sums.fees, std::nullopt);
}

TEST_F(Report, ListsAtMostFiveHundredPaymentsAndCountsAll) {
  ProviderDay toss{.provider = "toss"};
  for (int i = 0; i < 700; ++i)
    toss.lines.push_back(line(std::to_string(i), {1, 0}, {}, 0, Differs::not_there));
  const auto report = settlement({toss}, shows_, {});
  EXPECT_EQ(report.providers[0].differing.size(), kDifferingMax);
  EXPECT_EQ(report.providers[0].differing_total, 700);
}

}  // namespace
}  // namespace onsale::ops
