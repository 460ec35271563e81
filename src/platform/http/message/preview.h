// What others show of a page before anybody opens it: search engines, and programs that make a card
// of a link (Open Graph). Thread: any.
#pragma once

#include <string>
#include <string_view>

namespace onsale::http {

// Text, not HTML; addresses are absolute. Empty: nothing is said.
struct Preview {
  std::string title, description, address, image;
};

// The meta elements for a page's head.
std::string preview_tags(const Preview& preview);

// The web app's page, which is the same file at every address, with the head of one of them.
class AppShell {
 public:
  // `html` has a title element and perhaps a description of the whole site.
  explicit AppShell(std::string_view html);
  // What the preview doesn't say, the file does.
  std::string page(const Preview& preview) const;

 private:
  std::string before_, title_, description_, after_;
};

}  // namespace onsale::http
