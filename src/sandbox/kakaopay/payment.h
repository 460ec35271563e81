// One payment of KakaoPay as it goes through its states, and a card that may be charged again
// (SID). Pure: time and names come in as arguments. Amounts are won.
#pragma once

#include <boost/describe.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/control.h"
#include "base/result.h"
#include "base/time.h"
#include "sandbox/kakaopay/errors.h"

namespace onsale::sandbox::kakaopay {

inline constexpr std::string_view kOneTimeCid = "TC0ONETIME";
inline constexpr std::string_view kRecurringCid = "TCSUBSCRIP";
inline constexpr std::size_t kActionsMax = 1000;  // of one payment

enum class Status {
  READY,
  SEND_TMS,
  OPEN_PAYMENT,
  SELECT_METHOD,
  ARS_WAITING,
  AUTH_PASSWORD,
  ISSUED_SID,
  SUCCESS_PAYMENT,
  PART_CANCEL_PAYMENT,
  CANCEL_PAYMENT,
  FAIL_AUTH_PASSWORD,
  QUIT_PAYMENT,
  FAIL_PAYMENT,
};
BOOST_DESCRIBE_ENUM(Status, READY, SEND_TMS, OPEN_PAYMENT, SELECT_METHOD, ARS_WAITING,
                    AUTH_PASSWORD, ISSUED_SID, SUCCESS_PAYMENT, PART_CANCEL_PAYMENT, CANCEL_PAYMENT,
                    FAIL_AUTH_PASSWORD, QUIT_PAYMENT, FAIL_PAYMENT)

enum class Method { CARD, MONEY };
BOOST_DESCRIBE_ENUM(Method, CARD, MONEY)

enum class ActionType { PAYMENT, CANCEL, ISSUED_SID };
BOOST_DESCRIBE_ENUM(ActionType, PAYMENT, CANCEL, ISSUED_SID)

struct Amount {
  std::int64_t total = 0, tax_free = 0, vat = 0, green_deposit = 0;
  Amount& operator+=(const Amount& other) {
    total += other.total;
    tax_free += other.tax_free;
    vat += other.vat;
    green_deposit += other.green_deposit;
    return *this;
  }
  Amount operator-(const Amount& other) const {
    return {total - other.total, tax_free - other.tax_free, vat - other.vat,
            green_deposit - other.green_deposit};
  }
  bool operator==(const Amount&) const = default;
};
BOOST_DESCRIBE_STRUCT(Amount, (), (total, tax_free, vat, green_deposit))

struct Action {
  std::string aid;
  ActionType type = ActionType::PAYMENT;
  Amount amount;
  Timestamp at{};
  std::string payload;
};
BOOST_DESCRIBE_STRUCT(Action, (), (aid, type, amount, at, payload))

struct Payment {
  std::string tid, cid, key;  // key: the secret key that it was made ready with
  std::string order, user;    // the shop's ids
  std::string item_name, item_code;
  std::int64_t quantity = 1;
  Amount amount;
  std::string approval_url, cancel_url, fail_url;
  std::optional<Method> method_asked{};
  Method method = Method::MONEY;
  std::int64_t install_month = 0;
  Status status = Status::READY;
  std::string pg_token;  // made when the buyer approves
  std::string sid;
  bool refuse = false;  // the buyer agreed, and approving will fail
  Timestamp created_at{};
  std::optional<Timestamp> approved_at{}, canceled_at{};
  Amount canceled;
  std::vector<Action> actions{};
};
BOOST_DESCRIBE_STRUCT(Payment, (),
                      (tid, cid, key, order, user, item_name, item_code, quantity, amount,
                       approval_url, cancel_url, fail_url, method_asked, method, install_month,
                       status, pg_token, sid, refuse, created_at, approved_at, canceled_at,
                       canceled, actions))

enum class SidStatus { ACTIVE, INACTIVE };
BOOST_DESCRIBE_ENUM(SidStatus, ACTIVE, INACTIVE)

struct Subscription {
  std::string sid, cid, key, user, item_name;
  Method method = Method::MONEY;
  SidStatus status = SidStatus::ACTIVE;
  Timestamp created_at{};
  std::optional<Timestamp> last_approved_at{}, inactivated_at{};
};
BOOST_DESCRIBE_STRUCT(Subscription, (),
                      (sid, cid, key, user, item_name, method, status, created_at, last_approved_at,
                       inactivated_at))

// Rules that a negative control takes away.
struct Guards {
  Guard token{};    // a pg_token approves once
  Guard balance{};  // no more goes back than is left
};

// The page was opened.
bool open(Payment& payment);

enum class Decision { approve, decline, leave, refuse };
BOOST_DESCRIBE_ENUM(Decision, approve, decline, leave, refuse)
// refuse: the buyer approves, and approve fails. False once the buyer has decided.
bool decide(Payment& payment, Decision decision, Method method, std::string pg_token);

struct ApproveRequest {
  std::string order, user, pg_token, payload;
  std::optional<std::int64_t> total{};
};
struct ApproveNames {
  std::string aid, sid;  // sid: for a recurring cid
};
// A refused one changes only where the method refuses (FAIL_PAYMENT).
Result<void, Refusal> approve(Payment& payment, const ApproveRequest& request, ApproveNames names,
                              Timestamp now, const Guards& guards = {});

struct CancelRequest {
  std::int64_t total = 0, tax_free = 0;
  std::optional<std::int64_t> vat{};
  std::optional<std::int64_t> available{};  // as the shop sees it: a compare-and-set
  std::string payload;
};
// What this cancel gave back. A refused one changes nothing.
Result<Amount, Refusal> cancel(Payment& payment, const CancelRequest& request, std::string aid,
                               Timestamp now, const Guards& guards = {});

// What can still be cancelled.
Amount available(const Payment& payment);
std::int64_t captured(const Payment& payment);

}  // namespace onsale::sandbox::kakaopay
