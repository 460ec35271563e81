// Rooms with real keys behind a live server, for tests of routes.
#pragma once

#include <gtest/gtest.h>

#include <optional>

#include "platform/crypto/fakes.h"
#include "platform/http/http_fixture.h"
#include "waitroom/api/live_http.h"
#include "waitroom/room/crypto_client.h"
#include "waitroom/room/fakes.h"
#include "waitroom/room/host.h"

namespace onsale::waitroom {

// A test declares its rooms and routes, then serves.
class ServedRooms : public testing::Test {
 protected:
  void serve(http::Authenticator* authenticator = nullptr,
             http::Limits limits = {.rate_enabled = false}) {
    live_.connect(host_);
    loops_.start();
    server_.emplace(
        http::ServerConfig{.port = 0, .limits = limits},
        http::ServerParts{
            .loops = loops_, .router = router_, .clock = clock_, .authenticator = authenticator});
    server_->start();
  }
  // Before anything that the routes use goes away.
  void TearDown() override {
    OneShot<bool> stopped;
    loops_.at(0).post([this, stopped] {
      start(stop(), [stopped](std::exception_ptr) mutable { stopped.set(true); });
    });
    sync_wait(stopped.wait());
    loops_.stop();
    server_.reset();
  }
  Task<void> stop() {
    co_await hub_.shutdown(Millis(0), Millis(100));
    co_await server_->stop(Millis(100));
    co_await host_.drain();  // what is being written and signed resumes on a loop
  }

  SystemClock clock_;
  SystemRandom random_;
  FakeJournal journal_;
  crypto::MemoryKeyStore keys_;
  crypto::KeyRing ring_{keys_, clock_.now()};
  std::unique_ptr<Signer> signer_ = make_signer(ring_, "https://onsale.test");
  exec::Loops loops_{2};
  http::Hub hub_{loops_};
  LiveRooms live_{hub_, clock_};
  FakeAuditLog audit_;
  Host host_{{clock_, random_, journal_, *signer_, live_, audit_}};
  http::Router router_;
  std::optional<http::Server> server_;
};

}  // namespace onsale::waitroom
