// Places for the log to go in tests and simulators. One at a time; standard error when it is gone.
#pragma once

#include <mutex>
#include <string>

#include "base/log.h"

namespace onsale {

// For where the log is not what it is about.
class QuietLog final : public log::Sink {
 public:
  QuietLog() { log::install(this); }
  ~QuietLog() override { log::install(nullptr); }
  void write(log::Level, std::string_view, std::string_view,
             const std::vector<log::Field>&) override {}
};

// Thread: any.
class KeptLog final : public log::Sink {
 public:
  KeptLog() { log::install(this); }
  ~KeptLog() override { log::install(nullptr); }
  void write(log::Level, std::string_view module, std::string_view what,
             const std::vector<log::Field>& fields) override {
    std::lock_guard lock(mutex_);
    lines_.append(module).append(": ").append(what);
    for (const auto& field : fields) lines_.append(" ").append(field.key).append("=" + field.value);
    lines_ += '\n';
  }
  bool has(std::string_view text) const {
    std::lock_guard lock(mutex_);
    return lines_.find(text) != std::string::npos;
  }

 private:
  mutable std::mutex mutex_;
  std::string lines_;
};

}  // namespace onsale
