#include "platform/config/settings.h"

#include <gtest/gtest.h>

#include <fstream>

namespace onsale::config {
namespace {

struct SettingsTest : testing::Test {
  std::string listen = "127.0.0.1:8080";
  std::string password;
  std::string mode = "queue";
  int loops = 0;
  std::chrono::seconds hold{300};
  bool rate_enabled = true;
  double share = 0.5;
  Settings settings;

  SettingsTest() {
    settings.text("server.listen", "Address and port to listen on.", listen);
    settings.number("server.loops", "Event loops; 0 is one per core.", loops, 0, 256);
    settings.flag("limits.rate_enabled", "Whether clients are slowed down.", rate_enabled);
    settings.number("booking.hold_seconds", "How long seats stay held.", hold, 30, 3600);
    settings.choice("room.mode", "Mode of a new room.", mode, {"open", "queue"});
    settings.real("room.share", "Share.", share, 0, 1);
    settings.secret("database.password", "Password of the database.", password);
  }

  std::string refusal(const Outcome& outcome) { return outcome ? "" : outcome.error(); }
};

TEST_F(SettingsTest, LaterSourcesOverrideEarlierOnes) {
  ASSERT_TRUE(
      settings.load_toml("[server]\nlisten = \"0.0.0.0:1\"\nloops = 2\n"
                         "[booking]\nhold_seconds = 60\n[room]\nshare = 1\n",
                         "onsale.toml"));
  const char* environment[] = {"PATH=/bin",
                               "ONSALE_SERVER_LOOPS=4",
                               "ONSALE_LIMITS_RATE_ENABLED=0",
                               "ONSALE_ROOM_SHARE=0.25",
                               "ONSALE_E2E_HEADLESS=1",
                               nullptr};
  ASSERT_TRUE(settings.load_environment(environment));
  ASSERT_TRUE(settings.set("server.listen", "127.0.0.1:9"));
  EXPECT_EQ(listen, "127.0.0.1:9");
  EXPECT_EQ(loops, 4);
  EXPECT_EQ(hold, std::chrono::seconds(60));
  EXPECT_FALSE(rate_enabled);
  EXPECT_EQ(share, 0.25);
  const std::string printed = settings.print();
  EXPECT_NE(printed.find("loops = 4  # environment ONSALE_SERVER_LOOPS\n"), printed.npos);
  EXPECT_NE(printed.find("hold_seconds = 60  # onsale.toml:5\n"), printed.npos);
  EXPECT_NE(printed.find("mode = \"queue\"  # default\n"), printed.npos);
}

TEST_F(SettingsTest, EveryRefusalIsOneLineThatSaysWhatToDo) {
  EXPECT_EQ(refusal(settings.load_toml("[server]\nlisen = \"x\"\n", "f")),
            "f:2: unknown setting server.lisen; did you mean server.listen?");
  EXPECT_EQ(refusal(settings.load_toml("[server]\nloops = \"two\"\n", "f")),
            "f:2: server.loops must be a whole number, 0 to 256");
  EXPECT_EQ(refusal(settings.load_toml("[server]\nloops = 257\n", "f")),
            "f:2: server.loops must be a whole number, 0 to 256");
  EXPECT_EQ(refusal(settings.load_toml("[server]\nlisten = 8080\n", "f")),
            "f:2: server.listen must be text in quotes");
  EXPECT_EQ(refusal(settings.load_toml("[server]\nlisten = [1]\n", "f")),
            "f:2: server.listen must be one value");
  EXPECT_EQ(refusal(settings.load_toml("listen = \"x\"\n", "f")),
            "f: listen must stand in a [section]");
  EXPECT_TRUE(refusal(settings.load_toml("[server\n", "f")).starts_with("f:1: "));
  EXPECT_EQ(refusal(settings.set("room.mode", "closed")),
            "command line: room.mode must be one of open | queue");
  EXPECT_EQ(refusal(settings.set("room.share", "nan")),
            "command line: room.share must be a number, 0.0 to 1.0");
  EXPECT_EQ(refusal(settings.set("limits.rate_enabled", "maybe")),
            "command line: limits.rate_enabled must be true or false");
  EXPECT_EQ(refusal(settings.load_file("/nonexistent.toml")),
            "/nonexistent.toml: cannot be read; name a TOML file with --config");
  const char* typo[] = {"ONSALE_SERVER_LISEN=x", nullptr};
  EXPECT_EQ(refusal(settings.load_environment(typo)),
            "environment ONSALE_SERVER_LISEN: unknown setting; did you mean ONSALE_SERVER_LISTEN?");
  const char* section_typo[] = {"ONSALE_SERVR_LISTEN=x", nullptr};
  EXPECT_FALSE(settings.load_environment(section_typo));
  EXPECT_EQ(listen, "127.0.0.1:8080");
  EXPECT_EQ(loops, 0);
}

TEST_F(SettingsTest, SecretsAreNeverShown) {
  EXPECT_NE(settings.print().find("password = \"\""), std::string::npos);
  ASSERT_TRUE(settings.set("database.password", "hunter2"));
  EXPECT_EQ(password, "hunter2");
  EXPECT_EQ(settings.print().find("hunter2"), std::string::npos);
  EXPECT_NE(settings.print().find("password = \"********\""), std::string::npos);
}

TEST_F(SettingsTest, WhatIsPrintedLoadsAgain) {
  ASSERT_TRUE(settings.set("server.listen", "a\"b\\c\n"));
  EXPECT_TRUE(settings.load_toml(settings.print(), "printed"));
  EXPECT_EQ(listen, "a\"b\\c\n");
}

}  // namespace
}  // namespace onsale::config
