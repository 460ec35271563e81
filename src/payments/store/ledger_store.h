// What payments writes into the ledger, and whether its rows and the ledger say the same. Every
// function runs in the transaction that changes the row, behind the lock of the payment.
//   captured            provider:<name> -> buyers
//   refund requested    buyers -> refunds_under_way; refused, it stays there, and retried, too
//   refund done         refunds_under_way -> provider:<name>
//   settled by people   refunds_under_way -> paid_otherwise, or back to buyers when it will not go
//   done all the same   after that: buyers -> refunds_under_way, and on to the provider
//   reversed            chargebacks -> provider:<name>: nobody here gave it back
//   restored            provider:<name> -> chargebacks, or to buyers when the purchase has ended
//   unbought            buyers -> chargebacks, when nothing was bought with what was reversed
#pragma once

#include <string>

#include "payments/payments.h"
#include "platform/sql/database.h"

namespace onsale::payments::books {

void captured(sql::Tx& tx, const Payment& payment, Timestamp at);
void refund_requested(sql::Tx& tx, const Refund& refund, Timestamp at);
void refund_done(sql::Tx& tx, const Refund& refund, const std::string& provider, Timestamp at);
void refund_settled(sql::Tx& tx, const Refund& refund, bool done, Timestamp at);
void refund_reopened(sql::Tx& tx, const Refund& refund, Timestamp at);
void reversed(sql::Tx& tx, const Refund& refund, const std::string& provider, Timestamp at);
void restored(sql::Tx& tx, const Refund& refund, const std::string& provider, Timestamp at);
void unbought(sql::Tx& tx, const Refund& refund, Timestamp at);

// What moved between the buyers and a provider; `payment` and `ours` of each line.
std::vector<DayLine> moved(sql::Tx& tx, const DayQuery& query);
// Whose account has transfers then, by name.
std::vector<std::string> providers(sql::Tx& tx, Timestamp from, Timestamp to);

// The first payment or refund that the ledger or its own sums contradict, in plain words; empty
// when everything fits. Reads all of them, a page at a time.
std::string check(sql::Tx& tx);

}  // namespace onsale::payments::books
