// What an operator sets about a room, each setting declared once: its name, what it may hold, and
// its value in a new room. From this follow the change of it, its range, its stored form, its audit
// entry, the API and, through the API's document, the console.
#pragma once

#include <boost/describe.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/time.h"

namespace onsale::waitroom {

// drain: the line is served to its end, newcomers are refused.
enum class Mode { open, queue, paused, prequeue, closed, drain };
BOOST_DESCRIBE_ENUM(Mode, open, queue, paused, prequeue, closed, drain)

enum class OnePer { device, account };  // whose one place it is
BOOST_DESCRIBE_ENUM(OnePer, device, account)

enum class ProofMode { off, automatic, on };  // does joining cost a proof of work?
BOOST_DESCRIBE_ENUM(ProofMode, off, automatic, on)

enum class OffersShown { prices_and_stock, prices, none };  // of what is sold, in the line
BOOST_DESCRIBE_ENUM(OffersShown, prices_and_stock, prices, none)

// A lane for those who were invited. Fixed before the room opens.
struct PriorityLane {
  std::string name;          // 1 to 40 bytes, shown to those in it
  std::int64_t share = 400;  // of the admissions while others wait too; the main lane has 100
  bool operator==(const PriorityLane&) const = default;
};
inline constexpr std::size_t kLaneNameBytesMax = 40;
inline constexpr std::int64_t kLaneShareMin = 1, kLaneShareMax = 10'000;
inline constexpr std::size_t kPriorityLanesMax = 8;

// A change that is due at a time; what is empty stays as it is.
struct PlannedChange {
  Timestamp at{};
  std::optional<Mode> mode;
  std::optional<std::int64_t> capacity, admit_per_minute;
  std::optional<std::string> message;
  bool operator==(const PlannedChange&) const = default;
};
inline constexpr std::size_t kPlannedMax = 50;

// What a setting may hold.
template <std::int64_t Min, std::int64_t Max>
struct Whole {
  using Value = std::int64_t;
  static constexpr std::int64_t kMin = Min, kMax = Max;
};
template <class T>  // one of an enumeration, or yes or no
struct Choice {
  using Value = T;
};
template <std::size_t Max>
struct Words {
  using Value = std::string;
  static constexpr std::size_t kBytesMax = Max;
};
struct Moment {
  using Value = std::optional<Timestamp>;
};
struct Lanes {
  using Value = std::vector<PriorityLane>;
};
struct Plan {
  using Value = std::vector<PlannedChange>;  // by rising time
};

// Every setting, as `As` wants it: its value, a change of it, its kind, its JSON. A new one comes
// last, where the stored form finds it by its name. Seconds are whole; 0 capacity or rate admits
// nobody.
//
// Defaults are values, not calls: GCC 12 breaks down over calls there (build_call_a).
template <class As>
struct RoomSettings {
  template <class Kind>
  using Of = typename As::template Of<Kind>;

