// What the control API reads and tells.
#pragma once

#include <boost/describe.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "platform/json/json.h"
#include "sandbox/faults.h"
#include "sandbox/sums.h"
#include "sandbox/toss/payment.h"

namespace onsale::sandbox {

struct FaultBody {
  json::Text<1, 200> path;
  FaultKind fault = FaultKind::delay_ms;
  std::optional<double> probability{};
  std::optional<std::int64_t> seed{};
  std::optional<json::Int<0, kDelayMsMax>> min_ms{}, max_ms{};
  std::optional<json::Int<400, 599>> status{};
  std::optional<bool> after{};
  std::optional<json::Int<0, 1'000'000'000>> times{};
};
BOOST_DESCRIBE_STRUCT(FaultBody, (),
                      (path, fault, probability, seed, min_ms, max_ms, status, after, times))

struct FaultView {
  std::string path;
  FaultKind fault{};
  double probability = 0;
  std::int64_t seed = 0, min_ms = 0, max_ms = 0, status = 0;
  bool after = false;
  std::int64_t times = 0, calls = 0, hits = 0;
};
BOOST_DESCRIBE_STRUCT(FaultView, (),
                      (path, fault, probability, seed, min_ms, max_ms, status, after, times, calls,
                       hits))
struct FaultsView {
  std::vector<FaultView> faults;
};
BOOST_DESCRIBE_STRUCT(FaultsView, (), (faults))

struct ClockBody {
  std::optional<Timestamp> now{};
  std::optional<double> rate{};
};
BOOST_DESCRIBE_STRUCT(ClockBody, (), (now, rate))
struct ClockView {
  Timestamp now{};
  double rate = 1;
};
BOOST_DESCRIBE_STRUCT(ClockView, (), (now, rate))

struct DecideBody {
  json::Text<1, 4000> payment;
  toss::Decision decision = toss::Decision::leave;
  std::optional<std::string> method{};
  std::optional<toss::CashReceipt> cash_receipt{};
};
BOOST_DESCRIBE_STRUCT(DecideBody, (), (payment, decision, method, cash_receipt))
struct DecidedView {
  std::string provider, payment, order, status;
  bool changed = false;
  std::optional<std::string> redirect_url{};
};
BOOST_DESCRIBE_STRUCT(DecidedView, (), (provider, payment, order, status, changed, redirect_url))

struct CallsQuery {
  std::optional<std::int64_t> after{};
  std::optional<json::Int<1, 1000>> limit{};
  std::optional<std::string> path{}, payment{};
};
BOOST_DESCRIBE_STRUCT(CallsQuery, (), (after, limit, path, payment))
struct CallView {
  std::int64_t number = 0;
  Timestamp at{};
  std::string method, path;
  std::int64_t status = 0;
  std::optional<std::string> code{}, payment{}, idempotency_key{}, fault{};
  bool replayed = false;
  std::int64_t took_ms = 0;
  std::string body;
};
BOOST_DESCRIBE_STRUCT(CallView, (),
                      (number, at, method, path, status, code, payment, idempotency_key, fault,
                       replayed, took_ms, body))
struct CallsView {
  std::int64_t total = 0;
  std::vector<CallView> calls;
};
BOOST_DESCRIBE_STRUCT(CallsView, (), (total, calls))

struct BooksQuery {
  std::optional<std::string> provider{};
  std::optional<std::int64_t> from{};
  std::optional<json::Int<1, 1000>> limit{};
};
BOOST_DESCRIBE_STRUCT(BooksQuery, (), (provider, from, limit))
struct BooksView {
  Sums toss, kakaopay;
};
BOOST_DESCRIBE_STRUCT(BooksView, (), (toss, kakaopay))
struct BookedView {
  std::string provider, payment, order, status;
  std::int64_t captured = 0, refunded = 0;
};
BOOST_DESCRIBE_STRUCT(BookedView, (), (provider, payment, order, status, captured, refunded))
struct BookedListView {
  std::vector<BookedView> payments;
  std::optional<std::int64_t> next{};
};
BOOST_DESCRIBE_STRUCT(BookedListView, (), (payments, next))

struct WebhookBody {
  json::Text<0, 2048> url;
};
BOOST_DESCRIBE_STRUCT(WebhookBody, (), (url))
struct DeliveryView {
  std::string id, event, payment;
  std::int64_t tries = 0;
  Timestamp next_at{};
};
BOOST_DESCRIBE_STRUCT(DeliveryView, (), (id, event, payment, tries, next_at))
struct WebhookView {
  std::string url;
  std::int64_t delivered = 0, given_up = 0;
  std::int64_t waiting = 0;
  std::vector<DeliveryView> next;  // of those that wait, the oldest hundred
};
BOOST_DESCRIBE_STRUCT(WebhookView, (), (url, delivered, given_up, waiting, next))

}  // namespace onsale::sandbox
