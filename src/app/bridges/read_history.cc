#include "app/bridges/read_history.h"

#include "platform/crypto/seal.h"

namespace onsale::app {

namespace {

constexpr std::string_view kPurpose = "reads";
constexpr Millis kLife = std::chrono::minutes(2);  // longer than the cookie's

}  // namespace

// Who is signed in and brings no position may have changed something at another client of theirs.
std::unique_ptr<TaskContext> SealedHistory::since(std::string_view seen, bool signed_in,
                                                  Timestamp now) {
  const auto text = crypto::unseal(keys_, kPurpose, seen, now);
  if (text) return std::make_unique<sql::ReadsAfter>(sql::Position::parse(*text));
  if (signed_in) return nullptr;
  return std::make_unique<sql::ReadsAfter>(sql::Position{});
}

std::string SealedHistory::now(Timestamp now) {
  const sql::Position position = newest_();
  if (position.empty()) return {};
  return crypto::seal(keys_, kPurpose, position.text(), now + kLife);
}

}  // namespace onsale::app
