#include "platform/kv/connection.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "platform/exec/loop.h"

namespace onsale::kv {

namespace asio = boost::asio;

namespace {

// Small, so that little is unknown when the connection breaks.
constexpr std::size_t kBatchBytes = 64 * 1024;
constexpr std::string_view kAsking = "*1\r\n$6\r\nASKING\r\n";
constexpr std::string_view kRole = "*1\r\n$4\r\nROLE\r\n";

}  // namespace

Connection::Connection(exec::Loop& loop, std::weak_ptr<Owner> owner, std::weak_ptr<Server> server,
                       std::shared_ptr<Stream> stream, bool own)
    : loop_(loop),
      owner_(std::move(owner)),
      server_(std::move(server)),
      stream_(std::move(stream)),
      own_(own) {}

void Connection::start() { asio::co_spawn(loop_.io(), read(shared_from_this()), asio::detached); }

void Connection::send(Pending& pending) {
  queue_.push_back(&pending);
  flush();
}

void Connection::ask_role(Deadline now, Millis every) {
  if (!usable() || role_wanted_ || now - role_asked_ < every) return;
  role_wanted_ = true;
  role_asked_ = now;
  flush();
}

// At the end of the turn, so that calls of one turn are one write.
void Connection::flush() {
  if (std::exchange(flushing_, true)) return;
  loop_.post([self = shared_from_this()] {
    asio::co_spawn(self->loop_.io(), write(self), asio::detached);
  });
}

asio::awaitable<void> Connection::write(std::shared_ptr<Connection> self) {
  try {
    for (self->fill(); !self->out_.empty(); self->fill()) {
      const asio::const_buffer all = asio::buffer(self->out_);
      co_await self->stream_->write(all);
    }
    self->flushing_ = false;
  } catch (const Broken& broken) {
    self->close(broken.what());
  }
}

void Connection::add(std::string_view wire, Sent sent) {
  if (sent_.empty()) heard_ = std::chrono::steady_clock::now();
  out_ += wire;
  sent_.push_back(sent);
}

void Connection::fill() {
  out_.clear();
  if (closed_) return;
  if (std::exchange(role_wanted_, false)) add(kRole, {Slot::role});
  while (!queue_.empty() && out_.size() < kBatchBytes) {
    Pending& pending = *queue_.front();
    queue_.pop_front();
    const auto& script = pending.command.script_;
    if (pending.together && script && loaded_.insert(script->hash).second)
      add(Command("SCRIPT", "LOAD", script->text).wire(), {});
    if (pending.ask) add(kAsking, {});
    add(pending.command.wire(), {Slot::call, &pending});
  }
}

asio::awaitable<void> Connection::read(std::shared_ptr<Connection> self) {
  std::string why = "no answer that makes sense";
  try {
    while (!self->closed_) {
      const asio::mutable_buffer into = asio::buffer(self->in_);
      const std::size_t got = co_await self->stream_->read(into);
      self->heard_ = std::chrono::steady_clock::now();
      if (!self->take(std::string_view(self->in_.data(), got))) break;
    }
  } catch (const Broken& broken) {
    why = broken.what();
  }
  self->close(why);
}

// False when the connection is of no use any more.
bool Connection::take(std::string_view bytes) {
  const auto owner = owner_.lock();
  if (!owner) return false;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(bytes.size(), Reader::kFeedMax))) {
    reader_.feed(bytes.substr(0, Reader::kFeedMax));
    Reply reply;
    Reader::Got got;
    while ((got = reader_.next(reply)) == Reader::Got::reply) {
      if (sent_.empty()) return false;  // nobody asked
      deliver(*owner, std::move(reply));
      if (closed_) return false;
    }
    if (got == Reader::Got::broken) return false;
  }
  if (!sent_.empty() || !queue_.empty()) return true;
  if (retired_) return false;
  owner->rests(*this);
  return true;
}

void Connection::deliver(Owner& owner, Reply&& reply) {
  const Sent sent = sent_.front();
  sent_.pop_front();
  if (sent.slot == Slot::role) owner.role_told(*this, reply);
  if (sent.slot != Slot::call) return;
  if (reply.kind == Reply::Kind::error && reply.text.starts_with("NOSCRIPT")) loaded_.clear();
  owner.answered(*this, *sent.pending, std::move(reply));
}

std::vector<Pending*> Connection::retire() {
  retired_ = true;
  std::vector<Pending*> unsent(queue_.begin(), queue_.end());
  queue_.clear();
  if (sent_.empty()) close("not needed any more");
  return unsent;
}

Connection::Left Connection::expire(Deadline now) {
  Left due;
  for (Sent& sent : sent_) {
    if (sent.slot != Slot::call || sent.pending->deadline > now) continue;
    due.sent.push_back(sent.pending);
    sent = {};
  }
  std::erase_if(queue_, [&](Pending* pending) {
    if (pending->deadline > now) return false;
    due.unsent.push_back(pending);
    return true;
  });
  if (own_ && !due.sent.empty()) close("no answer in time");
  return due;
}

void Connection::judge_silence(Deadline now, Millis silent_max) {
  if (!own_ && !sent_.empty() && now - heard_ > silent_max) close("silent for too long");
}

void Connection::close(const std::string& why) {
  if (std::exchange(closed_, true)) return;
  stream_->close();
  Left left;
  for (const Sent& sent : sent_)
    if (sent.slot == Slot::call) left.sent.push_back(sent.pending);
  left.unsent.assign(queue_.begin(), queue_.end());
  sent_.clear();
  queue_.clear();
  if (const auto owner = owner_.lock()) owner->broke(*this, why, std::move(left));
}

}  // namespace onsale::kv
