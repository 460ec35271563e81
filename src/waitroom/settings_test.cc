// Settings outlive the program that wrote them.
#include "waitroom/settings.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "waitroom/varint.h"

namespace onsale::waitroom {
namespace {

// Flags of the settings: one byte, behind one_per and proof.
std::string with_flags(char flags) {
  Settings settings;
  settings.lottery = true;
  const std::string plain = encode(settings);
  settings.two_person = true;
  const std::string both = encode(settings);
  std::string changed = plain;
  for (std::size_t i = 0; i < plain.size(); ++i) {
    if (plain[i] != both[i]) changed[i] = flags;
  }
  return changed;
}

TEST(Settings, WhatWasStoredBeforeOffersCouldBeHiddenShowsAllOfThem) {
  // As the version before wrote them: a lottery, two_person, a capacity of 7.
  const std::string stored =
      hex_decoded("02010e00b009f0015ab009f0015af001002208000000030000000000").value();
  const auto settings = decode_settings(stored);
  ASSERT_TRUE(settings.has_value());
  EXPECT_TRUE(settings->lottery && settings->two_person);
  EXPECT_EQ(settings->capacity, 7);
  EXPECT_EQ(settings->offers_shown, OffersShown::prices_and_stock);
  EXPECT_EQ(encode(*settings), stored);
}

TEST(Settings, WhatIsShownOfOffersIsStored) {
  for (const auto shown : {OffersShown::prices_and_stock, OffersShown::prices, OffersShown::none}) {
    for (const bool flag : {false, true}) {
      Settings settings;
      settings.lottery = flag;
      settings.offers_shown = shown;
      EXPECT_EQ(decode_settings(encode(settings)), settings);
    }
  }
  EXPECT_EQ(decode_settings(with_flags(4 | 1))->offers_shown, OffersShown::prices);
  EXPECT_FALSE(decode_settings(with_flags(12)).has_value()) << "nothing that was ever written";
}

TEST(Settings, AChangeOfWhatIsShownSaysWhatItWasAndWhatItIs) {
  const Settings after = patched({}, {.offers_shown = OffersShown::none});
  const auto found = changes({}, after);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].field, "offers_shown");
  EXPECT_EQ(found[0].before, "prices_and_stock");
  EXPECT_EQ(found[0].after, "none");
}

// Every setting with a value that a new room doesn't have.
Settings unusual() {
  Settings all;
  all.mode = Mode::drain;
  each_setting([&]<std::size_t I>(Setting<I> setting) {
    auto& value = setting.of(all);
    if constexpr (std::is_same_v<decltype(value), std::int64_t&>) value = 9;
    if constexpr (std::is_same_v<decltype(value), bool&>) value = true;
  });
  all.one_per = OnePer::account;
  all.proof = ProofMode::on;
  all.opens_at = from_unix_ms(1'700'000'000'000);
  all.message = "Soon";
  all.offers_shown = OffersShown::none;
  all.lanes = {{.name = "friends", .share = 7}};
  all.schedule = {{.at = from_unix_ms(1'700'000'001'000), .mode = Mode::paused, .message = "!"}};
  return all;
}

TEST(Settings, WhatIsDeclaredIsChangedComparedAndStored) {
  const Settings all = unusual();
  SettingsPatch everything;
  each_setting([&](auto setting) { setting.of(everything) = setting.of(all); });
  EXPECT_EQ(patched({}, everything), all);
  EXPECT_EQ(patched(all, {}), all);
  EXPECT_EQ(changes({}, all).size(), kSettings);
  EXPECT_EQ(decode_settings(encode(all)), all);
}

TEST(Settings, TheStoredFormIsTheOneOfEveryOlderLog) {
  // As the version before the one declaration wrote the settings of unusual().
  EXPECT_EQ(
      hex_encoded(encode(unusual())),
      "02051212121212121212121212121201020b0180a0abfef96204536f6f6e0107667269656e64730e01d0afabfe"
      "f96201040000010121");
}

