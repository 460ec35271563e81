// What /metrics shows of the database and of the outbox.
#pragma once

#include "platform/metrics/metrics.h"
#include "platform/sql/database.h"
#include "platform/sql/outbox.h"

namespace onsale::sql {

// Both must outlive the registry's use.
void declare_metrics(metrics::Registry& registry, const Database& database, const Outbox& outbox);

}  // namespace onsale::sql
