#include "sandbox/kakaopay/errors.h"

namespace onsale::sandbox::kakaopay {

RefusalText text_of(Why why) {
  switch (why) {
    case Why::approval_failure:
      return {400, -780, "approval failure!", "USER_LOCKED",
              "진행중인 거래가 있습니다. 잠시 후 다시 시도해 주세요."};
    case Why::key_unknown:
      return {401, -9001, "practice: the secret key is missing or malformed"};
    case Why::key_legacy:
      return {401, -9002, "practice: KakaoAK belongs to the API before; send SECRET_KEY"};
    case Why::field_invalid:
      return {400, -9010, "practice: a field is missing or not valid"};
    case Why::cid_unknown:
      return {400, -9011, "practice: the cid is none of the test ones"};
    case Why::tid_unknown:
      return {400, -9020, "practice: there is no such tid for this key and cid"};
    case Why::order_differs:
      return {400, -9021, "practice: partner_order_id is not that of ready"};
    case Why::user_differs:
      return {400, -9022, "practice: partner_user_id is another one"};
    case Why::amount_differs:
      return {400, -9023, "practice: total_amount is not that of ready"};
    case Why::token_invalid:
      return {400, -9024, "practice: pg_token is not the one of this payment"};
    case Why::not_authorised:
      return {400, -9025, "practice: the buyer has not approved"};
    case Why::already_approved:
      return {400, -9026, "practice: this payment was approved before"};
    case Why::ended:
      return {400, -9027, "practice: this payment has ended"};
    case Why::not_cancelable:
      return {400, -9030, "practice: this payment can't be cancelled"};
    case Why::cancel_exceeds:
      return {400, -9031, "practice: more than can be cancelled"};
    case Why::cancel_differs:
      return {400, -9032, "practice: cancel_available_amount is another one"};
    case Why::cancel_not_in_part:
      return {400, -9033, "practice: a payment with green_deposit is cancelled whole"};
    case Why::sid_unknown:
      return {400, -9040, "practice: there is no such sid for this key and cid"};
    case Why::sid_inactive:
      return {400, -9041, "practice: this sid is inactive"};
    case Why::not_recurring:
      return {400, -9042, "practice: this cid has no recurring payments"};
    case Why::broken:
      break;
  }
  return {500, -9099, "practice: something failed inside"};
}

}  // namespace onsale::sandbox::kakaopay
