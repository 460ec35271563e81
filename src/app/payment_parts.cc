#include "app/payment_parts.h"

#include <cmath>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "app/pay_pages.h"
#include "payments/providers/kakaopay_client.h"
#include "payments/providers/toss_client.h"

namespace onsale::app {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

// Of the setting, or of the file it names. One line of visible characters: it goes into a header.
std::string secret_of(const std::string& given, const std::string& file, std::string_view name) {
  std::string secret = given;
  if (secret.empty() && !file.empty()) {
    std::ifstream in(file, std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    if (!in) throw std::runtime_error(std::string(name) + "_file: " + file + " cannot be read");
    secret = text.str();
  }
  secret.erase(0, std::min(secret.find_first_not_of(kSpace), secret.size()));
  secret.erase(secret.find_last_not_of(kSpace) + 1);
  for (const char c : secret)
    if (c <= ' ' || c > '~') throw std::runtime_error(std::string(name) + " is not a key");
  return secret;
}

std::string without_slash(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

}  // namespace

// The first choice of a demo, under a name of its own; the providers themselves where no keys of
// theirs are set.
void PaymentParts::add_stand_in(const Settings& settings, const Clock& clock, bool toss,
                                bool kakaopay) {
  const Millis timeout(settings.payments_timeout_ms);
  const auto at_toss = [&](std::string name) {
    payments::TossConfig config{.name = std::move(name),
                                .api = settings.stand_in + "/toss",
                                .client_key = "test_ck_demo",
                                .secret_key = "test_sk_demo",
                                .pages = std::string(kPayPages) + "/toss",
                                .pay_page = std::string(kPayPages) + "/toss/pay",
                                .timeout = timeout};
    add(std::make_unique<payments::TossClient>(client_, std::move(config)), settings, clock);
  };
  at_toss("sandbox");
  if (!toss) at_toss("toss");
  if (kakaopay) return;
  payments::KakaoPayConfig config{.api = settings.stand_in + "/kakaopay",
                                  .secret_key = "practice",
                                  .pages = std::string(kPayPages) + "/kakaopay",
                                  .timeout = timeout};
  add(std::make_unique<payments::KakaoPayClient>(client_, std::move(config)), settings, clock);
}

PaymentParts::PaymentParts(const Settings& settings, exec::Loops& loops, const Clock& clock)
    : client_(loops,
              {.calls_max = 4 * settings.payments_places, .idle_max = settings.payments_places}),
      toss_client_key_(settings.toss_client_key) {
  const Millis timeout(settings.payments_timeout_ms);
  const auto agreed = [this](const std::string& name, double percent) {
    if (percent > 0) fee_rates_[name] = std::llround(percent * 100);
  };
  agreed("toss", settings.toss_fee_percent);
  agreed("kakaopay", settings.kakaopay_fee_percent);
  std::string toss = secret_of(settings.toss_secret_key, settings.toss_secret_key_file,
                               "payments.toss_secret_key");
  std::string kakaopay = secret_of(settings.kakaopay_secret_key, settings.kakaopay_secret_key_file,
                                   "payments.kakaopay_secret_key");
  if (!settings.stand_in.empty()) add_stand_in(settings, clock, !toss.empty(), !kakaopay.empty());
  if (!toss.empty()) {
    if (toss_client_key_.empty())
      throw std::runtime_error("payments.toss_secret_key needs payments.toss_client_key beside it");
    toss_page_ = settings.toss_pay_page.empty();
    payments::TossConfig config{.api = without_slash(settings.toss_api),
                                .client_key = toss_client_key_,
                                .secret_key = std::move(toss),
                                .pay_page = settings.toss_pay_page,
                                .timeout = timeout};
    add(std::make_unique<payments::TossClient>(client_, std::move(config)), settings, clock);
  }
  if (!kakaopay.empty()) {
    payments::KakaoPayConfig config{.api = without_slash(settings.kakaopay_api),
                                    .cid = settings.kakaopay_cid,
                                    .secret_key = std::move(kakaopay),
                                    .timeout = timeout};
    add(std::make_unique<payments::KakaoPayClient>(client_, std::move(config)), settings, clock);
  }
}

void PaymentParts::add(std::unique_ptr<payments::Provider> provider, const Settings& settings,
                       const Clock& clock) {
  payments::GuardSettings guard{.places = settings.payments_places};
  guarded_.push_back(std::make_unique<payments::GuardedProvider>(*provider, clock, guard));
  clients_.push_back(std::move(provider));
}

std::vector<payments::Provider*> PaymentParts::providers() const {
  std::vector<payments::Provider*> all;
  for (const auto& one : guarded_) all.push_back(one.get());
  return all;
}

std::vector<const payments::GuardedProvider*> PaymentParts::guards() const {
  std::vector<const payments::GuardedProvider*> all;
  for (const auto& one : guarded_) all.push_back(one.get());
  return all;
}

}  // namespace onsale::app
