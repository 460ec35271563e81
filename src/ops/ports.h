// What the audit log needs of others, in its own words. The app wires it to whoever knows accounts.
#pragma once

#include <optional>
#include <string>

#include "base/task.h"

namespace onsale::ops {

struct Person {
  std::string name, email;
};

class People {
 public:
  virtual ~People() = default;
  // Empty for who is no account, or is none any more.
  virtual Task<std::optional<Person>> find(std::string who) = 0;
};

}  // namespace onsale::ops
