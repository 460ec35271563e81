// How a payment opens: what its provider is told, what its row says afterwards, and what of the
// buyer's way back is kept. Pure.
#pragma once

#include "payments/ports.h"

namespace onsale::payments {

// The same thing asked for again, whatever the ids.
bool same_request(const Payment& payment, const NewPayment& request);

Order order_of(const Stored& stored, const Begin& request);

// ready -> pending, with the pay page that the provider gave.
void begin_with(Stored& stored, const Started& started, const std::string& return_url,
                Timestamp now);

// What the provider may need again; ours stays ours, and a made-up address stays small.
ReturnData kept(const ReturnData& data);

}  // namespace onsale::payments
