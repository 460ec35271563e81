#include "booking/api/seats_http.h"

#include <boost/describe.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "booking/api/views_http.h"

namespace onsale::booking {

using http::Answer;
using http::Call;
using http::Problem;

enum class UnavailableState { held, sold, blocked };
BOOST_DESCRIBE_ENUM(UnavailableState, held, sold, blocked)

struct AvailabilityView {
  std::uint64_t version = 0;
  std::int64_t seats_available = 0;
  std::int64_t seats_per_account = 0;  // how many one may hold and buy here, together
  bool called_off = false;             // it is not going to be, and nothing is sold
  json::RawOf<std::map<std::string, UnavailableState>> unavailable;  // {"A-12":"held", …}
};
BOOST_DESCRIBE_STRUCT(AvailabilityView, (),
                      (version, seats_available, seats_per_account, called_off, unavailable))

struct SeatChangesView {
  std::uint64_t from_version = 0;
  std::uint64_t version = 0;
  std::map<std::string, SeatState> changes;
};
BOOST_DESCRIBE_STRUCT(SeatChangesView, (), (from_version, version, changes))

struct SeatPictureView {
  std::uint64_t from_version = 0;
  std::uint64_t version = 0;
  json::Raw changes;
};
BOOST_DESCRIBE_STRUCT(SeatPictureView, (), (from_version, version, changes))

namespace {

// A big house is drawn at most this often, however many look; a small one after every change.
constexpr std::size_t kBigHouse = 5'000;
constexpr Millis kBigHousePause{200};
constexpr std::size_t kPicturesMax = 4'096;

// The latest picture of each performance as text, shared by all who look. Thread: any.
class Pictures {
 public:
  Pictures(Booking& booking, const Clock& clock, std::int64_t seats_per_account)
      : booking_(booking), clock_(clock), seats_per_account_(seats_per_account) {}

  using Picture = std::shared_ptr<const AvailabilityView>;

  // Null: there is no such performance.
  Picture get(PerformanceId performance) {
    const std::uint64_t changes = booking_.changes(performance);
    const Timestamp now = clock_.now();
    std::lock_guard lock(mutex_);
    const auto found = pictures_.find(performance);
    if (found != pictures_.end()) {
      const Entry& entry = found->second;
      const bool fresh =
          entry.changes == changes && entry.picture->called_off == booking_.called_off(performance);
      if (fresh || (entry.seats >= kBigHouse && now - entry.drawn_at < kBigHousePause)) {
        return entry.picture;
      }
    }
    const auto availability = booking_.availability(performance);
    if (!availability) return nullptr;
    if (pictures_.size() >= kPicturesMax) pictures_.clear();
    Entry& entry = pictures_[performance];
    entry = {draw(*availability), changes, availability->plan->size(), now};
    return entry.picture;
  }

 private:
  struct Entry {
    Picture picture;
    std::uint64_t changes = 0;
    std::size_t seats = 0;
    Timestamp drawn_at{};
  };

  Picture draw(const Availability& availability) const {
    auto out = std::make_shared<AvailabilityView>();
    out->version = availability.version;
    out->seats_available = availability.available;
    out->seats_per_account = seats_per_account_;
    out->called_off = availability.called_off;
    std::string& text = out->unavailable.text;
    text = "{";
    for (std::uint32_t i = 0; i < availability.seats.size(); ++i) {
      if (availability.seats[i] == SeatState::free) continue;
      if (text.size() > 1) text += ',';
      text += json::write(std::string(availability.plan->seat(i).id));
      text += availability.seats[i] == SeatState::held ? ":\"held\"" : ":\"sold\"";
    }
    text += '}';
    return out;
  }

  Booking& booking_;
  const Clock& clock_;
  const std::int64_t seats_per_account_;
  std::mutex mutex_;
  std::unordered_map<PerformanceId, Entry> pictures_;  // guarded by mutex_
};

std::optional<std::string> present(Pictures& pictures, std::string_view rest) {
  constexpr std::string_view kSeats = "/seats";
  if (!rest.ends_with(kSeats)) return {};
  const auto performance = PerformanceId::parse(rest.substr(0, rest.size() - kSeats.size()));
  if (!performance) return {};
  const auto picture = pictures.get(*performance);
  if (!picture) return {};
  return json::write(
      SeatPictureView{.version = picture->version, .changes = {picture->unavailable.text}});
}

}  // namespace

void HubSeatFeed::changed(PerformanceId performance, std::uint64_t from_version,
                          std::uint64_t version, const std::vector<SeatChange>& changes) {
  SeatChangesView view{.from_version = from_version, .version = version};
  for (const SeatChange& change : changes) view.changes.emplace(change.seat, change.state);
  hub_.publish("/topic/performances/" + performance.str() + "/seats", json::write(view));
}

void seat_routes(http::Router& router, http::Hub& hub, Booking& booking, const Clock& clock,
                 std::int64_t seats_per_account) {
  auto pictures = std::make_shared<Pictures>(booking, clock, seats_per_account);
  router.get("/performances/{performance}/availability",
             {.summary = "Who may still have which seat, at most a second old",
              .answers = {{200, "availability"}, {404, "not_found"}},
              .tag = "booking",
              .etag = true},
             [pictures](Call& call) -> Answer<AvailabilityView> {
               const auto picture = pictures->get(call.id<PerformanceId>("performance"));
               if (!picture) return Problem{404, "not_found", "There is no such performance."};
               return *picture;
             });
  hub.topic_source("/topic/performances/",
                   [pictures](std::string_view rest) { return present(*pictures, rest); });
}

}  // namespace onsale::booking
