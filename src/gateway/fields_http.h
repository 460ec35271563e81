// The headers that a proxy may pass on, takes out and puts in (RFC 9110, 7.6).
#pragma once

#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/message.hpp>
#include <string>
#include <string_view>

namespace onsale::gateway {

namespace beast_http = boost::beast::http;

// Who asked, and over what, as the origin is told.
struct Forwarded {
  std::string_view client_address;
  std::string_view scheme;  // http or https
  std::string_view place;   // of who is inside; empty elsewhere
  bool believe = false;     // the peer is a proxy of ours: what it says of these stays
};

// Everything of `from` that belongs to one connection only stays here; so do the pass, the gate's
// own cookies, and claims about forwarding that nobody should believe.
void copy_request_fields(const beast_http::fields& from, const Forwarded& forwarded,
                         beast_http::fields& to);
void copy_response_fields(const beast_http::fields& from, beast_http::fields& to);

// A preflight as browsers send it (CORS): OPTIONS with both of its headers and without a body. What
// names another method in any other header, to an origin that would believe it, is none.
bool is_preflight(const beast_http::request_header<>& head);
// Of the answer to one: what it allows, and nothing of what else there is.
void copy_preflight_fields(const beast_http::fields& from, beast_http::fields& to);

// All values of the header, joined.
std::string joined(const beast_http::fields& fields, std::string_view name,
                   std::string_view separator);

}  // namespace onsale::gateway
