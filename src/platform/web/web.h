// The web app inside the binary. Without a built app it is one page that says how to build it.
#pragma once

#include <span>

#include "platform/http/message/static_files.h"

namespace onsale::web {

// Lives as long as the process. Thread: any.
std::span<const http::StaticFile> web_files();

}  // namespace onsale::web
