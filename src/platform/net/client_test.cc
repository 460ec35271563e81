// Against a server that does as it is told, in the clear and with TLS.
#include "platform/net/client.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <future>

#include "base/overload.h"
#include "platform/exec/loop.h"
#include "platform/net/net_fixture.h"

namespace onsale::net {
namespace {

using std::chrono::seconds;
namespace asio = boost::asio;

class ClientTest : public testing::Test {
 protected:
  ClientTest() { loops.start(); }
  ~ClientTest() override { loops.stop(); }

  exec::Loops loops{1};
};

Said echo(const Asked& asked) { return {.body = asked.method + " " + asked.target + asked.body}; }

TEST_F(ClientTest, AsksAndKeepsTheConnection) {
  ScriptedServer there(echo);
  Client client(loops);
  for (int i = 0; i < 3; ++i) {
    const Answer answer = sync_wait(client.ask({.url = there.url() + "/a?b=c",
                                                .method = "POST",
                                                .content_type = "text/plain",
                                                .body = "hello",
                                                .headers = {{"Authorization", "Basic eDo="}}}));
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "POST /a?b=chello");
  }
  EXPECT_EQ(there.connections(), 1);
  EXPECT_EQ(there.asked().front().header("Authorization"), "Basic eDo=");
  EXPECT_EQ(sync_wait(client.ask({.url = there.url()})).body, "GET /");
}

// libcurl sends a POST once more, by itself, when a kept connection breaks before the answer.
TEST_F(ClientTest, ARequestWhoseAnswerWasLostIsNotSentAgain) {
  ScriptedServer there([](const Asked& asked) { return Said{.hang_up = asked.method == "POST"}; });
  Client client(loops);
  sync_wait(client.ask({.url = there.url() + "/look"}));
  EXPECT_THROW(sync_wait(client.ask({.url = there.url() + "/cancel", .method = "POST"})),
               Unreachable);
  EXPECT_EQ(there.count("POST", "/cancel"), 1);
  EXPECT_EQ(there.connections(), 1) << "it was a kept connection that broke";
}

TEST_F(ClientTest, AConnectionThatWasClosedMeanwhileIsNotUsed) {
  ScriptedServer there([](const Asked&) { return Said{.last = true}; });
  Client client(loops);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(sync_wait(client.ask({.url = there.url()})).status, 200);
    std::this_thread::sleep_for(Millis(20));
  }
  EXPECT_EQ(there.connections(), 3);
}

TEST_F(ClientTest, ADeadlineCoversTheWholeCallAndTheOthersGoOn) {
  std::promise<void> enough;
  auto wait = enough.get_future().share();
  ScriptedServer silent([wait](const Asked&) {
    wait.wait();
    return Said{};
  });
  ScriptedServer there(echo);
  Client client(loops);
  const auto began = std::chrono::steady_clock::now();
  EXPECT_THROW(sync_wait(client.ask({.url = silent.url(), .timeout = Millis(200)})), Unreachable);
  EXPECT_LT(std::chrono::steady_clock::now() - began, seconds(2));
  EXPECT_EQ(sync_wait(client.ask({.url = there.url()})).status, 200);
  EXPECT_EQ(client.under_way(), 0);
  enough.set_value();
}

Task<void> call(Client& client, std::string url, std::promise<int>& status) {
  Request request{.url = std::move(url)};
  auto asking = client.ask(std::move(request));
  const Answer answer = co_await std::move(asking);
  status.set_value(answer.status);
}

TEST_F(ClientTest, SoManyAtOnceAndNoMore) {
  std::promise<void> enough;
  auto wait = enough.get_future().share();
  ScriptedServer slow([wait](const Asked&) {
    wait.wait();
    return Said{};
  });
  Client client(loops, {.calls_max = 2});
  std::promise<int> one, two;
  start(call(client, slow.url(), one), [](std::exception_ptr) {});
  start(call(client, slow.url(), two), [](std::exception_ptr) {});
  EXPECT_THROW(sync_wait(client.ask({.url = slow.url()})), Overloaded);
  enough.set_value();
  EXPECT_EQ(one.get_future().get() + two.get_future().get(), 400);
  EXPECT_EQ(sync_wait(client.ask({.url = slow.url()})).status, 200);
}

