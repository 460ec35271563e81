// The rules of names, addresses and passwords. Pure: nothing here looks anything up.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace onsale::identity {

inline constexpr std::size_t kEmailLengthMax = 254;  // bytes, RFC 5321
inline constexpr std::size_t kNameLengthMax = 50;    // characters
inline constexpr std::size_t kPasswordLengthMin = 8;
inline constexpr std::size_t kPasswordLengthMax = 128;  // characters

// Trimmed and lower case, an internationalised domain as DNS knows it ("ada@münchen.de" is
// "ada@xn--mnchen-3ya.de"); empty when it is no address that mail could reach: one @, ASCII before
// it, a dotted or single-word host of letters, digits and hyphens behind it.
std::optional<std::string> normalise_email(std::string_view text);

// Trimmed and composed; empty when nobody could see it, too long, not UTF-8 or holding control
// characters.
std::optional<std::string> normalise_name(std::string_view text);

// The spellings that a password may have been hashed in: as new ones are (composed), as it came,
// and decomposed; without repetition, at least one. A Hangul password typed on another system is
// the same.
std::vector<std::string> spellings(std::string_view password);

// What is wrong with a password for this (normalised) address; empty when it will do. Length, a
// list of the most guessed ones, the address itself and monotonous ones; no rules of composition
// (NIST SP 800-63B).
std::optional<Obstacle> weakness(std::string_view password, std::string_view email);

}  // namespace onsale::identity
