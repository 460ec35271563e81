#include "app/wiring.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>
#include <stdexcept>

#include "app/demo/demo.h"
#include "app/process.h"
#include "booking/service.h"
#include "booking/store/crypto_client.h"
#include "identity/sql_store.h"
#include "payments/store/records_store.h"
#include "payments/store/sql_store.h"
#include "platform/sql/migrations.h"
#include "waitroom/join/proof_client.h"
#include "waitroom/join/proof_store.h"
#include "waitroom/log/log_store.h"
#include "waitroom/page/return_address.h"
#include "waitroom/room/crypto_client.h"
#include "waitroom/room/journal_store.h"

namespace onsale::app {
namespace {

void make_data_directory(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error)
    throw std::runtime_error("cannot make the data directory " + path + ": " + error.message() +
                             "; choose another with --data");
}

// What this process keeps in memory is out of date, and no answer of it may be given any more. What
// was acknowledged is stored: ending like this loses nothing.
void end_at_once(const std::string& why) {
  std::cerr << "onsale: " << why << ": this one ends" << std::endl;
  std::_Exit(1);
}

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream words(text);
  return {std::istream_iterator<std::string>(words), {}};
}

std::unique_ptr<sql::Database> open_database(const Settings& settings, const Clock& clock) {
  return sql::open({.url = settings.effective_database_url(),
                    .readers = settings.database_readers,
                    .writers = settings.database_writers,
                    .queue_max = static_cast<std::size_t>(settings.database_queue_max),
                    .wait_max = Millis(settings.database_wait_ms),
                    .replicas = words_of(settings.database_replicas),
                    .replica_readers = settings.database_replica_readers,
                    .clock = &clock,
                    .alone = true,
                    .displaced = end_at_once});
}

identity::Settings identity_settings(const Settings& settings) {
  identity::Settings out{.throttle = settings.limits.rate_enabled, .published_open = settings.demo};
  out.per_address.burst = static_cast<int>(settings.limits.strict_burst);
  for (const auto& account : demo_accounts())
    out.published_passwords.emplace_back(account.password);
  return out;
}

booking::Settings booking_settings(const Settings& settings) {
  booking::Settings out = settings.booking;
  if (!settings.limits.rate_enabled) out.holds_of_a_seat = 0;
  return out;
}

// A client has a tenth: many people may share its address.
http::HubConfig live_limits(int connections) {
  return {.connections_max = connections,
          .connections_per_client = std::max(100, connections / 10)};
}

}  // namespace

Modules::Modules(const Settings& settings)
    : public_url(settings.public_url.empty()
                     ? std::string()
                     : site_of(settings.public_url, "server.public_url", true)),
      waitroom_return_origins(settings.waitroom_return_origins),
      seats_per_account(settings.booking.seats_per_account),
      data(settings.data) {
  if (auto why = waitroom::origins_invalid(waitroom_return_origins); !why.empty())
    throw std::runtime_error(why);
  make_data_directory(settings.data);
  database = open_database(settings, clock);
  sql::migrate(*database, sql::all_migrations());
  fresh = !std::filesystem::exists(data + "/keys.json");
  key_file = std::make_unique<crypto::KeyFile>(data + "/keys.json");
  keys = std::make_unique<crypto::KeyRing>(*key_file, clock.now());
  loops = std::make_unique<exec::Loops>(settings.loops);
  hub = std::make_unique<http::Hub>(*loops, live_limits(settings.limits.connections_max));
  password_pool = std::make_unique<exec::BlockingPool>(
      "password", settings.password_threads, static_cast<std::size_t>(settings.password_queue_max));

  audit = std::make_unique<ops::SqlAuditLog>(*database);
  heartbeat = std::make_unique<ops::SqlHeartbeat>(*database, clock);

  identity_store = identity::make_sql_store(*database);
  passwords = std::make_unique<identity::PooledPasswords>(*password_pool);
  tokens = std::make_unique<identity::SignedTokens>(*keys, std::string(kIssuer));
  verifier =
      std::make_unique<identity::AccessVerifier>(*keys, std::string(kIssuer), ended_sessions);
  identity =
      identity::make_identity({*identity_store, *passwords, *tokens, ended_sessions, clock, random},
                              identity_settings(settings));
  account_names = std::make_unique<AccountNames>(*identity);

  catalogue_store = std::make_unique<catalogue::SqlStore>(*database);
  catalogue = std::make_unique<catalogue::CatalogueService>(*catalogue_store, seat_counts);

  room_log_kept = std::chrono::days(settings.waitroom_log_days);
  journal = waitroom::make_sql_journal(*database, waitroom::base_spacing(room_log_kept));
  room_log = waitroom::make_sql_room_log(*database);
  waitroom_signer = waitroom::make_signer(*keys, std::string(kIssuer));
  live_rooms = std::make_unique<waitroom::LiveRooms>(*hub, clock);
  room_audit = std::make_unique<RoomAudit>(*audit, random);
  waitroom = std::make_unique<waitroom::Host>(
      waitroom::Host::Ports{clock, random, *journal, *waitroom_signer, *live_rooms, *room_audit});
  room_history = std::make_unique<waitroom::RoomHistory>(clock.now());
  make_gatekeeper(settings);

  lottery = std::make_unique<LotteryParts>(
      LotteryParts::Given{clock, random, *database, *keys, *waitroom, settings.beacon_url});

  make_payments(settings);

  booking_store = std::make_unique<booking::SqlStore>(*database);
  seat_feed = std::make_unique<booking::HubSeatFeed>(*hub);
  ticket_signer = std::make_unique<booking::CryptoTicketSigner>(*keys);
  booking = std::make_unique<booking::Service>(
      booking::Parts{*catalogue, *waitroom, *payments, *booking_store, *seat_feed, *ticket_signer,
                     clock, random},
      booking_settings(settings));
  seat_counts.connect(*booking);
  room_goods = std::make_unique<RoomGoods>(*catalogue, *booking);
  live_rooms->connect(*room_goods);
}

