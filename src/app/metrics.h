// What /metrics shows of the parts that count for themselves.
#pragma once

#include "app/wiring.h"
#include "platform/http/server.h"
#include "platform/log/sink.h"
#include "platform/metrics/metrics.h"
#include "platform/sql/outbox.h"

namespace onsale::app {

struct Counted {
  Modules& modules;
  const http::Server& server;
  const sql::Outbox& outbox;
  const log::AsyncSink& log;
};

// Everything in `counted` must outlive the registry's use.
void declare_metrics(metrics::Registry& registry, Counted counted);

}  // namespace onsale::app
