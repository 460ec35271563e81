// The log of a room as rows of CSV (RFC 4180), one fact a row; a change of settings one row for
// each field. Never says whose device it was.
#pragma once

#include "waitroom/log/stored_batch.h"
#include "waitroom/settings.h"

namespace onsale::waitroom {

std::string_view to_string(Fact fact);

class LogCsv {
 public:
  // `before`: the settings before the first record, when they are known.
  LogCsv(std::uint32_t epoch, std::optional<Settings> before)
      : epoch_(epoch), settings_(std::move(before)) {}

  static constexpr std::string_view kHeader =
      "batch,at,what,place,sequence,lane,field,before,after\r\n";
  // Appends the rows of a record; returns how many there were.
  std::size_t add(std::string& out, std::uint64_t batch, const Record& record);

 private:
  const std::uint32_t epoch_;
  std::optional<Settings> settings_;
};

}  // namespace onsale::waitroom
