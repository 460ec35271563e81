// Text that people type: the same characters come in more than one spelling. Thread: any.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace onsale {

// Unicode's normal forms C (composed: "é" is one code point) and D (as some keyboards and file
// systems write it: "e" and an accent; a Hangul syllable by its letters). Empty for what is not
// UTF-8.
std::optional<std::string> composed(std::string_view utf8);
std::optional<std::string> decomposed(std::string_view utf8);

// A domain as DNS and mail know it: "münchen.de" is "xn--mnchen-3ya.de" (IDNA 2008 with the mapping
// of UTS 46; lower case). Empty for what can be none.
std::optional<std::string> ascii_domain(std::string_view utf8);

// Whether a reader sees anything of this code point: not blanks of any kind, marks by themselves,
// fillers, joiners and what is assigned to nothing.
bool leaves_ink(char32_t point);
// Blanks, fillers and what has no width: what may be cut off at both ends.
bool is_blank(char32_t point);

}  // namespace onsale
