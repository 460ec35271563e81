// What tests and demos steer the stand-in with: /control/… It answers problem+json like the
// product.
#pragma once

#include <functional>
#include <string>

#include "platform/http/router.h"
#include "sandbox/calls.h"
#include "sandbox/faults.h"
#include "sandbox/kakaopay/kakaopay.h"
#include "sandbox/records.h"
#include "sandbox/sandbox_clock.h"
#include "sandbox/toss/toss.h"

namespace onsale::sandbox {

// Where Toss's webhooks go, in control's own words.
struct WebhookDesk {
  std::function<void(std::string url)> send_to;
  std::function<std::string()> url;
  const toss::Webhooks& webhooks;
};

// All must outlive the routes.
struct ControlParts {
  toss::Toss& toss;
  kakaopay::KakaoPay& kakaopay;
  Faults& faults;
  Calls& calls;
  SandboxClock& clock;
  Records& records;
  WebhookDesk webhook;
  std::function<void()> clock_changed;  // let happen what is due now
};

void control_routes(http::Router& router, ControlParts parts);

}  // namespace onsale::sandbox
