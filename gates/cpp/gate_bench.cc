// Checks a second on one core, beside libsodium's bare signature check in the same run. Measured in
// the time of this thread's processor, so that a busy machine does not count against either.
#include <time.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <sstream>
#include <vector>

#include "gates/cpp/onsale_gate.h"

namespace {

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

std::string between(const std::string& text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from) + from.size();
  return text.substr(at, text.find(to, at) - at);
}

template <class Work>
double per_second(int count, Work work) {
  const double began = cpu_seconds();
  for (int i = 0; i < count; ++i) work(i);
  return count / (cpu_seconds() - began);
}

}  // namespace

int main(int argc, char** argv) {
  constexpr int kCount = 30'000;
  std::ifstream file(argc > 1 ? argv[1] : "gates/vectors.json");
  std::ostringstream read;
  read << file.rdbuf();
  const std::string text = read.str();
  const std::string pass = between(text, "\"pass\":\"", "\"");
  const std::int64_t now = 1'800'000'000;
  onsale_gate::Gate gate({.room = "film-1", .issuer = "https://onsale.test"});
  const auto keys = onsale_gate::parse_jwks(between(text, "\"jwks\": ", ",\n"));
  if (!keys) {
    std::cerr << "cannot read the vectors\n";
    return 1;
  }
  gate.set_keys(*keys);
  if (!gate.use(pass, now, "s")) {
    std::cerr << "the valid pass is refused\n";
    return 1;
  }
  const std::string message = pass.substr(0, pass.rfind('.'));
  const auto signature = *onsale_gate::detail::from_base64url(pass.substr(message.size() + 1));
  int good = 0;
  const double bare = per_second(kCount, [&](int) {
    good += crypto_sign_verify_detached(onsale_gate::detail::raw(signature),
                                        onsale_gate::detail::raw(message), message.size(),
                                        keys->front().public_key.data()) == 0;
  });
  std::vector<double> micros(kCount);
  const double checks = per_second(kCount, [&](int i) {
    const double began = cpu_seconds();
    good += static_cast<bool>(gate.use(pass, now, "s"));
    micros[i] = 1e6 * (cpu_seconds() - began);
  });
  std::sort(micros.begin(), micros.end());
  std::cout << "bare signature checks: " << static_cast<int>(bare) << "/s\n"
            << "gate checks, one core: " << static_cast<int>(checks) << "/s, ratio "
            << checks / bare << ", p99 " << micros[kCount * 99 / 100] << " us (goal: 10000/s, 1 ms)"
            << std::endl;
  return good == 2 * kCount ? 0 : 1;
}
