#include "platform/kv/reader.h"

#include <hiredis/hiredis.h>

#include <new>

namespace onsale::kv {
namespace {

constexpr int kItemsMax = 1'000'000;

Reply& place(const redisReadTask* task) {
  if (!task->parent) return *static_cast<Reply*>(task->privdata);
  return static_cast<Reply*>(task->parent->obj)->items[static_cast<std::size_t>(task->idx)];
}

// These are called from C: null stands for an exception.
void* make_text(const redisReadTask* task, char* text, std::size_t size) {
  Reply& reply = place(task);
  reply.kind = task->type == REDIS_REPLY_ERROR    ? Reply::Kind::error
               : task->type == REDIS_REPLY_STATUS ? Reply::Kind::status
                                                  : Reply::Kind::text;
  try {
    reply.text.assign(text, size);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
  return &reply;
}

void* make_array(const redisReadTask* task, int count) {
  Reply& reply = place(task);
  if (count < 0 || count > kItemsMax) return nullptr;
  reply.kind = Reply::Kind::array;
  try {
    reply.items.resize(static_cast<std::size_t>(count));
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
  return &reply;
}

void* make_integer(const redisReadTask* task, long long number) {
  Reply& reply = place(task);
  reply.kind = Reply::Kind::integer;
  reply.integer = number;
  return &reply;
}

void* make_nil(const redisReadTask* task) {
  Reply& reply = place(task);
  reply.kind = Reply::Kind::nil;
  return &reply;
}

redisReplyObjectFunctions makers = {make_text, make_array, make_integer, make_nil, [](void*) {}};

}  // namespace

void Reader::Free::operator()(redisReader* reader) const noexcept { redisReaderFree(reader); }

Reader::Reader() : reader_(redisReaderCreateWithFunctions(&makers)) {
  if (!reader_) throw std::bad_alloc();
  reader_->privdata = &root_;
}

Reader::~Reader() = default;

void Reader::feed(std::string_view bytes) {
  if (broken_) return;
  broken_ = reader_->len - reader_->pos + bytes.size() > kReplyBytesMax ||
            redisReaderFeed(reader_.get(), bytes.data(), bytes.size()) != REDIS_OK;
}

Reader::Got Reader::next(Reply& out) {
  if (broken_) return Got::broken;
  void* reply = nullptr;
  broken_ = redisReaderGetReply(reader_.get(), &reply) != REDIS_OK;
  if (broken_) return Got::broken;
  if (!reply) return Got::more;
  out = std::move(root_);
  root_ = Reply();
  return Got::reply;
}

}  // namespace onsale::kv
