#include "waitroom/room/caller_http.h"

#include <cstring>

#include "platform/crypto/bytes.h"
#include "platform/http/pipeline.h"

namespace onsale::waitroom {
namespace {

constexpr std::chrono::seconds kDeviceCookieLife{365 * 86'400};
constexpr std::size_t kDeviceBytes = 16;
constexpr std::size_t kDeviceTextMax = 64;

// Of what kind it is goes into the digest, so that no cookie can pass for an account.
DeviceKey key_of(std::string_view kind, std::string_view name) {
  const std::string digest =
      crypto::sha256("onsale " + std::string(kind) + " " + std::string(name));
  DeviceKey key{};
  std::memcpy(key.data(), digest.data(), key.size());
  return key;
}

}  // namespace

std::optional<DeviceKey> device_of(const http::Call& call) {
  const auto cookie = call.cookie(kDeviceCookie);
  if (!cookie || cookie->empty() || cookie->size() > kDeviceTextMax) return {};
  return key_of("device", *cookie);
}

std::optional<DeviceKey> account_of(const http::Call& call) {
  if (!call.principal()) return {};
  return key_of("account", call.principal()->account);
}

std::optional<DeviceKey> caller_of(const http::Call& call) {
  if (const auto device = device_of(call)) return device;
  return account_of(call);
}

std::optional<DeviceKey> caller_of(const http::Call& call, OnePer one_per) {
  return one_per == OnePer::account ? account_of(call) : caller_of(call);
}

std::optional<DeviceKey> caller_of(const http::Call& call, const Waitroom& rooms,
                                   const RoomId& room) {
  const auto view = rooms.room(room);
  if (!view) return {};
  return caller_of(call, view->settings.one_per);
}

namespace {

void set_device(http::Call& call, std::string cookie) {
  call.set_cookie({.name = std::string(kDeviceCookie),
                   .value = std::move(cookie),
                   .max_age = kDeviceCookieLife});
}

}  // namespace

DeviceKey give_device(http::Call& call, std::string cookie) {
  if (!http::same_site(call.exchange()))
    throw http::Problem(403, "foreign_origin", "This page is not from our site.");
  const DeviceKey key = key_of("device", cookie);
  set_device(call, std::move(cookie));
  return key;
}

DeviceKey caller_or_new(http::Call& call) {
  if (const auto caller = caller_of(call)) return *caller;
  return give_device(call, crypto::random_token(kDeviceBytes));
}

void greet_device(http::Call& call) {
  if (caller_of(call)) return;
  // What another site's page loads by the side has our cookies held back.
  const auto mode = call.header("Sec-Fetch-Mode");
  if (mode.empty() || mode == "navigate") set_device(call, crypto::random_token(kDeviceBytes));
}

}  // namespace onsale::waitroom
