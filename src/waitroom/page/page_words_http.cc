#include "waitroom/page/page_words_http.h"

#include <algorithm>

#include "base/check.h"
#include "base/money.h"

namespace onsale::waitroom {
namespace {

constexpr bool kScript = true;

constexpr Word kWords[] = {
    {"home", "처음 화면으로", "To the home page"},
    {"other_language", "English", "한국어"},
    {"other_code", "en", "ko"},
    {"title", "대기실", "Waiting room", kScript},
    {"tab_position", "{n}번째 · 대기 중", "#{n} in line", kScript},
    {"tab_admitted", "입장하세요!", "Your turn!", kScript},
    {"tab_prequeue", "{n} 남음 · 대기실", "{n} to go · Waiting room", kScript},
    {"offline", "인터넷 연결이 끊겼어요. 순서는 그대로예요.",
     "You are offline. Your place in line is kept."},
    {"message", "주최 측 안내", "From the organiser"},
    {"called_off_title", "공연이 취소됐어요", "The performance was called off"},
    {"called_off_text",
     "더 기다려도 예매할 수 있는 회차가 없어요. 이미 예매한 표는 전액 자동으로 환불돼요.",
     "There is nothing to wait for here any more. Tickets that were bought are refunded in full, "
     "by "
     "themselves."},

    {"join_title", "줄 서기", "Join the line"},
    {"join_text", "버튼을 누르면 순서가 정해져요. 먼저 온 순서 그대로예요.",
     "Press the button to take your place. First come, first served."},
    {"join", "줄 서기", "Join the line"},
    {"join_open_title", "지금은 줄이 없어요", "There is no line right now"},
    {"join_open_text", "바로 들어갈 수 있어요.", "You can go straight in."},
    {"join_open", "들어가기", "Go in"},
    {"in_line_now", "지금 {n}명이 기다려요", "{n} waiting now"},
    {"joining", "줄을 서는 중이에요", "Taking your place"},
    {"joining_text", "잠시만요. 이 화면을 그대로 두세요.",
     "One moment. Just leave this page open."},
    {"busy", "지금 사람이 몰려 있어요. 저절로 다시 시도할게요.",
     "It is very busy right now. We keep trying for you.", kScript},
    {"busy_plain", "지금 사람이 몰려 있어요. 잠시 뒤에 다시 눌러 주세요.",
     "It is very busy right now. Please press again in a moment."},
    {"cookies", "쿠키를 켜 주세요", "Please allow cookies"},
    {"cookies_text",
     "쿠키가 있어야 순서를 기억할 수 있어요. 그래서 아직 줄에 세우지 않았어요. 이 사이트의 쿠키를 "
     "켠 뒤 다시 시도해 주세요.",
     "We need a cookie to remember your place, so you have none yet. Allow cookies for this site, "
     "then try again."},
    {"login_title", "로그인하고 줄을 서 주세요", "Log in to stand in line"},
    {"login_text", "이 대기실은 한 계정에 한 자리예요. 로그인하면 바로 줄을 서요.",
     "This room has one place per account. Log in, and you are in line at once."},
    {"login", "로그인", "Log in"},

    {"preview", "먼저 온 순서대로 입장하는 대기실이에요.",
     "The waiting room: first come, first served."},

    {"position", "내 순서", "Your place in line"},
    {"next", "다음이 내 차례예요", "You are next", kScript},
    {"ahead_one", "앞에 1명이 있어요", "1 person ahead of you", kScript},
    {"ahead", "앞에 {n}명이 있어요", "{n} people ahead of you", kScript},
    {"progress", "줄에서 지나온 만큼", "How far you have come"},
    {"chart", "내 순서가 줄어든 모습", "How your place has fallen"},
    {"eta", "예상 시간", "Expected wait"},
    {"eta_p80", "{n} 이내", "within {n}", kScript},
    {"eta_p50", "10명 중 8명은 이 안에 들어가요. 절반은 {n}",
     "8 in 10 people are in by then; half within {n}", kScript},
    {"eta_p90", ", 10명 중 9명은 {n} 이내예요.", ", 9 in 10 within {n}.", kScript},
    {"eta_none", "계산 중", "Working it out", kScript},
    {"eta_paused", "잠시 멈춤", "Paused", kScript},
    {"waiting", "같은 줄에", "In your line"},
    {"people", "{n}명", "{n}", kScript},
    {"number", "{n}번째로 줄을 섰어요", "You joined as number {n}", kScript},
    {"drawn", "추첨에서 {n}번째로 뽑혔어요 · 증명 보기", "Drawn as number {n} · see the proof",
     kScript},
    {"joined_at", " · {n}", " at {n}", kScript},
    {"lane", "{n} 줄에 서 있어요", "You are in the line “{n}”", kScript},
    {"spoken", "내 순서는 {n}번째예요", "You are number {n} in line", kScript},

    {"live", "실시간으로 연결됐어요", "Connected live", kScript},
    {"polling", "몇 초마다 확인하고 있어요", "Checking every few seconds", kScript},
    {"broken", "연결이 불안정해요. 순서는 그대로예요", "Connection is shaky. Your place is safe",
     kScript},
    {"asks_itself", "이 화면은 저절로 다시 확인해요", "This page checks again by itself"},
    {"check_now", "지금 확인", "Check now"},

    {"then_title", "이제 이렇게 돼요", "What happens next"},
    {"then_move", "차례가 되면 이 화면이 저절로 {n}", "When it is your turn this page {n}"},
    {"then_seats", "예매 화면으로 넘어가요.", "takes you to the booking by itself."},
    {"then_return", "원래 보려던 곳으로 데려다드려요.", "takes you on to where you were going."},
    {"then_show_up", "차례가 된 뒤 {n} 안에 들어오지 않으면 다음 분께 넘어가요.",
     "Come in within {n} of your turn, or it goes to the next person."},
    {"then_keep", "창을 닫거나 연결이 끊겨도 {n} 동안 순서를 지켜 드려요.",
     "If you close this page or lose the connection, we keep your place for {n}."},
    {"then_tabs", "새로고침하거나 창을 여러 개 열어도 순서는 같아요.",
     "Reloading, or opening more windows, does not change your place."},

    {"paused_title", "입장이 잠시 멈췄어요", "Admission is paused"},
    {"paused_text", "곧 다시 시작해요. 내 순서는 그대로예요.",
     "It will go on shortly. You keep your place."},
    {"missed_turn", "차례를 놓쳤어요. 응답이 없어 다음 분이 먼저 들어갔어요.",
     "You missed your turn: you did not come in, so the next person went first."},
    {"passed", "차례가 왔을 때 연결이 끊겨 있었어요. 이제 바로 다음 차례예요.",
     "You were not connected when your turn came. Now you are next.", kScript},
    {"slow_lane",
     "같은 곳에서 아주 많은 요청이 와서 천천히 가는 줄에 세웠어요. 막은 것은 아니고, 차례는 꼭 "
     "와요.",
     "Very many requests come from where you are, so you are in a slower line. You are not "
     "blocked: your turn will come.",
     kScript},
    {"lottery", "순서는 시작할 때 추첨으로 정해요. 일찍 왔는지는 상관없어요.",
     "Places are drawn by lot at the opening. It does not matter how early you came.", kScript},
    {"restored", "서버를 다시 켠 뒤 순서를 되찾았어요.",
     "The server restarted, and your place was brought back.", kScript},
    {"paused", "예상 시간이 늘었어요: 입장이 잠시 멈췄어요.",
     "The wait has grown: admission is paused.", kScript},
    {"slower_rate", "예상 시간이 늘었어요: 한 번에 들어가는 인원을 줄였어요.",
     "The wait has grown: fewer people are let in each minute.", kScript},
    {"less_capacity", "예상 시간이 늘었어요: 안에 들어갈 수 있는 자리를 줄였어요.",
     "The wait has grown: there is room for fewer people inside.", kScript},
    {"slower_buyers", "예상 시간이 늘었어요: 먼저 들어간 분들이 더 오래 고르고 있어요.",
     "The wait has grown: those inside take longer than before.", kScript},
    {"fewer_gave_up", "예상 시간이 늘었어요: 줄에서 나가는 분이 전보다 적어요.",
     "The wait has grown: fewer people leave the line than before.", kScript},
    {"missed_title", "차례를 놓쳤어요", "You missed your turn"},
    {"missed_text",
     "불렀을 때 계시지 않아 다음 분이 먼저 들어갔어요. 한 번은 다시 불러 드려요: 버튼을 누르고 이 "
     "화면을 "
     "열어 두면 바로 다음 차례예요.",
     "You were not here when you were called, so the next person went first. Everybody is called "
     "once more: press the button, keep this page open, and you are next."},
    {"missed_button", "여기 있어요, 불러 주세요", "I am here, call me next"},

    {"prequeue_title", "입장 시작까지", "Doors open in"},
    {"prequeue_wait", "곧 시작해요", "Opening soon"},
    {"prequeue_at", "{n}에 시작해요", "Starts {n}", kScript},
    {"prequeue_text", "이미 대기실에 들어왔어요. 이 화면을 열어 두면 시작할 때 저절로 이어져요.",
     "You are in the waiting room. Leave this page open; it carries on by itself."},
    {"prequeue_people", "{n}명이 함께 기다려요", "{n} in the waiting room", kScript},

    {"admitted_title", "내 차례예요", "It is your turn"},
    {"called_at", "{n}에 불렀어요", "Called at {n}", kScript},
    {"admitted_text", "지금 넘어가는 중이에요", "Taking you there now"},
    {"admitted_nowhere", "들어오셨어요. 처음 화면에서 이어가세요.",
     "You are in. Carry on from the home page."},
    {"go", "들어가기", "Go in"},

    {"closed_title", "대기실이 닫혀 있어요", "The waiting room is closed"},
    {"closed_text", "지금은 줄을 설 수 없어요. 판매 시간을 확인하고 다시 와 주세요.",
     "Nobody can join right now. Please come back when the sale opens."},
    {"expired_title", "입장 시간이 지났어요", "Your admission has ended"},
    {"expired_text", "한동안 응답이 없어 다음 분께 자리를 넘겼어요. 다시 줄을 설 수 있어요.",
     "We did not hear from you for a while, so it went to the next person. You can join again."},
    {"left_title", "줄에서 나왔어요", "You left the line"},
    {"left_text", "다시 오려면 맨 뒤에 서야 해요.", "To come back, join again at the end."},
    {"completed_title", "예매를 마쳤어요", "Your booking is done"},
    {"completed_text", "더 예매하려면 다시 줄을 서 주세요.",
     "To book more, please join the line again."},
    {"lost_title", "순서를 찾을 수 없어요", "We cannot find your place"},
    {"lost_text", "이 대기실에 내 순서가 남아 있지 않아요. 다시 줄을 서 주세요.",
     "This room has no place for you any more. Please join again."},
    {"rejoin", "다시 줄 서기", "Join the line again"},
    {"missing_title", "그런 대기실이 없어요", "There is no such waiting room"},
    {"missing_text", "주소를 확인하거나 처음 화면에서 공연을 골라 주세요.",
     "Check the address, or choose a show on the home page."},

    {"proof_title", "잠깐 확인할게요", "One quick check"},
    {"proof_text",
     "로봇이 줄을 차지하지 못하게, 순서를 드리기 전에 기기가 작은 계산 문제를 풀어요. 개인 정보는 "
     "쓰지 않고, 보통 몇 초면 끝나요.",
     "So that robots cannot fill the line, your device solves a small puzzle before it gets a "
     "place. Nothing about you is used, and it usually takes seconds."},
    {"proof_progress", "계산이 된 만큼", "How much is done"},
    {"proof_still", "보통보다 오래 걸려요. 그대로 두면 끝나요.",
     "This takes longer than usual. Just leave it running.", kScript},
    {"proof_cancel", "그만두기", "Stop"},
    {"proof_stopped", "그만뒀어요. 순서를 받으려면 다시 시작해 주세요.",
     "Stopped. Start again to get a place."},
    {"proof_again", "다시 시작", "Start again"},
    {"proof_plain",
     "지금은 이 계산을 할 수 있는 자바스크립트가 필요해요. 자바스크립트를 켜고 새로고침하거나, "
     "붐비는 "
     "때가 지나고 다시 시도해 주세요. 그때는 자바스크립트 없이도 줄을 설 수 있어요.",
     "Right now this needs JavaScript for the puzzle. Switch JavaScript on and reload, or try "
     "again when the rush is over: then you can join without it."},
    {"proof_retry", "다시 시도", "Try again"},
    {"external", "확인 화면 열기", "Open the check"},
    {"invite_used", "이 초대는 이미 쓰였거나 기한이 지났어요. 초대 없이 줄을 설 수 있어요.",
     "This invitation was used already or has run out. You can join without it."},

    {"leave", "줄에서 나가기", "Leave the line"},
    {"leave_text", "나가면 지금 순서는 사라져요. 다시 오면 맨 뒤에 서게 돼요.",
     "If you leave you lose this place. If you come back you start at the end."},
    {"leave_sure", "네, 나갈게요", "Yes, leave"},
    {"offers", "가격", "Prices"},
    {"offers_stock", "과 남은 자리 (모든 회차)", " and what is left, all dates"},
    {"grade", "등급", "Grade"},
    {"price", "가격", "Price"},
    {"left", "남은 자리", "Left"},
    {"left_of", "{n}석", "{n}", kScript},
    {"sold_out", "매진", "Sold out", kScript},
    {"seconds", "{n}초", "{n} sec", kScript},
    {"minutes", "{n}분", "{n} min", kScript},
    {"hours", "{n}시간", "{n} h", kScript},
    {"won", "{n}원", "₩{n}", kScript},
};

}  // namespace

std::span<const Word> page_words() { return kWords; }

std::string_view word(std::string_view key, Language language) {
  const auto* const found = std::ranges::find(kWords, key, &Word::key);
  check(found != std::end(kWords), "the wait page has no text " + std::string(key));
  return language == Language::ko ? found->ko : found->en;
}

std::string_view notice_text(Notice notice, Language language) {
  const auto* const found = std::ranges::find(kWords, to_string(notice), &Word::key);
  if (notice == Notice::none || found == std::end(kWords)) return {};
  return language == Language::ko ? found->ko : found->en;
}

std::string filled(std::string_view text, std::string_view value) {
  std::string out;
  for (;;) {
    const auto at = text.find("{n}");
    out += text.substr(0, at);
    if (at == text.npos) return out;
    out += value;
    text.remove_prefix(at + 3);
  }
}

std::string about(std::int64_t seconds, Language language) {
  const auto say = [&](std::string_view key, std::int64_t n) {
    return filled(word(key, language), std::to_string(n));
  };
  if (seconds < 60) return say("seconds", std::max<std::int64_t>(5, (seconds + 4) / 5 * 5));
  const std::int64_t minutes = (seconds + 59) / 60;
  if (minutes < 60) return say("minutes", minutes);
  const std::string hours = say("hours", minutes / 60);
  return minutes % 60 == 0 ? hours : hours + " " + say("minutes", minutes % 60);
}

std::string price_text(std::int64_t amount, std::string_view currency, Language language) {
  const std::string digits = amount_text(amount, currency);
  if (currency == "KRW") return filled(word("won", language), digits);
  return digits + " " + std::string(currency);
}

}  // namespace onsale::waitroom
