#include "app/demo.h"

#include <array>
#include <optional>

#include "app/demo_halls.h"
#include "app/demo_posters.h"
#include "base/check.h"

namespace onsale::app {
namespace {

using catalogue::Changes;
using catalogue::GradePrice;
using catalogue::HallId;
using catalogue::PerformanceId;
using catalogue::PerformerId;
using catalogue::SeatMap;
using catalogue::Show;
using catalogue::ShowId;
using catalogue::ShowKind;
using catalogue::VenueId;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

constexpr minutes kSeoul{540};

// Hours and minutes on the wall, and in how many days.
struct When {
  int day;
  int hour;
  int minute;
};

struct Role {
  std::string_view performer;
  std::string_view role;
};

struct Musical {
  std::string_view art, title, original, venue, hall, address;
  int running_minutes;
  std::int64_t price;  // of grade R, as in the inventory
  std::string_view age_rating, summary, description;
  std::array<Role, 3> cast;
  int first_day;
  int hour, minute;  // of its evenings
  bool upcoming = false;
};

struct Film {
  std::string_view art, title, original, hall, room;
  int running_minutes;
  std::string_view age_rating, summary, description;
  std::array<Role, 2> cast;
  std::vector<std::pair<int, int>> times;
};

constexpr Musical kMusicals[] = {
    {"les_miserables",
     "레미제라블",
     "Les Misérables",
     "샤롯데씨어터",
     "대극장",
     "서울 송파구 올림픽로 240",
     170,
     120'000,
     "8",
     "빵 한 조각에서 시작된 19년, 그리고 내일을 향한 노래.",
     "19세기 프랑스, 장발장은 빵 한 조각을 훔친 죄로 19년을 감옥에서 보낸다. 자비를 만나 새 삶을 "
     "시작한 그를 자베르는 끝까지 쫓고, 파리의 거리에는 바리케이드가 세워진다.\n\n"
     "노래로만 이어지는 세 시간, 무대 위에 혁명의 밤이 펼쳐진다.",
     {{{"한도윤", "장발장"}, {"서강민", "자베르"}, {"윤서아", "판틴"}}},
     2,
     19,
     0},
    {"wicked",
     "위키드",
     "Wicked",
     "블루스퀘어",
     "신한카드홀",
     "서울 용산구 이태원로 294",
     150,
     130'000,
     "8",
     "오즈의 두 마녀, 아무도 몰랐던 진짜 이야기.",
     "초록 피부로 태어난 엘파바와 모두에게 사랑받는 글린다. 전혀 다른 두 사람은 룸메이트로 만나 "
     "가장 가까운 친구가 된다. 그러나 오즈의 비밀을 알게 된 날, 둘은 서로 다른 하늘로 날아오른다.",
     {{{"정하린", "엘파바"}, {"오지안", "글린다"}, {"문태경", "피에로"}}},
     3,
     19,
     30},
    {"jekyll_hyde",
     "지킬앤하이드",
     "Jekyll & Hyde",
     "디큐브아트센터",
     "대극장",
     "서울 구로구 경인로 662",
     150,
     110'000,
     "14",
     "한 사람 안의 두 얼굴, 오늘 밤 마주한다.",
     "선과 악을 나눌 수 있다고 믿은 의사 헨리 지킬은 자신을 실험대에 올린다. 약이 몸을 타고 흐르는 "
     "순간, 다른 이름의 그가 눈을 뜬다.",
     {{{"류현석", "지킬 / 하이드"}, {"나예림", "루시"}, {"백수아", "엠마"}}},
     4,
     19,
     30},
    {"hedwig",
     "헤드윅",
     "Hedwig",
     "홍익대 대학로 아트센터",
     "대극장",
     "서울 종로구 대학로 57",
     110,
     90'000,
     "15",
     "상처를 노래하는 밤, 록이 시작된다.",
     "동베를린에서 온 록 가수 헤드윅이 밴드와 함께 무대에 선다. 사랑과 배신, 반쪽을 찾는 긴 여정을 "
     "두 시간의 콘서트로 쏟아낸다.",
     {{{"구재하", "헤드윅"}, {"민로아", "이츠학"}, {"밴드 앵그리인치", "연주"}}},
     5,
     20,
     0},
    {"lion_king",
     "라이온 킹",
     "The Lion King",
     "예술의전당",
     "오페라극장",
     "서울 서초구 남부순환로 2406",
     150,
     140'000,
     "ALL",
     "무대 위로 해가 뜨고, 초원이 깨어난다.",
     "왕의 자리를 빼앗기고 떠난 어린 사자 심바가 자신이 누구인지 기억해 내는 이야기. 인형과 배우, "
     "북소리가 "
     "한 몸이 되어 아프리카의 초원을 극장 안에 옮겨 놓는다.",
     {{{"은가람", "심바"}, {"차보미", "날라"}, {"천우진", "스카"}}},
     6,
     19,
     0},
    {"phantom",
     "팬텀",
     "Phantom",
     "세종문화회관",
     "대극장",
     "서울 종로구 세종대로 175",
     150,
     125'000,
     "8",
     "가면 뒤의 목소리가 오페라극장을 채운다.",
     "파리 오페라극장의 지하, 빛을 피해 살아온 에릭은 천사의 목소리를 가진 크리스틴을 만난다. "
     "음악으로 "
     "이어진 두 사람의 마지막 무대가 시작된다.",
     {{{"임세훈", "팬텀"}, {"고은설", "크리스틴"}, {"안지우", "필립"}}},
     9,
     19,
     30,
     true},
};

const std::vector<Film>& films() {
  static const std::vector<Film> kFilms = {
      {"avatar3",
       "아바타 3",
       "Avatar 3",
       "1관",
       "film-avatar3",
       180,
       "12",
       "판도라의 세 번째 바다, 불을 품은 부족을 만나다.",
       "가족을 잃은 설리 가족 앞에 화산의 재를 섬기는 부족이 나타난다. 판도라의 가장 깊은 곳에서 "
       "두 세계의 "
       "싸움이 다시 시작된다.",
       {{{"노아 베넷", "제이크"}, {"아마라 코울", "네이티리"}}},
       {{10, 0}, {13, 30}, {17, 0}, {20, 30}}},
      {"spiderman2",
       "스파이더맨 2",
       "Spider-Man 2",
       "2관",
       "film-spiderman2",
       130,
       "12",
       "도시는 그를 부르고, 그는 평범한 하루를 원한다.",
       "학업과 아르바이트, 그리고 가면. 모든 것이 무너져 갈 때 여덟 개의 팔을 가진 적이 도시를 "
       "흔든다.",
       {{{"이든 파크", "피터"}, {"릴리 그레이", "메리 제인"}}},
       {{9, 30}, {12, 0}, {14, 30}, {19, 0}, {21, 30}}},
      {"topgun2",
       "탑건 2",
       "Top Gun 2",
       "3관",
       "film-topgun2",
       130,
       "12",
       "가장 빠른 하늘로, 다시 한 번.",
       "전설의 조종사가 최고의 훈련소로 돌아온다. 불가능한 임무를 앞둔 젊은 조종사들에게 그가 "
       "가르쳐야 할 "
       "것은 비행이 아니라 돌아오는 법이다.",
       {{{"잭 홀든", "매버릭"}, {"미아 로스", "피닉스"}}},
       {{11, 0}, {14, 0}, {17, 30}, {20, 0}}},
      {"interstellar",
       "인터스텔라",
       "Interstellar",
       "4관",
       "film-interstellar",
       169,
       "12",
       "사랑은 시간을 건넌다. 다시 큰 스크린에서.",
       "황폐해진 지구를 떠나 새로운 집을 찾는 탐사대. 거대한 블랙홀 곁에서 한 시간은 지구의 칠 "
       "년이 된다.",
       {{{"대니얼 쇼", "쿠퍼"}, {"클레어 원", "브랜드"}}},
       {{12, 0}, {18, 0}}},
  };
  return kFilms;
}

constexpr DemoRoom kRooms[] = {
    {"film-avatar3", "아바타 3", 100, 600},
    {"film-spiderman2", "스파이더맨 2", 100, 600},
    {"film-topgun2", "탑건 2", 100, 600},
    {"film-interstellar", "인터스텔라", 100, 600},
};

constexpr DemoAccount kAccounts[] = {
    {"admin@onsale.test", "onsale-demo-1!", "Demo Admin", true},
    {"buyer@onsale.test", "onsale-demo-1!", "Demo Buyer", false},
};

std::string summary(std::string_view original, std::string_view line) {
  return std::string(original) + " · " + std::string(line);
}

class Demo {
 public:
  Demo(Timestamp now, Random& random) : now_(now), random_(random) {}

