#include "platform/http/message/preview.h"

#include <algorithm>

#include "platform/http/message/html.h"

namespace onsale::http {
namespace {

constexpr std::string_view kTitle = "<title>", kTitleEnd = "</title>";
constexpr std::string_view kDescription = "<meta name=\"description\" content=\"";

void meta(std::string& out, std::string_view kind, std::string_view name, std::string_view text) {
  if (text.empty()) return;
  out.append("<meta ").append(kind).append("=\"").append(name).append("\" content=\"");
  out.append(html_escaped(text)).append("\">\n");
}

}  // namespace

std::string preview_tags(const Preview& preview) {
  std::string out;
  meta(out, "name", "description", preview.description);
  meta(out, "property", "og:type", "website");
  meta(out, "property", "og:site_name", "onsale");
  meta(out, "property", "og:title", preview.title);
  meta(out, "property", "og:description", preview.description);
  meta(out, "property", "og:url", preview.address);
  meta(out, "property", "og:image", preview.image);
  meta(out, "name", "twitter:card", "summary");
  if (!preview.address.empty())
    out += "<link rel=\"canonical\" href=\"" + html_escaped(preview.address) + "\">\n";
  return out;
}

AppShell::AppShell(std::string_view html) : before_(html) {
  const auto at = before_.find(kTitle);
  const auto end = before_.find(kTitleEnd, std::min(at, before_.size()));
  if (at == before_.npos || end == before_.npos) return;
  title_ = before_.substr(at + kTitle.size(), end - at - kTitle.size());
  after_ = before_.substr(end + kTitleEnd.size());
  before_.resize(at);
  for (std::string* const part : {&before_, &after_}) {
    const auto from = part->find(kDescription);
    if (from == part->npos) continue;
    const auto quote = part->find('"', from + kDescription.size());
    const auto close = part->find('>', std::min(quote, part->size()));
    if (close == part->npos) continue;
    description_ = part->substr(from + kDescription.size(), quote - from - kDescription.size());
    part->erase(from, close + 1 - from);
  }
}

std::string AppShell::page(const Preview& preview) const {
  if (after_.empty()) return before_;  // an app without a title has no head to speak of
  Preview said = preview;
  std::string title = preview.title.empty() ? title_ : html_escaped(preview.title + " · onsale");
  if (said.title.empty()) said.title = title_;
  if (said.description.empty()) said.description = description_;
  std::string out = before_;
  out.append(kTitle).append(title).append(kTitleEnd).append("\n").append(preview_tags(said));
  return out.append(after_);
}

}  // namespace onsale::http
