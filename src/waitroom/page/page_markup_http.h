// The wait page as markup. {{word}} is a text of page_words_http.h, {{$slot}} a value of the visit,
// {{&slot}} one that is markup already. data-for lists the steps, data-if the flag that an element
// is shown for; the server hides what does not apply, and the script (web/wait) later does so by
// the same attributes, so there is one page for those with scripts and those without.
#pragma once

#include <string_view>

namespace onsale::waitroom {

inline constexpr std::string_view kPageMarkup = R"html(<!doctype html>
<html lang="{{$lang}}"{{&theme}}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1,viewport-fit=cover">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>{{$tab}}</title>
{{&head}}</head>
<body>
<div id="offline" role="status"><p class="bar" data-if="offline">{{offline}}</p></div>
<header><div>
<a class="brand" href="/" aria-label="onsale: {{home}}"><svg viewBox="0 0 32 32" aria-hidden="true">
<path d="M4 8a3 3 0 0 1 3-3h18a3 3 0 0 1 3 3v4.2a4 4 0 0 0 0 7.6V24a3 3 0 0 1-3 3H7a3 3 0 0 1-3-3
v-4.2a4 4 0 0 0 0-7.6z"/><path class="tick" d="m11 16.5 3.6 3.6L21.5 12"/></svg>
<span translate="no">onsale</span></a>
<a class="lang" href="{{$lang_href}}" lang="{{other_code}}" hreflang="{{other_code}}"
rel="nofollow">{{other_language}}</a>
</div></header>
<main>
<div class="what" data-if="known">{{&image}}<div><h1{{&name_lang}}>{{$name}}</h1>
<p data-if="detail">{{&detail}}</p></div></div>
<aside class="note" data-if="message" aria-label="{{message}}"><b>{{message}}</b>
<p data-slot="message"{{&message_lang}}>{{$message}}</p></aside>
<div class="note warn" data-if="called_off" role="alert"><b>{{called_off_title}}</b>
<p>{{called_off_text}}</p></div>
<p class="note warn" data-if="busy" role="alert">{{busy_plain}}</p>
<p class="note warn" data-if="invite">{{invite_used}}</p>
<div class="note warn" data-if="paused"><b>{{paused_title}}</b><p>{{paused_text}}</p></div>
<p class="note warn" data-if="notice" data-slot="notice">{{$notice}}</p>

<section class="card" data-for="none"><form method="post">
<div data-if="line"><h2 class="title">{{join_title}}</h2><p>{{join_text}}</p>
<p class="soft" data-if="count">{{$in_line}}</p></div>
<div data-if="open"><h2 class="title">{{join_open_title}}</h2><p>{{join_open_text}}</p></div>
<button class="main" name="act" value="join">{{$join_button}}</button></form></section>

<section class="card" data-for="login"><h2 class="title">{{login_title}}</h2><p>{{login_text}}</p>
<a class="button main" id="login" href="{{$login}}">{{login}}</a></section>

<section class="card" data-for="cookies"><h2 class="title">{{cookies}}</h2><p>{{cookies_text}}</p>
<form method="post"><button class="main" name="act" value="join">{{proof_retry}}</button></form>
</section>

<section class="card" data-for="joining"><h2 class="title">{{joining}}</h2>
<p data-slot="joining">{{joining_text}}</p>
<div class="dots" aria-hidden="true"><i></i><i></i><i></i></div></section>

<section class="card" data-for="proof"><h2 class="title">{{proof_title}}</h2><p>{{proof_text}}</p>
<div data-if="solving">
<progress id="solved" max="1" value="0" aria-label="{{proof_progress}}"></progress>
<p class="soft" data-slot="proof"></p>
<button type="button" id="stop">{{proof_cancel}}</button></div>
<div data-if="stopped"><p>{{proof_stopped}}</p>
<button type="button" class="main" id="again">{{proof_again}}</button></div>
<div data-if="plain"><p>{{proof_plain}}</p>
<form method="post">
<button class="main" name="act" value="join">{{proof_retry}}</button></form></div>
<p data-if="external"><a class="button" id="external" target="_blank"
href="{{$external}}">{{external}}</a></p></section>

<section class="card" data-for="waiting" aria-labelledby="pos">
<h2 id="pos">{{position}}</h2>
<p class="big" data-testid="position" data-slot="position">{{$position}}</p>
<p data-slot="ahead">{{$ahead}}</p>
<progress id="progress" data-if="progress" max="1" value="0" aria-label="{{progress}}"></progress>
<svg id="chart" data-if="chart" viewBox="0 0 300 48" preserveAspectRatio="none" role="img"
aria-label="{{chart}}"><polygon/><polyline/></svg>
<dl><div><dt>{{eta}}</dt><dd data-slot="p80">{{$p80}}</dd></div>
<div><dt>{{waiting}}</dt><dd data-slot="waiting">{{$waiting}}</dd></div></dl>
<p class="soft" data-if="eta" data-slot="spread">{{$spread}}</p>
<p class="soft fine"><span data-if="number" data-slot="number">{{$number}}</span>
<span data-if="lane" data-slot="lane">{{$lane}}</span></p>
<p class="soft fine" data-if="drawn"><a data-slot="drawn" href="{{$proof}}">{{$drawn}}</a></p>
</section>

<section class="card" data-for="missed"><h2 class="title">{{missed_title}}</h2>
<p>{{missed_text}}</p><form method="post">
<button class="main" name="act" value="here">{{missed_button}}</button></form></section>

<section class="card" data-for="prequeue"><h2 data-if="opens">{{prequeue_title}}</h2>
<h2 class="title" data-if="soon">{{prequeue_wait}}</h2>
<p class="big" role="timer" data-if="countdown" data-slot="countdown"></p>
<p data-if="opens"><b data-slot="opens">{{$opens}}</b></p>
<p class="soft" data-if="people" data-slot="people">{{$people}}</p><p>{{prequeue_text}}</p>
</section>

<section class="card" data-for="admitted"><span class="round" aria-hidden="true">
<svg viewBox="0 0 24 24"><path d="m5 12.5 4.5 4.5L19 7.5"/></svg></span>
<h2 class="title">{{admitted_title}}</h2>
<p class="soft fine"><span data-if="number" data-slot="number">{{$number}}</span>
<span data-if="called" data-slot="called">{{$called}}</span></p>
<p class="soft fine" data-if="drawn"><a data-slot="drawn" href="{{$proof}}">{{$drawn}}</a></p>
<div data-if="go"><p>{{admitted_text}}</p><a class="button main" id="go" href="{{$go}}">{{go}}</a>
</div><div data-if="nowhere"><p>{{admitted_nowhere}}</p>
<a class="button main" href="/">{{home}}</a></div></section>

<section class="card" data-for="closed"><h2 class="title">{{closed_title}}</h2>
<p>{{closed_text}}</p><a class="button" href="/">{{home}}</a></section>

<section class="card" data-for="expired left completed lost">
<div data-for="expired"><h2 class="title">{{expired_title}}</h2><p>{{expired_text}}</p></div>
<div data-for="left"><h2 class="title">{{left_title}}</h2><p>{{left_text}}</p></div>
<div data-for="completed"><h2 class="title">{{completed_title}}</h2><p>{{completed_text}}</p></div>
<div data-for="lost"><h2 class="title">{{lost_title}}</h2><p>{{lost_text}}</p></div>
<form method="post"><button class="main" name="act" value="join">{{rejoin}}</button>
<a class="button" href="/">{{home}}</a></form></section>

<section class="card" data-for="missing"><h1 class="title">{{missing_title}}</h1>
<p>{{missing_text}}</p><a class="button" href="/">{{home}}</a></section>

<div class="row" data-for="waiting missed prequeue">
<p class="soft" data-if="link"><i id="link"></i><span data-slot="link"></span></p>
<p class="soft" data-if="plain">{{asks_itself}} · <a href="{{$here}}">{{check_now}}</a></p>
<details><summary>{{leave}}</summary><form method="post"><p>{{leave_text}}</p>
<button class="danger" name="act" value="leave">{{leave_sure}}</button></form></details></div>

<section class="then" data-for="none joining proof waiting missed prequeue" aria-labelledby="then">
<h2 id="then">{{then_title}}</h2><ul><li>{{$then_move}}</li><li>{{$then_show_up}}</li>
<li>{{$then_keep}}</li><li>{{then_tabs}}</li></ul></section>

<section class="then" data-if="offers"><table>
<caption>{{offers}}<span data-if="stock">{{offers_stock}}</span></caption><thead><tr>
<th scope="col">{{grade}}</th><th scope="col">{{price}}</th>
<th scope="col" data-if="stock">{{left}}</th></tr></thead>
<tbody id="offers">{{&offers}}</tbody></table></section>
</main>
<p id="said" class="said" role="status"></p>
{{&data}}</body>
</html>
)html";

}  // namespace onsale::waitroom
