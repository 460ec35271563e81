#include "waitroom/lottery/lottery_http.h"

#include "waitroom/lottery/lottery_views_http.h"
#include "waitroom/room/caller_http.h"
#include "waitroom/room/room_http.h"

namespace onsale::waitroom::lottery {

using http::Access;
using http::Answer;
using http::Call;
using http::Problem;

struct EntriesQuery {
  std::optional<json::Int<0, 1'000'000'000>> from;
  std::optional<json::Int<1, static_cast<std::int64_t>(kEntriesPerPage)>> limit;
};
BOOST_DESCRIBE_STRUCT(EntriesQuery, (), (from, limit))

struct ChainBody {
  json::Text<64, 64> hash;
  json::Int<0, 4'102'444'800> genesis_time;
  json::Int<1, 86'400> period;
};
BOOST_DESCRIBE_STRUCT(ChainBody, (), (hash, genesis_time, period))

struct BeaconBody {
  BeaconKind kind{};
  std::optional<ChainBody> chain;
  std::optional<json::Int<1, 1'000'000'000'000>> round;
  std::optional<json::Text<1, 300>> url;
  std::optional<json::Int<1, static_cast<std::int64_t>(kPartiesMax)>> k;
  std::optional<std::vector<json::Text<64, 64>>> commitments;
};
BOOST_DESCRIBE_STRUCT(BeaconBody, (), (kind, chain, round, url, k, commitments))

struct CloseBody {
  BeaconBody beacon;
};
BOOST_DESCRIBE_STRUCT(CloseBody, (), (beacon))

struct RevealBody {
  json::Int<1, static_cast<std::int64_t>(kPartiesMax)> party;
  json::Text<64, 64> value;
};
BOOST_DESCRIBE_STRUCT(RevealBody, (), (party, value))

// A round just as a drand relay gives it, or what the parties revealed, or nothing: then the server
// fetches the round.
struct DrawBody {
  std::optional<json::Int<1, 1'000'000'000'000>> round;
  std::optional<json::Text<64, 256>> signature, previous_signature;
  std::optional<json::Text<64, 64>> randomness;
  std::optional<std::vector<RevealBody>> reveals;
};
BOOST_DESCRIBE_STRUCT(DrawBody, (), (round, signature, previous_signature, randomness, reveals))

namespace {

struct Said {
  int status;
  std::string_view code, detail;
};

Said said(Refusal refusal) {
  switch (refusal) {
    case Refusal::room_not_found:
      break;  // room_not_found() says it
    case Refusal::not_a_pool:
      return {409, "lottery_not_a_pool",
              "Set the room's mode to closed or prequeue and its lottery to true first."};
    case Refusal::joining_began:
      return {409, "lottery_joining_began",
              "People wait in this room already; the seed must be committed to before."};
    case Refusal::not_committed:
      return {409, "lottery_not_committed", "Commit to a seed first."};
    case Refusal::not_closed:
      return {409, "lottery_not_closed", "The entries are not fixed yet."};
    case Refusal::already_closed:
      return {409, "lottery_already_closed", "The entries and the beacon are fixed already."};
    case Refusal::already_drawn:
      return {409, "lottery_already_drawn", "It was drawn already, with another beacon."};
    case Refusal::beacon_invalid:
      return {422, "invalid", "Some fields are not valid."};
    case Refusal::round_not_future:
      return {409, "lottery_round_not_future",
              "That round is known or too near; choose one at least 10 seconds ahead."};
    case Refusal::round_not_reached:
      return {409, "lottery_round_not_reached", "Nobody can know that round yet."};
    case Refusal::wrong_evidence:
      return {422, "lottery_wrong_evidence",
              "This is not the kind, round or party that was announced at the close."};
    case Refusal::beacon_mismatch:
      return {422, "lottery_beacon_mismatch",
              "The randomness is not the SHA-256 of the signature."};
    case Refusal::reveal_mismatch:
      return {422, "lottery_reveal_mismatch", "A revealed value is not what was committed to."};
    case Refusal::too_few_reveals:
      return {422, "lottery_too_few_reveals", "Fewer parties revealed than have to."};
    case Refusal::beacon_unavailable:
      return {503, "lottery_beacon_unavailable",
              "The round can't be fetched now; send it along or set lottery.beacon_url."};
    case Refusal::place_invalid:
      return {401, "place_invalid", "This is no place of this room. Join again."};
    case Refusal::abandoned:
      return {409, "lottery_abandoned", "This lottery was given up; nothing is drawn in it."};
  }
  return {500, "internal", {}};
}

Problem problem(Refusal refusal, std::vector<Obstacle> obstacles = {}) {
  if (refusal == Refusal::room_not_found) return room_not_found();
  const Said what = said(refusal);
  return {what.status, std::string(what.code), std::string(what.detail), std::move(obstacles),
          what.status == 503 ? 5 : 0};
}

Problem invalid(std::string field, std::string code, std::string message) {
  return problem(Refusal::beacon_invalid,
                 {{std::move(field), std::move(code), std::move(message)}});
}

Digest read_digest(const std::string& text, const std::string& field) {
  const auto digest = digest_from_hex(text);
  if (!digest) throw invalid(field, "malformed", "64 hexadecimal digits");
  return *digest;
}

Beacon to_beacon(BeaconBody body) {
  if (body.kind == BeaconKind::drand) {
    if (!body.round) throw invalid("beacon.round", "required", "the round that will decide");
    if (body.k || body.commitments) {
      throw invalid("beacon.k", "unknown_field", "k and commitments are for kind parties");
    }
    DrandBeacon drand{.chain = quicknet(), .round = static_cast<std::uint64_t>(body.round->value)};
    if (body.chain) {
      drand.chain = {.hash = body.chain->hash.value,
                     .genesis_s = body.chain->genesis_time.value,
                     .period_s = body.chain->period.value};
    }
    if (body.url) drand.url = std::move(body.url->value);
    return drand;
  }
  if (!body.k || !body.commitments) {
    throw invalid(body.k ? "beacon.commitments" : "beacon.k", "required",
                  "k and commitments say how the parties decide");
  }
  if (body.chain || body.round || body.url) {
    throw invalid("beacon.round", "unknown_field", "chain, round and url are for kind drand");
  }
  PartiesBeacon parties{.needed = body.k->value, .commitments = {}};
  for (std::size_t i = 0; i < body.commitments->size(); ++i) {
    const std::string field = "beacon.commitments[" + std::to_string(i) + "]";
    parties.commitments.push_back(read_digest((*body.commitments)[i].value, field));
  }
  return parties;
}

std::optional<Evidence> to_evidence(const DrawBody& body) {
  const bool drand = body.round || body.signature || body.randomness || body.previous_signature;
  if (drand && body.reveals) throw problem(Refusal::wrong_evidence);
  if (body.reveals) {
    Reveals reveals;
    for (std::size_t i = 0; i < body.reveals->size(); ++i) {
      const RevealBody& one = (*body.reveals)[i];
      const std::string field = "reveals[" + std::to_string(i) + "].value";
      reveals.push_back({.party = one.party.value, .value = read_digest(one.value.value, field)});
    }
    return reveals;
  }
  if (!drand) return {};
  if (!body.round) throw invalid("round", "required", "which round this is");
  if (!body.signature) throw invalid("signature", "required", "as the relay gives it");
  DrandRound round{.round = static_cast<std::uint64_t>(body.round->value)};
  auto signature = from_hex(body.signature->value);
  if (!signature) throw invalid("signature", "malformed", "hexadecimal digits");
  round.signature = std::move(*signature);
  if (body.randomness) round.randomness = read_digest(body.randomness->value, "randomness");
  return round;
}

Answer<LotteryJson> answer(Lotteries::Changed changed) {
  if (!changed) return problem(changed.error().why, std::move(changed.error().obstacles));
  return to_json(*changed);
}

Task<Answer<LotteryJson>> commit(Lotteries& lotteries, RoomId room, std::string who) {
  auto changed = co_await lotteries.commit(std::move(room), std::move(who));
  co_return answer(std::move(changed));
}

Task<Answer<LotteryJson>> close(Lotteries& lotteries, RoomId room, Beacon beacon, std::string who) {
  auto changed = co_await lotteries.close(std::move(room), std::move(beacon), std::move(who));
  co_return answer(std::move(changed));
}

Task<Answer<LotteryJson>> draw(Lotteries& lotteries, RoomId room, std::optional<Evidence> evidence,
                               std::string who) {
  auto changed = co_await lotteries.draw(std::move(room), std::move(evidence), std::move(who));
  co_return answer(std::move(changed));
}

Task<Answer<LotteryJson>> abandon(Lotteries& lotteries, RoomId room, std::string who) {
  auto changed = co_await lotteries.abandon(std::move(room), std::move(who));
  co_return answer(std::move(changed));
}

Task<http::Raw> entries(Lotteries& lotteries, RoomId room, std::uint64_t from,
                        std::uint64_t limit) {
  auto page = co_await lotteries.entries(std::move(room), from, limit);
  if (!page) throw problem(page.error());
  http::Raw raw{.content_type = "text/plain; charset=utf-8"};
  raw.body.reserve(page->entries.size() * (2 * kDigestBytes + 1));
  for (const Digest& entry : page->entries) raw.body.append(hex(bytes_of(entry))).append("\n");
  raw.headers = {{"Onsale-Entries-First", std::to_string(page->first)},
                 {"Onsale-Entries-Count", std::to_string(page->count)}};
  co_return raw;
}

Task<Answer<OwnEntryJson>> mine(Lotteries& lotteries, RoomId room, std::string token,
                                std::optional<DeviceKey> device) {
  auto own = co_await lotteries.mine(room, std::move(token), device);
  if (!own) co_return problem(own.error());
  co_return to_json(room, *own);
}

void public_routes(http::Router& router, Lotteries& lotteries) {
  router.get("/rooms/{room}/lottery",
             {.summary = "How far the room's lottery is, and everything that proves it",
              .answers = {{200, "lottery"}, {404, "room_not_found"}},
              .tag = "lottery",
              .etag = true},
             [&lotteries](Call& call) -> Answer<LotteryJson> {
               auto lottery = lotteries.find(room_id_of(call));
               if (!lottery) return problem(lottery.error());
               return to_json(*lottery);
             });
  router.get("/rooms/{room}/lottery/entries",
             {.summary = "The entries of a closed lottery as they joined, one a line",
              .answers = {{200, "entries"},
                          {404, "room_not_found"},
                          {409, "lottery_not_closed"},
                          {409, "lottery_abandoned"}},
              .tag = "lottery",
              .etag = true,
              .cache_control = "public, max-age=60",
              .produces = "text/plain"},
             [&lotteries](EntriesQuery query, Call& call) {
               const auto from = static_cast<std::uint64_t>(query.from ? query.from->value : 0);
               const auto limit =
                   query.limit ? static_cast<std::uint64_t>(query.limit->value) : kEntriesPerPage;
               return entries(lotteries, room_id_of(call), from, limit);
             });
  router.get("/rooms/{room}/places/me/lottery",
             {.summary = "One's own entry, the proof that it is counted, and the rank once drawn",
              .answers = {{200, "entry"}, {401, "place_invalid"}, {404, "room_not_found"}},
              .tag = "lottery",
              .headers = {{"Onsale-Place", "The place token"}}},
             [&lotteries](Call& call) {
               std::string token(call.header("Onsale-Place"));
               RoomId room = room_id_of(call);
               std::optional<DeviceKey> device;
               if (token.empty()) device = caller_of(call, lotteries.one_per(room));
               return mine(lotteries, std::move(room), std::move(token), device);
             });
}

void operator_routes(http::Router& router, Lotteries& lotteries) {
  router.post("/admin/rooms/{room}/lottery",
              {.summary = "Publish the hash of a fresh seed, before anybody joins",
               .access = Access::admin,
               .idempotent = true,
               .answers = {{200, "committed"},
                           {404, "room_not_found"},
                           {409, "lottery_not_a_pool"},
                           {409, "lottery_joining_began"},
                           {409, "lottery_already_closed"}},
               .tag = "operators"},
              [&lotteries](Call& call) {
                return commit(lotteries, room_id_of(call), call.principal()->account);
              });
  router.post("/admin/rooms/{room}/lottery/close",
              {.summary = "Fix the entries and say which future beacon will decide",
               .access = Access::admin,
               .idempotent = true,
               .answers = {{200, "closed"},
                           {404, "room_not_found"},
                           {409, "lottery_not_committed"},
                           {409, "lottery_not_a_pool"},
                           {409, "lottery_already_closed"},
                           {409, "lottery_abandoned"},
                           {409, "lottery_round_not_future"},
                           {422, "invalid"}},
               .tag = "operators"},
              [&lotteries](CloseBody body, Call& call) {
                return close(lotteries, room_id_of(call), to_beacon(std::move(body.beacon)),
                             call.principal()->account);
              });
  router.post("/admin/rooms/{room}/lottery/draw",
              {.summary = "Draw with the beacon's value, or let the server fetch its round",
               .access = Access::admin,
               .idempotent = true,
               .answers = {{200, "drawn"},
                           {404, "room_not_found"},
                           {409, "lottery_not_closed"},
                           {409, "lottery_not_a_pool"},
                           {409, "lottery_abandoned"},
                           {409, "lottery_already_drawn"},
                           {409, "lottery_round_not_reached"},
                           {422, "lottery_wrong_evidence"},
                           {422, "lottery_beacon_mismatch"},
                           {422, "lottery_reveal_mismatch"},
                           {422, "lottery_too_few_reveals"},
                           {503, "lottery_beacon_unavailable"}},
               .tag = "operators"},
              [&lotteries](DrawBody body, Call& call) {
                return draw(lotteries, room_id_of(call), to_evidence(body),
                            call.principal()->account);
              });
  router.post(
      "/admin/rooms/{room}/lottery/abandon",
      {.summary = "Give up a lottery that can't be drawn: the beacon never came, or the seed "
                  "can't be opened",
       .access = Access::admin,
       .idempotent = true,
       .answers = {{200, "abandoned"},
                   {404, "room_not_found"},
                   {409, "lottery_not_committed"},
                   {409, "lottery_already_drawn"}},
       .tag = "operators"},
      [&lotteries](Call& call) {
        return abandon(lotteries, room_id_of(call), call.principal()->account);
      });
}

}  // namespace

void routes(http::Router& router, Lotteries& lotteries) {
  public_routes(router, lotteries);
  operator_routes(router, lotteries);
}

}  // namespace onsale::waitroom::lottery
