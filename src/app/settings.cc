#include "app/settings.h"

#include <unistd.h>

#include <stdexcept>

#include "app/process.h"
#include "payments/payment.h"

namespace onsale::app {

std::string Settings::effective_database_url() const {
  return database_url.empty() ? "sqlite:" + data + "/onsale.db" : database_url;
}

std::pair<std::string, std::uint16_t> Settings::listen_on() const {
  return address_of(listen, "server.listen");
}

namespace {

static_assert(std::chrono::seconds(booking::kPaymentSecondsMin) > payments::kFirstCheckPending);

void bind_server(config::Settings& into, Settings& s) {
  into.text("server.listen", "Address and port to listen on; port 0 takes any free one.", s.listen);
  into.number("server.loops", "Event loops; 0 is one per core.", s.loops, 0, 256);
  into.text("server.data", "Directory of the data; made when it is missing.", s.data);
  into.text("server.public_url",
            "Where browsers reach the server, such as https://tickets.example.com; empty: as the "
            "request says.",
            s.public_url);
  into.text("server.trusted_proxies",
            "Addresses and CIDR blocks, separated by commas, whose X-Forwarded-For is believed.",
            s.trusted_proxies);
  into.flag("server.secure_cookies", "Mark cookies Secure and send HSTS: on behind TLS.",
            s.secure_cookies);
  into.number("server.shutdown_seconds", "How long requests in flight may take at a stop.",
              s.shutdown_seconds, 0, 300);
  into.number("server.reconnect_spread_seconds",
              "At a stop, sockets are told to come back spread over this time.",
              s.reconnect_spread_seconds, 1, 300);
  into.secret("database.url",
              "mysql://user:password@host:port,host:port/name, whichever host takes writes; empty: "
              "SQLite in server.data.",
              s.database_url);
  into.number("database.readers", "Reading connections.", s.database_readers, 1, 64);
  into.number("database.writers", "Writing connections; SQLite has one.", s.database_writers, 1,
              64);
  into.number("database.queue_max", "Units of work that may wait; more are answered 503.",
              s.database_queue_max, 1, 1'000'000);
  into.number("database.wait_ms", "How long a unit of work may wait for a connection; then 503.",
              s.database_wait_ms, 100, 60'000);
  into.secret("database.replicas",
              "URLs of servers that repeat what database.url's does, separated by blanks: what "
              "people only read comes from there.",
              s.database_replicas);
  into.number("database.replica_readers", "Connections to each of them.",
              s.database_replica_readers, 1, 64);
}

void bind_limits(config::Settings& into, Settings& s) {
  into.flag("limits.rate_enabled",
            "Rate limits, login throttling and the rest of seats held too often.",
            s.limits.rate_enabled);
  into.real("limits.rate_per_second", "Requests of one account or waiting place.",
            s.limits.rate_per_second, 0.1, 100'000);
  into.real("limits.rate_burst", "Requests at once before the rate counts.", s.limits.rate_burst, 1,
            1'000'000);
  into.real("limits.address_per_second",
            "Requests of everybody behind one client address; a mobile carrier's is thousands of "
            "people.",
            s.limits.address_per_second, 0.1, 1'000'000);
  into.real("limits.address_burst", "The same at once.", s.limits.address_burst, 1, 10'000'000);
  into.real("limits.strict_per_second", "Sign-ins and sign-ups from one client address.",
            s.limits.strict_per_second, 0.1, 100'000);
  into.real("limits.strict_burst",
            "The same at once, and as many wrong passwords of one client address, whatever the "
            "accounts.",
            s.limits.strict_burst, 1, 1'000'000);
  into.number("limits.connections_max", "Open connections, WebSockets included.",
              s.limits.connections_max, 1, 1'000'000);
  into.number("limits.header_timeout_ms", "From a request's first byte to the end of its head.",
              s.limits.header_timeout, 100, 120'000);
  into.number("limits.body_timeout_ms", "For a request's body.", s.limits.body_timeout, 100,
              300'000);
  into.number("limits.write_timeout_ms", "For a client to take its answer.", s.limits.write_timeout,
              100, 300'000);
  into.number("limits.idle_timeout_ms", "Between two requests of a connection.",
              s.limits.idle_timeout, 100, 3'600'000);
  into.number("identity.password_threads", "Threads that hash passwords, 19 MiB each.",
              s.password_threads, 1, 64);
  into.number("identity.password_queue_max", "Sign-ins that may wait; more are answered 503.",
              s.password_queue_max, 1, 100'000);
}

void bind_rest(config::Settings& into, Settings& s) {
  into.number("booking.hold_seconds", "How long seats stay held.", s.booking.hold_seconds, 60,
              1800);
  into.number("booking.seats_per_account", "Seats of one account at one performance.",
              s.booking.seats_per_account, 1, 10);
  into.number("booking.payment_seconds", "A hold lives at least this long once paying began.",
              s.booking.payment_seconds, booking::kPaymentSecondsMin, 3600);
  into.number(
      "booking.deposit_hours",
      "How long after their hold seats are kept for a buyer who pays into an account, until "
      "an hour before the start at most; 0: no longer than for any other payment.",
      s.booking.deposit_hours, 0, 168);
  into.number("booking.holds_of_a_seat",
              "How often an account may hold the same seat without buying it; then once in half "
              "an hour.",
              s.booking.holds_of_a_seat, 1, 100);
  into.number("booking.hold_seconds_total",
              "A hold never lives longer than this; at least "
              "payment_seconds, and hold_seconds and two minutes.",
              s.booking.hold_seconds_total, 180, 7200);
  into.flag("booking.orphan_rule", "Refuse a choice that needlessly leaves a single seat.",
            s.booking.orphan_rule);
  into.text(
      "booking.return_origins",
      "Where buyers may go on to after paying, besides this site: origins, separated by commas, "
      "or * for anywhere, as with --demo.",
      s.booking.return_origins);
  into.text("waitroom.return_origins",
            "Where the wait page may lead on to with a pass, besides this site: origins, separated "
            "by commas, such as https://shop.example.com.",
            s.waitroom_return_origins);
  into.number(
      "waitroom.log_days",
      "How long the log of a room is kept, at least; what is older goes up to a snapshot. 0: "
      "for ever.",
      s.waitroom_log_days, 0, 36'500);
  into.choice("log.level", "The least that is written.", s.log_level,
              {"debug", "info", "warn", "error"});
  into.choice("log.format", "automatic is pretty on a terminal, JSON lines elsewhere.",
              s.log_format, {"automatic", "json", "pretty"});
}

void bind_payments(config::Settings& into, Settings& s) {
  into.flag("payments.sandbox",
            "Offer the sandbox provider, which sells for a click; --demo does so anyway.",
            s.payments_sandbox);
  into.text("payments.toss_api", "Where Toss Payments is asked.", s.toss_api);
  into.text("payments.toss_client_key",
            "The client key of Toss Payments; browsers see it. Toss is offered when this and the "
            "secret key are set.",
            s.toss_client_key);
  into.secret("payments.toss_secret_key", "The secret key of Toss Payments.", s.toss_secret_key);
  into.text("payments.toss_secret_key_file", "A file that holds it instead.",
            s.toss_secret_key_file);
  into.text("payments.toss_pay_page",
            "The page that opens a payment at a stand-in of Toss Payments; empty: our own page, "
            "which loads the script of Toss Payments.",
            s.toss_pay_page);
  into.text("payments.kakaopay_api", "Where KakaoPay is asked.", s.kakaopay_api);
  into.text("payments.kakaopay_cid",
            "The merchant code of KakaoPay; the default is that of its test environment.",
            s.kakaopay_cid);
  into.secret("payments.kakaopay_secret_key",
              "The secret key of KakaoPay, which is offered when it is set.",
              s.kakaopay_secret_key);
  into.text("payments.kakaopay_secret_key_file", "A file that holds it instead.",
            s.kakaopay_secret_key_file);
  into.real("payments.toss_fee_percent",
            "What Toss Payments keeps, VAT included, for the settlement of days whose fees it has "
            "not told yet. 0: not agreed, and not shown.",
            s.toss_fee_percent, 0, 30);
  into.real("payments.kakaopay_fee_percent", "The same of KakaoPay, which never tells its fees.",
            s.kakaopay_fee_percent, 0, 30);
  into.number("payments.timeout_ms",
              "How long a call to a provider may take; a capture is left alone for 10 s before it "
              "is looked up.",
              s.payments_timeout_ms, 500, 9'500);
  into.number("payments.places", "Calls to one provider at once; more are not made.",
              s.payments_places, 1, 1'000);
}

void bind_gatekeeper(config::Settings& into, Settings& s) {
  into.real("waitroom.pressure_joins_per_second",
            "A room whose proof is automatic demands it from this many joins a second, or five "
            "times what the room is used to.",
            s.pressure_joins_per_second, 0.1, 1'000'000);
  into.text("waitroom.challenge_url",
            "Where an external challenge service checks answers, such as "
            "https://challenges.example.com/siteverify; empty: there is none.",
            s.challenge_url);
  into.text("waitroom.challenge_site", "The page that poses the external challenge.",
            s.challenge_site);
  into.secret("waitroom.challenge_secret", "What the external challenge service knows us by.",
              s.challenge_secret);
  into.text("lottery.beacon_url",
            "A drand relay, such as https://drand.example.com: lotteries whose round is due are "
            "drawn with what it answers; empty: an operator brings the round.",
            s.beacon_url);
}

void must(const config::Outcome& outcome) {
  if (!outcome) throw std::runtime_error(outcome.error());
}

}  // namespace

void bind(config::Settings& into, Settings& settings) {
  bind_server(into, settings);
  bind_limits(into, settings);
  bind_rest(into, settings);
  bind_payments(into, settings);
  bind_gatekeeper(into, settings);
}

void load(config::Settings& into, const std::string& file,
          const std::vector<std::pair<std::string, std::string>>& given) {
  if (!file.empty()) must(into.load_file(file));
  must(into.load_environment(environ));
  for (const auto& [name, value] : given) must(into.set(name, value));
}

}  // namespace onsale::app
