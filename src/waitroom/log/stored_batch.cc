#include "waitroom/log/stored_batch.h"

#include <algorithm>

namespace onsale::waitroom {

StoredBatch to_stored(const RoomId& room, std::uint64_t number, const Records& records) {
  return {.room = room,
          .number = number,
          .records = encode(records),
          .at = records.empty() ? Timestamp{} : records.back().at,
          .touched = touched_by(records)};
}

std::vector<TouchedPlaces> touched_by(const Records& records) {
  std::vector<TouchedPlaces> touched;
  for (const Record& record : records) {
    // A lottery tells everybody by itself; as many rows again would only be in the way.
    if (record.fact == Fact::drawn || record.fact == Fact::draw || record.fact == Fact::skipped) {
      continue;
    }
    const std::uint64_t block = record.place / TouchedPlaces::kBlock;
    const std::uint64_t bit = std::uint64_t{1} << (record.place % TouchedPlaces::kBlock);
    if (touched.empty() || touched.back().block != block) touched.push_back({block, 0});
    touched.back().places |= bit;
  }
  std::ranges::stable_sort(touched, {}, &TouchedPlaces::block);
  std::size_t kept = 0;
  for (std::size_t i = 1; i < touched.size(); ++i) {
    if (touched[i].block == touched[kept].block) {
      touched[kept].places |= touched[i].places;
    } else {
      touched[++kept] = touched[i];
    }
  }
  if (!touched.empty()) touched.resize(kept + 1);
  return touched;
}

std::string link_text(std::string_view link_before, std::string_view room, std::uint64_t number,
                      std::string_view records) {
  std::string text;
  text.reserve(link_before.size() + 1 + room.size() + 8 + records.size());
  text.append(link_before);
  text.push_back(static_cast<char>(room.size()));
  text.append(room);
  for (int shift = 56; shift >= 0; shift -= 8) text.push_back(static_cast<char>(number >> shift));
  text.append(records);
  return text;
}

}  // namespace onsale::waitroom
