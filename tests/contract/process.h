// Programs that tests start.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace onsale::testing_support {

// Below the range that outgoing connections take theirs from: a server is killed and started again
// on the same port.
int free_port();

// Output goes to `log`. The child dies with the thread that started it.
pid_t spawn(const std::vector<std::string>& words, const std::string& log);

std::string read_all(const std::string& path);

}  // namespace onsale::testing_support
