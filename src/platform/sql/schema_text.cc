#include "platform/sql/schema_text.h"

#include <algorithm>

#include "platform/sql/database.h"

namespace onsale::sql {

namespace {

std::string text_type(Flavour flavour, std::string_view type) {
  std::string out(type);
  out += " CHARACTER SET utf8mb4 COLLATE ";
  out += flavour == Flavour::mariadb ? "utf8mb4_nopad_bin" : "utf8mb4_0900_bin";
  return out;
}

std::string expand_word(std::string_view word, Flavour flavour) {
  const bool sqlite = flavour == Flavour::sqlite;
  if (word == "id") return sqlite ? "TEXT" : "VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin";
  if (word == "long") return "BIGINT";
  if (word == "blob") return sqlite ? "BLOB" : "LONGBLOB";
  if (word == "big text") return sqlite ? "TEXT" : text_type(flavour, "LONGTEXT");
  if (word == "serial") {
    return sqlite ? "INTEGER PRIMARY KEY AUTOINCREMENT" : "BIGINT AUTO_INCREMENT PRIMARY KEY";
  }
  if (word.starts_with("text ")) {
    const std::string_view size = word.substr(5);
    if (!size.empty() && size.find_first_not_of("0123456789") == std::string_view::npos) {
      return sqlite ? "TEXT" : text_type(flavour, "VARCHAR(" + std::string(size) + ")");
    }
  }
  throw Failure("the schema word {{" + std::string(word) + "}} is unknown");
}

std::string trimmed(const std::string& text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

}  // namespace

std::string expand_schema(std::string_view sql, Flavour flavour) {
  std::string out;
  for (;;) {
    const auto open = sql.find("{{");
    if (open == std::string_view::npos) return out.append(sql);
    const auto close = sql.find("}}", open);
    if (close == std::string_view::npos) throw Failure("a schema file has {{ without }}");
    out.append(sql.substr(0, open));
    out += expand_word(sql.substr(open + 2, close - open - 2), flavour);
    sql.remove_prefix(close + 2);
  }
}

std::vector<std::string> split_statements(std::string_view sql) {
  std::vector<std::string> statements;
  std::string current;
  auto finish = [&] {
    if (auto text = trimmed(current); !text.empty()) statements.push_back(std::move(text));
    current.clear();
  };
  for (std::size_t i = 0; i < sql.size(); ++i) {
    const char c = sql[i];
    if (c == '\'' || c == '"') {
      const auto close = std::min(sql.find(c, i + 1), sql.size() - 1);
      current.append(sql.substr(i, close - i + 1));
      i = close;
    } else if (sql.substr(i).starts_with("--")) {
      i = std::min(sql.find('\n', i), sql.size());
      current += '\n';
    } else if (c == ';') {
      finish();
    } else {
      current += c;
    }
  }
  finish();
  return statements;
}

}  // namespace onsale::sql
