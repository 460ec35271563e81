// The shapes of the contract (design/api.md). `npm run types` writes schema.d.ts from the server's
// /openapi.json; these hand-written ones name what the screens use.

export type Page<T> = { items: T[]; next_cursor?: string | null };

export type FieldError = { field: string; code: string; message: string };
export type Problem = {
  type?: string;
  title?: string;
  status: number;
  detail?: string;
  code?: string;
  trace_id?: string;
  errors?: FieldError[];
};

export type Account = { id: string; email: string; name: string; role: string };
export type Session = { account: Account };

export type SaleState = "upcoming" | "on_sale" | "sold_out" | "ended";
export type ShowSort = "popular" | "newest" | "title";
export type Venue = { id?: string; name: string; address?: string };
export type Performer = { id?: string; name: string; role?: string };
export type Show = {
  id: string;
  kind: string;
  title: string;
  summary?: string;
  poster_url?: string | null;
  age_rating?: string | number | null;
  running_minutes?: number | null;
  starts_on?: string | null;
  ends_on?: string | null;
  price_from?: number | null;
  currency: string;
  room_id?: string | null;
  seats_total: number;
  seats_available: number;
  sale_state: SaleState;
};
export type ShowDetail = Show & {
  description?: string;
  performers?: (Performer | string)[];
  venue?: Venue | string | null;
};
export type GradePrice = { grade: string; price: number };
export type Hall = { id?: string; name: string; venue?: Venue | string | null };
export type Performance = {
  id: string;
  show_id: string;
  hall: Hall;
  starts_at: string;
  sale_opens_at?: string | null;
  sale_state: SaleState;
  seats_total: number;
  seats_available: number;
  currency?: string;
  grades: GradePrice[];
};

export type Seat = {
  id: string;
  label: string;
  x: number;
  y: number;
  grade: string;
  accessible?: boolean;
  adjacency?: number;
};
export type SeatRow = { label: string; seats: Seat[] };
export type Section = { id: string; name: string; rows: SeatRow[] };
export type SeatMapData = { version: number | string; sections: Section[]; stage?: unknown };
export type SeatState = "free" | "held" | "sold" | "blocked";
export type Availability = {
  version: number;
  seats_available: number;
  unavailable: Record<string, Exclude<SeatState, "free">>;
};
// Changes since `from_version`; from 0 it is the whole picture, which also comes on subscribing.
export type SeatChanges = {
  from_version?: number;
  version: number;
  changes: Record<string, SeatState>;
};

export type RoomMode = "open" | "queue" | "paused" | "prequeue" | "closed";
export type Room = {
  id: string;
  name: string;
  mode: RoomMode;
  waiting: number;
  active: number;
  capacity: number;
  admit_per_minute: number;
  opens_at?: string | null;
  message?: string | null;
};
export type AdminRoom = Room & {
  admitted_last_minute?: number;
  per_node_capacity?: number;
  pass_seconds?: number;
  idle_seconds?: number;
  session_seconds?: number;
  grace_seconds?: number;
};
export type Eta = { p50_seconds: number; p80_seconds: number; p90_seconds: number };
export type PlaceState =
  | "admitted"
  | "waiting"
  | "prequeue"
  | "expired"
  | "left"
  | "completed";
export type PlaceView = {
  state: PlaceState;
  place?: string;
  pass?: string;
  pass_expires_at?: string;
  position?: number;
  waiting?: number;
  eta?: Eta | null;
  poll_after_ms?: number;
  opens_at?: string | null;
};

export type HeldSeat = { id: string; label?: string; grade: string; price: number };
export type Hold = {
  id: string;
  performance_id: string;
  seats: HeldSeat[];
  total: number;
  currency: string;
  expires_at: string;
};
export type SeatChoice = { seats: string[] } | { best: { quantity: number; grade?: string } };

export type ReservationState = "pending" | "confirmed" | "cancelled" | "expired";
export type Refund = { id?: string; amount: number; state?: string; created_at?: string };
export type Reservation = {
  id: string;
  number: string;
  state: ReservationState;
  performance: Partial<Performance> & { id: string; show_title?: string; title?: string };
  seats: (HeldSeat & { state?: string })[];
  amount: { list: number; discount: number; payable: number };
  currency: string;
  pay_by?: string | null;
  created_at?: string;
  refunds?: Refund[];
  payment_id?: string | null;
};
export type PaymentState =
  | "ready"
  | "pending"
  | "unknown"
  | "paid"
  | "failed"
  | "cancelled"
  | "refunded"
  | "partially_refunded";
export type Payment = { id: string; state: PaymentState; amount?: number; provider?: string };
export type StartedPayment = {
  payment_id: string;
  state: PaymentState;
  redirect_url?: string | null;
};
export type Ticket = {
  id: string;
  seat: string | { id?: string; label?: string; grade?: string; price?: number };
  qr_svg_url: string;
  token: string;
};
