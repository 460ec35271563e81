// What the buyer's browser shows when the return from a pay page can't be answered: a page, in
// every case, for it is a person who comes back and not a program.
#pragma once

#include "platform/http/call.h"
#include "platform/http/message/answer.h"

namespace onsale::booking {

// Says that nothing has to be paid again, leads to the reservations and, where waiting helps (429
// and 5xx), asks again by itself.
http::Raw return_trouble(const http::Call& call, const http::Problem& problem);

}  // namespace onsale::booking
