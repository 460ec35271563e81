// Settings outlive the program that wrote them.
#include "waitroom/settings.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

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

}  // namespace
}  // namespace onsale::waitroom
