// Where a provider's memory becomes durable, in its own words: whole records under their names.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/task.h"

namespace onsale::sandbox {

// Thread: the stand-in's loop.
class Records {
 public:
  virtual ~Records() = default;
  // False when nothing is kept: then nobody need make a text.
  virtual bool keeps() const = 0;
  // The record is this from now on; an empty text takes it away. Durable with the next flush().
  virtual void put(std::string_view kind, std::string_view name, std::string text) = 0;
  // Finishes when everything put so far, by whomever, is durable: who tells somebody of a record
  // waits for this first. Throws when it can't be kept.
  virtual Task<void> flush() = 0;
  // True when flush() has nothing to wait for.
  virtual bool settled() const = 0;
  // True when it can't be kept any more: flush() throws from now on.
  virtual bool broken() const { return false; }
};

// Keeps nothing.
class NoRecords final : public Records {
 public:
  bool keeps() const override { return false; }
  void put(std::string_view, std::string_view, std::string) override {}
  Task<void> flush() override { co_return; }
  bool settled() const override { return true; }
};

}  // namespace onsale::sandbox
