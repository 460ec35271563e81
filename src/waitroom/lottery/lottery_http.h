// The routes of lotteries: /rooms/{room}/lottery, …/entries, …/places/me/lottery and the operator's
// /admin/rooms/{room}/lottery.
#pragma once

#include "platform/http/router.h"
#include "waitroom/lottery/lottery_service.h"

namespace onsale::waitroom::lottery {

// Both must outlive the router.
void routes(http::Router& router, Lotteries& lotteries);

}  // namespace onsale::waitroom::lottery
