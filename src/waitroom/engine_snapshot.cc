#include <algorithm>

#include "base/check.h"
#include "waitroom/engine.h"
#include "waitroom/varint.h"

namespace onsale::waitroom {

namespace {

constexpr std::uint64_t kFormat = 1;

}  // namespace

std::string Engine::snapshot() const {
  std::string out;
  out.reserve(static_cast<std::size_t>(places_.size()) * 24 + 4096);
  put_varint(out, kFormat);
  put_text(out, encode(settings_));
  put_varint(out, next_);
  put_signed(out, to_unix_ms(now_));
  put_varint(out, history_.entries().size());
  for (const auto& entry : history_.entries()) {
    put_signed(out, to_unix_ms(entry.at));
    put_signed(out, entry.count);
  }
  put_varint(out, static_cast<std::uint64_t>(places_.size()));
  Sequence last = 0;
  places_.for_each([&](const Place& place) {
    put_varint(out, place.sequence - last);
    last = place.sequence;
    put_varint(out, place.joined_s);
    out.append(reinterpret_cast<const char*>(place.device.data()), place.device.size());
    const Slot* inside = slot(place.sequence);
    put_varint(out, inside ? 1 : 0);
    if (inside) {
      put_signed(out, to_unix_ms(inside->admitted_at));
      put_text(out, inside->account);
    }
  });
  put_varint(out, endings_.first_word());
  put_varint(out, endings_.words().size());
  for (const std::uint64_t word : endings_.words()) put_varint(out, word);
  return out;
}

bool Engine::restore(std::string_view bytes) {
  check(places_.size() == 0 && next_ == 1, "a snapshot is restored into an empty engine");
  ByteReader reader(bytes);
  if (reader.varint() != kFormat) return false;
  const std::optional<Settings> settings = decode_settings(reader.text());
  if (!settings) return false;
  settings_ = *settings;
  next_ = reader.varint();
  now_ = from_unix_ms(reader.signed_varint());
  for (std::uint64_t left = reader.varint(); left > 0 && !reader.failed(); --left) {
    const Timestamp at = from_unix_ms(reader.signed_varint());
    for (std::int64_t count = reader.signed_varint(); count > 0; --count) history_.add(at);
  }
  Sequence sequence = 0;
  for (std::uint64_t left = reader.varint(); left > 0 && !reader.failed(); --left) {
    const std::uint64_t step = reader.varint();
    if (step == 0) return false;
    sequence += step;
    const auto joined_s = static_cast<std::uint32_t>(reader.varint());
    DeviceKey device{};
    std::ranges::copy(reader.bytes(device.size()), device.begin());
    const bool inside = reader.varint() == 1;
    Slot slot;
    if (inside) {
      slot.admitted_at = from_unix_ms(reader.signed_varint());
      slot.used_at = slot.admitted_at;
      slot.account = std::string(reader.text());
    }
    if (reader.failed() || sequence >= next_) return false;
    Place* place = places_.append(sequence, device);
    place->joined_s = joined_s;
    place->seen_s = joined_s;
    place->admitted = inside;
    if (inside) {
      slots_.emplace(sequence, std::move(slot));
    } else {
      line_.append(sequence);
    }
  }
  std::uint64_t word = reader.varint();
  for (std::uint64_t left = reader.varint(); left > 0 && !reader.failed(); --left) {
    endings_.restore_word(word++, reader.varint());
  }
  watch_everybody();
  return !reader.failed() && reader.done();
}

}  // namespace onsale::waitroom
