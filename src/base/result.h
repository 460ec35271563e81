// How the product says "no". A core returns Result; every refusal is a member of a closed enum, and
// Refused adds what stood in the way. Exceptions are for broken machinery and stop at adapters.
#pragma once

#include <expected>
#include <string>
#include <utility>
#include <vector>

namespace onsale {

template <class T, class E>
using Result = std::expected<T, E>;

// One thing that stood in the way: `field` is a path such as `seats[1]`, `code` is stable,
// `message` is English for a developer.
struct Obstacle {
  std::string field;
  std::string code;
  std::string message;
};

template <class E>
struct Refused {
  E why;
  std::vector<Obstacle> obstacles{};
  int retry_after_s = 0;  // where time helps: how long to wait
};

template <class E>
std::unexpected<Refused<E>> refused(E why, std::vector<Obstacle> obstacles = {}) {
  return std::unexpected(Refused<E>{why, std::move(obstacles)});
}

}  // namespace onsale
