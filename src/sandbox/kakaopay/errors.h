// How KakaoPay refuses: a number, a message, and sometimes what the payment method said.
//
// ONE number is documented, -780. All the others here, -9001 to -9099, are this stand-in's PRIVATE
// ones: the official list was not found. A client must not know them; it has to treat a refusal it
// does not know as one.
#pragma once

#include <string_view>

namespace onsale::sandbox::kakaopay {

enum class Why {
  approval_failure,  // -780, documented
  key_unknown,
  key_legacy,  // KakaoAK of the API before
  field_invalid,
  cid_unknown,
  tid_unknown,
  order_differs,
  user_differs,
  amount_differs,
  token_invalid,
  not_authorised,
  already_approved,
  ended,
  not_cancelable,
  cancel_exceeds,
  cancel_differs,
  cancel_not_in_part,
  sid_unknown,
  sid_inactive,
  not_recurring,
  broken,
};

struct Refusal {
  Why why;
  std::string_view about{};  // a field's name, for a developer
};

struct RefusalText {
  int status;  // of HTTP
  int number;
  std::string_view message;
  std::string_view method_code{}, method_message{};  // extras, where there are some
};
RefusalText text_of(Why why);

}  // namespace onsale::sandbox::kakaopay
