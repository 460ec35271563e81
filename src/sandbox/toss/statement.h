// What Toss has on record of a shop's money: transactions, and what it keeps of them. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sandbox/toss/payment.h"

namespace onsale::sandbox::toss {

// Money that came (cancel is null), or that went back by one cancel.
struct Transaction {
  const Payment* payment;
  const Cancel* cancel;
  Timestamp at() const { return cancel != nullptr ? cancel->at : *payment->approved_at; }
  // Of money that came it is the payment's, which is one of its kind, too.
  const std::string& key() const {
    return cancel != nullptr ? cancel->transaction_key : payment->payment_key;
  }
  std::int64_t amount() const { return cancel != nullptr ? cancel->amount : payment->total; }
};
void add_transactions(std::vector<Transaction>& out, const Payment& payment);

// The stand-in's tariff: 3 % and VAT, as the sandbox's shop has agreed; given back with the money.
struct Kept {
  std::int64_t fee = 0;  // VAT included
  std::int64_t vat = 0;
};
Kept kept_of(std::int64_t amount);

}  // namespace onsale::sandbox::toss
