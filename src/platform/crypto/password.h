// Passwords at rest: argon2id in its usual string form, which carries its own parameters and salt.
// Thread: any, but each call takes tens of milliseconds and kPasswordMemoryBytes, so run it on an
// exec::BlockingPool of few threads, never on an event loop.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace onsale::crypto {

// OWASP's minimum for argon2id with one lane: 19 MiB, two passes.
inline constexpr std::size_t kPasswordMemoryBytes = 19 * 1024 * 1024;
inline constexpr unsigned kPasswordPasses = 2;
// Longer input is refused before it is hashed.
inline constexpr std::size_t kPasswordLengthMax = 1024;

// Throws std::bad_alloc when there is no memory for it.
std::string hash_password(std::string_view password);
// False for a hash that no version of us could have written.
bool verify_password(std::string_view hash, std::string_view password);
// True when the hash was made with other parameters than today's: hash again after a good login.
bool needs_rehash(std::string_view hash);
// A hash that no password fits. Verify against it when the account does not exist, so that the
// answer takes as long as for one that does. Made once, on first use.
const std::string& decoy_password_hash();

}  // namespace onsale::crypto
