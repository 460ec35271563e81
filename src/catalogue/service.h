// The catalogue over a store: queries read the snapshot, changes go to the store and come back as
// the next snapshot. Thread: any.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "catalogue/catalogue.h"
#include "catalogue/cursor.h"
#include "catalogue/ports.h"
#include "catalogue/snapshot.h"

namespace onsale::catalogue {

class CatalogueService final : public Catalogue {
 public:
  // Empty until the first refresh(). Both must outlive the service.
  CatalogueService(CatalogueStore& store, const SeatCounts& counts)
      : store_(store), counts_(counts) {}

  std::shared_ptr<const PerformanceSale> sale(PerformanceId performance) const override;
  std::vector<std::shared_ptr<const PerformanceSale>> sales(Timestamp now) const override;
  Result<Page<ShowSummary>, QueryRefusal> shows(const ShowQuery& query,
                                                Timestamp now) const override;
  std::optional<ShowDetail> show(ShowId show, Timestamp now) const override;
  Result<Page<PerformanceEntry>, QueryRefusal> performances(ShowId show,
                                                            const PerformanceQuery& query,
                                                            Timestamp now) const override;
  std::optional<PerformanceEntry> performance(PerformanceId performance,
                                              Timestamp now) const override;
  std::shared_ptr<const Poster> poster(ShowId show) const override;
  Task<Result<void, Refused<ChangeRefusal>>> apply(Changes changes) override;
  Task<void> refresh() override;

 private:
  std::shared_ptr<const Snapshot> present() const;
  ShowSummary summary(const Snapshot& present, const ShowRecord& record, Timestamp now) const;
  PerformanceEntry entry(const Snapshot& present, const PerformanceRecord& record,
                         Timestamp now) const;
  std::vector<ShowCursor> sorted(const Snapshot& present, const ShowQuery& query,
                                 Timestamp now) const;

  CatalogueStore& store_;
  const SeatCounts& counts_;
  mutable std::mutex mutex_;  // guards present_
  std::shared_ptr<const Snapshot> present_ = std::make_shared<const Snapshot>();
};

}  // namespace onsale::catalogue
