#include "platform/http/live/stomp.h"

#include <gtest/gtest.h>

namespace onsale::http::stomp {
namespace {

using namespace std::string_literals;

std::string shown(std::string_view input) {
  const auto parsed = parse(input);
  if (!parsed) return std::string(to_string(parsed.error()));
  if (!parsed->frame) return "incomplete after " + std::to_string(parsed->used);
  std::string text = parsed->frame->command;
  for (const auto& [name, value] : parsed->frame->headers) text += "|" + name + "=" + value;
  return text + "|" + parsed->frame->body + "|" + std::to_string(parsed->used);
}

TEST(Stomp, ReadsFrames) {
  struct Row {
    std::string input, want;
  };
  const Row rows[] = {
      {"DISCONNECT\n\n\0"s, "DISCONNECT||13"},
      {"DISCONNECT\r\nreceipt:1\r\n\r\n\0"s, "DISCONNECT|receipt=1||26"},
      {"\n\r\n\nDISCONNECT\n\n\0"s, "DISCONNECT||17"},
      {"SUBSCRIBE\nid:0\nid:1\n\n\0NEXT"s, "SUBSCRIBE|id=0|id=1||22"},
      {"SUBSCRIBE\nid:a\\cb\\nc\\\\d\\re\n\n\0"s, "SUBSCRIBE|id=a:b\nc\\d\re||29"},
      {"SUBSCRIBE\nid: spaces stay \n\n\0"s, "SUBSCRIBE|id= spaces stay ||29"},
      {"SUBSCRIBE\nid:\n\n\0"s, "SUBSCRIBE|id=||16"},
      {"CONNECT\nhost:a:1\npath:c\\x\n\n\0"s, "CONNECT|host=a:1|path=c\\x||28"},
      {"SEND\ncontent-length:3\n\na\0b\0"s, "SEND|content-length=3|a\0b|27"s},
      {"SEND\n\nbody\0"s, "SEND|body|11"},
      {"SEND\ncontent-length:0\n\n\0"s, "SEND|content-length=0||24"},
      {"", "incomplete after 0"},
      {"\n\n", "incomplete after 2"},
      {"\n\r", "incomplete after 1"},
      {"SUBSC", "incomplete after 0"},
      {"\nSUBSCRIBE\nid:0\n", "incomplete after 1"},
      {"SUBSCRIBE\r", "incomplete after 0"},
      {"SUBSCRIBE\nid:0\n\n", "incomplete after 0"},
      {"SEND\ncontent-length:9\n\nabc\0"s, "incomplete after 0"},
  };
  for (const Row& row : rows) EXPECT_EQ(shown(row.input), row.want) << row.input;
}

TEST(Stomp, RefusesWhatIsNoFrame) {
  struct Row {
    std::string input;
    FrameError want;
  };
  const Row rows[] = {
      {"subscribe\n\n\0"s, FrameError::bad_command},
      {"\0"s, FrameError::bad_command},
      {"GET / HTTP/1.1\r\n", FrameError::bad_command},
      {"ABCDEFGHIJKLMNOPQRSTUVWXYZ", FrameError::bad_command},
      {"SUBSCRIBE\nid\n\n\0"s, FrameError::bad_header},
      {"SUBSCRIBE\n:0\n\n\0"s, FrameError::bad_header},
      {"SUBSCRIBE\nid:a:b\n\n\0"s, FrameError::bad_header},
      {"SUBSCRIBE\nid:a\rb\n\n\0"s, FrameError::bad_header},
      {"SUBSCRIBE\nid:0\0"s, FrameError::bad_header},
      {"SUBSCRIBE\nid:a\\tb\n\n\0"s, FrameError::bad_escape},
      {"SUBSCRIBE\nid:a\\\n\n\0"s, FrameError::bad_escape},
      {"SEND\ncontent-length:x\n\n\0"s, FrameError::bad_content_length},
      {"SEND\ncontent-length:-1\n\n\0"s, FrameError::bad_content_length},
      {"SEND\ncontent-length:1\n\nab\0"s, FrameError::bad_content_length},
      {"SEND\ncontent-length:99999\n\n", FrameError::too_large},
      {"SUBSCRIBE\n\nbody\0"s, FrameError::body_not_allowed},
      {"SUBSCRIBE\n\nbody", FrameError::body_not_allowed},
      {"SEND\n\n" + std::string(kFrameBytesMax, 'x'), FrameError::too_large},
      {"SEND\n\n" + std::string(kFrameBytesMax, 'x') + "\0"s, FrameError::too_large},
      {"SUBSCRIBE\nid:" + std::string(kFrameBytesMax, 'x'), FrameError::too_large},
  };
  for (const Row& row : rows) {
    const auto parsed = parse(row.input);
    ASSERT_FALSE(parsed) << row.input;
    EXPECT_EQ(parsed.error(), row.want) << row.input;
  }
}

TEST(Stomp, HeadersAreCounted) {
  std::string frame = "SUBSCRIBE\n";
  for (std::size_t i = 0; i < kHeadersMax; ++i) frame += "h" + std::to_string(i) + ":v\n";
  EXPECT_TRUE(parse(frame + "\n\0"s));
  EXPECT_EQ(parse(frame + "one:more\n\n\0"s).error(), FrameError::too_many_headers);
}

TEST(Stomp, TheFirstOfARepeatedHeaderCounts) {
  const auto parsed = parse("SUBSCRIBE\nid:1\nid:2\n\n\0"s);
  EXPECT_EQ(parsed->frame->headers.get("id"), "1");
  EXPECT_EQ(parsed->frame->headers.get("absent"), "");
  EXPECT_FALSE(parsed->frame->headers.find("absent"));
}

TEST(Stomp, WhatIsWrittenReadsBack) {
  Frame frame{.command = "MESSAGE", .body = "a\0b\n"s};
  frame.headers.add("subscription", "x:\\\n\r y");
  const std::string bytes = serialize(frame);
  const auto parsed = parse(bytes);
  ASSERT_TRUE(parsed && parsed->frame);
  EXPECT_EQ(parsed->used, bytes.size());
  EXPECT_EQ(parsed->frame->headers.get("subscription"), "x:\\\n\r y");
  EXPECT_EQ(parsed->frame->body, frame.body);
  // Every beginning of a frame is incomplete, never an error and never a frame.
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    const auto part = parse(std::string_view(bytes).substr(0, n));
    ASSERT_TRUE(part) << n;
    EXPECT_FALSE(part->frame) << n;
  }
}

}  // namespace
}  // namespace onsale::http::stomp
