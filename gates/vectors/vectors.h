// The passes that every verifier is tested with, made by the server's own signer. The keys are for
// tests only and stand in vectors.cc for everybody to read.
#pragma once

#include <string>

namespace onsale::gates {

// The whole of gates/vectors.json; the same on every machine: Ed25519 draws no lots.
std::string vectors_json();

}  // namespace onsale::gates
