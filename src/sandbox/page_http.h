// The frame of the pay pages: a phone's screen with one card on it, in the provider's colours.
#pragma once

#include <string>
#include <string_view>

#include "platform/http/message/language.h"
#include "platform/http/router.h"

namespace onsale::sandbox {

using http::Language;

struct Words {
  std::string_view ko, en;
  std::string_view in(Language language) const { return language == Language::ko ? ko : en; }
};

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
// What ?lang= asked for goes on with the form: "?lang=ko", or nothing.
std::string language_suffix(const http::Call& call);

}  // namespace onsale::sandbox
