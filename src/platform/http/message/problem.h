// A refusal as the client sees it: RFC 9457 problem+json. `code` is stable and documented.
#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace onsale::http {

inline constexpr std::string_view kProblemType = "application/problem+json";

// Return it from a handler (cheap) or throw it. `detail` is English for a developer and never holds
// anything internal. `retry_after_s` above 0 becomes Retry-After.
struct Problem : std::exception {
  Problem(int status, std::string code, std::string detail = {}, std::vector<Obstacle> errors = {},
          int retry_after_s = 0)
      : status(status),
        code(std::move(code)),
        detail(std::move(detail)),
        errors(std::move(errors)),
        retry_after_s(retry_after_s) {}
  const char* what() const noexcept override { return code.c_str(); }

  int status;
  std::string code;
  std::string detail;
  std::vector<Obstacle> errors;
  int retry_after_s;
  // Further members of the answer (RFC 9457, 3.2): their names and their JSON.
  std::vector<std::pair<std::string, std::string>> extensions{};
};

}  // namespace onsale::http
