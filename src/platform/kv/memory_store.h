// The keys of kv::Memory, and what commands do to them. Pure: time comes in. Thread: one at a time.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "platform/kv/kv.h"

namespace onsale::kv {

using Words = std::vector<std::string>;

// An error as a server words it.
struct Said {
  std::string text;
};

Reply text_reply(std::string text);
Reply integer_reply(std::int64_t number);
Reply array_reply(std::vector<Reply> items);
Reply ok_reply();
std::int64_t to_integer(const std::string& text);               // throws Said
void one_slot(std::span<const std::string> keys);               // throws Said
bool is_word(const std::string& text, std::string_view upper);  // in any case

class MemoryStore {
 public:
  // Throws Said. `now` on any clock that does not go back.
  Reply run(const Words& words, Millis now);
  // XREAD's `$` as they are now, for one that waits.
  void fix_last_ids(Words& words);

 private:
  struct EntryId {
    std::uint64_t ms = 0, number = 0;
    auto operator<=>(const EntryId&) const = default;
  };
  struct Stream {
    std::map<EntryId, Words> entries{};
    EntryId last{};
  };
  using Hash = std::map<std::string, std::string>;
  struct Sorted {
    std::map<std::string, double> scores{};
    std::set<std::pair<double, std::string>> order{};
  };
  struct Value {
    std::variant<std::string, Hash, Sorted, Stream> data;
    std::optional<Millis> expires{};
  };

  Value* find(const std::string& key);
  template <class T>
  T* find_as(const std::string& key);  // throws Said when it is something else
  template <class T>
  T& make(const std::string& key);

  Reply set(const Words& words);
  Reply del(const Words& words);
  Reply increase(const Words& words);
  Reply expire(const Words& words, Millis unit);
  Reply time_left(const Words& words);
  Reply get_many(const Words& words);
  Reply hash_set(const Words& words);
  Reply hash_del(const Words& words);
  Reply hash_all(const Words& words);
  Reply sorted_add(const Words& words);
  Reply sorted_remove(const Words& words);
  Reply sorted_range(const Words& words);

  static std::string to_text(EntryId id);
  static EntryId to_id(const std::string& text, std::uint64_t number_if_none);
  static Reply entry_reply(EntryId id, const Words& fields);
  static std::int64_t trim(Stream& stream, const Words& words, std::size_t at);
  static std::size_t trim_size(const Words& words, std::size_t at);
  EntryId next_id(const Stream& stream, const std::string& text) const;
  Reply stream_add(const Words& words);
  Reply stream_range(const Words& words);
  Reply stream_read(const Words& words);
  Reply stream_trim(const Words& words);
  Reply stream_length(const Words& words);

  std::map<std::string, Value> values_;
  Millis now_{};
};

}  // namespace onsale::kv
