#include "waitroom/join/invite.h"

#include <algorithm>

#include "waitroom/varint.h"

namespace onsale::waitroom {

namespace {

constexpr std::string_view kKind = "waitroom-invite";
constexpr std::uint64_t kFormat = 1;

std::optional<Invite> decode(std::string_view payload) {
  ByteReader reader(payload);
  if (reader.varint() != kFormat) return {};
  Invite invite;
  invite.room = std::string(reader.text());
  const std::uint64_t epoch = reader.varint();
  const std::uint64_t lane = reader.varint();
  invite.number = reader.signed_varint();
  const std::int64_t expires_ms = reader.signed_varint();
  if (reader.failed() || !reader.done() || lane > kPriorityLanesMax) return {};
  invite.epoch = static_cast<std::uint32_t>(epoch);
  invite.lane = static_cast<LaneId>(lane);
  if (expires_ms != 0) invite.expires_at = from_unix_ms(expires_ms);
  return invite;
}

RoomChanged told(const RoomId& room, const InviteOrder& order, const InviteBatch& made) {
  const std::string numbers =
      std::to_string(made.first) + "-" + std::to_string(made.first + made.count - 1);
  return {.id = order.change,
          .room = room.str(),
          .who = order.made_by,
          .at = made.made_at,
          .changes = {{"invites", "", "lane " + order.lane + ", numbers " + numbers}}};
}

}  // namespace

std::string sign(ProofCrypto& crypto, const Invite& invite) {
  std::string out;
  put_varint(out, kFormat);
  put_text(out, invite.room);
  put_varint(out, invite.epoch);
  put_varint(out, invite.lane);
  put_signed(out, invite.number);
  put_signed(out, invite.expires_at ? to_unix_ms(*invite.expires_at) : 0);
  return crypto.sign(kKind, out);
}

std::string_view to_string(InviteFault fault) {
  switch (fault) {
    case InviteFault::invalid:
      return "invite_invalid";
    case InviteFault::expired:
      return "invite_expired";
    case InviteFault::lanes_fixed:
      return "lanes_fixed";
    case InviteFault::used:
      return "invite_used";
  }
  return "invite_invalid";
}

bool lanes_open(const Settings& settings) {
  return settings.mode == Mode::prequeue || settings.mode == Mode::closed;
}

Result<Invite, InviteFault> open_invite(ProofCrypto& crypto, std::string_view token,
                                        const RoomView& room, Timestamp now) {
  if (token.size() > kInviteTokenMax) return std::unexpected(InviteFault::invalid);
  const auto payload = crypto.open(kKind, token, now);
  if (!payload) return std::unexpected(InviteFault::invalid);
  auto invite = decode(*payload);
  if (!invite || invite->room != room.id.str() || invite->epoch != room.epoch) {
    return std::unexpected(InviteFault::invalid);
  }
  if (!lanes_open(room.settings)) return std::unexpected(InviteFault::lanes_fixed);
  if (invite->expires_at && *invite->expires_at <= now) {
    return std::unexpected(InviteFault::expired);
  }
  return std::move(*invite);
}

Task<Result<InviteBatch, InviteOrderRefusal>> make_invites(InviteBook& book, RoomView room,
                                                           InviteOrder order, Timestamp now) {
  if (!lanes_open(room.settings)) co_return std::unexpected(InviteOrderRefusal::room_opened);
  if (order.count < 1 || order.count > kInvitesAtOnce ||
      (order.expires_at && *order.expires_at <= now)) {
    co_return std::unexpected(InviteOrderRefusal::out_of_range);
  }
  const auto& lanes = room.settings.lanes;
  const auto lane = std::ranges::find(lanes, order.lane, &PriorityLane::name);
  if (lane == lanes.end()) co_return std::unexpected(InviteOrderRefusal::lane_unknown);
  InviteBatch batch{.count = order.count,
                    .lane = static_cast<LaneId>(lane - lanes.begin() + 1),
                    .expires_at = order.expires_at,
                    .made_by = order.made_by,
                    .made_at = now};
  const RoomId id = room.id;
  TellInvites tell = [id, order = std::move(order)](const InviteBatch& invites) {
    return told(id, order, invites);
  };
  auto made = co_await book.add(id, room.epoch, std::move(batch), std::move(tell));
  if (!made) co_return std::unexpected(InviteOrderRefusal::too_many);
  co_return std::move(*made);
}

std::vector<InviteToken> invite_tokens(ProofCrypto& crypto, const RoomView& room,
                                       const std::vector<InviteBatch>& batches, std::int64_t after,
                                       std::int64_t limit) {
  std::vector<InviteToken> tokens;
  for (const InviteBatch& batch : batches) {
    for (std::int64_t n = std::max(batch.first, after + 1); n < batch.first + batch.count; ++n) {
      if (std::cmp_greater_equal(tokens.size(), limit)) return tokens;
      Invite invite{.room = room.id.str(),
                    .epoch = room.epoch,
                    .lane = batch.lane,
                    .number = n,
                    .expires_at = batch.expires_at};
      std::string token = sign(crypto, invite);
      tokens.push_back({std::move(invite), std::move(token)});
    }
  }
  return tokens;
}

}  // namespace onsale::waitroom
