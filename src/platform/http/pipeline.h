// What happens to a request between its last byte and its answer: routing, limits, who calls, CSRF,
// idempotency, the handler, files, conditional and compressed answers. Knows no sockets. Private.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "platform/http/exchange.h"
#include "platform/http/message/encode.h"
#include "platform/http/rate_guard.h"
#include "platform/http/route_table.h"
#include "platform/http/server.h"

namespace onsale::http {

// Thread: any loop; const but for the limiters, which lock.
class Pipeline {
 public:
  Pipeline(const ServerConfig& config, const ServerParts& parts);

  // Right after the head: finds the route, and says how many bytes its body may have.
  std::size_t route(Exchange& x) const;
  // Fills the reply, or gives back the task that will; when that fails, call failed().
  std::optional<Task<void>> run(Exchange& x);
  // Turns an exception into the reply.
  void failed(Exchange& x, std::exception_ptr error) const;
  // Entity tag, 304, compression, default headers. `reply.fixed` may then point into `cache`.
  void finish(Exchange& x, GzipCache& cache) const;

  // For an upgrade: who calls; false when the page that asks is from another site.
  bool admit_upgrade(Exchange& x);

 private:
  std::optional<Task<void>> admit(Exchange& x);
  // False when a token came along that is none.
  bool authenticate(Exchange& x) const;
  bool allowed(Exchange& x) const;
  bool from_our_page(Exchange& x) const;
  void refuse_method(Exchange& x, const std::string& allow) const;
  static void compress(Exchange& x, GzipCache& cache);
  void serve_file(Exchange& x) const;
  static void lead_to(Exchange& x, std::string address);
  void show_not_found(Exchange& x) const;
  void send_file(Exchange& x, const StaticFile& file) const;
  std::optional<Task<void>> read(Exchange& x) const;
  void remember(Exchange& x) const;
  static std::string_view key_of(const Exchange& x);
  std::optional<Task<void>> start_once(Exchange& x);
  Task<void> run_once(Exchange& x, IdempotencyRequest request);
  Task<void> settle(Exchange& x, IdempotencyRequest request, std::string token);

  const ServerConfig& config_;
  const ServerParts& parts_;
  RouteTable table_;
  std::unordered_map<std::string_view, const StaticFile*> files_;
  const StaticFile* index_ = nullptr;
  std::optional<RateGuard> rates_;
};

// From Origin, Sec-Fetch-Site and Host: not sent by a page of another site.
bool same_site(const Exchange& x);

}  // namespace onsale::http