  Of<Choice<Mode>> mode = As::template of<Mode::queue>;
  Of<Whole<0, 10'000'000>> capacity = As::template of<100>;         // people inside at once
  Of<Whole<0, 10'000'000>> per_node_capacity = As::template of<0>;  // times nodes, capped by
                                                                    // capacity; 0 = only capacity
  Of<Whole<0, 10'000'000>> admit_per_minute =
      As::template of<600>;  // admissions in any sliding minute
  Of<Whole<10, 3'600>> pass_seconds =
      As::template of<120>;  // life of one pass; a fresh one while admitted
  Of<Whole<5, 3'600>> idle_seconds =
      As::template of<45>;  // a slot without a sign of life is freed then
  Of<Whole<10, 86'400>> session_seconds =
      As::template of<600>;  // a slot is freed then, whatever happens
  Of<Whole<5, 86'400>> grace_seconds =
      As::template of<120>;  // a waiting place survives silence so long
  Of<Whole<5, 3'600>> no_show_seconds =
      As::template of<45>;  // an admitted person must show up within this
  Of<Whole<0, 3'600>> missed_seconds =
      As::template of<120>;  // a missed turn is kept once, so long; 0 = no
  Of<Whole<0, 1'000'000'000>> pass_epoch =
      As::template of<0>;  // passes of an earlier one are revoked
  Of<Choice<OnePer>> one_per = As::template of<OnePer::device>;
  Of<Choice<bool>> lottery =
      As::template of<false>;  // the prequeue is drawn, not served by arrival
  Of<Choice<bool>> two_person = As::template of<false>;  // opening waits for a second operator
  Of<Choice<ProofMode>> proof = As::template of<ProofMode::off>;
  Of<Whole<8, 26>> proof_bits = As::template of<17>;  // leading zero bits of each solution
  Of<Whole<1, 16>> proof_count = As::template of<4>;  // solutions of one proof
  Of<Whole<0, 1'000'000>> joins_per_prefix = As::template of<0>;  // new places a minute of one
                                                                  // network; 0 = no quota
  Of<Moment> opens_at{};                                          // prequeue turns into queue then
  Of<Words<500>> message{};                                       // shown to everyone in the room
  Of<Choice<OffersShown>> offers_shown = As::template of<OffersShown::prices_and_stock>;
  Of<Lanes> lanes{};
  Of<Plan> schedule{};

  bool operator==(const RoomSettings&) const = default;

  BOOST_DESCRIBE_CLASS(RoomSettings, (),
                       (mode, capacity, per_node_capacity, admit_per_minute, pass_seconds,
                        idle_seconds, session_seconds, grace_seconds, no_show_seconds,
                        missed_seconds, pass_epoch, one_per, lottery, two_person, proof, proof_bits,
                        proof_count, joins_per_prefix, opens_at, message, offers_shown, lanes,
                        schedule),
                       (), ())
};

struct AsValue {
  template <class Kind>
  using Of = typename Kind::Value;
  template <auto Value>
  static constexpr auto of = Value;
};
struct AsChange {
  template <class Kind>
  using Of = std::optional<typename Kind::Value>;
  template <auto>
  static constexpr std::nullopt_t of = std::nullopt;
};
struct AsKind {
  template <class Kind>
  using Of = Kind;
};

using Settings = RoomSettings<AsValue>;
// What is empty stays as it is; an `opens_at` that holds nothing clears it.
using SettingsPatch = RoomSettings<AsChange>;
// For `decltype(SettingKinds::capacity)::kMax`.
using SettingKinds = RoomSettings<AsKind>;

// One of the settings, in whatever form a RoomSettings has it.
template <std::size_t Index>
struct Setting {
  template <class As>
  static constexpr auto described() {
    return []<template <class...> class List, class... D>(List<D...>) {
      return std::get<Index>(std::tuple<D...>());
    }(boost::describe::describe_members<RoomSettings<As>, boost::describe::mod_public>());
  }
  static constexpr std::size_t kIndex = Index;
  static constexpr std::string_view kName = decltype(described<AsKind>())::name;
  using Kind = std::remove_cvref_t<decltype(std::declval<SettingKinds&>().*
                                            decltype(described<AsKind>())::pointer)>;
  static constexpr Kind kKind{};

  template <class As>
  static auto& of(RoomSettings<As>& settings) {
    return settings.*decltype(described<As>())::pointer;
  }
  template <class As>
  static const auto& of(const RoomSettings<As>& settings) {
    return settings.*decltype(described<As>())::pointer;
  }
};

// A kind is an empty class: as many bytes as settings.
inline constexpr std::size_t kSettings = sizeof(SettingKinds);

// Calls `visit` with the Setting of each, in the order of their declaration.
template <class F>
void each_setting(F visit) {
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (visit(Setting<I>()), ...);
  }(std::make_index_sequence<kSettings>());
}

}  // namespace onsale::waitroom
