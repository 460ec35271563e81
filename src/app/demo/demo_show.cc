#include "app/demo/demo_show.h"

#include "base/check.h"
#include "catalogue/views_http.h"

namespace onsale::app {

DemoShow read_demo_show(const DemoFile& file) {
  auto show = json::read<DemoShow>(file.show);
  if (!show) {
    const auto& wrong = show.error().front();
    check(false, std::string(file.name) + ".json: " + wrong.field + " " + wrong.code);
  }
  const auto& sale = show->sale;
  check(sale.opened_days_ago.has_value() != (sale.opens_in_days && sale.at),
        std::string(file.name) + ".json: a sale opened some days ago, or opens on a day at a time");
  return std::move(*show);
}

}  // namespace onsale::app
