#include "gateway/target.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace onsale::gateway {
namespace {

const std::vector<std::string> kPrefixes{"/buy", "/api/orders"};

bool guarded(std::string_view target) {
  const auto parsed = parse_target(target);
  return parsed && guard_of(parsed->path, kPrefixes) != nullptr;
}

TEST(Target, APrefixGuardsWholeSegments) {
  for (const char* inside : {"/buy", "/buy/", "/buy/seats?x=1", "/buy?x", "/api/orders/7"})
    EXPECT_TRUE(guarded(inside)) << inside;
  for (const char* outside : {"/", "/buyers", "/about/buy", "/api", "/api/order", "/?path=/buy"})
    EXPECT_FALSE(guarded(outside)) << outside;
}

TEST(Target, NoSpellingGetsAroundTheGuard) {
  for (const char* trick : {"//buy",
                            "/./buy",
                            "/x/../buy",
                            "/%62uy",
                            "/b%75y/x",
                            "/%2fbuy",
                            "/x/%2e%2e/buy",
                            "/BUY",
                            "/Buy/seats",
                            "/buy;x=1",
                            "/buy;/x",
                            "/;/buy",
                            "/x;a/..;b/buy",
                            "/\\buy",
                            "/x\\..\\buy",
                            "/%5cbuy",
                            "/%252fbuy",
                            "/%2562uy",
                            "/../../buy",
                            "/buy%2fseats",
                            "/buy%00",
                            "http://shop.test/buy",
                            "HTTPS://shop.test/buy",
                            "/buy/..;/buy",
                            "/api//orders",
                            "/api/./orders",
                            "/buy/%2e%2e/buy"}) {
    const auto parsed = parse_target(trick);
    EXPECT_TRUE(!parsed || guard_of(parsed->path, kPrefixes)) << trick;
  }
  const std::vector<std::string> all{"/"};
  for (const char* any : {"/", "/x", "//", "/.."}) EXPECT_TRUE(guard_of(any, all)) << any;
}

// One way of many to write the same character.
std::string disguised(char c, std::mt19937& random) {
  const auto hex = [](char byte) {
    const auto value = static_cast<unsigned char>(byte);
    return std::string("%") + "0123456789abcdef"[value >> 4] + "0123456789ABCDEF"[value & 15];
  };
  switch (random() % 5) {
    case 0:
      return hex(c);
    case 1:
      return "%25" + hex(c).substr(1);
    case 2:
      return std::string(1, c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c);
    default:
      return std::string(1, c);
  }
}

TEST(Target, NoMixtureOfTricksGetsAroundTheGuard) {
  std::mt19937 random(20'261'121);
  const std::vector<std::string> noise{"/", "/.", "/x/..", "/;", "/;v=1", "/a;b/..", "\\", "/%2e"};
  for (int i = 0; i < 50'000; ++i) {
    std::string path = "/";
    for (auto n = random() % 3; n > 0; --n) path += noise[random() % noise.size()].substr(1) + "/";
    for (const char c : std::string_view("buy")) path += disguised(c, random);
    for (auto n = random() % 3; n > 0; --n) path += noise[random() % noise.size()];
    if (random() % 2) path += "/seats";
    const auto parsed = parse_target(path);
    // A tail such as /x/../.. may lead out of it again; these do not.
    EXPECT_TRUE(!parsed || guard_of(parsed->path, kPrefixes)) << path;
  }
}

TEST(Target, AnyBytesAreReadOrRefused) {
  std::mt19937 random(7);
  const std::string_view likely = "/%;.\\?&=#buy2fF onsale_pass\x01\xff";
  for (int i = 0; i < 100'000; ++i) {
    std::string text;
    for (auto n = random() % 24; n > 0; --n)
      text += random() % 8 ? likely[random() % likely.size()] : static_cast<char>(random() % 256);
    const auto parsed = parse_target(text);
    if (!parsed) continue;
    EXPECT_EQ(parsed->path.front(), '/');
    EXPECT_EQ(parse_target(parsed->plain())->plain(), parsed->plain()) << text;
    EXPECT_EQ(parse_target(parsed->plain())->pass, "") << text;
    guard_of(parsed->path, kPrefixes);
  }
}

// The reading that a plain comparison of beginnings would take lets these through.
TEST(Target, NegativeControlAComparisonOfBeginningsIsFooled) {
  EXPECT_FALSE(std::string_view("/%62uy").starts_with("/buy"));
  EXPECT_TRUE(guarded("/%62uy"));
}

TEST(Target, WhatCannotBeReadIsRefused) {
  for (const char* bad : {"", "*", "buy", "example.com:443", "/buy%", "/buy%2", "/%zz", "/a b",
                          "/a\tb", "/%00", "http://", "/#x"})
    EXPECT_FALSE(parse_target(bad)) << bad;
}

TEST(Target, ThePassIsTakenOutOfTheQuery) {
  const auto only = parse_target("/buy?onsale_pass=a.b.c");
  EXPECT_EQ(only->pass, "a.b.c");
  EXPECT_EQ(only->plain(), "/buy");
  const auto between = parse_target("/buy?a=1&onsale_pass=p&b=%20&onsale_pass=q&");
  EXPECT_EQ(between->pass, "p");
  EXPECT_EQ(between->plain(), "/buy?a=1&b=%20");
  EXPECT_EQ(parse_target("/buy?onsale_passage=1")->plain(), "/buy?onsale_passage=1");
  EXPECT_EQ(parse_target("/buy?onsale_pass")->pass, "");
  EXPECT_EQ(parse_target("http://shop.test?x=1"), std::nullopt);
  EXPECT_EQ(parse_target("http://shop.test/a?x=1")->plain(), "/a?x=1");
}

TEST(Target, PrefixesArePlain) {
  for (const char* good : {"/", "/buy", "/api/orders", "/Buy/"}) EXPECT_TRUE(is_prefix(good));
  for (const char* bad : {"", "buy", "/a/../b", "//a", "/a%20", "/a;b", "/a?b", "/a b", "/a:b",
                          "/a.", "/..", "/a//b"})
    EXPECT_FALSE(is_prefix(bad)) << bad;
}

}  // namespace
}  // namespace onsale::gateway
