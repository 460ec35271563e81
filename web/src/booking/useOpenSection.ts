import { useLocation, useNavigate, useSearchParams } from "react-router";

const NAME = "section";

// The open section of a large hall, in the address: Back closes it and a reload keeps it.
export function useOpenSection() {
  const [search, setSearch] = useSearchParams();
  const navigate = useNavigate();
  const opened = Boolean((useLocation().state as { opened?: boolean } | null)?.opened);
  const change = (section: string | undefined) => {
    const next = new URLSearchParams(search);
    if (section === undefined) next.delete(NAME);
    else next.set(NAME, section);
    setSearch(next, section === undefined ? { replace: true } : { state: { opened: true } });
  };
  return {
    section: search.get(NAME) ?? undefined,
    open: (section: string) => change(section),
    close: () => (opened ? void navigate(-1) : change(undefined)),
  };
}
