// What a handler gives back. Answer<T> is a described struct and a status, or a Problem.
#pragma once

#include <concepts>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "platform/http/message/problem.h"

namespace onsale::http {

template <class T>
class [[nodiscard]] Answer {
 public:
  using Value = T;
  template <class U>
    requires(std::convertible_to<U &&, T> && !std::same_as<std::remove_cvref_t<U>, Answer> &&
             !std::same_as<std::remove_cvref_t<U>, Problem>)
  Answer(U&& value) : outcome_(std::in_place_index<0>, std::forward<U>(value)) {}
  Answer(Problem problem) : outcome_(std::in_place_index<1>, std::move(problem)) {}

  Answer& status(int status) & {
    status_ = status;
    return *this;
  }
  Answer&& status(int status) && {
    status_ = status;
    return std::move(*this);
  }

  int status() const { return status_; }
  bool ok() const { return outcome_.index() == 0; }
  const T& value() const { return std::get<0>(outcome_); }
  const Problem& problem() const { return std::get<1>(outcome_); }

 private:
  std::variant<T, Problem> outcome_;
  int status_ = 200;
};

// No body: 204 unless told otherwise.
template <>
class [[nodiscard]] Answer<void> {
 public:
  using Value = void;
  Answer() = default;
  Answer(Problem problem) : outcome_(std::move(problem)) {}

  Answer& status(int status) & {
    status_ = status;
    return *this;
  }
  Answer&& status(int status) && {
    status_ = status;
    return std::move(*this);
  }

  int status() const { return status_; }
  bool ok() const { return outcome_.index() == 0; }
  const Problem& problem() const { return std::get<1>(outcome_); }

 private:
  std::variant<std::monostate, Problem> outcome_;
  int status_ = 204;
};

template <class T>
Answer<T> ok(T value) {
  return Answer<T>(std::move(value));
}
template <class T>
Answer<T> created(T value) {
  return Answer<T>(std::move(value)).status(201);
}
template <class T>
Answer<T> accepted(T value) {
  return Answer<T>(std::move(value)).status(202);
}
inline Answer<void> no_content() { return {}; }

// Anything that is not JSON: HTML, SVG, plain text, redirects (status 303 and Location).
struct Raw {
  int status = 200;
  std::string content_type;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers{};
};

inline Raw redirect(std::string location, int status = 303) {
  return {.status = status, .headers = {{"Location", std::move(location)}}};
}

}  // namespace onsale::http
