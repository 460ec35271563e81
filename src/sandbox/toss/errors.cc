#include "sandbox/toss/errors.h"

#include <array>

namespace onsale::sandbox::toss {
namespace {

// In the order of Code.
constexpr std::array<ErrorText, 45> kTexts{{
    {400, "이미 처리된 결제입니다.", "This payment was processed already."},
    {400, "일시적인 오류입니다. 잠시 후 다시 시도해 주세요.",
     "A temporary error. Try again in a moment."},
    {400, "잘못된 요청입니다.", "The request is not valid."},
    {400, "시크릿 키가 올바르지 않습니다.", "The secret key does not fit."},
    {400, "카드 사용이 거절되었습니다.", "The card was refused."},
    {400, "결제할 수 있는 최소 금액보다 작습니다.", "The amount is below the minimum."},
    {400, "카드 유효기간을 확인해 주세요.", "Check the card's expiry."},
    {400, "정지된 카드입니다.", "The card is stopped."},
    {400, "분실 또는 도난 신고된 카드입니다.", "The card was reported lost or stolen."},
    {400, "하루에 결제할 수 있는 횟수를 넘었습니다.", "Too many payments in one day."},
    {400, "하루에 결제할 수 있는 금액을 넘었습니다.", "More than may be paid in one day."},
    {400, "거래 금액 한도를 넘었습니다.", "The amount is above the limit."},
    {400, "아직 승인되지 않은 주문번호입니다.", "This order is not approved yet."},
    {401, "인증되지 않은 키입니다.", "The key is not known."},
    {403, "한도가 넘었거나 잔액이 부족합니다.", "Over the limit, or not enough money."},
    {403, "잔액이 부족해 결제하지 못했습니다.", "There is not enough money in the account."},
    {403, "카드사에서 결제를 거절했습니다.", "The card company refused."},
    {403, "허용되지 않은 요청입니다.", "This request is not allowed."},
    {403, "인증 값은 시크릿 키 뒤에 콜론을 붙여 만듭니다.",
     "Put a colon behind the secret key before encoding it."},
    {403, "위험 거래가 감지되어 결제가 제한되었습니다.",
     "The payment looks risky and was stopped."},
    {404, "존재하지 않는 결제입니다.", "There is no such payment."},
    {404, "결제 시간이 지나 진행 정보가 없습니다.",
     "The time to pay is over; the session is gone."},
    {500, "결제를 처리하지 못했습니다. 잠시 후 다시 시도해 주세요.",
     "The payment could not be processed. Try again in a moment."},
    {500, "내부 처리에 실패했습니다. 잠시 후 다시 시도해 주세요.",
     "Something failed inside. Try again in a moment."},
    {500, "알 수 없는 오류로 결제하지 못했습니다.", "The payment failed for an unknown reason."},
    {400, "이미 취소된 결제입니다.", "This payment was cancelled already."},
    {400, "남은 금액이 맞지 않습니다.", "The refundable amount is another one."},
    {400, "환불이 거절되었습니다.", "The refund was refused."},
    {400, "이미 환불된 결제입니다.", "This payment was refunded already."},
    {403, "취소할 수 없는 금액입니다.", "This amount can't be cancelled."},
    {403, "취소할 수 없는 결제입니다.", "This payment can't be cancelled."},
    {403, "요청이 너무 잇따릅니다. 잠시 후 다시 시도해 주세요.",
     "One request too soon after another. Try again in a moment."},
    {403, "환불할 수 있는 기간이 지났습니다.", "The time to refund is over."},
    {403, "부분 환불을 할 수 없는 결제입니다.", "This payment can't be refunded in part."},
    {403, "입금을 기다리는 결제는 부분 환불을 할 수 없습니다.",
     "Nothing can be refunded in part before the deposit."},
    {403, "취소 한도를 넘었습니다.", "The limit of cancellations is reached."},
    {500, "환불을 처리하지 못했습니다.", "The refund could not be processed."},
    {500, "부분 환불을 처리하지 못했습니다.", "The partial refund could not be processed."},
    {500, "일시적인 오류입니다. 잠시 후 다시 시도해 주세요.",
     "A temporary error. Try again in a moment."},
    {400, "멱등키는 300자 이하여야 합니다.", "An idempotency key has at most 300 characters."},
    {409, "같은 멱등키의 요청을 처리하고 있습니다.",
     "A request with this idempotency key is under way."},
    {400, "빌링키와 고객 키가 맞지 않습니다.", "The billing key belongs to another customer key."},
    {400, "유효하지 않은 빌링키입니다.", "The billing key is not valid."},
    {400, "이미 승인되거나 취소된 주문번호입니다.",
     "This order id was approved or cancelled before."},
    {400, "구매자가 결제를 그만두었습니다.", "The buyer walked away."},
}};
static_assert(static_cast<std::size_t>(Code::PAY_PROCESS_CANCELED) + 1 == kTexts.size());

}  // namespace

const ErrorText& text_of(Code code) { return kTexts[static_cast<std::size_t>(code)]; }

}  // namespace onsale::sandbox::toss
