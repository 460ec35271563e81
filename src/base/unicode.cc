#include "base/unicode.h"

#include <unicode/uchar.h>
#include <unicode/uidna.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#include <algorithm>
#include <array>

namespace onsale {
namespace {

constexpr char32_t kBlankBraille = 0x2800;  // a pattern without dots
constexpr int kDomainMax = 253;

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::optional<std::u16string> utf16(std::string_view utf8) {
  std::u16string out(utf8.size(), u'\0');  // never more units than bytes
  std::int32_t size = 0;
  UErrorCode error = U_ZERO_ERROR;
  u_strFromUTF8(out.data(), static_cast<std::int32_t>(out.size()), &size, utf8.data(),
                static_cast<std::int32_t>(utf8.size()), &error);
  if (U_FAILURE(error)) return {};
  out.resize(static_cast<std::size_t>(size));
  return out;
}

std::optional<std::string> utf8_of(std::u16string_view text) {
  std::string out(text.size() * 3, '\0');
  std::int32_t size = 0;
  UErrorCode error = U_ZERO_ERROR;
  u_strToUTF8(out.data(), static_cast<std::int32_t>(out.size()), &size, text.data(),
              static_cast<std::int32_t>(text.size()), &error);
  if (U_FAILURE(error)) return {};
  out.resize(static_cast<std::size_t>(size));
  return out;
}

using GetForm = const UNormalizer2* (*)(UErrorCode*);

std::optional<std::string> normal(std::string_view utf8, GetForm get) {
  if (is_ascii(utf8)) return std::string(utf8);
  const auto text = utf16(utf8);
  if (!text) return {};
  UErrorCode error = U_ZERO_ERROR;
  const UNormalizer2* form = get(&error);
  if (U_FAILURE(error)) return {};
  std::u16string out(text->size() * 4 + 16, u'\0');  // D has up to four units for one
  const auto size = unorm2_normalize(form, text->data(), static_cast<std::int32_t>(text->size()),
                                     out.data(), static_cast<std::int32_t>(out.size()), &error);
  if (U_FAILURE(error)) return {};
  return utf8_of(std::u16string_view(out).substr(0, static_cast<std::size_t>(size)));
}

struct Idna {
  Idna() {
    UErrorCode error = U_ZERO_ERROR;
    handle = uidna_openUTS46(UIDNA_USE_STD3_RULES | UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ |
                                 UIDNA_NONTRANSITIONAL_TO_ASCII,
                             &error);
  }
  ~Idna() { uidna_close(handle); }
  UIDNA* handle = nullptr;
};

}  // namespace

std::optional<std::string> composed(std::string_view utf8) {
  return normal(utf8, unorm2_getNFCInstance);
}

std::optional<std::string> decomposed(std::string_view utf8) {
  return normal(utf8, unorm2_getNFDInstance);
}

std::optional<std::string> ascii_domain(std::string_view utf8) {
  static const Idna idna;
  if (idna.handle == nullptr) return {};
  std::array<char, kDomainMax + 1> out{};
  UIDNAInfo info = UIDNA_INFO_INITIALIZER;
  UErrorCode error = U_ZERO_ERROR;
  const auto size =
      uidna_nameToASCII_UTF8(idna.handle, utf8.data(), static_cast<std::int32_t>(utf8.size()),
                             out.data(), static_cast<std::int32_t>(out.size()), &info, &error);
  if (U_FAILURE(error) || info.errors != 0 || size <= 0 || size > kDomainMax) return {};
  return std::string(out.data(), static_cast<std::size_t>(size));
}

bool is_blank(char32_t point) {
  const auto c = static_cast<UChar32>(point);
  return u_isUWhiteSpace(c) || u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) ||
         point == kBlankBraille;
}

bool leaves_ink(char32_t point) {
  if (is_blank(point)) return false;
  switch (u_charType(static_cast<UChar32>(point))) {
    case U_UNASSIGNED:
    case U_CONTROL_CHAR:
    case U_FORMAT_CHAR:
    case U_SURROGATE:
    case U_NON_SPACING_MARK:
    case U_ENCLOSING_MARK:
    case U_COMBINING_SPACING_MARK:
    case U_PRIVATE_USE_CHAR:
      return false;
    default:
      return true;
  }
}

}  // namespace onsale
