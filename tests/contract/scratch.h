// Temporary directories of a test program: in memory where that is possible, gone at its end. What
// a killed program left behind is removed by the next one.
#pragma once

#include <string>

namespace onsale::testing_support {

// A new empty directory. `what` is part of its name. `on_disk` asks for a real disk.
std::string scratch_directory(const std::string& what, bool on_disk = false);

}  // namespace onsale::testing_support
