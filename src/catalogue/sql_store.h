// The catalogue's tables (catalogue_*). Thread: any.
#pragma once

#include "catalogue/ports.h"
#include "platform/sql/database.h"

namespace onsale::catalogue {

class SqlStore final : public CatalogueStore {
 public:
  explicit SqlStore(sql::Database& database) : database_(database) {}
  Task<std::optional<Stored>> load(std::int64_t seen, PlanByVersion known) override;
  Task<bool> write(std::shared_ptr<const CheckedChanges> changes, std::int64_t seen) override;

 private:
  sql::Database& database_;
};

}  // namespace onsale::catalogue
