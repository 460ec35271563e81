#include "base/log.h"

#include <atomic>
#include <cstdio>

namespace onsale::log {
namespace {

std::atomic<Sink*> installed{nullptr};

void to_stderr(Level level, std::string_view module, std::string_view what,
               const std::vector<Field>& fields) {
  if (level < Level::warn) return;
  std::string line(module);
  line.append(": ").append(what);
  for (const auto& field : fields)
    line.append(" ").append(field.key).append("=").append(field.value);
  std::fprintf(stderr, "%s\n", line.c_str());
}

}  // namespace

void install(Sink* sink) { installed.store(sink); }

void write(Level level, std::string_view module, std::string_view what, std::vector<Field> fields) {
  if (Sink* sink = installed.load()) {
    sink->write(level, module, what, fields);
  } else {
    to_stderr(level, module, what, fields);
  }
}

}  // namespace onsale::log
