// Bytes to and from a server, in the clear or over TLS. Keeps Asio's TLS out of everybody's sight.
// Thread: its loop's.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>

#include "platform/kv/slots.h"

namespace onsale::kv {

using Deadline = std::chrono::steady_clock::time_point;

// One line, without what was sent.
struct Broken : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The certificates to trust; shared by all loops.
class Trust {
 public:
  explicit Trust(const std::string& ca_file);  // throws std::runtime_error
  ~Trust();
  struct Context;
  Context& context() const { return *context_; }

 private:
  std::unique_ptr<Context> context_;
};

class Stream {
 public:
  virtual ~Stream() = default;
  // Some bytes, at least one. Throws Broken.
  virtual boost::asio::awaitable<std::size_t> read(boost::asio::mutable_buffer into) = 0;
  virtual boost::asio::awaitable<void> write(boost::asio::const_buffer all) = 0;
  // What waits in read and write ends as Broken. Also after `deadline`, unless that is lifted.
  virtual void close() = 0;
  virtual void close_at(Deadline deadline) = 0;
  virtual void never_close() = 0;
};

// Throws Broken. `trust` null: in the clear. `tls_name` empty: the endpoint's host.
boost::asio::awaitable<std::shared_ptr<Stream>> connect(const Endpoint& to, const Trust* trust,
                                                        const std::string& tls_name,
                                                        Deadline deadline);

}  // namespace onsale::kv
