import { Suspense } from "react";
import { Route, Routes } from "react-router";
import { HomePage } from "../catalogue/HomePage";
import { withWords } from "../ops/words";
import { Layout } from "./Layout";
import { NotFoundPage } from "./NotFoundPage";
import { page } from "./page";
import { Loading, Skeleton } from "./ui/states";

const ShowPage = page(() => import("../catalogue/ShowPage"));
const ToWaitPage = page(() => import("../waitroom/ToWaitPage"));
const SeatsPage = page(() => import("../booking/SeatsPage"));
const CheckoutPage = page(() => import("../booking/CheckoutPage"));
const TicketsPage = page(() => import("../booking/TicketsPage"));
const MyReservationsPage = page(() => import("../booking/MyReservationsPage"));
const LoginPage = page(() => import("../identity/LoginPage"));
const SignupPage = page(() => import("../identity/SignupPage"));
const MoneyPage = page(() => withWords(import("../ops/MoneyPage")));
const SettlementPage = page(() => withWords(import("../ops/SettlementPage")));
const LedgerPage = page(() => withWords(import("../ops/LedgerPage")));
const ShowsPage = page(() => withWords(import("../ops/ShowsPage")));
const ShowOfficePage = page(() => withWords(import("../ops/ShowOfficePage")));
const RoomsPage = page(() => withWords(import("../ops/RoomsPage")));
const RoomPage = page(() => withWords(import("../ops/RoomPage")));

function PageSkeleton() {
  return (
    <Loading>
      <div className="container-page flex flex-col gap-4 py-10">
        <Skeleton className="h-9 w-2/3 max-w-sm" />
        <Skeleton className="h-5 w-full max-w-xl" />
        <Skeleton className="h-64 w-full" />
      </div>
    </Loading>
  );
}

export function App() {
  return (
    <Layout>
      <Suspense fallback={<PageSkeleton />}>
        <Routes>
          <Route path="/" element={<HomePage />} />
          <Route path="/shows/:show" element={<ShowPage />} />
          <Route path="/wait/:room" element={<ToWaitPage />} />
          <Route path="/performances/:performance" element={<SeatsPage />} />
          <Route path="/checkout/:reservation" element={<CheckoutPage />} />
          <Route path="/tickets/:reservation" element={<TicketsPage />} />
          <Route path="/my/reservations" element={<MyReservationsPage />} />
          <Route path="/login" element={<LoginPage />} />
          <Route path="/signup" element={<SignupPage />} />
          <Route path="/admin/money" element={<MoneyPage />} />
          <Route path="/admin/settlement" element={<SettlementPage />} />
          <Route path="/admin/ledger" element={<LedgerPage />} />
          <Route path="/admin/shows" element={<ShowsPage />} />
          <Route path="/admin/shows/:show" element={<ShowOfficePage />} />
          <Route path="/admin/rooms" element={<RoomsPage />} />
          <Route path="/admin/rooms/:room" element={<RoomPage />} />
          <Route path="*" element={<NotFoundPage />} />
        </Routes>
      </Suspense>
    </Layout>
  );
}
