// Sends Toss's news to the shop's webhook address, and hears what became of them.
// Thread: the stand-in's loop; the calls themselves run on a pool.
#pragma once

#include <string>

#include "platform/exec/blocking_pool.h"
#include "sandbox/desk_http.h"
#include "sandbox/server/keepers_store.h"
#include "sandbox/toss/webhooks.h"

namespace onsale::sandbox {

// The path under which faults know what goes out.
inline constexpr std::string_view kWebhookPath = "webhook";

struct WebhookParts {
  toss::Webhooks& webhooks;
  TossKeeper& keeper;
  Records& records;
  Desk& desk;
  const Clock& clock;
  Random& random;
};

class WebhookClient final : public toss::Listener {
 public:
  WebhookClient(WebhookParts parts, std::string url);

  void status_changed(const toss::Payment& payment) override;
  void deposit_changed(const toss::Payment& payment) override;
  void billing_deleted(const toss::BillingKey& key) override;

  // An empty one: nobody is told, and what waits waits on.
  void send_to(std::string url) { url_ = std::move(url); }
  const std::string& url() const { return url_; }
  // Where this stand-in is reached, for the addresses inside the news.
  void reached_at(std::string site) { site_ = std::move(site); }
  // Begins to send whatever is due.
  void tick();
  // Sends nothing more; finishes when nothing is under way, or after `deadline`.
  Task<void> stop(Millis deadline);

 private:
  void add(std::string event, std::string payment, std::string body);
  Task<void> send(toss::Delivery delivery, FaultVerdict verdict);
  Task<bool> post(const toss::Delivery& delivery);

  WebhookParts parts_;
  std::string url_;
  std::string site_ = "http://localhost";
  int under_way_ = 0;
  exec::BlockingPool pool_;
};

}  // namespace onsale::sandbox
