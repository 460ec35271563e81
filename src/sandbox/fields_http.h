// The members of a request's JSON object, read as the providers do: what they don't know is
// ignored.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace onsale::sandbox {

// Thread: its owner's.
class Fields {
 public:
  // Of anything that is no JSON object everything is absent, and whole() is false.
  explicit Fields(std::string_view json);
  ~Fields();
  Fields(Fields&&) noexcept;
  Fields& operator=(Fields&&) noexcept;

  bool whole() const;
  bool has(std::string_view name) const;  // and it is not null
  // Empty when absent or no text. Numbers are texts, too, with `loose`. Control characters become
  // spaces.
  std::string text(std::string_view name, bool loose = false) const;
  // Empty when absent or no whole number. Digits in a text count with `loose`.
  std::optional<std::int64_t> number(std::string_view name, bool loose = false) const;
  // An object inside; everything is absent when it is none.
  Fields inner(std::string_view name) const;

 private:
  struct Parsed;
  explicit Fields(std::unique_ptr<Parsed> parsed);
  std::unique_ptr<Parsed> parsed_;
};

}  // namespace onsale::sandbox
