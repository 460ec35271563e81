// An amount in the currency's smallest unit. Adding two currencies is a programming error.
#pragma once

#include <cstdint>
#include <string>

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

}  // namespace onsale
