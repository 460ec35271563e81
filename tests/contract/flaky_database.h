// A database that goes away between any two units, or while its answer is on the way, and stays
// away until it is mended: an outage, or a process that was killed there. Thread: any.
#pragma once

#include <limits>
#include <mutex>

#include "platform/sql/database.h"

namespace onsale::testing_support {

class FlakyDatabase final : public sql::Database {
 public:
  // `database` must outlive this.
  explicit FlakyDatabase(sql::Database& database) : database_(database) {}

  // `units` more are done; then nothing is. With `last_is_done` the next one is done as well, and
  // its answer lost.
  void breaks_after(int units, bool last_is_done) {
    std::lock_guard lock(mutex_);
    left_ = units;
    last_is_done_ = last_is_done;
  }
  void mend() { breaks_after(kNever, false); }

  void close() override {}
  sql::Dialect dialect() const override { return database_.dialect(); }
  const Clock& clock() const override { return database_.clock(); }
  sql::Statistics statistics() const override { return database_.statistics(); }
  void on_publish(std::function<void()> wake) override { database_.on_publish(std::move(wake)); }

 protected:
  void submit(sql::Lane lane, std::unique_ptr<sql::Unit> unit) override {
    const auto [done, answered] = next();
    if (!done) throw sql::Outage("the database was told to be away");
    std::shared_ptr<sql::Unit> shared(std::move(unit));
    auto run = [shared](sql::Tx& tx) { shared->run(tx); };
    start(lane == sql::Lane::write ? database_.write(run) : database_.read(run),
          [shared, answered](std::exception_ptr error) {
            if (error) return shared->fail(std::move(error));
            if (answered) return shared->succeed();
            shared->fail(std::make_exception_ptr(sql::Outage("the answer was lost")));
          });
  }

 private:
  static constexpr int kNever = std::numeric_limits<int>::max();
  struct Next {
    bool done = true;
    bool answered = true;
  };
  Next next() {
    std::lock_guard lock(mutex_);
    if (left_ == kNever) return {};
    if (left_ > 0) {
      --left_;
      return {};
    }
    return {.done = std::exchange(last_is_done_, false), .answered = false};
  }

  sql::Database& database_;
  std::mutex mutex_;
  int left_ = kNever;
  bool last_is_done_ = false;
};

}  // namespace onsale::testing_support
