#include "platform/kv/login.h"

#include <array>

#include "platform/kv/failure.h"
#include "platform/kv/reader.h"

namespace onsale::kv {

namespace asio = boost::asio;

Refusal::Refusal(const std::string& text) : std::runtime_error(text), why(classify(text)) {}

asio::awaitable<std::vector<Reply>> ask(Stream& stream, std::vector<Command> commands) {
  std::string wire;
  for (const Command& command : commands) wire += command.wire();
  const asio::const_buffer out = asio::buffer(wire);
  co_await stream.write(out);
  std::vector<Reply> replies;
  Reader reader;
  std::array<char, Reader::kFeedMax> in;
  while (replies.size() < commands.size()) {
    Reply reply;
    const Reader::Got got = reader.next(reply);
    if (got == Reader::Got::broken) throw Broken("no answer that makes sense");
    if (got == Reader::Got::reply && reply.kind == Reply::Kind::error) throw Refusal(reply.text);
    if (got == Reader::Got::reply) replies.push_back(std::move(reply));
    if (got != Reader::Got::more) continue;
    const asio::mutable_buffer into = asio::buffer(in);
    const std::size_t size = co_await stream.read(into);
    reader.feed(std::string_view(in.data(), size));
  }
  co_return replies;
}

asio::awaitable<std::shared_ptr<Stream>> log_in(const Config& config, const Trust* trust,
                                                const Endpoint& to) {
  const Deadline deadline = std::chrono::steady_clock::now() + config.connect_within;
  std::shared_ptr<Stream> stream = co_await connect(to, trust, config.tls_name, deadline);
  stream->close_at(deadline);
  if (config.password.empty()) co_return stream;
  std::vector<Command> words;
  if (config.user.empty())
    words.emplace_back("AUTH", config.password);
  else
    words.emplace_back("AUTH", config.user, config.password);
  (void)co_await ask(*stream, std::move(words));
  co_return stream;
}

Role role_of(const Reply& answer) {
  if (answer.kind != Reply::Kind::array || answer.items.empty()) return Role::lagging;
  if (answer.items[0].text == "master") return Role::primary;
  const bool linked = answer.items.size() > 3 && answer.items[3].text == "connected";
  return linked ? Role::replica : Role::lagging;
}

}  // namespace onsale::kv
