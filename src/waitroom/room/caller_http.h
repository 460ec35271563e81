// Who calls, for the routes and the wait page alike: a device by its cookie, else an account.
#pragma once

#include <optional>

#include "platform/http/call.h"
#include "waitroom/waitroom.h"

namespace onsale::waitroom {

inline constexpr std::string_view kDeviceCookie = "onsale_device";

// By its cookie; empty for whoever shows none.
std::optional<DeviceKey> device_of(const http::Call& call);
// An account without a device cookie is a device of its own, wherever it signs in.
std::optional<DeviceKey> caller_of(const http::Call& call);
// Whose one place it is in a room of one per account: the account, and nobody without one.
std::optional<DeviceKey> account_of(const http::Call& call);
// Whose one place it is in this room.
std::optional<DeviceKey> caller_of(const http::Call& call, OnePer one_per);
std::optional<DeviceKey> caller_of(const http::Call& call, const Waitroom& rooms,
                                   const RoomId& room);
// Gives a device its cookie. Throws Problem 403 for a form on another site's page: the browser
// holds our cookie back from it and would let a new one take its place.
DeviceKey give_device(http::Call& call, std::string cookie);
// The caller, or a new device.
DeviceKey caller_or_new(http::Call& call);
// A stranger who opens a page of ours gets a device's cookie with it and nothing else: so a join
// whose answer was lost finds its place again.
void greet_device(http::Call& call);

}  // namespace onsale::waitroom
