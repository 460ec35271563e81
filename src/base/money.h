// An amount in the currency's smallest unit. Adding two currencies is a programming error.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"

namespace onsale {

struct Money {
  std::int64_t amount = 0;
  std::string currency = "KRW";  // ISO 4217

  bool operator==(const Money&) const = default;
  Money& operator+=(const Money& other) {
    check(currency == other.currency, "one currency in a sum");
    check(!__builtin_add_overflow(amount, other.amount, &amount), "a sum of money fits 64 bits");
    return *this;
  }
  Money& operator-=(const Money& other) {
    check(currency == other.currency, "one currency in a difference");
    check(!__builtin_sub_overflow(amount, other.amount, &amount), "money fits 64 bits");
    return *this;
  }
  friend Money operator+(Money a, const Money& b) { return a += b; }
  friend Money operator-(Money a, const Money& b) { return a -= b; }
};

// How many digits of an amount stand behind the point (ISO 4217): 0 for KRW and JPY, 3 for KWD, 2
// for most and for what is not known.
int currency_digits(std::string_view currency);
std::string grouped(std::int64_t number);  // 12,345
// The digits as people write them, without the currency: 150,000 (KRW), 12.05 (USD), 1.250 (KWD).
std::string amount_text(std::int64_t amount, std::string_view currency);

}  // namespace onsale
