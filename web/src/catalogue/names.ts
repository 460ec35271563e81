import type { Performance, Reservation } from "../api/types";

type Hall = Performance["hall"] | Reservation["performance"]["hall"];

export const hallName = (hall: Hall) => [hall.venue, hall.name].filter(Boolean).join(" ");

export const KINDS = ["film", "musical", "concert", "play", "match"] as const;