  Changes make() {
    for (const auto& musical : kMusicals) add(musical);
    const auto cinema = add_venue("시네마 온세일 강남", "서울 강남구 강남대로 438");
    for (const auto& film : films()) add(cinema, film);
    add_concert();
    return std::move(changes_);
  }

 private:
  Timestamp at(When when) const {
    const auto today = std::chrono::floor<days>(now_ + kSeoul);
    return today + days(when.day) + hours(when.hour) + minutes(when.minute) - kSeoul;
  }
  bool weekend(int day) const {
    const std::chrono::weekday weekday(std::chrono::floor<days>(now_ + kSeoul) + days(day));
    return weekday == std::chrono::Saturday || weekday == std::chrono::Sunday;
  }

  VenueId add_venue(std::string_view name, std::string_view address) {
    const auto id = VenueId::make(now_, random_);
    changes_.venues.push_back({id, std::string(name), std::string(address), 540});
    return id;
  }
  HallId add_hall(VenueId venue, std::string_view name, SeatMap seats) {
    const auto id = HallId::make(now_, random_);
    changes_.halls.push_back({id, venue, std::string(name), std::move(seats)});
    return id;
  }
  // Every show is a day newer than the one before, so that "newest" has an order.
  ShowId add_show(Show show, std::span<const Role> cast) {
    show.id = ShowId::make(now_ - days(30) + days(changes_.shows.size()), random_);
    for (const auto& [performer, role] : cast) {
      const auto id = PerformerId::make(now_, random_);
      changes_.performers.push_back({id, std::string(performer)});
      show.cast.push_back({id, std::string(role)});
    }
    changes_.shows.push_back(std::move(show));
    return changes_.shows.back().id;
  }
  void add_performance(ShowId show, HallId hall, Timestamp starts_at, Timestamp sale_opens_at,
                       std::vector<GradePrice> prices) {
    changes_.performances.push_back({PerformanceId::make(now_, random_), show, hall, starts_at,
                                     sale_opens_at, "KRW", std::move(prices)});
  }

