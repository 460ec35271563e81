// The client's side of the protocols, byte by byte.
#include "loadtool/codec.h"

#include <gtest/gtest.h>

#include "loadtool/answer.h"
#include "loadtool/net.h"
#include "loadtool/proof.h"

namespace onsale::load {
namespace {

using State = ResponseReader::State;

// Feeds the bytes one by one: however they are cut, the answer is the same.
ResponseReader read(std::string_view bytes) {
  ResponseReader reader;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string_view one = bytes.substr(i, 1);
    reader.take(one);
  }
  return reader;
}

TEST(Http, ReadsAnAnswerHoweverItIsCut) {
  auto reader = read(
      "HTTP/1.1 202 Accepted\r\nContent-Length: 5\r\nset-cookie: onsale_device=abc; Path=/\r\n"
      "Retry-After: 7\r\nIdempotency-Replayed: true\r\n\r\nhello");
  ASSERT_EQ(reader.state(), State::done);
  EXPECT_EQ(reader.response().status, 202);
  EXPECT_EQ(reader.response().body, "hello");
  EXPECT_EQ(reader.response().device_cookie, "onsale_device=abc");
  EXPECT_EQ(reader.response().retry_after_s, 7);
  EXPECT_TRUE(reader.response().keep_alive);
  EXPECT_TRUE(reader.response().replayed);
}

TEST(Http, LeavesWhatFollows) {
  std::string_view bytes = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\nHTTP/1.1 ";
  ResponseReader reader;
  reader.take(bytes);
  EXPECT_EQ(reader.state(), State::done);
  EXPECT_FALSE(reader.response().keep_alive);
  EXPECT_EQ(bytes, "HTTP/1.1 ");
}

TEST(Http, ReadsChunksAndBodiesUntilTheEnd) {
  auto chunked = read(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nwiki\r\n3\r\nped\r\n0\r\n\r\n");
  EXPECT_EQ(chunked.state(), State::done);
  EXPECT_EQ(chunked.response().body, "wikiped");
  auto open = read("HTTP/1.1 200 OK\r\n\r\nall of it");
  EXPECT_EQ(open.state(), State::body);
  open.ended();
  EXPECT_EQ(open.state(), State::done);
  auto cut = read("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
  cut.ended();
  EXPECT_EQ(cut.state(), State::broken);
  EXPECT_EQ(read("220 smtp ready\r\n\r\n").state(), State::broken);
}

TEST(Events, AreReadWithTheirTimes) {
  EventReader reader;
  reader.take("retry: 3000\nid: 1\nevent: place\nda");
  EXPECT_FALSE(reader.next());
  reader.take("ta: {\"a\":1}\n\n:\n\nretry: 4200\n\n");
  const auto first = reader.next();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->name, "place");
  EXPECT_EQ(first->data, "{\"a\":1}");
  const auto beat = reader.next();
  ASSERT_TRUE(beat);
  EXPECT_TRUE(beat->data.empty());
  EXPECT_FALSE(beat->retry_ms);
  EXPECT_EQ(reader.next()->retry_ms, 4200);
}

TEST(WebSocket, MasksWhatItSends) {
  // RFC 6455, 5.7: a single-frame masked text message.
  EXPECT_EQ(ws_frame(Opcode::text, "Hello", 0x37fa213d),
            "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
  EXPECT_EQ(ws_frame(Opcode::text, std::string(300, 'x'), 0).substr(1, 3),
            std::string("\xfe\x01\x2c"));
}

TEST(WebSocket, ReadsFramesPartsAndControls) {
  WsReader reader;
  // A text in two parts with a ping between them, then a close.
  const std::string bytes = std::string("\x01\x03Hel", 5) + std::string("\x89\x01!", 3) +
                            std::string("\x80\x02lo", 4) + std::string("\x88\x02\x03\xf4", 4);
  std::vector<WsMessage> messages;
  for (const char byte : bytes) {
    reader.take({&byte, 1});
    while (auto message = reader.next()) messages.push_back(*message);
  }
  ASSERT_EQ(messages.size(), 3U);
  EXPECT_EQ(messages[0].opcode, Opcode::ping);
  EXPECT_EQ(messages[1].payload, "Hello");
  EXPECT_EQ(messages[2].close_code(), 1012);
  reader.take(std::string("\x81\x85", 2));  // masked: not for a server
  EXPECT_FALSE(reader.next());
  EXPECT_TRUE(reader.broken());
}

TEST(Stomp, ReadsMessages) {
  const std::string text =
      std::string(
          "MESSAGE\nsubscription:0\nmessage-id:1\ncontent-type:application/json\n\n"
          "{\"state\":\"waiting\"}") +
      '\0';
  const auto frame = read_stomp(text);
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->command, "MESSAGE");
  EXPECT_EQ(frame->header("message-id"), "1");
  EXPECT_EQ(frame->body, "{\"state\":\"waiting\"}");
  EXPECT_FALSE(read_stomp("\n"));
}

TEST(Answers, KnowPlacesWithAndWithoutWhatCameLater) {
  const auto old = read_place(
      R"({"state":"waiting","place":"tok","position":12,"waiting":40,"poll_after_ms":1500,
          "eta":{"p50_seconds":30,"p80_seconds":40,"p90_seconds":50}})");
  ASSERT_TRUE(old);
  EXPECT_EQ(old->position, 12);
  EXPECT_EQ(old->p80_s, 40);
  EXPECT_EQ(old->lane, "main");
  EXPECT_FALSE(old->number);
  EXPECT_FALSE(old->passed);
  EXPECT_TRUE(read_place(R"({"state":"waiting","position":1,"notice":"passed"})")->passed);
  const auto later = read_place(
      R"({"state":"admitted","place":"tok","number":7,"lane":"vip","surprise":[1],
          "called_at":"1970-01-01T00:00:01.500Z",
          "pass":"e30.eyJzdWIiOiJwbGNfYWIiLCJhdWQiOiJyIn0.sig"})");
  ASSERT_TRUE(later);
  EXPECT_EQ(later->number, 7);
  EXPECT_EQ(later->lane, "vip");
  EXPECT_EQ(later->called_at_ms, 1500);
  EXPECT_EQ(later->place_id, "plc_ab");
  EXPECT_FALSE(read_place("{}"));
  EXPECT_FALSE(read_place("<html>"));
  EXPECT_EQ(read_reconnect(R"({"type":"reconnect","after_ms":1234})"), 1234);
  EXPECT_FALSE(read_reconnect(R"({"state":"waiting"})"));
}

