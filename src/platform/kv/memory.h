// kv inside the process: for one node without Redis, and for tests. It knows
//   GET SET (NX XX PX EX) DEL INCRBY EXPIRE PEXPIRE PTTL MGET  HSET HGET HGETALL HDEL
//   ZADD ZREM ZRANGEBYSCORE (WITHSCORES LIMIT)  PUBLISH  TIME  WAIT  EVALSHA (of what was defined)
//   XADD (MAXLEN MINID, exact also with ~)  XRANGE (COUNT)  XREAD (COUNT BLOCK)  XTRIM  XLEN
// and says of any other that it is unknown. Keys of one command must share a hash slot, as in a
// cluster. It has no replicas (WAIT counts 0, but for pretend_replicas) and loses everything with
// the process. Bounded by what its callers keep in it: nothing is evicted.
#pragma once

#include <memory>

#include "platform/kv/kv.h"

namespace onsale::exec {
class Loop;
}

namespace onsale::kv {

class Memory final : public Client {
 public:
  // Keeps time for calls that block and tells news, to those that were on no executor. Must outlive
  // it.
  explicit Memory(exec::Loop& loop);
  ~Memory() override;

  Task<Outcome> call(Command command, Options options = {}) override;
  Task<std::vector<Outcome>> pipeline(std::vector<Command> commands, Options options = {}) override;
  std::unique_ptr<Subscription> subscribe(std::vector<std::string> channels,
                                          std::function<void(const News&)> heard) override;

  // What a script does here, written a second time in C++, close to its Lua: `run` is redis.call.
  // It is one step: nothing else happens meanwhile. An error is Reply{.kind = error}.
  using Run = std::function<Reply(std::initializer_list<Word>)>;
  using Step = std::function<Reply(const Run& run, std::span<const std::string> keys,
                                   std::span<const std::string> arguments)>;
  void define(const Script& script, Step step);

  void advance(Millis by);  // what expires sees time go by
  void pretend_replicas(int count);

 private:
  struct State;
  const std::shared_ptr<State> state_;
};

}  // namespace onsale::kv
