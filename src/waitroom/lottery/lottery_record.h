// The stored form of what a lottery knows. decode refuses what encode can't have written.
#pragma once

#include "waitroom/lottery/lottery.h"

namespace onsale::waitroom::lottery {

std::string encode(const Beacon& beacon);
std::optional<Beacon> decode_beacon(std::string_view bytes);
std::string encode(const Evidence& evidence);
std::optional<Evidence> decode_evidence(std::string_view bytes);
// Rising numbers; about a byte each where people joined one after the other.
std::string encode(std::span<const Sequence> places);
std::optional<std::vector<Sequence>> decode_places(std::string_view bytes);

}  // namespace onsale::waitroom::lottery
