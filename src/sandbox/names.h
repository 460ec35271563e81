// Names on the wire: our enumerators are spelled as the providers spell them.
#pragma once

#include <boost/describe.hpp>
#include <boost/mp11.hpp>
#include <optional>
#include <string_view>

namespace onsale::sandbox {

// How the control API calls the providers.
inline constexpr std::string_view kTossName = "toss";
inline constexpr std::string_view kKakaoPayName = "kakaopay";

// Thread: any. `none` for a value that is not an enumerator.
template <class E>
std::string_view name_of(E value, const char* none = "") {
  return boost::describe::enum_to_string(value, none);
}

template <class E>
std::optional<E> value_of(std::string_view name) {
  std::optional<E> found;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<E>>([&](auto each) {
    if (each.name == name) found = each.value;
  });
  return found;
}

}  // namespace onsale::sandbox
