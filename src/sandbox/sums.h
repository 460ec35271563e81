// What a provider has moved, held against a shop's own books.
#pragma once

#include <boost/describe.hpp>
#include <cstdint>

namespace onsale::sandbox {

struct Sums {
  std::int64_t payments = 0;  // that were captured at some time
  std::int64_t captured = 0;  // won taken from buyers, refunded or not
  std::int64_t refunded = 0;  // won given back

  Sums& operator+=(const Sums& other) {
    payments += other.payments;
    captured += other.captured;
    refunded += other.refunded;
    return *this;
  }
  Sums& operator-=(const Sums& other) {
    payments -= other.payments;
    captured -= other.captured;
    refunded -= other.refunded;
    return *this;
  }
  bool operator==(const Sums&) const = default;
};
BOOST_DESCRIBE_STRUCT(Sums, (), (payments, captured, refunded))

}  // namespace onsale::sandbox
