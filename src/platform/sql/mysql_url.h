// Where a MySQL or MariaDB server is, from a URL.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace onsale::sql {

struct MysqlEndpoint {
  std::string host = "127.0.0.1";
  unsigned port = 3306;
};

struct MysqlAddress {
  // At least one; whichever of them takes writes is the primary.
  std::vector<MysqlEndpoint> endpoints{{}};
  std::string unix_socket;  // instead of endpoints when not empty
  std::string user;
  std::string password;
  std::string database;
  // The certificate authority that must have signed the server's certificate; empty: no TLS asked.
  std::string tls_ca;
};

// "mysql://user:password@host:port,host:port/database?tls_ca=PATH" (user and password
// percent-encoded) or
// "mysql:unix_socket=PATH;db=NAME;user=NAME;password=…;host=…;port=…;tls_ca=PATH".
// Throws Failure that never repeats the password.
MysqlAddress parse_mysql_url(std::string_view url);

// Where it is, for people: "host:port", several with a comma, or the socket's path.
std::string place_of(const MysqlAddress& address);

}  // namespace onsale::sql
