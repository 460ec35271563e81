#include "platform/config/settings.h"

#include <toml++/toml.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <fstream>
#include <memory>
#include <sstream>

#include "base/check.h"

namespace onsale::config {
namespace {

std::unexpected<std::string> refuse(std::string reason) {
  return std::unexpected(std::move(reason));
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\u%04X", c);
      out += escaped;
    } else {
      out += c;
    }
  }
  return out += '"';
}

std::string shown(double value) {
  char buffer[40];
  std::snprintf(buffer, sizeof buffer, "%.15g", value);
  std::string text = buffer;
  if (text.find_first_of(".en") == text.npos) text += ".0";
  return text;
}

template <class N>
std::optional<N> parse_number(std::string_view text) {
  N value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return {};
  return value;
}

std::optional<std::int64_t> as_integer(const Given& given) {
  if (const auto* integer = std::get_if<std::int64_t>(&given)) return *integer;
  if (const auto* text = std::get_if<std::string>(&given)) return parse_number<std::int64_t>(*text);
  return {};
}

std::optional<double> as_real(const Given& given) {
  if (const auto* real = std::get_if<double>(&given)) return *real;
  if (const auto* integer = std::get_if<std::int64_t>(&given)) return static_cast<double>(*integer);
  if (const auto* text = std::get_if<std::string>(&given)) return parse_number<double>(*text);
  return {};
}

std::optional<bool> as_flag(const Given& given) {
  if (const auto* flag = std::get_if<bool>(&given)) return *flag;
  const auto* text = std::get_if<std::string>(&given);
  if (text && (*text == "true" || *text == "1" || *text == "yes" || *text == "on")) return true;
  if (text && (*text == "false" || *text == "0" || *text == "no" || *text == "off")) return false;
  return {};
}

// Levenshtein.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1])});
      diagonal = above;
    }
  }
  return row[b.size()];
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " | ") + word;
  return text;
}

std::string environment_name(std::string_view name) {
  std::string variable = "ONSALE_";
  for (const char c : name)
    variable += c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return variable;
}

std::optional<Given> given_of(const toml::node& node) {
  if (const auto flag = node.value_exact<bool>()) return Given(*flag);
  if (const auto integer = node.value_exact<std::int64_t>()) return Given(*integer);
  if (const auto real = node.value_exact<double>()) return Given(*real);
  if (const auto text = node.value_exact<std::string>()) return Given(*text);
  return {};
}

}  // namespace

void Settings::add(Setting setting) {
  const auto dot = setting.name.find('.');
  check(dot != std::string::npos && setting.name.find('.', dot + 1) == std::string::npos,
        "a setting is named section.key");
  check(!find(setting.name), "each setting is declared once");
  settings_.push_back(std::move(setting));
}

void Settings::text(std::string name, std::string description, std::string& value) {
  const auto assign = [&value](const Given& given) -> Outcome {
    const auto* text = std::get_if<std::string>(&given);
    if (!text) return refuse("must be text in quotes");
    value = *text;
    return {};
  };
  add({std::move(name), std::move(description), "", assign, [&value] { return quoted(value); }});
}

void Settings::secret(std::string name, std::string description, std::string& value) {
  text(std::move(name), std::move(description), value);
  settings_.back().show = [&value] { return quoted(value.empty() ? "" : "********"); };
}

void Settings::choice(std::string name, std::string description, std::string& value,
                      std::vector<std::string> allowed) {
  const std::string bounds = joined(allowed);
  const auto assign = [&value, allowed = std::move(allowed)](const Given& given) -> Outcome {
    const auto* text = std::get_if<std::string>(&given);
    if (!text || std::ranges::find(allowed, *text) == allowed.end())
      return refuse("must be one of " + joined(allowed));
    value = *text;
    return {};
  };
  add({std::move(name), std::move(description), bounds, assign,
       [&value] { return quoted(value); }});
}

void Settings::flag(std::string name, std::string description, bool& value) {
  const auto assign = [&value](const Given& given) -> Outcome {
    const auto flag = as_flag(given);
    if (!flag) return refuse("must be true or false");
    value = *flag;
    return {};
  };
  add({std::move(name), std::move(description), "", assign,
       [&value] { return value ? "true" : "false"; }});
}

void Settings::real(std::string name, std::string description, double& value, double low,
                    double high) {
  const std::string bounds = shown(low) + " to " + shown(high);
  const auto assign = [&value, low, high, bounds](const Given& given) -> Outcome {
    const auto real = as_real(given);
    if (!real || !(*real >= low && *real <= high)) return refuse("must be a number, " + bounds);
    value = *real;
    return {};
  };
  add({std::move(name), std::move(description), bounds, assign, [&value] { return shown(value); }});
}

