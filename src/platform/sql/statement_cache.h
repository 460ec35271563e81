// Prepared statements of one connection, kept by their text. Bounded: the one unused longest goes.
// Thread: the connection's.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace onsale::sql {

inline constexpr std::size_t kStatementsMax = 512;

template <class Statement>
class StatementCache {
 public:
  Statement* find(std::string_view sql) {
    const auto found = entries_.find(sql);
    if (found == entries_.end()) return nullptr;
    found->second.used = ++ticks_;
    return found->second.statement.get();
  }

  Statement& add(std::string_view sql, std::unique_ptr<Statement> statement) {
    if (entries_.size() >= kStatementsMax) {
      entries_.erase(std::ranges::min_element(entries_, {},
                                              [](const auto& entry) { return entry.second.used; }));
    }
    Entry& entry = entries_[std::string(sql)];
    entry = {std::move(statement), ++ticks_};
    return *entry.statement;
  }

  void drop(std::string_view sql) {
    const auto found = entries_.find(sql);
    if (found != entries_.end()) entries_.erase(found);
  }

  void clear() { entries_.clear(); }
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::unique_ptr<Statement> statement;
    std::uint64_t used = 0;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };
  std::unordered_map<std::string, Entry, Hash, std::equal_to<>> entries_;
  std::uint64_t ticks_ = 0;
};

}  // namespace onsale::sql
