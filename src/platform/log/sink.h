// Where log lines go: JSON lines for machines, coloured columns on a terminal. Lines are formatted
// by the caller and written by a thread of its own; when that thread falls behind, the oldest lines
// are dropped and counted, so that logging never blocks an event loop. Thread: any.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/log.h"
#include "base/time.h"

namespace onsale::log {

enum class Format { automatic, json, pretty };  // automatic: pretty on a terminal

struct Options {
  Level level = Level::info;  // the least that is written
  Format format = Format::automatic;
  std::size_t queue_lines_max = 8192;
};

// One line each, without the newline. A field named trace_id moves to the top level.
std::string json_line(Timestamp at, Level level, std::string_view module, std::string_view what,
                      const std::vector<Field>& fields);
std::string pretty_line(Timestamp at, Level level, std::string_view module, std::string_view what,
                        const std::vector<Field>& fields);

class AsyncSink final : public Sink {
 public:
  using Out = std::function<void(std::string_view line)>;

  // Without `out`, lines go to standard error. `clock` must outlive this.
  AsyncSink(const Clock& clock, Options options, Out out = {});
  // Writes what is queued.
  ~AsyncSink() override;

  void write(Level level, std::string_view module, std::string_view what,
             const std::vector<Field>& fields) override;
  // Lines that were dropped so far.
  std::size_t dropped() const;

 private:
  struct Machinery;
  const Clock& clock_;
  const Options options_;
  const bool pretty_;
  std::unique_ptr<Machinery> machinery_;
};

}  // namespace onsale::log