void Settings::integer(std::string name, std::string description, std::int64_t low,
                       std::int64_t high, std::int64_t initial,
                       std::function<void(std::int64_t)> store) {
  check(low <= initial && initial <= high, "a default is within its bounds");
  const std::string bounds = std::to_string(low) + " to " + std::to_string(high);
  auto present = std::make_shared<std::int64_t>(initial);
  const auto assign = [present, low, high, bounds,
                       store = std::move(store)](const Given& given) -> Outcome {
    const auto integer = as_integer(given);
    if (!integer || *integer < low || *integer > high)
      return refuse("must be a whole number, " + bounds);
    *present = *integer;
    store(*integer);
    return {};
  };
  add({std::move(name), std::move(description), bounds, assign,
       [present] { return std::to_string(*present); }});
}

Settings::Setting* Settings::find(std::string_view name) {
  const auto found = std::ranges::find(settings_, name, &Setting::name);
  return found == settings_.end() ? nullptr : &*found;
}

std::string Settings::nearest(std::string_view name) const {
  check(!settings_.empty(), "settings are declared before they are loaded");
  return std::ranges::min_element(settings_, {},
                                  [&](const Setting& s) { return distance(s.name, name); })
      ->name;
}

Outcome Settings::assign(std::string_view name, const Given& given, const std::string& origin) {
  Setting* setting = find(name);
  if (!setting)
    return refuse(origin + ": unknown setting " + std::string(name) + "; did you mean " +
                  nearest(name) + "?");
  if (const Outcome ok = setting->assign(given); !ok)
    return refuse(origin + ": " + setting->name + " " + ok.error());
  setting->origin = origin;
  return {};
}

Outcome Settings::set(std::string_view name, std::string_view value, std::string origin) {
  return assign(name, std::string(value), origin);
}

Outcome Settings::load_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  file.peek();  // a directory opens, but cannot be read
  if (file.fail()) return refuse(path + ": cannot be read; name a TOML file with --config");
  std::stringstream text;
  text << file.rdbuf();
  return load_toml(text.str(), path);
}

Outcome Settings::load_toml(std::string_view toml, std::string origin) {
  toml::table table;
  try {
    table = toml::parse(toml, std::string_view(origin));
  } catch (const toml::parse_error& error) {
    return refuse(origin + ":" + std::to_string(error.source().begin.line) + ": " +
                  std::string(error.description()));
  }
  for (const auto& [section, inside] : table) {
    if (!inside.is_table())
      return refuse(origin + ": " + std::string(section.str()) + " must stand in a [section]");
    for (const auto& [key, node] : *inside.as_table()) {
      const std::string name = std::string(section.str()) + "." + std::string(key.str());
      const std::string where = origin + ":" + std::to_string(node.source().begin.line);
      const auto given = given_of(node);
      // A list or a table: let the name be judged first, it may be the mistake.
      const Outcome ok = given        ? assign(name, *given, where)
                         : find(name) ? Outcome(refuse(where + ": " + name + " must be one value"))
                                      : assign(name, false, where);
      if (!ok) return ok;
    }
  }
  return {};
}

Outcome Settings::load_environment(const char* const* environment) {
  constexpr std::size_t kTypo = 3;
  for (; *environment; ++environment) {
    const std::string_view entry(*environment);
    const auto equals = entry.find('=');
    if (!entry.starts_with("ONSALE_") || equals == entry.npos) continue;
    const std::string variable(entry.substr(0, equals));
    const std::string origin = "environment " + variable;
    const auto named = [&](const Setting& s) { return environment_name(s.name) == variable; };
    if (const auto found = std::ranges::find_if(settings_, named); found != settings_.end()) {
      if (const Outcome ok = assign(found->name, std::string(entry.substr(equals + 1)), origin);
          !ok)
        return ok;
      continue;
    }
    for (const Setting& s : settings_) {
      const std::string section = environment_name(s.name.substr(0, s.name.find('.'))) + "_";
      const std::string close = environment_name(s.name);
      if (variable.starts_with(section) || distance(close, variable) <= kTypo) {
        const auto best = std::ranges::min_element(settings_, {}, [&](const Setting& other) {
          return distance(environment_name(other.name), variable);
        });
        return refuse(origin + ": unknown setting; did you mean " + environment_name(best->name) +
                      "?");
      }
    }
  }
  return {};
}

std::vector<Settings::Line> Settings::list() const {
  std::vector<Line> lines;
  for (const Setting& s : settings_)
    lines.push_back({s.name, s.description, s.show(), s.origin, s.bounds});
  return lines;
}

std::string Settings::print() const {
  std::vector<Line> lines = list();
  std::ranges::stable_sort(
      lines, {}, [](const Line& line) { return line.name.substr(0, line.name.find('.')); });
  std::string out, section;
  for (const Line& line : lines) {
    const auto dot = line.name.find('.');
    if (line.name.substr(0, dot) != section) {
      out += (out.empty() ? "[" : "\n[") + (section = line.name.substr(0, dot)) + "]\n";
    }
    out += "# " + line.description + (line.bounds.empty() ? "" : " (" + line.bounds + ")") + "\n";
    out += line.name.substr(dot + 1) + " = " + line.value + "  # " + line.origin + "\n";
  }
  return out;
}

}  // namespace onsale::config
