#include "platform/kv/memory_store.h"

#include <cmath>
#include <cstdio>
#include <limits>

#include "platform/kv/slots.h"

namespace onsale::kv {
namespace {

constexpr const char* kWrongType =
    "WRONGTYPE Operation against a key holding the wrong kind of value";
constexpr const char* kNotInteger = "ERR value is not an integer or out of range";
constexpr const char* kSyntax = "ERR syntax error";

void at_least(const Words& words, std::size_t count) {
  if (words.size() < count)
    throw Said{"ERR wrong number of arguments for '" + words[0] + "' command"};
}

double to_score(const std::string& text) {
  if (text == "+inf" || text == "inf") return std::numeric_limits<double>::infinity();
  if (text == "-inf") return -std::numeric_limits<double>::infinity();
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || std::isnan(value))
    throw Said{"ERR value is not a valid float"};
  return value;
}

std::string score_text(double score) {
  char text[32];
  const int size = std::snprintf(text, sizeof text, "%.17g", score);
  return std::string(text, static_cast<std::size_t>(size));
}

struct Bound {
  double value;
  bool open;
};

Bound to_bound(const std::string& text) {
  const bool open = text.starts_with('(');
  try {
    return {to_score(open ? text.substr(1) : text), open};
  } catch (const Said&) {
    throw Said{"ERR min or max is not a float"};
  }
}

}  // namespace

Reply text_reply(std::string text) { return {.kind = Reply::Kind::text, .text = std::move(text)}; }
Reply integer_reply(std::int64_t number) {
  return {.kind = Reply::Kind::integer, .integer = number};
}
Reply array_reply(std::vector<Reply> items) {
  return {.kind = Reply::Kind::array, .items = std::move(items)};
}
Reply ok_reply() { return {.kind = Reply::Kind::status, .text = "OK"}; }

std::int64_t to_integer(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) throw Said{kNotInteger};
  return value;
}

void one_slot(std::span<const std::string> keys) {
  for (const std::string& key : keys)
    if (hash_slot(key) != hash_slot(keys.front()))
      throw Said{"CROSSSLOT Keys in request don't hash to the same slot"};
}

