#include "platform/kv/listener.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"
#include "platform/exec/loop.h"
#include "platform/kv/login.h"

namespace onsale::kv {

namespace asio = boost::asio;

namespace {

constexpr auto kDone = asio::as_tuple(asio::use_awaitable);

}  // namespace

Listener::Listener(std::shared_ptr<Side> side, std::vector<std::string> channels,
                   std::function<void(const News&)> heard)
    : side_(std::move(side)),
      channels_(std::move(channels)),
      ear_(std::move(heard)),
      pause_(side_->loop().io()),
      ping_(side_->loop().io()) {}

void Listener::start() {
  side_->loop().post([self = shared_from_this()] {
    asio::co_spawn(self->side_->loop().io(), run(self), asio::detached);
  });
}

void Listener::stop() {
  ear_.stop();
  side_->loop().post([self = shared_from_this()] {
    self->stopped_ = true;
    self->pause_.cancel();
    self->ping_.cancel();
    if (self->stream_) self->stream_->close();
  });
}

asio::awaitable<void> Listener::run(std::shared_ptr<Listener> self) {
  while (!self->stopped_) {
    const std::vector<Endpoint> all = self->side_->known();
    const Endpoint& to = all[self->at_ % all.size()];
    std::string why;
    try {
      co_await listen(self, to);
    } catch (const Refusal& refusal) {
      why = refusal.what();
    } catch (const Broken& broken) {
      why = broken.what();
    }
    self->ping_.cancel();
    self->stream_.reset();
    if (self->stopped_) co_return;
    if (self->failures_ == 0) log::warn("kv", "no news", {{"why", to_string(to) + ": " + why}});
    ++self->at_;
    self->pause_.expires_after(self->side_->pause(self->failures_++));
    (void)co_await self->pause_.async_wait(kDone);
  }
}

asio::awaitable<void> Listener::listen(std::shared_ptr<Listener> self, Endpoint to) {
  const Shared& shared = self->side_->shared();
  self->joined_ = 0;
  std::shared_ptr<Stream> stream = co_await log_in(shared.config, shared.trust.get(), to);
  self->stream_ = stream;
  if (!shared.config.cluster) {
    std::vector<Command> words;
    words.emplace_back("ROLE");
    const std::vector<Reply> replies = co_await ask(*stream, std::move(words));
    if (role_of(replies.front()) != Role::primary) throw Broken("it is a replica");
  }
  std::vector<Word> words = {Word("SUBSCRIBE")};
  words.insert(words.end(), self->channels_.begin(), self->channels_.end());
  const Command subscribe{std::span<const Word>(words)};
  stream->close_at(self->silence_ends());
  const asio::const_buffer out = asio::buffer(subscribe.wire());
  co_await stream->write(out);
  asio::co_spawn(self->side_->loop().io(), keep_asking(self, stream), asio::detached);
  Reader reader;
  std::vector<char> in(Reader::kFeedMax);
  while (!self->stopped_) {
    Reply said;
    const Reader::Got got = reader.next(said);
    if (got == Reader::Got::broken) throw Broken("no answer that makes sense");
    if (got == Reader::Got::reply) {
      self->hear(said);
      continue;
    }
    const asio::mutable_buffer into = asio::buffer(in);
    const std::size_t size = co_await stream->read(into);
    stream->close_at(self->silence_ends());
    reader.feed(std::string_view(in.data(), size));
  }
}

// A quiet channel and a dead server look alike: it is asked, so that something comes.
asio::awaitable<void> Listener::keep_asking(std::shared_ptr<Listener> self,
                                            std::shared_ptr<Stream> stream) {
  const Command ping("PING");
  try {
    while (self->stream_ == stream) {
      self->ping_.expires_after(self->side_->shared().config.silent_max / 2);
      (void)co_await self->ping_.async_wait(kDone);
      if (self->stream_ != stream) co_return;
      const asio::const_buffer out = asio::buffer(ping.wire());
      co_await stream->write(out);
    }
  } catch (const Broken&) {  // the reader sees it too
  }
}

void Listener::hear(Reply& said) {
  if (said.kind == Reply::Kind::error) throw Refusal(said.text);
  if (said.items.empty()) return;
  const std::string& what = said.items[0].text;
  if (what == "subscribe" && ++joined_ == channels_.size()) {
    failures_ = 0;
    ear_.tell({.kind = News::Kind::joined});
  }
  if (what == "message" && said.items.size() == 3)
    ear_.tell({.kind = News::Kind::message,
               .channel = std::move(said.items[1].text),
               .text = std::move(said.items[2].text)});
}

Deadline Listener::silence_ends() const {
  return std::chrono::steady_clock::now() + side_->shared().config.silent_max;
}

}  // namespace onsale::kv
