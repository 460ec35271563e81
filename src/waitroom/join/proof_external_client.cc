#include "waitroom/join/proof_external_client.h"

#include <boost/json.hpp>

#include "base/encoding.h"
#include "base/log.h"
#include "base/overload.h"
#include "platform/net/fetch.h"

namespace onsale::waitroom {
namespace {

constexpr std::size_t kAnswerBytesMax = 16 * 1024;

ExternalAnswer judge(const net::Answer& answer) {
  if (answer.status != 200) return ExternalAnswer::unavailable;
  boost::system::error_code error;
  const auto json = boost::json::parse(answer.body, error);
  if (error || !json.is_object()) return ExternalAnswer::unavailable;
  const auto* success = json.as_object().if_contains("success");
  if (!success || !success->is_bool()) return ExternalAnswer::unavailable;
  return success->as_bool() ? ExternalAnswer::passed : ExternalAnswer::failed;
}

}  // namespace

HttpExternalChallenge::HttpExternalChallenge(ExternalChallengeConfig config, const Clock& clock)
    : config_(std::move(config)),
      clock_(clock),
      pool_("waitroom-challenge", config_.threads, config_.queue_max) {}

ExternalAnswer HttpExternalChallenge::ask(const std::string& response,
                                          const std::string& address) const {
  try {
    return judge(net::fetch({.url = config_.verify_url,
                             .method = "POST",
                             .content_type = "application/x-www-form-urlencoded",
                             .body = "secret=" + percent_encoded(config_.secret) +
                                     "&response=" + percent_encoded(response) +
                                     "&remoteip=" + percent_encoded(address),
                             .timeout = config_.timeout,
                             .answer_max = kAnswerBytesMax}));
  } catch (const net::Unreachable& e) {
    log::warn("waitroom", "the external challenge can't be checked", {{"error", e.what()}});
    return ExternalAnswer::unavailable;
  }
}

std::string HttpExternalChallenge::url() const { return resting() ? "" : config_.page_url; }

Task<ExternalAnswer> HttpExternalChallenge::check(std::string response, std::string address) {
  if (resting()) co_return ExternalAnswer::unavailable;
  auto call = [this, response = std::move(response), address = std::move(address)] {
    if (resting()) return ExternalAnswer::unavailable;  // it began to, while we were in line
    return ask(response, address);
  };
  bool full = false;
  ExternalAnswer answer = ExternalAnswer::unavailable;
  try {
    auto calling = pool_.run(std::move(call));
    answer = co_await std::move(calling);
  } catch (const Overloaded&) {
    full = true;  // too many ask: says nothing about the service
  }
  if (!full) note(answer);
  co_return answer;
}

void HttpExternalChallenge::note(ExternalAnswer answer) {
  if (answer != ExternalAnswer::unavailable) {
    failures_ = 0;
    return;
  }
  if (++failures_ < config_.failures_max) return;
  failures_ = 0;
  rests_until_ms_ = to_unix_ms(clock_.now() + config_.rest);
  log::warn("waitroom", "the external challenge rests; joining costs proof of work meanwhile",
            {{"seconds", config_.rest.count() / 1000}});
}

}  // namespace onsale::waitroom