bool is_word(const std::string& text, std::string_view upper) {
  return std::ranges::equal(text, upper, {}, [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
}

Reply MemoryStore::run(const Words& words, Millis now) {
  now_ = now;
  struct Known {
    std::string_view name;
    std::size_t words_min;
    std::function<Reply(MemoryStore&, const Words&)> run;
  };
  using S = MemoryStore;
  static const std::vector<Known> all = {
      {"GET", 2,
       [](S& s, const Words& w) {
         const auto* text = s.find_as<std::string>(w[1]);
         return text ? text_reply(*text) : Reply();
       }},
      {"SET", 3, [](S& s, const Words& w) { return s.set(w); }},
      {"DEL", 2, [](S& s, const Words& w) { return s.del(w); }},
      {"INCRBY", 3, [](S& s, const Words& w) { return s.increase(w); }},
      {"EXPIRE", 3, [](S& s, const Words& w) { return s.expire(w, Millis(1'000)); }},
      {"PEXPIRE", 3, [](S& s, const Words& w) { return s.expire(w, Millis(1)); }},
      {"PTTL", 2, [](S& s, const Words& w) { return s.time_left(w); }},
      {"MGET", 2, [](S& s, const Words& w) { return s.get_many(w); }},
      {"HSET", 4, [](S& s, const Words& w) { return s.hash_set(w); }},
      {"HGET", 3,
       [](S& s, const Words& w) {
         const auto* hash = s.find_as<Hash>(w[1]);
         const auto found = hash ? hash->find(w[2]) : Hash::const_iterator();
         return hash && found != hash->end() ? text_reply(found->second) : Reply();
       }},
      {"HGETALL", 2, [](S& s, const Words& w) { return s.hash_all(w); }},
      {"HDEL", 3, [](S& s, const Words& w) { return s.hash_del(w); }},
      {"ZADD", 4, [](S& s, const Words& w) { return s.sorted_add(w); }},
      {"ZREM", 3, [](S& s, const Words& w) { return s.sorted_remove(w); }},
      {"ZRANGEBYSCORE", 4, [](S& s, const Words& w) { return s.sorted_range(w); }},
      {"XADD", 5, [](S& s, const Words& w) { return s.stream_add(w); }},
      {"XRANGE", 4, [](S& s, const Words& w) { return s.stream_range(w); }},
      {"XREAD", 4, [](S& s, const Words& w) { return s.stream_read(w); }},
      {"XTRIM", 4, [](S& s, const Words& w) { return s.stream_trim(w); }},
      {"XLEN", 2, [](S& s, const Words& w) { return s.stream_length(w); }},
  };
  for (const Known& known : all) {
    if (!is_word(words[0], known.name)) continue;
    at_least(words, known.words_min);
    return known.run(*this, words);
  }
  throw Said{"ERR unknown command '" + words[0] + "'"};
}

MemoryStore::Value* MemoryStore::find(const std::string& key) {
  const auto found = values_.find(key);
  if (found == values_.end()) return nullptr;
  if (!found->second.expires || *found->second.expires > now_) return &found->second;
  values_.erase(found);
  return nullptr;
}

template <class T>
T* MemoryStore::find_as(const std::string& key) {
  Value* const value = find(key);
  if (!value) return nullptr;
  auto* const found = std::get_if<T>(&value->data);
  if (!found) throw Said{kWrongType};
  return found;
}

template <class T>
T& MemoryStore::make(const std::string& key) {
  if (T* const there = find_as<T>(key)) return *there;
  return std::get<T>(values_.insert_or_assign(key, Value{T()}).first->second.data);
}

Reply MemoryStore::set(const Words& words) {
  bool only_new = false, only_old = false;
  std::optional<Millis> expires;
  for (std::size_t i = 3; i < words.size(); ++i) {
    if (is_word(words[i], "NX")) {
      only_new = true;
    } else if (is_word(words[i], "XX")) {
      only_old = true;
    } else if ((is_word(words[i], "PX") || is_word(words[i], "EX")) && i + 1 < words.size()) {
      const Millis unit(is_word(words[i], "EX") ? 1'000 : 1);
      const std::int64_t count = to_integer(words[++i]);
      if (count <= 0) throw Said{"ERR invalid expire time in 'set' command"};
      expires = now_ + count * unit;
    } else {
      throw Said{kSyntax};
    }
  }
  if (only_new && only_old) throw Said{kSyntax};
  const bool there = find(words[1]) != nullptr;
  if (there ? only_new : only_old) return {};
  values_.insert_or_assign(words[1], Value{words[2], expires});
  return ok_reply();
}

Reply MemoryStore::del(const Words& words) {
  one_slot(std::span(words).subspan(1));
  std::int64_t gone = 0;
  for (std::size_t i = 1; i < words.size(); ++i)
    if (find(words[i])) gone += static_cast<std::int64_t>(values_.erase(words[i]));
  return integer_reply(gone);
}

Reply MemoryStore::increase(const Words& words) {
  const std::int64_t by = to_integer(words[2]);
  const auto* there = find_as<std::string>(words[1]);
  const std::int64_t old = there ? to_integer(*there) : 0;
  std::int64_t sum = 0;
  if (__builtin_add_overflow(old, by, &sum))
    throw Said{"ERR increment or decrement would overflow"};
  make<std::string>(words[1]) = std::to_string(sum);
  return integer_reply(sum);
}

Reply MemoryStore::expire(const Words& words, Millis unit) {
  const std::int64_t count = to_integer(words[2]);
  Value* const value = find(words[1]);
  if (!value) return integer_reply(0);
  if (count <= 0)
    values_.erase(words[1]);
  else
    value->expires = now_ + count * unit;
  return integer_reply(1);
}

Reply MemoryStore::time_left(const Words& words) {
  const Value* const value = find(words[1]);
  if (!value) return integer_reply(-2);
  return integer_reply(value->expires ? (*value->expires - now_).count() : -1);
}

Reply MemoryStore::get_many(const Words& words) {
  one_slot(std::span(words).subspan(1));
  std::vector<Reply> items;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const Value* const value = find(words[i]);
    const auto* text = value ? std::get_if<std::string>(&value->data) : nullptr;
    items.push_back(text ? text_reply(*text) : Reply());
  }
  return array_reply(std::move(items));
}

Reply MemoryStore::hash_set(const Words& words) {
  if (words.size() % 2 != 0) at_least(words, words.size() + 1);
  auto& hash = make<Hash>(words[1]);
  std::int64_t added = 0;
  for (std::size_t i = 2; i < words.size(); i += 2)
    added += hash.insert_or_assign(words[i], words[i + 1]).second ? 1 : 0;
  return integer_reply(added);
}

Reply MemoryStore::hash_all(const Words& words) {
  std::vector<Reply> items;
  if (const auto* hash = find_as<Hash>(words[1])) {
    for (const auto& [field, value] : *hash) {
      items.push_back(text_reply(field));
      items.push_back(text_reply(value));
    }
  }
  return array_reply(std::move(items));
}

Reply MemoryStore::hash_del(const Words& words) {
  auto* const hash = find_as<Hash>(words[1]);
  if (!hash) return integer_reply(0);
  std::int64_t gone = 0;
  for (std::size_t i = 2; i < words.size(); ++i)
    gone += static_cast<std::int64_t>(hash->erase(words[i]));
  if (hash->empty()) values_.erase(words[1]);
  return integer_reply(gone);
}

Reply MemoryStore::sorted_add(const Words& words) {
  if (words.size() % 2 != 0) throw Said{kSyntax};
  std::vector<double> scores;
  for (std::size_t i = 2; i < words.size(); i += 2) scores.push_back(to_score(words[i]));
  auto& sorted = make<Sorted>(words[1]);
  std::int64_t added = 0;
  for (std::size_t i = 2; i < words.size(); i += 2) {
    const double score = scores[i / 2 - 1];
    const auto [at, fresh] = sorted.scores.try_emplace(words[i + 1], score);
    if (!fresh) sorted.order.erase({at->second, words[i + 1]});
    at->second = score;
    sorted.order.insert({score, words[i + 1]});
    added += fresh ? 1 : 0;
  }
  return integer_reply(added);
}

Reply MemoryStore::sorted_remove(const Words& words) {
  auto* const sorted = find_as<Sorted>(words[1]);
  if (!sorted) return integer_reply(0);
  std::int64_t gone = 0;
  for (std::size_t i = 2; i < words.size(); ++i) {
    const auto found = sorted->scores.find(words[i]);
    if (found == sorted->scores.end()) continue;
    sorted->order.erase({found->second, words[i]});
    sorted->scores.erase(found);
    ++gone;
  }
  if (sorted->scores.empty()) values_.erase(words[1]);
  return integer_reply(gone);
}

Reply MemoryStore::sorted_range(const Words& words) {
  const Bound low = to_bound(words[2]), high = to_bound(words[3]);
  bool with_scores = false;
  std::int64_t skip = 0, most = -1;
  for (std::size_t i = 4; i < words.size(); ++i) {
    if (is_word(words[i], "WITHSCORES")) {
      with_scores = true;
    } else if (is_word(words[i], "LIMIT") && i + 2 < words.size()) {
      skip = to_integer(words[i + 1]);
      most = to_integer(words[i + 2]);
      i += 2;
    } else {
      throw Said{kSyntax};
    }
  }
  std::vector<Reply> items;
  const auto* sorted = find_as<Sorted>(words[1]);
  if (!sorted || skip < 0) return array_reply({});
  for (auto at = sorted->order.lower_bound({low.value, ""}); at != sorted->order.end(); ++at) {
    if (low.open && at->first == low.value) continue;
    if (at->first > high.value || (high.open && at->first == high.value)) break;
    if (skip-- > 0) continue;
    if (most-- == 0) break;
    items.push_back(text_reply(at->second));
    if (with_scores) items.push_back(text_reply(score_text(at->first)));
  }
  return array_reply(std::move(items));
}

// ---- streams

std::string MemoryStore::to_text(EntryId id) {
  return std::to_string(id.ms) + "-" + std::to_string(id.number);
}

MemoryStore::EntryId MemoryStore::to_id(const std::string& text, std::uint64_t number_if_none) {
  const auto dash = text.find('-');
  const std::string ms = text.substr(0, dash);
  EntryId id{.number = number_if_none};
  auto read = [](std::string_view part, std::uint64_t& out) {
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), out);
    if (error != std::errc() || end != part.data() + part.size())
      throw Said{"ERR Invalid stream ID specified as stream command argument"};
  };
  read(ms, id.ms);
  if (dash != text.npos) read(std::string_view(text).substr(dash + 1), id.number);
  return id;
}

Reply MemoryStore::entry_reply(EntryId id, const Words& fields) {
  std::vector<Reply> items;
  for (const std::string& field : fields) items.push_back(text_reply(field));
  return array_reply({text_reply(to_text(id)), array_reply(std::move(items))});
}

// How many words from `at` say how to trim: none where it is no MAXLEN or MINID.
std::size_t MemoryStore::trim_size(const Words& words, std::size_t at) {
  if (at >= words.size() || !(is_word(words[at], "MAXLEN") || is_word(words[at], "MINID")))
    return 0;
  const bool marked = at + 1 < words.size() && (words[at + 1] == "~" || words[at + 1] == "=");
  const std::size_t size = marked ? 3 : 2;
  if (at + size > words.size()) throw Said{kSyntax};
  return size;
}

std::int64_t MemoryStore::trim(Stream& stream, const Words& words, std::size_t at) {
  const std::string& limit = words[at + trim_size(words, at) - 1];
  const auto before = std::ssize(stream.entries);
  if (is_word(words[at], "MINID")) {
    stream.entries.erase(stream.entries.begin(), stream.entries.lower_bound(to_id(limit, 0)));
  } else {
    const std::int64_t most = to_integer(limit);
    if (most < 0) throw Said{"ERR The MAXLEN argument must be >= 0."};
    while (std::ssize(stream.entries) > most) stream.entries.erase(stream.entries.begin());
  }
  return before - std::ssize(stream.entries);
}

MemoryStore::EntryId MemoryStore::next_id(const Stream& stream, const std::string& text) const {
  const EntryId last = stream.last;
  if (text == "*") {
    const auto ms = static_cast<std::uint64_t>(now_.count());
    return ms > last.ms ? EntryId{ms, 0} : EntryId{last.ms, last.number + 1};
  }
  EntryId id;
  if (text.ends_with("-*")) {
    id = to_id(text.substr(0, text.size() - 2), 0);
    id.number = id.ms == last.ms ? last.number + 1 : id.ms == 0 ? 1 : 0;
  } else {
    id = to_id(text, 0);
  }
  if (id == EntryId{}) throw Said{"ERR The ID specified in XADD must be greater than 0-0"};
  if (id <= last)
    throw Said{"ERR The ID specified in XADD is equal or smaller than the target stream top item"};
  return id;
}

Reply MemoryStore::stream_add(const Words& words) {
  const std::size_t at = 2 + trim_size(words, 2);
  if (at + 3 > words.size() || (words.size() - at - 1) % 2 != 0)
    throw Said{"ERR wrong number of arguments for 'xadd' command"};
  const Stream none;
  const auto* there = find_as<Stream>(words[1]);
  const EntryId id = next_id(there ? *there : none, words[at]);
  auto& stream = make<Stream>(words[1]);
  stream.entries.emplace(id,
                         Words(words.begin() + static_cast<std::ptrdiff_t>(at) + 1, words.end()));
  stream.last = id;
  if (at > 2) trim(stream, words, 2);
  return text_reply(to_text(id));
}

Reply MemoryStore::stream_range(const Words& words) {
  constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();
  std::int64_t count = std::numeric_limits<std::int64_t>::max();
  if (words.size() == 6 && is_word(words[4], "COUNT"))
    count = to_integer(words[5]);
  else if (words.size() != 4)
    throw Said{kSyntax};
  auto bound = [](const std::string& text, std::uint64_t number, EntryId all) {
    if (text == "-" || text == "+") return all;
    return to_id(text.starts_with('(') ? text.substr(1) : text, number);
  };
  const EntryId low = bound(words[2], 0, {});
  const EntryId high = bound(words[3], kMost, {kMost, kMost});
  std::vector<Reply> items;
  const auto* stream = find_as<Stream>(words[1]);
  if (!stream) return array_reply({});
  for (auto at = stream->entries.lower_bound(low); at != stream->entries.end(); ++at) {
    if (at->first > high || std::ssize(items) >= count) break;
    if (words[2].starts_with('(') && at->first == low) continue;
    if (words[3].starts_with('(') && at->first == high) break;
    items.push_back(entry_reply(at->first, at->second));
  }
  return array_reply(std::move(items));
}

Reply MemoryStore::stream_read(const Words& words) {
  std::int64_t count = std::numeric_limits<std::int64_t>::max();
  std::size_t at = 1;
  for (; at + 1 < words.size() && !is_word(words[at], "STREAMS"); at += 2) {
    if (is_word(words[at], "COUNT"))
      count = to_integer(words[at + 1]);
    else if (!is_word(words[at], "BLOCK"))
      throw Said{kSyntax};
  }
  const std::size_t rest = words.size() - at - 1;
  if (at >= words.size() || rest == 0 || rest % 2 != 0) throw Said{kSyntax};
  const auto keys = std::span(words).subspan(at + 1, rest / 2);
  const auto ids = std::span(words).subspan(at + 1 + rest / 2);
  one_slot(keys);
  std::vector<Reply> streams;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto* stream = find_as<Stream>(keys[i]);
    if (!stream || ids[i] == "$") continue;
    std::vector<Reply> items;
    auto entry = stream->entries.upper_bound(to_id(ids[i], 0));
    for (; entry != stream->entries.end() && std::ssize(items) < count; ++entry)
      items.push_back(entry_reply(entry->first, entry->second));
    if (!items.empty())
      streams.push_back(array_reply({text_reply(keys[i]), array_reply(std::move(items))}));
  }
  return streams.empty() ? Reply() : array_reply(std::move(streams));
}

void MemoryStore::fix_last_ids(Words& words) {
  const auto streams =
      std::ranges::find_if(words, [](const std::string& word) { return is_word(word, "STREAMS"); });
  const auto keys = std::span(streams, words.end()).subspan(1);
  for (std::size_t i = keys.size() / 2; i < keys.size(); ++i) {
    if (keys[i] != "$") continue;
    const auto* stream = find_as<Stream>(keys[i - keys.size() / 2]);
    keys[i] = to_text(stream ? stream->last : EntryId{});
  }
}

Reply MemoryStore::stream_trim(const Words& words) {
  if (2 + trim_size(words, 2) != words.size()) throw Said{kSyntax};
  auto* const stream = find_as<Stream>(words[1]);
  return integer_reply(stream ? trim(*stream, words, 2) : 0);
}

Reply MemoryStore::stream_length(const Words& words) {
  const auto* stream = find_as<Stream>(words[1]);
  return integer_reply(stream ? std::ssize(stream->entries) : 0);
}

}  // namespace onsale::kv
