#include "base/money.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace onsale {
namespace {

// ISO 4217's minor units, where they are not two digits.
constexpr std::array<std::string_view, 17> kNone{"BIF", "CLP", "DJF", "GNF", "ISK", "JPY",
                                                 "KMF", "KRW", "PYG", "RWF", "UGX", "UYI",
                                                 "VND", "VUV", "XAF", "XOF", "XPF"};
constexpr std::array<std::string_view, 7> kThree{"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"};
constexpr std::array<std::string_view, 2> kFour{"CLF", "UYW"};

template <std::size_t N>
bool one_of(std::string_view currency, const std::array<std::string_view, N>& currencies) {
  return std::ranges::find(currencies, currency) != currencies.end();
}

}  // namespace

int currency_digits(std::string_view currency) {
  if (one_of(currency, kNone)) return 0;
  if (one_of(currency, kThree)) return 3;
  return one_of(currency, kFour) ? 4 : 2;
}

std::string grouped(std::int64_t number) {
  std::string digits = std::to_string(number);
  for (std::ptrdiff_t at = std::ssize(digits) - 3; at > (number < 0 ? 1 : 0); at -= 3)
    digits.insert(static_cast<std::size_t>(at), 1, ',');
  return digits;
}

std::string amount_text(std::int64_t amount, std::string_view currency) {
  const int digits = currency_digits(currency);
  if (digits == 0) return grouped(amount);
  std::int64_t unit = 1;
  for (int i = 0; i < digits; ++i) unit *= 10;
  std::string rest = std::to_string(std::abs(amount % unit));
  rest.insert(0, static_cast<std::size_t>(digits) - rest.size(), '0');
  const std::string_view sign = amount < 0 && amount / unit == 0 ? "-" : "";
  return std::string(sign) + grouped(amount / unit) + "." + rest;
}

}  // namespace onsale
