// Access tokens of buyers who never signed up, one a line: the server believes its own signature.
//   make_buyers DATA_DIRECTORY COUNT FILE
#include <cstdio>
#include <fstream>

#include "identity/crypto_client.h"
#include "identity/service.h"
#include "platform/crypto/key_file.h"

int main(int argc, char** argv) {
  namespace crypto = onsale::crypto;
  namespace identity = onsale::identity;
  if (argc != 4) {
    std::fprintf(stderr, "usage: make_buyers DATA_DIRECTORY COUNT FILE\n");
    return 2;
  }
  const onsale::SystemClock clock;
  onsale::SystemRandom random;
  crypto::KeyFile file(std::string(argv[1]) + "/keys.json");
  const crypto::KeyRing keys(file, clock.now());
  identity::SignedTokens tokens(keys, "onsale");
  std::ofstream out(argv[3]);
  for (int i = 0; i < std::stoi(argv[2]); ++i) {
    out << tokens.sign_access({.account = onsale::AccountId::make(clock.now(), random),
                               .session = identity::SessionId::make(clock.now(), random),
                               .issued_at = clock.now(),
                               .expires_at = clock.now() + identity::kAccessLife})
        << "\n";
  }
  return 0;
}
