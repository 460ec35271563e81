#include "platform/crypto/key_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cerrno>
#include <filesystem>
#include <stdexcept>
#include <system_error>

#include "platform/crypto/bytes.h"

namespace onsale::crypto {
namespace {

namespace json = boost::json;

constexpr std::size_t kFileBytesMax = 64 * 1024;

std::string reason(int error) { return std::generic_category().message(error); }

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error(what); }

class File {
 public:
  File(const std::string& path, int flags) : path_(path) {
    fd_ = ::open(path.c_str(), flags | O_CLOEXEC, 0600);
    error_ = fd_ < 0 ? errno : 0;
  }
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  int error() const { return error_; }
  void demand(bool ok, const char* what) const {
    if (!ok) fail(std::string("cannot ") + what + " " + path_ + ": " + reason(errno));
  }
  std::string read_all() const {
    std::string text(kFileBytesMax, '\0');
    const ssize_t n = ::read(fd_, text.data(), text.size());
    demand(n >= 0, "read");
    text.resize(static_cast<std::size_t>(n));
    return text;
  }
  void write_all(std::string_view text) const {
    while (!text.empty()) {
      const ssize_t n = ::write(fd_, text.data(), text.size());
      if (n < 0 && errno == EINTR) continue;
      demand(n > 0, "write");
      text.remove_prefix(static_cast<std::size_t>(n));
    }
  }
  void flush() const { demand(::fsync(fd_) == 0, "flush"); }

 private:
  std::string path_;
  int fd_ = -1;
  int error_ = 0;
};

StoredKey parse_key(const json::object& object) {
  StoredKey key;
  const json::string& encoded = object.at("seed").as_string();
  const auto seed = from_base64url({encoded.data(), encoded.size()});
  if (!seed || seed->size() != kSeedBytes) fail("a seed is not 32 bytes");
  key.seed = *seed;
  key.created_at = from_unix_ms(object.at("created_ms").as_int64());
  if (const json::value* retires = object.if_contains("retires_ms"))
    key.retires_at = from_unix_ms(retires->as_int64());
  return key;
}

std::string document(const std::vector<StoredKey>& keys) {
  json::array list;
  for (const StoredKey& key : keys) {
    json::object object{{"seed", base64url(key.seed)}, {"created_ms", to_unix_ms(key.created_at)}};
    if (key.retires_at) object["retires_ms"] = to_unix_ms(*key.retires_at);
    list.push_back(std::move(object));
  }
  return json::serialize(json::object{{"keys", std::move(list)}}) + "\n";
}

}  // namespace

std::vector<StoredKey> KeyFile::load() {
  const File file(path_, O_RDONLY);
  if (file.error() == ENOENT) return {};
  if (file.error()) fail("cannot open the key file " + path_ + ": " + reason(file.error()));
  try {
    const std::string text = file.read_all();
    const json::value value = json::parse({text.data(), text.size()});
    std::vector<StoredKey> keys;
    for (const json::value& key : value.at("keys").as_array())
      keys.push_back(parse_key(key.as_object()));
    if (keys.empty()) fail("it holds no key");
    return keys;
  } catch (const std::exception&) {
    fail("the key file " + path_ +
         " is damaged: restore it from a backup (removing it signs everybody out)");
  }
}

void KeyFile::save(const std::vector<StoredKey>& keys) {
  const std::string beside = path_ + ".new";
  const auto parent = std::filesystem::path(path_).parent_path().string();
  {
    ::unlink(beside.c_str());  // left by a crash, perhaps with other rights
    errno = 0;
    const File file(beside, O_WRONLY | O_CREAT | O_EXCL);
    if (file.error()) fail("cannot write the key file " + beside + ": " + reason(file.error()));
    file.write_all(document(keys));
    file.flush();
  }
  if (::rename(beside.c_str(), path_.c_str()) != 0)
    fail("cannot replace the key file " + path_ + ": " + reason(errno));
  const File directory(parent.empty() ? "." : parent, O_RDONLY | O_DIRECTORY);
  if (!directory.error()) directory.flush();
}

}  // namespace onsale::crypto
