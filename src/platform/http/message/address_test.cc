#include "platform/http/message/address.h"

#include <gtest/gtest.h>

#include "base/log_fakes.h"
#include "platform/http/message/unnamed_proxy.h"

namespace onsale::http {
namespace {

std::string read(std::string_view text) {
  const auto address = Address::parse(text);
  return address ? address->text() : "none";
}

TEST(Address, IsReadInEveryFormThatProxiesWrite) {
  EXPECT_EQ(read("192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(read(" 192.0.2.7:51234 "), "192.0.2.7");
  EXPECT_EQ(read("2001:DB8::7"), "2001:db8::7");
  EXPECT_EQ(read("[2001:db8::7]"), "2001:db8::7");
  EXPECT_EQ(read("[2001:db8::7]:443"), "2001:db8::7");
  EXPECT_EQ(read("fe80::7%eth0"), "fe80::7");
  EXPECT_EQ(read("::ffff:192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(read("[::ffff:192.0.2.7]:443"), "192.0.2.7");
  EXPECT_EQ(read("::ffff:c000:207"), "192.0.2.7");
  EXPECT_EQ(read("64:ff9b::192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(read("64:ff9b::c000:207"), "192.0.2.7");
}

TEST(Address, WhatIsNoneIsNone) {
  for (const char* text :
       {"", "unknown", "_hidden", "192.0.2", "192.0.2.7:", "192.0.2.7:99999", "192.0.2.7:x",
        "[192.0.2.7]", "[192.0.2.7]:80", "[2001:db8::7", "2001:db8::7]", "[2001:db8::7]443",
        "2001:db8::7::1", "192.0.2.7, 192.0.2.8", "010.0.2.7"})
    EXPECT_EQ(read(text), "none") << text;
}

TEST(UnnamedProxy, IsToldOnceAnHourAndOnlyWhenItIsNear) {
  const Timestamp now = from_unix_ms(1'800'000'000'000);
  UnnamedProxy proxy("http", "server.trusted_proxies");
  const auto told = [&](std::string_view peer, Millis later) {
    const KeptLog log;
    proxy.seen(peer, now + later);
    return log.has("name it in server.trusted_proxies");
  };
  EXPECT_FALSE(told("203.0.113.9", Millis(0))) << "a stranger writes what they like";
  EXPECT_FALSE(told("2001:db8::1", Millis(0)));
  for (const char* near : {"127.0.0.1", "10.1.2.3", "172.31.0.1", "192.168.0.9", "100.64.0.1",
                           "::1", "fd00::1", "fe80::1"}) {
    EXPECT_TRUE(told(near, Millis(0))) << near;
    EXPECT_FALSE(told(near, Millis(3'599'000))) << near;
    EXPECT_TRUE(told(near, Millis(3'601'000))) << near;
  }
}

TEST(Address, AClientIsAnIPv4AddressOrAnIPv6NetworkOf64Bits) {
  EXPECT_EQ(client_key("2001:db8:1:2::1"), client_key("[2001:db8:1:2:ffff::9]:80"));
  EXPECT_NE(client_key("2001:db8:1:2::1"), client_key("2001:db8:1:3::1"));
  EXPECT_EQ(client_key("192.0.2.7"), client_key("::ffff:192.0.2.7"));
  EXPECT_NE(client_key("::ffff:192.0.2.7"), client_key("::ffff:192.0.2.8"));
  EXPECT_NE(client_key("64:ff9b::192.0.2.7"), client_key("64:ff9b::192.0.2.8"))
      << "a NAT64 is not one client";
  EXPECT_EQ(client_key("nonsense"), "nonsense");
}

TEST(Networks, HoldAddressesAndBlocks) {
  const auto ours = Networks::parse("10.0.0.0/8, 192.0.2.7 ,2001:db8::/33,::1,");
  ASSERT_TRUE(ours);
  for (const char* inside : {"10.255.1.2", "::ffff:10.0.0.1", "192.0.2.7", "192.0.2.7:80",
                             "2001:db8:7fff::1", "::1", "[::1]:9"})
    EXPECT_TRUE(ours->contains(inside)) << inside;
  for (const char* outside : {"11.0.0.1", "9.255.255.255", "192.0.2.6", "192.0.2.8",
                              "2001:db8:8000::1", "::2", "unknown", ""})
    EXPECT_FALSE(ours->contains(outside)) << outside;
  EXPECT_TRUE(Networks::parse("::ffff:10.0.0.0/104")->contains("10.1.2.3"));
  EXPECT_FALSE(Networks().contains("127.0.0.1"));
}

TEST(Networks, RefuseNonsenseNamingIt) {
  for (const char* text :
       {"10.0.0.0/33", "10.0.0.0/0", "::/0", "::/129", "10.0.0.0/", "10.0.0.0/8x", "10.0.0.1/8",
        "2001:db8::1/64", "10.0.0.0/-1", "proxy.example", "10.0.0", "10.0.0.1:80", "[::1]",
        "10.0.0.0-10.0.0.9", "*", "::ffff:10.0.0.0/95"}) {
    const auto refused = Networks::parse(std::string("127.0.0.1, ") + text);
    ASSERT_FALSE(refused) << text;
    EXPECT_NE(refused.error().find(text), std::string::npos) << refused.error();
  }
}

}  // namespace
}  // namespace onsale::http