  void add(const Musical& musical) {
    const auto venue = add_venue(musical.venue, musical.address);
    const auto hall = add_hall(venue, musical.hall, demo_theatre());
    Show show;
    show.kind = ShowKind::musical;
    show.title = musical.title;
    show.summary = summary(musical.original, musical.summary);
    show.description = musical.description;
    show.age_rating = musical.age_rating;
    show.running_minutes = musical.running_minutes;
    show.poster_svg = demo_poster(musical.art, {musical.title, musical.original, musical.venue});
    const auto id = add_show(std::move(show), musical.cast);
    const auto sale_opens_at = musical.upcoming ? at({3, 20, 0}) : now_ - days(7);
    const std::vector<GradePrice> prices = {{"VIP", musical.price + 30'000},
                                            {"R", musical.price},
                                            {"S", musical.price - 20'000},
                                            {"A", musical.price - 40'000}};
    for (int week = 0; week < 2; ++week) {
      for (const int day : {0, 1, 3, 5}) {
        const int when = musical.first_day + week * 7 + day;
        add_performance(id, hall, at({when, musical.hour, musical.minute}), sale_opens_at, prices);
        if (weekend(when)) add_performance(id, hall, at({when, 14, 0}), sale_opens_at, prices);
      }
    }
  }

  void add(VenueId cinema, const Film& film) {
    const auto hall = add_hall(cinema, film.hall, demo_cinema());
    Show show;
    show.kind = ShowKind::film;
    show.title = film.title;
    show.summary = summary(film.original, film.summary);
    show.description = film.description;
    show.age_rating = film.age_rating;
    show.running_minutes = film.running_minutes;
    show.room = std::string(film.room);
    show.poster_svg = demo_poster(film.art, {film.title, film.original, "시네마 온세일 강남"});
    const auto id = add_show(std::move(show), film.cast);
    for (int day = 1; day <= 7; ++day)
      for (const auto& [hour, minute] : film.times)
        add_performance(id, hall, at({day, hour, minute}), now_ - days(3),
                        {{"PRIME", 17'000}, {"STANDARD", 15'000}, {"ECONOMY", 12'000}});
  }

  void add_concert() {
    const auto venue = add_venue("한강 스타디움", "서울 송파구 올림픽로 25");
    const auto hall = add_hall(venue, "주경기장", demo_stadium());
    Show show;
    show.kind = ShowKind::concert;
    show.title = "루나웨이브 : 별의 바다";
    show.summary = "LUNAWAVE · 육만 개의 불빛이 하나의 파도가 되는 밤.";
    show.description =
        "루나웨이브의 첫 스타디움 공연. 360도 조명과 육만 석의 응원봉이 곡마다 다른 바다를 그린다.";
    show.age_rating = "ALL";
    show.running_minutes = 140;
    show.poster_svg =
        demo_poster("concert", {"루나웨이브", "LUNAWAVE : SEA OF STARS", "한강 스타디움"});
    constexpr Role kCast[] = {{"루나웨이브", "출연"}};
    const auto id = add_show(std::move(show), kCast);
    add_performance(id, hall, at({21, 18, 0}), now_ - days(1),
                    {{"VIP", 198'000}, {"R", 165'000}, {"S", 143'000}, {"A", 110'000}});
  }

  const Timestamp now_;
  Random& random_;
  Changes changes_;
};

}  // namespace

std::span<const DemoRoom> demo_rooms() { return kRooms; }
std::span<const DemoAccount> demo_accounts() { return kAccounts; }

Changes demo_catalogue(Timestamp now, Random& random) { return Demo(now, random).make(); }

Task<bool> seed_demo(catalogue::Catalogue& catalogue, Timestamp now, Random& random) {
  co_await catalogue.refresh();
  const auto present = catalogue.shows({.limit = 1}, now);
  if (!present || !present->items.empty()) co_return false;
  const auto done = co_await catalogue.apply(demo_catalogue(now, random));
  check(done.has_value(), "the demo keeps the catalogue's rules");
  co_return true;
}

}  // namespace onsale::app
