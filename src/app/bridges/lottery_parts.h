// Everything the lotteries of the rooms are made of.
#pragma once

#include "ops/sql_store.h"
#include "waitroom/lottery/lottery_client.h"
#include "waitroom/lottery/lottery_pool.h"
#include "waitroom/lottery/lottery_service.h"
#include "waitroom/lottery/lottery_store.h"

namespace onsale::app {

// What it is given must outlive it.
class LotteryParts {
 public:
  struct Given {
    const Clock& clock;
    Random& random;
    sql::Database& database;
    const crypto::KeyRing& keys;
    waitroom::Host& rooms;
    std::string beacon_url;
  };
  explicit LotteryParts(Given given)
      : store_(waitroom::lottery::make_sql_store(given.database)),
        vault_(given.keys),
        pool_(given.rooms),
        rounds_(std::move(given.beacon_url), threads_),
        lotteries_(
            {given.clock, given.random, hashing_, *store_, vault_, pool_, rounds_, worker_}) {}

  waitroom::lottery::Lotteries& lotteries() { return lotteries_; }

 private:
  exec::BlockingPool threads_{"lottery", 2, 64};
  waitroom::lottery::CryptoHashing hashing_;
  std::unique_ptr<waitroom::lottery::Store> store_;
  waitroom::lottery::KeyRingVault vault_;
  waitroom::lottery::HostPool pool_;
  waitroom::lottery::HttpRounds rounds_;
  waitroom::lottery::PooledWorker worker_{threads_};
  waitroom::lottery::Lotteries lotteries_;
};

}  // namespace onsale::app