void Modules::make_payments(const Settings& settings) {
  payments_store = payments::make_sql_store(*database);
  stand_in = settings.stand_in;
  payment_parts = std::make_unique<PaymentParts>(settings, *loops, clock);
  payment_records = payments::make_sql_records(*database);
  payments = payments::make_payments(
      {*payments_store, payment_parts->providers(), clock, random, payment_records.get()});
}

void Modules::make_gatekeeper(const Settings& settings) {
  proof_crypto = waitroom::make_proof_crypto(*keys);
  invites = waitroom::make_sql_invite_book(*database);
  if (!settings.challenge_url.empty()) {
    external_challenge = std::make_unique<waitroom::HttpExternalChallenge>(
        waitroom::ExternalChallengeConfig{.verify_url = settings.challenge_url,
                                          .page_url = settings.challenge_site,
                                          .secret = settings.challenge_secret},
        clock);
  }
  waitroom::Gatekeeper::Options options;
  options.pressure.joins_per_s = settings.pressure_joins_per_second;
  gatekeeper = std::make_unique<waitroom::Gatekeeper>(
      waitroom::Gatekeeper::Parts{*proof_crypto, random, *waitroom, *invites,
                                  external_challenge.get()},
      options);
}

// Units of work may still be under way when something threw: nothing they use may go before them.
Modules::~Modules() {
  if (database) database->close();
}

void Modules::load() {
  sync_wait(catalogue->refresh());
  sync_wait(identity->sync_ended_sessions());
  sync_wait(waitroom->load());
  sync_wait(lottery->lotteries().load());
  sync_wait(booking->start());
}

bool Modules::seed() {
  // The marker is there from before the first demo record until after the last one.
  const std::string seeding = data + "/demo.seeding";
  const std::string seeded = data + "/demo.seeded";
  if (std::filesystem::exists(seeded)) return true;
  const auto shows = catalogue->shows({.limit = 1}, clock.now());
  if (fresh && shows && shows->items.empty()) std::ofstream(seeding) << "";
  if (!std::filesystem::exists(seeding)) return false;
  for (const auto& account : demo_accounts()) {
    const auto made = sync_wait(
        identity->create_account({.email = std::string(account.email),
                                  .password = std::string(account.password),
                                  .name = std::string(account.name)},
                                 account.admin ? identity::Role::admin : identity::Role::buyer));
    // Taken: by the seeding that a crash broke off; nobody was served in between.
    if (!made && made.error().why != identity::SignUpRefusal::email_taken)
      throw std::runtime_error("cannot make the demo accounts");
  }
  for (const auto& room : demo_rooms()) {
    sync_wait(waitroom->declare_room(
        *waitroom::RoomId::parse(room.id), room.name,
        {.capacity = room.capacity, .admit_per_minute = room.admit_per_minute}));
  }
  sync_wait(seed_demo(*catalogue, clock.now(), random));
  std::filesystem::rename(seeding, seeded);
  return true;
}

bool Modules::leave_demo() {
  if (!std::filesystem::exists(data + "/demo.seeded")) return false;
  for (const auto& account : demo_accounts()) {
    const auto known = sync_wait(identity->find_by_email(std::string(account.email)));
    if (known) sync_wait(identity->end_sessions_of_account(known->id));
  }
  return true;
}

}  // namespace onsale::app
