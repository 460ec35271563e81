#include "waitroom/lottery/lottery_record.h"

#include <cstring>

#include "waitroom/varint.h"

namespace onsale::waitroom::lottery {
namespace {

enum Kind : std::uint64_t { kDrand = 1, kParties = 2 };

std::optional<Digest> digest(ByteReader& reader) {
  const std::string_view bytes = reader.bytes(kDigestBytes);
  if (bytes.size() != kDigestBytes) return {};
  Digest out;
  std::memcpy(out.data(), bytes.data(), out.size());
  return out;
}

template <class T>
std::optional<T> whole(ByteReader& reader, T value) {
  if (reader.failed() || !reader.done()) return {};
  return value;
}

}  // namespace

std::string encode(const Beacon& beacon) {
  std::string out;
  if (const auto* drand = std::get_if<DrandBeacon>(&beacon)) {
    put_varint(out, kDrand);
    put_text(out, drand->chain.hash);
    put_signed(out, drand->chain.genesis_s);
    put_signed(out, drand->chain.period_s);
    put_varint(out, drand->round);
    put_text(out, drand->url);
    return out;
  }
  const auto& parties = std::get<PartiesBeacon>(beacon);
  put_varint(out, kParties);
  put_signed(out, parties.needed);
  for (const Digest& commitment : parties.commitments) out += bytes_of(commitment);
  return out;
}

std::optional<Beacon> decode_beacon(std::string_view bytes) {
  ByteReader reader(bytes);
  const std::uint64_t kind = reader.varint();
  if (kind == kDrand) {
    DrandBeacon drand;
    drand.chain.hash = std::string(reader.text());
    drand.chain.genesis_s = reader.signed_varint();
    drand.chain.period_s = reader.signed_varint();
    drand.round = reader.varint();
    drand.url = std::string(reader.text());
    return whole<Beacon>(reader, std::move(drand));
  }
  if (kind != kParties) return {};
  PartiesBeacon parties{.needed = reader.signed_varint(), .commitments = {}};
  while (!reader.done()) {
    const auto commitment = digest(reader);
    if (!commitment) return {};
    parties.commitments.push_back(*commitment);
  }
  return whole<Beacon>(reader, std::move(parties));
}

std::string encode(const Evidence& evidence) {
  std::string out;
  if (const auto* round = std::get_if<DrandRound>(&evidence)) {
    put_varint(out, kDrand);
    put_varint(out, round->round);
    put_text(out, round->signature);
    put_text(out, round->randomness ? bytes_of(*round->randomness) : std::string_view());
    return out;
  }
  put_varint(out, kParties);
  for (const Reveal& reveal : std::get<Reveals>(evidence)) {
    put_signed(out, reveal.party);
    out += bytes_of(reveal.value);
  }
  return out;
}

std::optional<Evidence> decode_evidence(std::string_view bytes) {
  ByteReader reader(bytes);
  const std::uint64_t kind = reader.varint();
  if (kind == kDrand) {
    DrandRound round;
    round.round = reader.varint();
    round.signature = std::string(reader.text());
    if (const std::string_view randomness = reader.text(); !randomness.empty()) {
      ByteReader inner(randomness);
      round.randomness = digest(inner);
      if (!round.randomness || !inner.done()) return {};
    }
    return whole<Evidence>(reader, std::move(round));
  }
  if (kind != kParties) return {};
  Reveals reveals;
  while (!reader.done()) {
    Reveal reveal{.party = reader.signed_varint(), .value = {}};
    const auto value = digest(reader);
    if (!value) return {};
    reveal.value = *value;
    reveals.push_back(reveal);
  }
  return whole<Evidence>(reader, std::move(reveals));
}

std::string encode(std::span<const Sequence> places) {
  std::string out;
  Sequence before = 0;
  for (const Sequence place : places) {
    put_varint(out, place - before);
    before = place;
  }
  return out;
}

std::optional<std::vector<Sequence>> decode_places(std::string_view bytes) {
  ByteReader reader(bytes);
  std::vector<Sequence> places;
  Sequence before = 0;
  while (!reader.done()) {
    const Sequence step = reader.varint();
    if (reader.failed() || step == 0) return {};
    places.push_back(before += step);
  }
  return places;
}

}  // namespace onsale::waitroom::lottery
