// The frame of the pay pages: a phone's screen with one card on it, in the provider's colours.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "platform/http/message/language.h"
#include "platform/http/router.h"
#include "sandbox/desk_http.h"

namespace onsale::sandbox {

using http::Language;

struct Words {
  std::string_view ko, en;
  std::string_view in(Language language) const { return language == Language::ko ? ko : en; }
};

// What every provider's page says.
namespace words {
inline constexpr Words kPay{"결제하기", "Pay"};
inline constexpr Words kPractice{"연습용 결제창입니다. 실제로 돈이 나가지 않습니다.",
                                 "This is a practice pay page. No money is taken."};
inline constexpr Words kOrderNumber{"주문번호", "Order id"};
inline constexpr Words kMethod{"결제 수단", "Pay with"};
inline constexpr Words kLeave{"그만두기", "Walk away"};
inline constexpr Words kMore{"다른 결과 시험하기", "Try another outcome"};
inline constexpr Words kBack{"상점으로 돌아가기", "Back to the shop"};
inline constexpr Words kAuthorised{"결제를 승인했습니다.", "You approved this payment."};
inline constexpr Words kDone{"결제가 끝났습니다.", "This payment is complete."};
inline constexpr Words kOver{"이 결제는 더 이상 진행할 수 없습니다.",
                             "This payment can no longer be made."};
}  // namespace words

enum class Brand { toss, kakaopay };

// Builds a page's inside. Texts from outside are escaped here; the rest are words of ours.
class PageBody {
 public:
  explicit PageBody(Language language) : language_(language) {}

  PageBody& heading(const Words& words);
  PageBody& amount(std::int64_t won);
  PageBody& note(const Words& words);
  PageBody& state(const Words& words);
  PageBody& begin_rows();
  PageBody& row(const Words& name, std::string_view value);
  PageBody& end_rows();
  PageBody& begin_form(std::string_view action);
  PageBody& begin_choice(const Words& legend);
  PageBody& choice(std::string_view field, std::string_view value, const Words& label, bool chosen);
  PageBody& end_choice();
  // kind: "main", "", "quiet".
  PageBody& button(std::string_view kind, std::string_view decision, const Words& label);
  PageBody& begin_more(const Words& summary);
  PageBody& end_more();
  PageBody& end_form();
  PageBody& link(std::string_view address, const Words& label);
  std::string text() && { return std::move(out_); }
  Language language() const { return language_; }

 private:
  Language language_;
  std::string out_;
};

// No form-action in its policy: the decision redirects to wherever the shop's address leads.
http::Raw page(int status, Brand brand, const Words& title, PageBody body);
// A page that only says what is wrong; `about` is for a developer.
http::Raw problem_page(int status, Brand brand, Language language, const Words& title,
                       std::string_view about);
Reply missing_page(Brand brand, const http::Call& call);
// A pay page's route: forms, and problems of the server's own as pages.
http::Route page_route(Brand brand, std::string_view summary);
// `work` by way of the desk. `desk` must outlive the task.
Task<http::Raw> serve_page(Desk& desk, Brand brand, http::Call& call, std::string_view pattern,
                           std::function<Reply()> work);
// What ?lang= asked for goes on with the form: "?lang=ko", or nothing.
std::string language_suffix(const http::Call& call);

}  // namespace onsale::sandbox
