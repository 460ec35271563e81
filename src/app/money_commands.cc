#include "app/money_commands.h"

#include <iostream>

#include "app/money/money_check.h"

namespace onsale::app {

int check_money(const Settings& settings) {
  const auto database = sql::open({.url = settings.effective_database_url(),
                                   .readers = 1,
                                   .writers = 1,
                                   .queue_max = 100,
                                   .beside = true});
  const MoneyCheck check = sync_wait(database->read([](sql::Tx& tx) { return check_money(tx); }));
  if (!check.wrong.empty()) {
    std::cerr << "onsale: the books don't balance: " << check.wrong << std::endl;
    return 1;
  }
  std::cout << "the books balance: " << check.summary << "\n";
  return 0;
}

}  // namespace onsale::app
