// One simulated person, or bot, on the way through the room: join, wait, be admitted, perhaps hold
// seats, leave. What the plan says happens on the way: answers get lost, lines break, patience
// ends. Thread: its loop.
#pragma once

#include "loadtool/crowd.h"

namespace onsale::load {

class Person {
 public:
  Person(Crowd& crowd, const Plan& plan);
  Person(const Person&) = delete;
  Person& operator=(const Person&) = delete;

  const Plan& plan() const { return plan_; }
  void arrive();
  void time_is_over();
  void report(std::vector<Facts>& out) const;

 private:
  enum class Stage : std::uint8_t { outside, joining, line, inside, leaving, over };

  // Joining (person.cc)
  Request join_request() const;
  void join();
  void joined(Reply reply);
  void prove(const Challenge& challenge);
  void bot_join();
  void bot_joined(const Reply& reply);
  void bot_rests();

  // Being told about the place (person_place.cc)
  bool take(const std::string& json, Floor& floor, Micros asked, Micros got);
  void note(const PlaceAnswer& answer, Micros asked, Micros got);
  void in_line(const PlaceAnswer& answer, Micros asked, Micros got);
  void admitted(const PlaceAnswer& answer, Micros got);
  void gone(const PlaceAnswer& answer, Micros asked);
  void look();
  void looked(const Reply& reply, Floor floor);
  void follow();  // the place's news, by the plan's transport
  void news(std::string_view json);
  void feed_ended(std::string_view why, std::optional<std::int64_t> after_ms);

  // Going through it (person.cc)
  void enter_line();
  void plan_break();
  void break_line();
  void come_back();
  void look_regularly();
  void give_up();
  void buy();
  void held(const Reply& reply);
  void released(const Reply& reply);
  void go();
  void leave(Outcome outcome);
  void end(Outcome outcome);

  void move_to(Stage stage);
  std::atomic<std::int64_t>* gauge();
  double back_off();
  double silent_s(Micros at) const;
  bool over() const { return stage_ == Stage::over || stage_ == Stage::leaving; }
  Headers who() const;

  Crowd& crowd_;
  const Plan plan_;
  Dice dice_;
  Wiring wiring_;
  HttpLink http_;
  LiveLink feed_;
  Timer journey_;   // the next step, or the next look
  Timer patience_;  // giving up; inside: leaving
  Timer event_;     // the next broken line
  Timer buying_;
  Timer regular_;  // looks beside an open feed
  Stage stage_ = Stage::outside;
  PlaceWatch watch_;
  Facts facts_;
  std::vector<Facts> bot_places_;
  std::string token_, cookie_, pass_, proof_;
  Floor feed_floor_;
  Micros feed_asked_ = -1;
  Micros last_life_ = 0;
  Micros inside_since_ = 0;
  bool feed_live_ = false;  // its first news have come
  bool answer_lost_ = false;
  bool coming_back_ = false;
  bool shopping_ = false;
  bool leaves_after_shopping_ = false;
  bool finishing_ = false;  // the time is over
  std::uint8_t breaks_ = 0;
  std::uint8_t attempts_ = 0;  // failures in a row
  std::uint8_t proofs_ = 0;
  std::uint16_t bot_joins_ = 0;
};

}  // namespace onsale::load
