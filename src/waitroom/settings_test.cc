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
  const std::string unknown = encode({}) + std::string("\x05night\x01\x02", 8);
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

}  // namespace
}  // namespace onsale::waitroom
