#include "identity/account.h"

#include <gtest/gtest.h>

namespace onsale::identity {
namespace {

TEST(Email, IsTrimmedAndLowerCase) {
  EXPECT_EQ(normalise_email("  Ada.Lovelace+tickets@Example.COM \n"),
            "ada.lovelace+tickets@example.com");
  EXPECT_EQ(normalise_email("admin@onsale.test"), "admin@onsale.test");
  EXPECT_EQ(normalise_email("root@localhost"), "root@localhost");
}

TEST(Email, WhatMailCannotReachIsRefused) {
  for (const char* bad :
       {"", " ", "@", "a@", "@b.c", "a b@c.d", "a@b@c.d", "a..b@c.d", ".a@c.d", "a.@c.d", "a@-c.d",
        "a@c-.d", "a@c..d", "a@.d", "a@d.", "a@c_d.e", "<a@c.d>", "a@c.d\r\nbcc:x@y.z", "가@c.d"})
    EXPECT_FALSE(normalise_email(bad)) << bad;
  EXPECT_FALSE(normalise_email(std::string(65, 'a') + "@c.d"));
  EXPECT_FALSE(normalise_email("a@" + std::string(64, 'b') + ".c"));
  EXPECT_FALSE(normalise_email("a@" + std::string(300, 'b')));
}

TEST(Email, TheLongestPartsAreStillOneAddress) {
  EXPECT_TRUE(normalise_email(std::string(64, 'a') + "@c.d"));
  EXPECT_TRUE(normalise_email("a@" + std::string(63, 'b') + ".c"));
}

TEST(Name, MayBeWrittenInAnyScript) {
  for (const char* name : {"ñandú", "ไทย", "가나다", "\xEF\xBD\xB1", "표\xF0\x9F\x98\x80", "߿"})
    EXPECT_EQ(normalise_name(name), name);
}

TEST(Name, CountsCharactersNotBytes) {
  std::string fifty;
  for (int i = 0; i < 50; ++i) fifty += "가";
  EXPECT_EQ(normalise_name(" " + fifty + " "), fifty);
  EXPECT_FALSE(normalise_name(fifty + "가"));
  EXPECT_FALSE(normalise_name("   "));
}

TEST(Email, AnInternationalDomainIsOneAddressHoweverItIsWritten) {
  EXPECT_EQ(normalise_email("Ada@München.de"), "ada@xn--mnchen-3ya.de");
  EXPECT_EQ(normalise_email("ada@mu\u0308nchen.de"), "ada@xn--mnchen-3ya.de");
  EXPECT_EQ(normalise_email("ada@XN--MNCHEN-3YA.DE"), "ada@xn--mnchen-3ya.de");
  EXPECT_EQ(normalise_email("kim@예시.한국"), "kim@xn--vv4b11d.xn--3e0b707e");
  EXPECT_EQ(normalise_email("kim@예시。한국"), normalise_email("kim@예시.한국"));
  for (const char* bad : {"a@예 시.한국", "a@\u200B.kr", "a@.한국", "a@한국.", "a@예시..한국",
                          "a@\xFF.kr", "가@예시.한국", "a@예시_.한국", "a@-예시.한국"})
    EXPECT_FALSE(normalise_email(bad)) << bad;
}

TEST(Name, OfBlanksOnlyIsNone) {
  for (const char* blank : {"", " ", "\u3000", "\u00A0\u2003", "\u200B\u2060", "\u3164", "\u115F",
                            "\uFFA0", "\u2800", "\u00AD", "\uFEFF", "\u0301", "\u200D\uFE0F"})
    EXPECT_FALSE(normalise_name(blank)) << blank;
  EXPECT_EQ(normalise_name("\u3000김 하나\u3000\u200B"), "김 하나");
  EXPECT_EQ(normalise_name("🎫"), "🎫");
  EXPECT_EQ(normalise_name("."), ".");
}

TEST(Name, IsComposed) {
  EXPECT_EQ(normalise_name("\u1112\u1161\u11AB"), "한");
  std::string fifty;
  for (int i = 0; i < 50; ++i) fifty += "\u1112\u1161\u11AB";
  EXPECT_TRUE(normalise_name(fifty)) << "fifty characters, however they are typed";
}

TEST(Password, HasEverySpellingOnce) {
  EXPECT_EQ(spellings("plain"), (std::vector<std::string>{"plain"}));
  EXPECT_EQ(spellings("é"), (std::vector<std::string>{"é", "e\u0301"}));
  EXPECT_EQ(spellings("e\u0301"), (std::vector<std::string>{"é", "e\u0301"}));
  EXPECT_EQ(spellings("e\u0301é").size(), 3U);
  EXPECT_EQ(spellings("\xFF"), (std::vector<std::string>{"\xFF"}));
}

TEST(Name, ControlCharactersAndTextTurnersAreRefused) {
  using namespace std::string_view_literals;
  EXPECT_FALSE(normalise_name("a\0b"sv));
  EXPECT_FALSE(normalise_name("a\nb"));
  EXPECT_FALSE(normalise_name("a\u202Eb"));
  for (const char* hidden : {"a\x1F"
                             "b",
                             "a\u007Fb", "a\u009Fb", "a\u202Ab", "a\u2066b", "a\u2069b"}) {
    EXPECT_FALSE(normalise_name(hidden));
  }
  for (const char* shown : {"a b", "a~b", "a\u00A0b", "a\u00A1b"}) {
    EXPECT_TRUE(normalise_name(shown)) << shown;
  }
  EXPECT_FALSE(normalise_name("\xC3\x28"));
  EXPECT_FALSE(normalise_name("\xED\xA0\x80"));  // half a surrogate pair
  EXPECT_FALSE(normalise_name("\xC0\xAF"));      // a longer spelling of /
}

TEST(Password, EightCharactersOfAnyScriptWillDo) {
  EXPECT_FALSE(weakness("맥주한잔하고갈래", "a@b.c"));
  EXPECT_FALSE(weakness("correct horse", "a@b.c"));
  EXPECT_FALSE(weakness("onsale-demo-1!", "admin@onsale.test"));
}

TEST(Password, SaysWhyItIsWeak) {
  EXPECT_EQ(weakness("short", "a@b.c")->code, "too_short");
  EXPECT_EQ(weakness("가나다라마바사", "a@b.c")->code, "too_short");
  EXPECT_EQ(weakness(std::string(129, 'x') + "y", "a@b.c")->code, "too_long");
  EXPECT_EQ(weakness("PassWord123", "a@b.c")->code, "too_common");
  EXPECT_EQ(weakness("aaaaaaaaaaaa", "a@b.c")->code, "too_common");
  EXPECT_EQ(weakness("abcdefghij", "a@b.c")->code, "too_common");
  EXPECT_EQ(weakness("jihgfedcba", "a@b.c")->code, "too_common");
  EXPECT_EQ(weakness("Ada@Example.com", "ada@example.com")->code, "same_as_email");
  EXPECT_EQ(weakness("adalovelace", "adalovelace@example.com")->code, "same_as_email");
}

}  // namespace
}  // namespace onsale::identity
