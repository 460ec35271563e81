// Thrown by bounded machinery when it is full: answered with 503 and Retry-After, never queued
// without bound. Cores let it pass; the HTTP adapter turns it into an answer.
#pragma once

#include <stdexcept>
#include <string>

namespace onsale {

struct Overloaded : std::runtime_error {
  explicit Overloaded(const std::string& what, int retry_after_s = 1)
      : std::runtime_error(what), retry_after_s(retry_after_s) {}
  int retry_after_s;
};

}  // namespace onsale