TEST(Settings, ALaterSettingIsStoredBehindItsName) {
  std::string stored;
  put_by_name(stored, unusual(), 0);
  Settings read;
  ByteReader reader(stored);
  EXPECT_TRUE(read_by_name(reader, read, 0));
  EXPECT_EQ(read, unusual());
  ByteReader some(stored);
  EXPECT_FALSE(read_by_name(some, read, 1)) << "mode is none of the later ones";
  const std::string unknown = encode(Settings{}) + std::string("\x05night\x01\x02", 8);
  EXPECT_EQ(decode_settings(unknown), std::nullopt);
}

TEST(Settings, TheRangeIsPartOfTheDeclaration) {
  Settings wrong;
  wrong.proof_bits = decltype(SettingKinds::proof_bits)::kMax + 1;
  wrong.message = std::string(501, 'x');
  wrong.schedule = {{.capacity = -1}};
  const auto found = out_of_range(wrong);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].field, "proof_bits");
  EXPECT_EQ(found[0].message, "must be from 8 to 26");
  EXPECT_EQ(found[1].field, "message");
  EXPECT_EQ(found[2].field, "schedule[0].capacity");
}

const Timestamp kNow = from_unix_ms(1'800'000'000'000);
Timestamp in(int minutes) { return kNow + Millis(60'000) * minutes; }

TEST(Settings, APlannedOpeningWaitsForTheDraw) {
  const Settings before{.mode = Mode::prequeue,
                        .lottery = true,
                        .schedule = {{.at = in(1), .mode = Mode::queue, .capacity = 7},
                                     {.at = in(5), .message = "soon"}}};
  const Settings due = followed(before, in(2), true);
  EXPECT_EQ(due.mode, Mode::prequeue);
  EXPECT_EQ(due.capacity, 7) << "the rest of the entry runs";
  ASSERT_EQ(due.schedule.size(), 2U);
  EXPECT_EQ(due.schedule[0], (PlannedChange{.at = in(1), .mode = Mode::queue}));
  EXPECT_EQ(followed(due, in(3), true), due);
  const Settings late = followed(due, in(6), true);
  EXPECT_EQ(late.message, "soon") << "later entries do not wait";
  const Settings drawn = followed(late, in(9), false);
  EXPECT_EQ(drawn.mode, Mode::queue);
  EXPECT_TRUE(drawn.schedule.empty());
}

TEST(Settings, APlannedEndTakesThePlaceOfAnOpeningThatWaits) {
  const Settings before{
      .mode = Mode::prequeue,
      .lottery = true,
      .schedule = {{.at = in(1), .mode = Mode::queue}, {.at = in(5), .mode = Mode::closed}}};
  const Settings due = followed(followed(before, in(2), true), in(6), true);
  EXPECT_EQ(due.mode, Mode::closed);
  EXPECT_TRUE(due.schedule.empty());
  const Settings gathering{
      .mode = Mode::closed, .lottery = true, .schedule = {{.at = in(1), .mode = Mode::prequeue}}};
  EXPECT_EQ(followed(gathering, in(2), true).mode, Mode::prequeue) << "that opens nothing";
}

TEST(Settings, WhatIsOverIsNotPlannedAgain) {
  const Settings now{.schedule = {{.at = in(1), .capacity = 3}}};
  Settings again = now;
  again.schedule.insert(again.schedule.begin(), {.at = in(-1), .capacity = 9});
  const auto found = over_by(now, again, kNow);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].field, "schedule[0].at");
  EXPECT_EQ(found[0].code, "in_the_past");
  EXPECT_TRUE(over_by(again, again, kNow).empty()) << "it waits for a draw";
  const Settings opens{.mode = Mode::prequeue, .opens_at = in(-1)};
  EXPECT_EQ(over_by({}, opens, kNow).size(), 1U);
  EXPECT_TRUE(over_by(opens, opens, kNow).empty());
}

TEST(Settings, AVersionNamesTheValues) {
  Settings one;
  const std::string version = version_of(one);
  EXPECT_EQ(version.size(), 16U);
  each_setting([&](auto setting) {
    Settings other = one;
    setting.of(other) = setting.of(unusual());
    EXPECT_NE(version_of(other), version) << setting.kName;
  });
  EXPECT_EQ(version_of(one), version);
}

}  // namespace
}  // namespace onsale::waitroom
