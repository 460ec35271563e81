// Small texts both providers write: times, tokens, addresses to send a browser to.
// Thread: any.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "base/random.h"
#include "base/time.h"

namespace onsale::sandbox {

// Korea's time, to the second: 2026-12-01T21:00:00. Neither provider knows another zone.
std::string korean_time(Timestamp at);
// Year and month there, 202612: what "the same month" is decided by.
int korean_month(Timestamp at);

// `length` random characters of `alphabet`, which has 2 to 256 of them.
std::string random_text(Random& random, std::size_t length, std::string_view alphabet);
inline constexpr std::string_view kDigits = "0123456789";
inline constexpr std::string_view kSmallHex = "0123456789abcdef";
inline constexpr std::string_view kLargeHex = "0123456789ABCDEF";
inline constexpr std::string_view kLettersAndDigits =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

using Pair = std::pair<std::string_view, std::string_view>;
// `address` with names and values in its query, in front of its fragment. What it had stays.
std::string with_query(std::string_view address, std::initializer_list<Pair> pairs);

// http(s)://HOST…, one line without spaces and quotes: where a browser may be sent.
bool is_address(std::string_view text);

// Unicode characters of UTF-8 text, as providers count their limits.
std::size_t length_of(std::string_view text);

// The value added tax in an amount that includes it: a tenth on top, rounded half up.
std::int64_t vat_of(std::int64_t taxed);

}  // namespace onsale::sandbox
