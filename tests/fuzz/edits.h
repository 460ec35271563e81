// Changes to something valid, as the bytes of an input say them.
#pragma once

#include "tests/fuzz/fuzz.h"

namespace onsale::fuzz {

// Bits turned, bytes put in, taken out and moved, the end cut off.
inline std::string edited(std::string text, Choices& choices) {
  while (!choices.done()) {
    const std::uint8_t how = choices.byte();
    const std::size_t at = choices.number(2) % (text.size() + 1);
    switch (how % 6) {
      case 0:
        if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1U << choices.byte() % 8));
        break;
      case 1:
        if (at < text.size()) text[at] = static_cast<char>(choices.byte());
        break;
      case 2:
        text.insert(at, choices.bytes(choices.byte() % 16));
        break;
      case 3:
        text.erase(at, choices.byte());
        break;
      case 4:
        std::rotate(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), text.end());
        break;
      default:
        text.resize(at);
    }
  }
  return text;
}

}  // namespace onsale::fuzz
