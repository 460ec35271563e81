// How far a server's history of commits goes, as its GTIDs name it: what a replica must have
// applied before it shows a change. MariaDB writes domain-server-number, MySQL server:number.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace onsale::sql {

class Position {
 public:
  // Of a change, or what text() said; anything else is left out, as untrusted text may hold it.
  static Position parse(std::string_view text);

  bool empty() const { return heads_.empty(); }
  // From now on also as far as `other`.
  void reach(const Position& other);
  bool covers(const Position& other) const;
  // As the server's functions that wait for it take it, at most kTextMax bytes. Empty: anything.
  std::string text() const;

  static constexpr std::size_t kHeadsMax = 16;  // histories: one a primary that ever was
  static constexpr std::size_t kTextMax = kHeadsMax * 64;

 private:
  struct Head {
    std::string of;      // MariaDB: the domain; MySQL: the server's UUID
    std::string server;  // MariaDB: which server was the last; it does not matter to who waits
    std::uint64_t number = 0;
  };
  void reach(const Head& head);

  std::vector<Head> heads_;
};

}  // namespace onsale::sql
