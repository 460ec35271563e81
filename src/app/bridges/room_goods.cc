#include "app/bridges/room_goods.h"

#include <algorithm>
#include <tuple>

namespace onsale::app {
namespace {

constexpr Millis kFresh{1000};

using waitroom::Offer;
using waitroom::OfferList;

const std::shared_ptr<const OfferList>& nothing() {
  static const auto empty = std::make_shared<const OfferList>();
  return empty;
}

std::shared_ptr<const OfferList> ordered(OfferList offers) {
  std::ranges::sort(offers, [](const Offer& a, const Offer& b) {
    return std::tie(b.price, a.label, a.currency) < std::tie(a.price, b.label, b.currency);
  });
  if (offers.size() > waitroom::kOffersMax) offers.resize(waitroom::kOffersMax);
  return std::make_shared<const OfferList>(std::move(offers));
}

}  // namespace

std::shared_ptr<const OfferList> RoomGoods::offers(const waitroom::RoomId& room, Timestamp now) {
  std::lock_guard lock(mutex_);
  keep_fresh(now);
  const auto found = by_room_.find(room.str());
  return found != by_room_.end() ? found->second : nothing();
}

bool RoomGoods::called_off(const waitroom::RoomId& room, Timestamp now) {
  std::lock_guard lock(mutex_);
  keep_fresh(now);
  return called_off_.contains(room.str());
}

void RoomGoods::keep_fresh(Timestamp now) {
  if (now >= counted_at_ + kFresh || now < counted_at_) recount(now);
}

// A grade that costs the same at every performance is one offer.
void RoomGoods::recount(Timestamp now) {
  counted_at_ = now;
  std::map<std::string, OfferList> rooms;
  std::map<catalogue::PerformanceId, Stock> kept;
  std::set<std::string, std::less<>> called_off;
  for (const auto& sale : catalogue_.sales(now)) {
    if (!sale->room) continue;
    if (booking_.called_off(sale->id)) {
      called_off.insert(*sale->room);
      continue;
    }
    const Stock& counted = stock(*sale);
    OfferList& offers = rooms[*sale->room];
    const auto grades = sale->plan->grades();
    for (std::size_t grade = 0; grade < counted.total.size(); ++grade) {
      const auto same = [&](const Offer& offer) {
        return offer.label == grades[grade] && offer.price == sale->prices[grade] &&
               offer.currency == sale->currency;
      };
      auto at = std::ranges::find_if(offers, same);
      if (at == offers.end()) {
        at = offers.insert(
            at, {.label = grades[grade], .price = sale->prices[grade], .currency = sale->currency});
      }
      at->available += counted.available[grade];
      at->total += counted.total[grade];
    }
    kept.insert(stocks_.extract(sale->id));
  }
  stocks_ = std::move(kept);
  std::erase_if(called_off, [&](const std::string& room) { return rooms.contains(room); });
  called_off_ = std::move(called_off);
  by_room_.clear();
  for (auto& [room, offers] : rooms) by_room_.emplace(room, ordered(std::move(offers)));
}

const RoomGoods::Stock& RoomGoods::stock(const catalogue::PerformanceSale& sale) {
  Stock& stock = stocks_[sale.id];
  const std::uint64_t changes = booking_.changes(sale.id);
  if (!stock.total.empty() && stock.changes == changes) return stock;
  const auto seats = booking_.availability(sale.id);
  const std::size_t grades = sale.plan->grades().size();
  stock = {.changes = changes,
           .available = std::vector<std::int64_t>(grades),
           .total = std::vector<std::int64_t>(grades)};
  for (const catalogue::SeatInfo& seat : sale.plan->seats()) {
    const bool free =
        !seats || seats->seats.empty() || seats->seats[seat.index] == booking::SeatState::free;
    ++stock.total[seat.grade];
    stock.available[seat.grade] += free ? 1 : 0;
  }
  return stock;
}

std::optional<waitroom::Destination> RoomGoods::destination(const waitroom::RoomId& room,
                                                            std::string_view wanted,
                                                            Timestamp now) const {
  const auto leads_there = [&](const catalogue::PerformanceSale& sale) {
    return sale.room && *sale.room == room.str();
  };
  if (const auto id = catalogue::PerformanceId::parse(wanted)) {
    const auto sale = catalogue_.sale(*id);
    if (sale && leads_there(*sale)) {
      return waitroom::Destination{.title = sale->title,
                                   .detail = sale->venue + " " + sale->hall,
                                   .at = sale->starts_at,
                                   .image = sale->poster_url,
                                   .address = "/performances/" + id->str(),
                                   .called_off = booking_.called_off(*id)};
    }
  }
  std::optional<waitroom::Destination> off;
  for (const auto& sale : catalogue_.sales(now)) {
    if (!leads_there(*sale) || (off && booking_.called_off(sale->id))) continue;
    waitroom::Destination next{.title = sale->title,
                               .detail = {},
                               .at = {},
                               .image = sale->poster_url,
                               .address = "/shows/" + sale->show.str(),
                               .called_off = booking_.called_off(sale->id)};
    if (!next.called_off) return next;
    off = std::move(next);
  }
  return off;
}

}  // namespace onsale::app
