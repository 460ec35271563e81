// A connection for news, made again whenever it breaks. Thread: its loop's; stop() from any.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <string>
#include <vector>

#include "platform/kv/ear.h"
#include "platform/kv/side.h"

namespace onsale::kv {

class Listener : public std::enable_shared_from_this<Listener> {
 public:
  Listener(std::shared_ptr<Side> side, std::vector<std::string> channels,
           std::function<void(const News&)> heard);
  void start();
  void stop();

 private:
  static boost::asio::awaitable<void> run(std::shared_ptr<Listener> self);
  static boost::asio::awaitable<void> listen(std::shared_ptr<Listener> self, Endpoint to);
  static boost::asio::awaitable<void> keep_asking(std::shared_ptr<Listener> self,
                                                  std::shared_ptr<Stream> stream);
  void hear(Reply& said);
  Deadline silence_ends() const;

  const std::shared_ptr<Side> side_;
  const std::vector<std::string> channels_;
  Ear ear_;
  boost::asio::steady_timer pause_, ping_;
  std::shared_ptr<Stream> stream_{};
  std::size_t joined_ = 0;  // channels that stand on this connection
  int failures_ = 0;        // in a row
  std::size_t at_ = 0;      // of the endpoints
  bool stopped_ = false;
};

}  // namespace onsale::kv
