// waitroom::ExternalChallenge at a service of the siteverify kind (Turnstile, hCaptcha, reCAPTCHA):
// POST secret, response and remoteip as a form; {"success": true} passes. Calls run on threads of
// their own, a few at a time, each bounded in time. After some failures in a row the service counts
// as out of order for a while: nobody waits for it, everybody proves by work.
#pragma once

#include <atomic>
#include <string>

#include "base/time.h"
#include "platform/exec/blocking_pool.h"
#include "waitroom/join/gatekeeper.h"

namespace onsale::waitroom {

struct ExternalChallengeConfig {
  std::string verify_url;  // http or https
  std::string page_url;    // where the page gets the challenge
  std::string secret;
  Millis timeout{3'000};  // for everything of one call
  int threads = 4;
  std::size_t queue_max = 64;
  int failures_max = 5;  // in a row, then it rests
  Millis rest{30'000};
};

class HttpExternalChallenge final : public ExternalChallenge {
 public:
  // `clock` must outlive it.
  HttpExternalChallenge(ExternalChallengeConfig config, const Clock& clock);

  std::string url() const override;
  Task<ExternalAnswer> check(std::string response, std::string address) override;

 private:
  ExternalAnswer ask(const std::string& response, const std::string& address) const;
  bool resting() const { return to_unix_ms(clock_.now()) < rests_until_ms_; }
  void note(ExternalAnswer answer);

  const ExternalChallengeConfig config_;
  const Clock& clock_;
  std::atomic<int> failures_{0};
  std::atomic<std::int64_t> rests_until_ms_{0};
  exec::BlockingPool pool_;
};

}  // namespace onsale::waitroom
