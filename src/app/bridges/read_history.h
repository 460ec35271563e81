// How much of the tables' history somebody was shown, as a cookie that only we can read: a position
// that a stranger made up would have every read wait for it.
#pragma once

#include <functional>

#include "platform/crypto/keys.h"
#include "platform/http/server.h"
#include "platform/sql/database.h"

namespace onsale::app {

class SealedHistory final : public http::ReadHistory {
 public:
  // `newest`: how far the tables are, as far as this process knows.
  SealedHistory(std::function<sql::Position()> newest, const crypto::KeyRing& keys)
      : newest_(std::move(newest)), keys_(keys) {}

  std::unique_ptr<TaskContext> since(std::string_view seen, bool signed_in, Timestamp now) override;
  std::string now(Timestamp now) override;

 private:
  const std::function<sql::Position()> newest_;
  const crypto::KeyRing& keys_;
};

}  // namespace onsale::app
