// Every setting of the server, with its default. bind() says its name, meaning and bounds; the
// README's table and `onsale config print` are made from that.
#pragma once

#include <string>
#include <vector>

#include "booking/booking.h"
#include "platform/config/settings.h"
#include "platform/http/server.h"

namespace onsale::app {

struct Settings {
  std::string listen = "127.0.0.1:8080";
  int loops = 0;
  std::string data = "./data";
  std::string public_url;
  std::string trusted_proxies;
  bool secure_cookies = false;
  std::int64_t shutdown_seconds = 10;
  std::int64_t reconnect_spread_seconds = 10;

  std::string database_url;
  int database_readers = 4;
  int database_writers = 8;
  std::int64_t database_queue_max = 20'000;
  std::int64_t database_wait_ms = 3'000;
  std::string database_replicas;
  int database_replica_readers = 10;

  http::Limits limits;
  int password_threads = 2;
  std::int64_t password_queue_max = 200;

  booking::Settings booking;

  std::string waitroom_return_origins;
  std::int64_t waitroom_log_days = 30;

  bool payments_sandbox = false;
  std::string toss_api = "https://api.tosspayments.com";
  std::string toss_client_key, toss_secret_key, toss_secret_key_file, toss_pay_page;
  std::string kakaopay_api = "https://open-api.kakaopay.com";
  std::string kakaopay_cid = "TC0ONETIME";
  std::string kakaopay_secret_key, kakaopay_secret_key_file;
  double toss_fee_percent = 0, kakaopay_fee_percent = 0;
  std::int64_t payments_timeout_ms = 9'000;
  int payments_places = 512;  // a stadium: 1,500 a second, each a third of one

  double pressure_joins_per_second = 50;
  std::string challenge_url, challenge_site, challenge_secret;
  std::string beacon_url;

  std::string log_level = "info";
  std::string log_format = "automatic";

  bool demo = false;     // serve --demo; not a setting that a file should carry
  std::string stand_in;  // where serve's own stand-in of the providers is; empty: there is none

  // database_url, or the embedded database in `data`.
  std::string effective_database_url() const;
  // The address and port of `listen`; throws std::runtime_error with a one-line reason.
  std::pair<std::string, std::uint16_t> listen_on() const;
};

// `settings` must outlive the loading of `into`.
void bind(config::Settings& into, Settings& settings);

// The sources in order: `file` when not empty, the environment, then `given` (name, value) pairs of
// the command line. Throws std::runtime_error with a one-line reason.
void load(config::Settings& into, const std::string& file,
          const std::vector<std::pair<std::string, std::string>>& given);

}  // namespace onsale::app
