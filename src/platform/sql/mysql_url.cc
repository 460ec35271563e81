#include "platform/sql/mysql_url.h"

#include <charconv>

#include "platform/sql/database.h"

namespace onsale::sql {

namespace {

[[noreturn]] void refuse(const std::string& what) {
  throw Failure("the database URL " + what +
                ": write mysql://user:password@host:port/database or "
                "mysql:unix_socket=PATH;db=NAME;user=NAME");
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    unsigned byte = 0;
    const char* digits = text.data() + i + 1;
    if (i + 2 >= text.size() || std::from_chars(digits, digits + 2, byte, 16).ptr != digits + 2) {
      refuse("has a broken % in the user or password");
    }
    out += static_cast<char>(byte);
    i += 2;
  }
  return out;
}

unsigned port_number(std::string_view text) {
  unsigned port = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), port);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size() || port == 0 ||
      port > 65'535) {
    refuse("has a wrong port");
  }
  return port;
}

void set_option(MysqlAddress& address, std::string_view pair) {
  const auto equals = pair.find('=');
  if (equals == std::string_view::npos) refuse("has an option without =");
  const std::string_view name = pair.substr(0, equals);
  const std::string value(pair.substr(equals + 1));
  if (name == "unix_socket") {
    address.unix_socket = value;
  } else if (name == "db") {
    address.database = value;
  } else if (name == "user") {
    address.user = value;
  } else if (name == "password") {
    address.password = value;
  } else if (name == "host") {
    address.endpoints.front().host = value;
  } else if (name == "port") {
    address.endpoints.front().port = port_number(value);
  } else if (name == "tls_ca") {
    address.tls_ca = value;
  } else {
    refuse("has an unknown option");
  }
}

void set_options(MysqlAddress& address, std::string_view text, char separator) {
  while (!text.empty()) {
    const auto end = std::min(text.find(separator), text.size());
    if (end > 0) set_option(address, text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

MysqlEndpoint endpoint_of(std::string_view text) {
  MysqlEndpoint endpoint;
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == std::string_view::npos) refuse("has an open [ in the host");
    endpoint.host = text.substr(1, close - 1);
    text.remove_prefix(close + 1);
    if (text.starts_with(':')) endpoint.port = port_number(text.substr(1));
  } else {
    const auto colon = std::min(text.find(':'), text.size());
    endpoint.host = text.substr(0, colon);
    if (colon < text.size()) endpoint.port = port_number(text.substr(colon + 1));
  }
  if (endpoint.host.empty()) refuse("names no host");
  return endpoint;
}

void set_authority(MysqlAddress& address, std::string_view text) {
  if (const auto at = text.rfind('@'); at != std::string_view::npos) {
    const std::string_view who = text.substr(0, at);
    const auto colon = std::min(who.find(':'), who.size());
    address.user = percent_decoded(who.substr(0, colon));
    if (colon < who.size()) address.password = percent_decoded(who.substr(colon + 1));
    text.remove_prefix(at + 1);
  }
  address.endpoints.clear();
  do {
    const auto comma = std::min(text.find(','), text.size());
    address.endpoints.push_back(endpoint_of(text.substr(0, comma)));
    text.remove_prefix(std::min(comma + 1, text.size()));
  } while (!text.empty());
}

}  // namespace

MysqlAddress parse_mysql_url(std::string_view url) {
  MysqlAddress address;
  if (!url.starts_with("mysql:")) refuse("does not begin with mysql:");
  url.remove_prefix(6);
  if (url.starts_with("//")) {
    url.remove_prefix(2);
    const auto slash = url.find('/');
    if (slash == std::string_view::npos) refuse("names no database");
    set_authority(address, url.substr(0, slash));
    url.remove_prefix(slash + 1);
    const auto question = std::min(url.find('?'), url.size());
    address.database = url.substr(0, question);
    url.remove_prefix(std::min(question + 1, url.size()));
    set_options(address, url, '&');
  } else {
    set_options(address, url, ';');
  }
  if (address.database.empty()) refuse("names no database");
  if (address.endpoints.front().host.empty() && address.unix_socket.empty()) {
    refuse("names no host");
  }
  return address;
}

std::string place_of(const MysqlAddress& address) {
  if (!address.unix_socket.empty()) return address.unix_socket;
  std::string out;
  for (const auto& endpoint : address.endpoints) {
    if (!out.empty()) out += ',';
    out += endpoint.host + ":" + std::to_string(endpoint.port);
  }
  return out;
}

}  // namespace onsale::sql
