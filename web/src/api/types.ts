// The shapes the screens speak of, by name. They come from schema.d.ts, which `npm run types` writes
// from the server's own /openapi.json; by hand there is only what that document cannot say.
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Page<T> = { items: T[]; next_cursor?: string };

// A problem of the server, or of our own when nothing readable came back.
export type Problem = Partial<Schemas["Problem"]> & { status: number };
export type FieldError = NonNullable<Schemas["Problem"]["errors"]>[number];

export type Account = Schemas["AccountView"];
export type Session = Pick<Schemas["SessionView"], "account">;

export type SaleState = Schemas["SaleState"];
export type ShowSort = Schemas["ShowSort"];
export type Show = Schemas["ShowSummary"];
export type ShowDetail = Schemas["ShowDetailView"];
export type Performance = Schemas["PerformanceEntry"];
export type GradePrice = Schemas["GradePrice"];

export type Seat = Schemas["SeatView"];
export type SeatRow = Schemas["RowView"];
export type Section = Schemas["SectionView"];
export type SeatMapData = Schemas["SeatMapView"];
export type SeatState = "free" | "held" | "sold" | "blocked";
export type Availability = Schemas["AvailabilityView"];
// A live message. Changes since `from_version`; from 0 it is the whole picture, which also comes on
// subscribing.
export type SeatChanges = {
  from_version?: number;
  version: number;
  changes: Record<string, SeatState>;
};

export type RoomMode = Schemas["Mode"];
export type Room = Schemas["RoomJson"];
export type AdminRoom = Schemas["AdminRoomJson"];
export type RoomHistory = Schemas["RoomHistoryJson"];
export type RoomSample = Schemas["RoomSampleJson"];
export type OffersShown = Schemas["OffersShown"];
export type RoomChange = Schemas["RoomPatchBody"];
// Every answer about a place names it; a view kept in the browser may be older than its token.
export type PlaceView = Omit<Schemas["PlaceJson"], "place"> & { place?: string };

export type HeldSeat = Schemas["HeldSeatView"];
export type Hold = Schemas["HoldView"];
export type SeatChoice = { seats: string[] } | { best: Schemas["BestBody"] };

export type ReservationState = Schemas["ReservationState"];
export type Reservation = Schemas["ReservationView"];
export type ReservationRefund = Reservation["refunds"][number];
export type ProviderName = Schemas["ProviderName"];
export type Deposit = Schemas["DepositView"];
export type Payment = Schemas["PaymentView"];
export type CancellationStep = Schemas["CancellationStepView"];
export type Cancellation = Schemas["CancellationView"];
export type StartedPayment = Schemas["PayingView"];
export type Ticket = Schemas["TicketView"];

export type ProofMode = Schemas["ProofMode"];
export type Lane = Schemas["LaneJson"];
export type PlannedChange = Schemas["PlannedJson"];
export type PendingChange = Schemas["PendingJson"];
export type ProofStatus = Schemas["ProofStatusJson"];
export type Lottery = Schemas["LotteryJson"];
export type LotteryBeacon = Schemas["BeaconBody"];
export type LotteryEvidence = Schemas["DrawBody"];
export type Invite = Schemas["InviteJson"];
export type InviteBatch = Schemas["InviteBatchJson"];
export type InviteOrder = Schemas["InviteOrderBody"];
export type RefundTask = Schemas["RefundTaskView"];
export type RefundDecided = Schemas["RefundDecidedView"];
export type RefundSettlement = Schemas["SettleRefundBody"];
export type Reversal = Schemas["ReversalBody"];
export type PaymentSettlement = Schemas["SettlePaymentBody"];
export type BankAccount = Schemas["RefundAccountBody"];
export type Balance = Schemas["BalanceView"];
export type PaymentState = Schemas["PaymentState"];
export type OfficePayment = Schemas["OfficePaymentView"];
export type PaymentHistory = Schemas["PaymentHistoryView"];
export type ProviderCall = Schemas["ProviderCallView"];
export type ProviderHealth = Schemas["ProviderHealthView"];
export type Settlement = Schemas["SettlementView"];
export type ProviderSettlement = Schemas["ProviderSettlementView"];
export type SettlementLine = Schemas["SettlementLineView"];
export type Differing = Schemas["DifferingView"];
export type Transfer = Schemas["TransferView"];
export type LedgerAccount = Schemas["LedgerAccountView"];
export type BooksCheck = Schemas["CheckView"];
export type LastBooksCheck = Schemas["LastCheckView"];
export type OfficeJob = Schemas["JobView"];
export type Policy = Schemas["PolicyView"];
export type PolicyPreview = Schemas["PreviewView"];
export type AuditEntry = Schemas["AuditView"];
