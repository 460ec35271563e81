// What the command line can ask for. Each returns the exit code and throws std::runtime_error with
// a one-line reason when it cannot.
#pragma once

#include <string>
#include <vector>

#include "app/settings.h"

namespace onsale::app {

// Serves until SIGINT or SIGTERM, then drains.
int serve(Settings settings);
int migrate(const Settings& settings);
std::vector<std::string> job_names();
int run_job(const Settings& settings, const std::string& name);
// Makes an administrator; an address that is taken is refused. With `reset` it is the other way
// round: the account there becomes one, with this password and without its sessions. Audited.
int create_admin(const Settings& settings, const std::string& email, const std::string& password,
                 bool reset);

}  // namespace onsale::app
