// API keys of Toss Payments: test_ck_NAME is a browser's, test_sk_NAME the server's half of a pair;
// gck and gsk are those of the payment widget. Toss draws the names of a pair at random; here both
// halves have one name, so that any shop can make itself a pair.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace onsale::sandbox::toss {

struct Key {
  bool live = false;
  bool widget = false;
  bool secret = false;
  std::string_view name;
  // The same for both halves of a pair, and for nobody else.
  std::string merchant() const { return std::string(widget ? "g:" : "") + std::string(name); }
};

// Empty for anything else. The name points into `text`. Thread: any.
inline std::optional<Key> parse_key(std::string_view text) {
  Key key;
  if (text.starts_with("live_"))
    key.live = true;
  else if (!text.starts_with("test_"))
    return {};
  text.remove_prefix(5);
  key.widget = text.starts_with("g");
  if (key.widget) text.remove_prefix(1);
  key.secret = text.starts_with("sk_");
  if (!key.secret && !text.starts_with("ck_")) return {};
  key.name = text.substr(3);
  if (key.name.empty() || key.name.size() > 64) return {};
  for (const char c : key.name)
    if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'))
      return {};
  return key;
}

}  // namespace onsale::sandbox::toss
