// Toss's API under /toss/v1, its pay page and its billing page.
#pragma once

#include <string>

#include "platform/http/router.h"
#include "sandbox/desk_http.h"
#include "sandbox/toss/idempotency.h"
#include "sandbox/toss/toss.h"

namespace onsale::sandbox::toss {

// Where first answers become durable.
class AnswerKeeper {
 public:
  virtual ~AnswerKeeper() = default;
  virtual void keep(const FirstAnswer& answer) = 0;
};

// All must outlive the routes.
struct HttpParts {
  Toss& toss;
  Idempotency& answers;
  AnswerKeeper& keeper;
  Desk& desk;
  const Clock& clock;
  Guards guards{};
};

void api_routes(http::Router& router, HttpParts parts);
void page_routes(http::Router& router, HttpParts parts);

}  // namespace onsale::sandbox::toss
