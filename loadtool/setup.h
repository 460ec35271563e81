// Before the run: what an operator does to the room, accounts, and what the room protects.
// Blocking calls, one after the other. Errors are one line for the terminal.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "loadtool/answer.h"
#include "loadtool/codec.h"
#include "loadtool/net.h"
#include "loadtool/scenario.h"
#include "loadtool/watch.h"

namespace onsale::load {

using Failed = std::unexpected<std::string>;

// One request, one connection; 15 s at most.
std::expected<Response, std::string> ask(const Target& target, const Request& request);

// An access token.
std::expected<std::string, std::string> sign_in(const Target& target, const std::string& email,
                                                const std::string& password);
// The room as anybody sees it.
std::expected<RoomAnswer, std::string> look_at_room(const Target& target, const std::string& room);
// Sets what the scenario says, and answers the room as operators see it.
std::expected<RoomAnswer, std::string> set_up_room(const Target& target, const std::string& room,
                                                   const RoomSetup& setup,
                                                   const std::string& token);
// The first performance on sale of the show that the room protects; empty when there is none.
std::string find_performance(const Target& target, const std::string& room);

struct Account {
  std::string email, password;
};
// "email:password" lines; empty ones and those with # are skipped.
std::expected<std::vector<Account>, std::string> read_accounts(const std::string& file);
// New accounts of this run.
std::vector<Account> new_accounts(int count, const std::string& run);
// Signs each in, or up when `fresh`; answers access tokens.
std::expected<std::vector<std::string>, std::string> open_accounts(
    const Target& target, const std::vector<Account>& accounts, bool fresh);

// What scenario and server say about how long a place is kept without a sign of life.
Patience patience_of(const RoomSetup& setup, const RoomAnswer& room);

}  // namespace onsale::load
