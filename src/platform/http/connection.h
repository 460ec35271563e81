// One client's connection: bytes in, requests one after the other, bytes out. Private to http.
// Answers to pipelined requests are collected and sent together. While a handler waits, nothing is
// read: a client cannot pile up work. Thread: its loop.
#pragma once

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/intrusive/list.hpp>
#include <memory>
#include <string>

#include "platform/http/exchange.h"
#include "platform/http/request_parser.h"

namespace onsale::http {

using Socket =
    boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;
struct Core;
class LoopCore;
class ConnectionStream;

using AutoUnlink = boost::intrusive::link_mode<boost::intrusive::auto_unlink>;

class ClientConnection : public std::enable_shared_from_this<ClientConnection>,
                         public boost::intrusive::list_base_hook<AutoUnlink> {
 public:
  ClientConnection(std::shared_ptr<Core> core, LoopCore& loop, Socket socket,
                   std::shared_ptr<void> slot);

  void start();
  // Says 503 and closes: there are too many connections.
  void turn_away();
  void sweep(std::int64_t now_ms);
  // The server stops: close when idle, otherwise after the answer under way.
  void drain();
  void close();
  // What a stream's writer wants to send; only the newest waits.
  void stream_send(std::string bytes);

 private:
  void answer_full();
  enum class Phase { idle, head, body, handling, streaming, lingering };
  enum class Progress { more, complete, refused, gone };

  // connection.cc: bytes
  void read();
  void on_read(const boost::system::error_code& ec, std::size_t size);
  bool flush();
  void sent(std::size_t size);
  void wait_writable();
  void advance();
  void linger();
  void start_stream();
  void stream_next();

  // request.cc: requests
  Progress read_head();
  Progress begin_request();
  Progress read_body();
  Progress body_size_known();
  Progress refuse(const Problem& problem);
  Progress hand_over();
  bool run_request();
  void task_done(std::exception_ptr error);
  void finish_request();
  void identify();
  void forwarded();
  void make_room();
  void enter(Phase phase, Millis timeout);
  void report(const Exchange& x);

  std::shared_ptr<Core> core_;
  LoopCore& loop_;
  Socket socket_;
  std::shared_ptr<void> slot_;
  std::string address_;
  bool trusted_proxy_ = false;
  bool proxy_told_ = false;  // operators were, of this peer

  std::unique_ptr<char[]> in_;
  std::size_t in_size_ = 0;   // of in_
  std::size_t begin_ = 0;     // of the present request
  std::size_t head_end_ = 0;  // behind its head
  std::size_t next_ = 0;      // behind its body, when all of that is in in_
  std::size_t end_ = 0;       // of what was read
  std::size_t scanned_ = 0;   // no end of the head before this
  std::size_t body_max_ = 0;
  std::unique_ptr<ChunkedBody> chunks_;

  std::string out_;
  std::size_t out_sent_ = 0;
  std::string_view out_fixed_;  // follows out_
  std::size_t taken_ = 0;       // by a slow client since its deadline was set

  Exchange x_;
  Phase phase_ = Phase::idle;
  std::int64_t deadline_ms_ = 0;        // of the phase; 0: none
  std::int64_t write_deadline_ms_ = 0;  // while writing_
  std::int64_t handled_from_ns_ = 0;
  std::size_t lingered_ = 0;
  bool reading_ = false;
  bool writing_ = false;
  bool busy_ = false;      // a handler's task runs
  bool starting_ = false;  // … and we are still inside starting it
  bool turned_away_ = false;
  bool close_after_ = false;
  bool closed_ = false;

  std::unique_ptr<Stream> stream_;
  std::shared_ptr<ConnectionStream> writer_;
  std::string stream_waiting_;  // the newest, while the one before is on its way
  std::int64_t stream_sent_ms_ = 0;
};

using ConnectionList =
    boost::intrusive::list<ClientConnection, boost::intrusive::constant_time_size<false>>;

}  // namespace onsale::http
