// The first words on a new connection. Thread: the loop's.
#pragma once

#include <string>
#include <vector>

#include "platform/kv/redis.h"
#include "platform/kv/stream.h"

namespace onsale::kv {

// A server that said no.
struct Refusal : std::runtime_error {
  explicit Refusal(const std::string& text);
  Why why;
};

// Sends commands and takes as many answers. Throws Broken; Refusal when one of them is an error.
boost::asio::awaitable<std::vector<Reply>> ask(Stream& stream, std::vector<Command> commands);

// A connection that is logged in, within the time for that. Throws Broken, Refusal.
boost::asio::awaitable<std::shared_ptr<Stream>> log_in(const Config& config, const Trust* trust,
                                                       const Endpoint& to);

enum class Role { primary, replica, lagging };  // lagging: a replica that has lost its primary
Role role_of(const Reply& answer);              // of ROLE

}  // namespace onsale::kv
