// What a guard must not forget when it is started anew: which passes were used and by whom, and the
// key of its cookies' stamps. Two files in a folder of its own. A use is in the file before anybody
// is let in; that survives the end of the process, though not a loss of power.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace onsale::gateway {

struct Use {
  std::string pass_id;
  std::array<unsigned char, 16> owner{};  // digest of the session
  std::int64_t until_s = 0;               // Unix seconds; nobody asks after that
};

// Thread: any. A use is one short line, for which nobody waits; once in 10,000 the file is written
// anew, which waits for the disk.
class UseStore {
 public:
  // Makes the folder. Throws std::runtime_error in one line when it cannot be used.
  explicit UseStore(const std::string& folder);
  ~UseStore();
  UseStore(const UseStore&) = delete;
  UseStore& operator=(const UseStore&) = delete;

  const std::string& stamp_key() const { return stamp_key_; }  // 32 bytes
  // Those that still count at `now_s`; drops the others from the file.
  std::vector<Use> load(std::int64_t now_s);
  // False when it could not be written: let nobody in.
  bool add(const Use& use, std::int64_t now_s);

 private:
  void rewrite(const std::vector<Use>& uses);
  std::vector<Use> read_all(std::int64_t now_s) const;

  const std::string path_;
  std::string stamp_key_;
  std::mutex mutex_;
  int file_ = -1;               // guarded by mutex_
  std::size_t lines_ = 0;       // guarded by mutex_
  std::size_t rewrite_at_ = 0;  // guarded by mutex_
};

}  // namespace onsale::gateway