TEST_F(ClientTest, TakesNoMoreThanItWasToldTo) {
  ScriptedServer there([](const Asked&) { return Said{.body = std::string(100'000, 'x')}; });
  Client client(loops);
  EXPECT_THROW(sync_wait(client.ask({.url = there.url()})), Unreachable);
  EXPECT_EQ(sync_wait(client.ask({.url = there.url(), .answer_max = 200'000})).body.size(),
            100'000U);
}

TEST_F(ClientTest, AFaultNamesNeitherTheAddressNorWhatWasSent) {
  Client client(loops);
  for (const std::string url : {"", "sk_secret", "ftp://sk_secret/", "http://127.0.0.1:1/sk_secret",
                                "https://127.0.0.1:1/sk_secret"}) {
    try {
      sync_wait(client.ask({.url = url, .method = "POST", .body = "sk_secret"}));
      ADD_FAILURE() << url;
    } catch (const Unreachable& error) {
      EXPECT_EQ(std::string(error.what()).find("sk_secret"), std::string::npos) << error.what();
    }
  }
}

// ---- TLS

struct Certificate {
  std::string pem, key;
};

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string text(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  return text;
}

// Signed by itself, for `host`.
Certificate certificate(const std::string& host) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* x = X509_new();
  X509_set_version(x, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
  X509_gmtime_adj(X509_getm_notBefore(x), -3600);
  X509_gmtime_adj(X509_getm_notAfter(x), 3600);
  X509_set_pubkey(x, key);
  X509_NAME* name = X509_get_subject_name(x);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("a test"), -1, -1, 0);
  X509_set_issuer_name(x, name);
  const std::string alternative = "DNS:" + host;
  X509_EXTENSION* names =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, alternative.c_str());
  X509_add_ext(x, names, -1);
  X509_EXTENSION_free(names);
  X509_sign(x, key, EVP_sha256());
  BIO* pem = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(pem, x);
  BIO* secret = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(secret, key, nullptr, nullptr, 0, nullptr, nullptr);
  X509_free(x);
  EVP_PKEY_free(key);
  return {text_of(pem), text_of(secret)};
}

// Answers each of `connections` connections once.
class TlsServer {
 public:
  TlsServer(const Certificate& who, int connections)
      : tls_(asio::ssl::context::tls_server),
        acceptor_(io_, {asio::ip::address_v4::loopback(), 0}) {
    tls_.use_certificate_chain(asio::buffer(who.pem));
    tls_.use_private_key(asio::buffer(who.key), asio::ssl::context::pem);
    thread_ = std::thread([this, connections] {
      for (int i = 0; i < connections; ++i) serve();
    });
  }
  ~TlsServer() { thread_.join(); }
  std::string url(const std::string& host) const {
    return "https://" + host + ":" + std::to_string(acceptor_.local_endpoint().port()) + "/";
  }

 private:
  void serve() {
    boost::system::error_code error;
    asio::ssl::stream<asio::ip::tcp::socket> stream(acceptor_.accept(), tls_);
    stream.handshake(asio::ssl::stream_base::server, error);
    if (error) return;
    std::string in;
    asio::read_until(stream, asio::dynamic_buffer(in), "\r\n\r\n", error);
    if (error) return;
    const std::string out = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    asio::write(stream, asio::buffer(out), error);
  }

  asio::io_context io_;
  asio::ssl::context tls_;
  asio::ip::tcp::acceptor acceptor_;
  std::thread thread_;
};

TEST_F(ClientTest, TlsTrustsWhomItShouldAndOnlyByTheirName) {
  const Certificate ours = certificate("localhost");
  const Certificate others = certificate("elsewhere.test");
  {
    TlsServer there(ours, 1);
    Client client(loops, {.trust_pem = ours.pem});
    EXPECT_EQ(sync_wait(client.ask({.url = there.url("localhost")})).body, "ok");
  }
  {
    TlsServer there(ours, 1);
    Client stranger(loops);
    EXPECT_THROW(sync_wait(stranger.ask({.url = there.url("localhost")})), Unreachable);
  }
  TlsServer there(others, 1);
  Client client(loops, {.trust_pem = others.pem});
  EXPECT_THROW(sync_wait(client.ask({.url = there.url("localhost")})), Unreachable);
}

}  // namespace
}  // namespace onsale::net
