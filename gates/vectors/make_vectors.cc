// Writes the test vectors to the file it is given: gates/regenerate.
#include <fstream>
#include <iostream>

#include "gates/vectors/vectors.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: make_vectors FILE\n";
    return 2;
  }
  std::ofstream out(argv[1], std::ios::binary | std::ios::trunc);
  out << onsale::gates::vectors_json();
  out.close();
  if (out) return 0;
  std::cerr << "cannot write " << argv[1] << "\n";
  return 1;
}
