// The JSON that providers answer with: members that we don't know are none of our business, and
// numbers may come as text. Included by this folder's clients only.
#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/net/message.h"

namespace onsale::payments {

// Thread: its owner's.
class ProviderJson {
 public:
  // Anything that is no JSON object is empty, and ok() is false.
  explicit ProviderJson(std::string_view text);
  explicit ProviderJson(boost::json::object object) : object_(std::move(object)), ok_(true) {}

  bool ok() const { return ok_; }
  std::string text(std::string_view name) const;                    // empty: absent, or no text
  std::optional<std::int64_t> number(std::string_view name) const;  // also of digits in a text
  std::optional<bool> flag(std::string_view name) const;
  ProviderJson inner(std::string_view name) const;  // an object
  // The number itself, or the member `total` of an object.
  std::optional<std::int64_t> total(std::string_view name) const;

 private:
  const boost::json::value* find(std::string_view name) const;

  boost::json::object object_;
  bool ok_ = false;
};

// A JSON array of objects; empty for anything else.
std::optional<std::vector<ProviderJson>> provider_list(std::string_view text);

// "HTTP 503", for answers without a code of their own.
std::string status_code(const net::Answer& answer);

}  // namespace onsale::payments
