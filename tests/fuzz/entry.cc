// libFuzzer's way in, for a program with one target.
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  onsale::fuzz::targets().front().run({reinterpret_cast<const char*>(data), size});
  return 0;
}
