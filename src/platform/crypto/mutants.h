// What somebody may make of a good token without its key. For tests.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <random>
#include <string>
#include <string_view>

namespace onsale::crypto {

// A million in a long run (tests/long_run.h), unless the environment's `variable` says otherwise.
inline std::size_t mutants_wanted(const char* variable) {
  if (const char* given = std::getenv(variable)) return std::stoul(given);
  return std::getenv("ONSALE_LONG") ? 1'000'000 : 50'000;
}

// `other` is another good token of the same server. What stands before the first dot of `good`, the
// key id and algorithm of a pass, stays when single characters are exchanged. May be `good` again.
inline std::string mutant_of(const std::string& good, const std::string& other,
                             std::mt19937_64& random) {
  static constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string mutant = good;
  const std::size_t at = random() % mutant.size();
  switch (random() % 8) {
    case 0:  // one bit of one character
      mutant[at] = static_cast<char>(mutant[at] ^ (1 << (random() % 8)));
      break;
    case 1:
      mutant.erase(at, 1 + random() % 8);
      break;
    case 2:
      mutant.insert(at, 1, kAlphabet[random() % kAlphabet.size()]);
      break;
    case 3:
      mutant = good.substr(0, at) + other.substr(std::min(at, other.size()));
      break;
    case 4:
      mutant.resize(at);
      break;
    default: {  // one to four characters stay in the alphabet: only the signature tells
      const std::size_t dot = good.find('.');
      const std::size_t from = dot == std::string::npos ? 0 : dot + 1;
      for (std::size_t n = 1 + random() % 4; n > 0; --n) {
        const std::size_t where = from + random() % (good.size() - from);
        if (mutant[where] != '.') mutant[where] = kAlphabet[random() % kAlphabet.size()];
      }
    }
  }
  return mutant;
}

}  // namespace onsale::crypto
