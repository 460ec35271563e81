// The TLS part of Boost.Asio's own code, compiled once.
#include <boost/asio/ssl/impl/src.hpp>
