// The text of a migration: words in double braces, and statements ended by semicolons.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace onsale::sql {

// What the words stand for on one kind of server. MySQL and MariaDB call the collation that
// compares byte by byte, trailing spaces included, by different names.
enum class Flavour { sqlite, mysql, mariadb };

// Replaces {{id}}, {{text N}}, {{big text}}, {{blob}}, {{long}}, {{serial}}. Throws Failure that
// names an unknown word.
std::string expand_schema(std::string_view sql, Flavour flavour);

// The statements of a file, without comments and semicolons. Knows 'text' and "name"; not triggers.
std::vector<std::string> split_statements(std::string_view sql);

}  // namespace onsale::sql
