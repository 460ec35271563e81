#include "app/log_file.h"

#include <boost/describe.hpp>
#include <stdexcept>

#include "base/encoding.h"
#include "platform/crypto/bytes.h"
#include "platform/json/json.h"

namespace onsale::app {

namespace {

constexpr std::string_view kFormat = "onsale-room-log-1";
constexpr std::size_t kBasePart = 512 * 1024;

}  // namespace

struct LogHeadLine {
  std::string format, room, name;
  std::int64_t epoch = 0, after = 0;
  std::string link;
};
BOOST_DESCRIBE_STRUCT(LogHeadLine, (), (format, room, name, epoch, after, link))

struct LogBaseLine {
  std::string base;
};
BOOST_DESCRIBE_STRUCT(LogBaseLine, (), (base))

struct LogBatchLine {
  std::int64_t batch = 0;
  std::string link, records;
};
BOOST_DESCRIBE_STRUCT(LogBatchLine, (), (batch, link, records))

LogFileWriter::LogFileWriter(const std::string& path, const waitroom::StoredRoom& room,
                             const waitroom::LogStart& start)
    : path_(path), file_(path, std::ios::binary | std::ios::trunc) {
  LogHeadLine head{.format = std::string(kFormat),
                   .room = room.id.str(),
                   .name = room.name,
                   .epoch = room.epoch,
                   .after = static_cast<std::int64_t>(start.after),
                   .link = crypto::hex(start.link)};
  put(json::write(head));
  for (std::size_t from = 0; from < start.base.size(); from += kBasePart) {
    const LogBaseLine part{crypto::base64url(std::string_view(start.base).substr(from, kBasePart))};
    put(json::write(part));
  }
}

void LogFileWriter::add(const waitroom::LoggedBatch& batch) {
  const LogBatchLine line{.batch = static_cast<std::int64_t>(batch.number),
                          .link = crypto::hex(batch.link),
                          .records = crypto::base64url(batch.records)};
  put(json::write(line));
}

void LogFileWriter::put(const std::string& line) {
  file_ << line << '\n';
  if (!file_) throw std::runtime_error("cannot write " + path_);
}

void LogFileWriter::finish() {
  file_.flush();
  if (!file_) throw std::runtime_error("cannot write " + path_);
}

LogFileReader::LogFileReader(const std::string& path) : path_(path), file_(path, std::ios::binary) {
  const auto first = line();
  if (!first) throw std::runtime_error("cannot read " + path);
  const auto head = json::read<LogHeadLine>(*first);
  if (!head || head->format != kFormat) refuse("this is no log of a room");
  auto link = hex_decoded(head->link);
  if (!link || head->after < 0) refuse("the head is malformed");
  head_ = {.room = head->room,
           .name = head->name,
           .epoch = static_cast<std::uint32_t>(head->epoch),
           .start = {.after = static_cast<std::uint64_t>(head->after), .link = std::move(*link)}};
  while ((pending_ = line()) && pending_->starts_with("{\"base\"")) {
    const auto part = json::read<LogBaseLine>(*pending_);
    const auto bytes = part ? crypto::from_base64url(part->base) : std::nullopt;
    if (!bytes) refuse("a part of the base is malformed");
    head_.start.base += *bytes;
  }
}

std::optional<waitroom::LoggedBatch> LogFileReader::next() {
  const std::optional<std::string> text = pending_ ? std::exchange(pending_, {}) : line();
  if (!text) return {};
  const auto batch = json::read<LogBatchLine>(*text);
  if (!batch || batch->batch < 1) refuse("this line is no batch");
  auto records = crypto::from_base64url(batch->records);
  auto link = hex_decoded(batch->link);
  if (!records || !link) refuse("this line is no batch");
  return waitroom::LoggedBatch{.number = static_cast<std::uint64_t>(batch->batch),
                               .records = std::move(*records),
                               .link = std::move(*link)};
}

std::optional<std::string> LogFileReader::line() {
  std::string text;
  if (!std::getline(file_, text)) return {};
  ++number_;
  return text;
}

void LogFileReader::refuse(const std::string& why) const {
  throw std::runtime_error(path_ + ":" + std::to_string(number_) + ": " + why);
}

}  // namespace onsale::app
