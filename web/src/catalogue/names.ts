import type { Hall, ShowDetail } from "../api/types";

export function venueName(venue: Hall["venue"] | ShowDetail["venue"]): string {
  if (!venue) return "";
  return typeof venue === "string" ? venue : venue.name;
}

export function hallName(hall: Hall | undefined): string {
  if (!hall) return "";
  return [venueName(hall.venue), hall.name].filter(Boolean).join(" ");
}

export const KINDS = ["film", "musical", "concert", "play", "match"] as const;
