#include "platform/http/message/unnamed_proxy.h"

#include "base/log.h"

namespace onsale::http {

bool is_near(const Address& address) {
  static const Networks near = *Networks::parse(
      "127.0.0.0/8, 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10, 169.254.0.0/16, ::1, "
      "fc00::/7, fe80::/10");
  return near.contains(address);
}

void UnnamedProxy::seen(std::string_view peer, Timestamp now) {
  const auto address = Address::parse(peer);
  if (!address || !is_near(*address) || told_.take(peer, now) > Millis(0)) return;
  log::warn(
      module_,
      "somebody in our network says for whom it asks and is not believed: if it is our proxy, "
      "name it in " +
          setting_ + ", or all its people count as one address",
      {{"peer", address->text()}, {"setting", setting_}});
}

}  // namespace onsale::http