TEST(Proof, SolutionsHoldAndRise) {
  const auto problem = read_problem(
      R"({"code":"proof_required","challenge":{"token":"abc","algorithm":"sha256","bits":8,
          "count":3}})");
  ASSERT_TRUE(problem.challenge);
  const auto solved = solve(*problem.challenge, std::atomic<bool>(false));
  ASSERT_TRUE(solved);
  ASSERT_EQ(solved->size(), 3U);
  EXPECT_LT((*solved)[0], (*solved)[1]);
  for (const std::uint64_t n : *solved) EXPECT_TRUE(solves("abc", n, 8));
  // What SHA-256 of "abc.0" really begins with.
  EXPECT_FALSE(solves("abc", 0, 8));
  EXPECT_FALSE(solve({.token = "abc", .bits = 60, .count = 1}, std::atomic<bool>(false)));
  EXPECT_EQ(proof_body(*problem.challenge, {1, 20}),
            R"({"proof":{"token":"abc","solutions":[1,20]}})");
}

TEST(Target, IsReadAndKnownToBeLocalOrNot) {
  const auto here = parse_target("http://127.0.0.1:8080/");
  ASSERT_TRUE(here);
  EXPECT_EQ(here->host, "127.0.0.1:8080");
  EXPECT_TRUE(here->loopback);
  EXPECT_TRUE(parse_target("http://[::1]:80")->loopback);
  EXPECT_FALSE(parse_target("http://192.0.2.1:80")->loopback);
  EXPECT_FALSE(parse_target("https://127.0.0.1:8080"));
  EXPECT_FALSE(parse_target("http://127.0.0.1:8080/path"));
}

}  // namespace
}  // namespace onsale::load
