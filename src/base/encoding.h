// Bytes as text: hexadecimal, percent-encoding inside addresses and forms (RFC 3986), fields of
// CSV. Thread: any.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"

namespace onsale {

// Everything but letters, digits, "-._~" and the bytes of `spared` becomes %XX: fit for a query's
// value and for a form's.
std::string percent_encoded(std::string_view text, std::string_view spared = {});

// Two small digits a byte.
std::string hex_encoded(std::string_view bytes);
// Of either case; empty for anything else.
std::optional<std::string> hex_decoded(std::string_view text);

// Appends a field of CSV (RFC 4180), quoted when it must be. What a spreadsheet would take for a
// formula is made plain text.
void put_csv_field(std::string& out, std::string_view text);

// 128 bits as 32 hexadecimal digits: a name that nobody guesses.
std::string random_hex(Random& random);

}  // namespace onsale
