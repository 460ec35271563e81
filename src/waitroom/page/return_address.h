// Where the wait page may lead on to, with a pass in hand: a path of this site or an address on an
// origin that the operator trusts. Pure rules; thread: any.
#pragma once

#include <string>
#include <string_view>

namespace onsale::waitroom {

inline constexpr std::size_t kReturnBytesMax = 2000;
inline constexpr std::string_view kPassParameter = "onsale_pass";

// A path ("/reserve?show=1", never "//host") or an absolute http(s) address whose origin is listed
// in `origins` ("https://shop.test", separated by commas). No user names, no control characters.
bool return_allowed(std::string_view address, std::string_view origins);
// Empty, or why `origins` can't be such a list.
std::string origins_invalid(std::string_view origins);
// The address with the pass as its query parameter; one that is there already is replaced.
std::string with_pass(std::string_view address, std::string_view pass);

}  // namespace onsale::waitroom
