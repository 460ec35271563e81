// Replies out of a stream of bytes, by hiredis' reader.
#pragma once

#include <memory>
#include <string_view>

#include "platform/kv/kv.h"

struct redisReader;

namespace onsale::kv {

class Reader {
 public:
  enum class Got { reply, more, broken };

  Reader();
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // At most 8 KiB at a time: the reader moves what it has not read yet after each KiB of replies.
  static constexpr std::size_t kFeedMax = 8 * 1024;
  void feed(std::string_view bytes);
  // The next whole reply. `broken` stays: no protocol, or more than one connection may hold.
  Got next(Reply& out);

 private:
  static constexpr std::size_t kReplyBytesMax = 32 * 1024 * 1024;

  struct Free {
    void operator()(redisReader* reader) const noexcept;
  };
  std::unique_ptr<redisReader, Free> reader_;
  Reply root_;
  bool broken_ = false;
};

}  // namespace onsale::kv
