// What a visit to the wait page shows: from a room and a place to markup. The script in web/wait
// makes the same choices from the same JSON; where one changes, so does the other.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "waitroom/offers.h"
#include "waitroom/page/page_template_http.h"
#include "waitroom/page/page_words_http.h"
#include "waitroom/waitroom.h"

namespace onsale::waitroom {

// Addresses of the files that web/wait is built to; empty for what is not built.
struct PageAssets {
  std::string style, script, icon;
};

enum class Step : std::uint8_t {
  none,     // no place yet
  login,    // one place per account, and nobody is logged in
  cookies,  // nothing here would remember a place
  joining,  // only with a script
  proof,    // joining costs a proof of work now
  waiting,
  missed,  // called, but not there
  prequeue,
  admitted,
  closed,
  expired,
  left,
  completed,
  lost,     // had a place, and has none any more
  missing,  // no such room
};

struct PageVisit {
  Language language = Language::en;
  std::string theme{};           // light or dark, as the app's cookie says; else the system's
  std::optional<RoomView> room;  // empty: no such room
  std::shared_ptr<const OfferList> offers{};
  std::optional<PlaceView> place{};
  std::optional<Destination> destination{};
  bool called_off = false;   // what the visitor came for, or all that the room leads to
  std::string go{};          // where an admitted person goes; empty: nowhere known
  bool hand_pass = false;    // the pass goes along as the query parameter onsale_pass
  std::string here{};        // this page's address, with its query
  std::string other_here{};  // the same in the other language
  std::string again{};       // the same, saying that one had a place
  std::string site{};        // where browsers reach us, for previews
  std::string login{};       // where to log in and come back; empty: no need to
  std::string invite{};      // of the address, for the script
  bool scripted = false;     // the script ran here a moment ago: no meta refresh
  bool has_left = false;     // just now: the script must not join again by itself
  bool had_place = false;    // when the page last looked
  bool no_cookies = false, ask_proof = false, invite_refused = false, busy = false;
};

Step step_of(const PageVisit& visit);

// Thread: any, once made.
class WaitPage {
 public:
  explicit WaitPage(PageAssets assets);
  // UTF-8 HTML.
  std::string render(const PageVisit& visit) const;

 private:
  const PageAssets assets_;
  const std::array<PageTemplate, kLanguages.size()> templates_;
  const std::array<std::string, kLanguages.size()> words_;  // of the script, as JSON
};

}  // namespace onsale::waitroom
