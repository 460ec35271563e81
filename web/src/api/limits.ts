// Written by `npm run types` from the server's own /openapi.json.
export const LIMITS = {
  RoomPatchBody: {
    capacity: { min: 0, max: 10000000 },
    per_node_capacity: { min: 0, max: 10000000 },
    admit_per_minute: { min: 0, max: 10000000 },
    pass_seconds: { min: 10, max: 3600 },
    idle_seconds: { min: 5, max: 3600 },
    session_seconds: { min: 10, max: 86400 },
    grace_seconds: { min: 5, max: 86400 },
    no_show_seconds: { min: 5, max: 3600 },
    missed_seconds: { min: 0, max: 3600 },
    pass_epoch: { min: 0, max: 1000000000 },
    proof_bits: { min: 8, max: 26 },
    proof_count: { min: 1, max: 16 },
    joins_per_prefix: { min: 0, max: 1000000 },
    message: { maxLength: 500 },
  },
  LaneJson: {
    name: { maxLength: 40 },
    share: { min: 1, max: 10000 },
  },
} as const;
