// The parts list: everything the server is made of, top-down, in the order it comes into being.
// The command line uses it without serving; serve() adds the loops' work and the sockets.
#pragma once

#include <memory>

#include "app/bridges/bridges.h"
#include "app/bridges/lottery_parts.h"
#include "app/bridges/room_goods.h"
#include "app/payment_parts.h"
#include "app/settings.h"
#include "base/steady_clock.h"
#include "booking/api/seats_http.h"
#include "booking/booking.h"
#include "booking/store/sql_store.h"
#include "catalogue/service.h"
#include "catalogue/sql_store.h"
#include "identity/crypto_client.h"
#include "identity/service.h"
#include "ops/sql_store.h"
#include "payments/service.h"
#include "platform/crypto/key_file.h"
#include "platform/exec/loop.h"
#include "platform/http/live/hub.h"
#include "platform/sql/outbox.h"
#include "waitroom/api/live_http.h"
#include "waitroom/join/proof_external_client.h"
#include "waitroom/log/room_log.h"
#include "waitroom/room/host.h"

namespace onsale::app {

// Whose tokens and passes they are.
inline constexpr std::string_view kIssuer = "onsale";

class Modules {
 public:
  // Opens the data and brings the tables up to date. Blocks; throws with a one-line reason.
  explicit Modules(const Settings& settings);
  ~Modules();

  // Reads what modules keep in memory, before anybody is served. Blocks.
  void load();
  // What --demo promises, into a data directory that was empty: false, and nothing happens, in one
  // that is in use. Resumes where a crash left it. Blocks; after load().
  bool seed();
  // Without --demo: whoever signed in to a demo account, with the password that everybody can read,
  // is signed out. False in a data directory that never was a demo. Blocks; after load().
  bool leave_demo();

  std::string public_url;
  std::string waitroom_return_origins;
  std::int64_t seats_per_account;
  std::string data;
  std::string stand_in;  // of the payment providers; empty: there is none
  bool fresh = false;    // nobody had started on this data directory before
  SteadyWallClock clock;
  SystemRandom random;

  std::unique_ptr<sql::Database> database;
  std::unique_ptr<crypto::KeyFile> key_file;
  std::unique_ptr<crypto::KeyRing> keys;
  std::unique_ptr<exec::Loops> loops;
  std::unique_ptr<http::Hub> hub;
  std::unique_ptr<exec::BlockingPool> password_pool;

  std::unique_ptr<ops::SqlAuditLog> audit;
  std::unique_ptr<ops::SqlHeartbeat> heartbeat;

  std::unique_ptr<identity::Store> identity_store;
  std::unique_ptr<identity::PooledPasswords> passwords;
  std::unique_ptr<identity::SignedTokens> tokens;
  identity::EndedSessions ended_sessions{identity::kAccessLife + identity::kEndedSlack};
  std::unique_ptr<identity::AccessVerifier> verifier;
  std::unique_ptr<identity::Identity> identity;
  std::unique_ptr<AccountNames> account_names;

  LateSeatCounts seat_counts;
  std::unique_ptr<catalogue::SqlStore> catalogue_store;
  std::unique_ptr<catalogue::CatalogueService> catalogue;

  std::unique_ptr<waitroom::Journal> journal;
  std::unique_ptr<waitroom::RoomLog> room_log;
  Millis room_log_kept{0};  // 0: for ever
  std::unique_ptr<waitroom::Signer> waitroom_signer;
  std::unique_ptr<waitroom::LiveRooms> live_rooms;
  std::unique_ptr<RoomAudit> room_audit;
  std::unique_ptr<waitroom::Host> waitroom;
  std::unique_ptr<waitroom::RoomHistory> room_history;
  std::unique_ptr<waitroom::ProofCrypto> proof_crypto;
  std::unique_ptr<waitroom::InviteBook> invites;
  std::unique_ptr<waitroom::ExternalChallenge> external_challenge;  // null: none is configured
  std::unique_ptr<waitroom::Gatekeeper> gatekeeper;
  std::unique_ptr<LotteryParts> lottery;

  std::unique_ptr<payments::Store> payments_store;
  std::unique_ptr<payments::Records> payment_records;
  std::unique_ptr<PaymentParts> payment_parts;
  std::unique_ptr<payments::Payments> payments;

  std::unique_ptr<booking::SqlStore> booking_store;
  std::unique_ptr<booking::SeatFeed> seat_feed;
  std::unique_ptr<booking::TicketSigner> ticket_signer;
  std::unique_ptr<booking::Booking> booking;
  std::unique_ptr<RoomGoods> room_goods;

 private:
  void make_payments(const Settings& settings);
  void make_gatekeeper(const Settings& settings);
};

}  // namespace onsale::app
