#include "gateway/use_store.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "base/log.h"
#include "platform/crypto/bytes.h"

namespace onsale::gateway {
namespace {

constexpr std::size_t kStampKeyBytes = 32;
constexpr std::size_t kLinesMin = 10'000;  // fewer are never rewritten

[[noreturn]] void fail(const std::string& path) {
  throw std::runtime_error("cannot use " + path + ": " + std::strerror(errno) +
                           "; choose another folder with --state");
}

bool write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// Beside it, flushed, renamed: there is never half of it.
void replace_file(const std::string& path, std::string_view bytes) {
  const std::string beside = path + ".new";
  const int file = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) fail(beside);
  const bool written = write_all(file, bytes) && ::fsync(file) == 0;
  ::close(file);
  if (!written || ::rename(beside.c_str(), path.c_str()) != 0) fail(beside);
}

std::string file_bytes(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  return bytes.str();
}

std::string line_of(const Use& use) {
  const std::string_view owner(reinterpret_cast<const char*>(use.owner.data()), use.owner.size());
  return std::to_string(use.until_s) + ' ' + crypto::base64url(owner) + ' ' +
         crypto::base64url(use.pass_id) + '\n';
}

}  // namespace

UseStore::UseStore(const std::string& folder) : path_(folder + "/used") {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  const std::string key = folder + "/stamp.key";
  stamp_key_ = file_bytes(key);
  if (stamp_key_.size() == kStampKeyBytes) return;
  stamp_key_ = crypto::random_bytes(kStampKeyBytes);
  replace_file(key, stamp_key_);
}

UseStore::~UseStore() {
  if (file_ >= 0) ::close(file_);
}

std::vector<Use> UseStore::load(std::int64_t now_s) {
  std::lock_guard lock(mutex_);
  auto uses = read_all(now_s);
  rewrite(uses);
  return uses;
}

// A last line that was cut short is passed over: nobody was let in for it.
std::vector<Use> UseStore::read_all(std::int64_t now_s) const {
  std::vector<Use> uses;
  std::istringstream in(file_bytes(path_));
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    Use use;
    std::string owner_text, id_text;
    if (!(words >> use.until_s >> owner_text >> id_text) || use.until_s <= now_s) continue;
    const auto owner = crypto::from_base64url(owner_text);
    const auto id = crypto::from_base64url(id_text);
    if (!owner || owner->size() != use.owner.size() || !id) continue;
    std::memcpy(use.owner.data(), owner->data(), use.owner.size());
    use.pass_id = *id;
    uses.push_back(std::move(use));
  }
  return uses;
}

void UseStore::rewrite(const std::vector<Use>& uses) {
  std::string bytes;
  for (const Use& use : uses) bytes += line_of(use);
  replace_file(path_, bytes);
  if (file_ >= 0) ::close(file_);
  file_ = ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  if (file_ < 0) fail(path_);
  lines_ = uses.size();
  rewrite_at_ = std::max(kLinesMin, 2 * lines_);
}

bool UseStore::add(const Use& use, std::int64_t now_s) {
  std::lock_guard lock(mutex_);
  try {
    if (file_ < 0 || lines_ >= rewrite_at_) rewrite(read_all(now_s));
  } catch (const std::exception& error) {
    log::error("gateway", "cannot keep which passes were used", {{"why", error.what()}});
    return false;
  }
  if (write_all(file_, line_of(use))) {
    ++lines_;
    return true;
  }
  log::error("gateway", "cannot keep which passes were used", {{"why", std::strerror(errno)}});
  // What is there of the line would swallow the next one: the file is made anew before that.
  ::close(std::exchange(file_, -1));
  return false;
}

}  // namespace onsale::gateway
