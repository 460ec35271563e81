// So many at once, and no more: what hangs on one side fills its own places, not everybody's.
// Thread: any.
#pragma once

#include <atomic>
#include <optional>
#include <utility>

namespace onsale::net {

class Bulkhead {
 public:
  // One place, until it is destroyed. The bulkhead must outlive it.
  class Place {
   public:
    explicit Place(Bulkhead& of) : of_(&of) {}
    Place(Place&& other) noexcept : of_(std::exchange(other.of_, nullptr)) {}
    Place& operator=(Place&&) = delete;
    ~Place() {
      if (of_) --of_->inside_;
    }

   private:
    Bulkhead* of_;
  };

  explicit Bulkhead(int places) : places_(places) {}
  Bulkhead(const Bulkhead&) = delete;
  Bulkhead& operator=(const Bulkhead&) = delete;

  // Empty when it is full.
  std::optional<Place> enter() {
    if (++inside_ <= places_) return std::optional<Place>(std::in_place, *this);
    --inside_;
    return {};
  }
  int inside() const { return inside_; }
  int places() const { return places_; }

 private:
  const int places_;
  std::atomic<int> inside_{0};
};

}  // namespace onsale::net
