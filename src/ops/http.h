// Probes, metrics and the audit log over HTTP.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "ops/ops.h"
#include "ops/ports.h"
#include "platform/http/router.h"

namespace onsale::ops {

// Everything handed in must outlive the router. `metrics` gives the Prometheus text.
struct Probed {
  std::vector<HealthCheck> checks;
  std::vector<HealthNumber> numbers;
  std::function<std::string()> metrics;
};
void routes(http::Router& router, AuditLog& audit, People& people, Probed probed);

}  // namespace onsale::ops
