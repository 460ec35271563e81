// `onsale outbox`: events that gave up, looked at and delivered once more, also beside a running
// server. Each returns the exit code and throws std::runtime_error with a one-line reason.
#pragma once

#include <string>

#include "app/settings.h"

namespace onsale::app {

int list_parked(const Settings& settings);
int replay_parked(const Settings& settings, const std::string& id);

}  // namespace onsale::app
