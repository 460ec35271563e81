import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import type { ShowSort } from "../api/types";
import { useTitle } from "../app/hooks";
import { Button } from "../app/ui/Button";
import { Segmented } from "../app/ui/Segmented";
import { Blank, Failure, Loading, Skeleton } from "../app/ui/states";
import { KINDS } from "./names";
import { useShows } from "./queries";
import { ShowCard } from "./ShowCard";

const SORTS: ShowSort[] = ["popular", "newest", "title"];
const grid = "grid grid-cols-2 gap-x-4 gap-y-8 sm:grid-cols-3 lg:grid-cols-5 lg:gap-x-6";

function GridSkeleton() {
  return (
    <Loading>
      <div className={grid}>
        {Array.from({ length: 10 }, (_, index) => (
          <div key={index} className="flex flex-col gap-3">
            <Skeleton className="aspect-[2/3] w-full rounded-xl" />
            <Skeleton className="h-4 w-3/4" />
            <Skeleton className="h-4 w-1/2" />
          </div>
        ))}
      </div>
    </Loading>
  );
}

export function HomePage() {
  const { t } = useTranslation();
  const [search, setSearch] = useSearchParams();
  const sort = SORTS.find((each) => each === search.get("sort")) ?? "popular";
  const kind = KINDS.find((each) => each === search.get("kind")) ?? "";
  const shows = useShows(kind, sort);
  useTitle(t("home.title"));

  const choose = (name: "sort" | "kind", value: string, fallback: string) =>
    setSearch(
      (now) => {
        const next = new URLSearchParams(now);
        if (value === fallback) next.delete(name);
        else next.set(name, value);
        return next;
      },
      { replace: true, preventScrollReset: true },
    );
  const items = shows.data?.pages.flatMap((page) => page.items) ?? [];

  return (
    <div className="container-page flex flex-col gap-6 py-8 md:gap-8 md:py-12">
      <div className="flex flex-col gap-2">
        <h1 className="text-2xl font-bold">{t("home.title")}</h1>
        <p className="max-w-2xl text-ink-2">{t("home.lead")}</p>
      </div>
      <div className="flex flex-col gap-3 md:flex-row md:justify-between">
        <Segmented
          label={t("home.kind")}
          value={kind}
          options={[
            { value: "", label: t("kind.all") },
            ...KINDS.map((each) => ({ value: each, label: t(`kind.${each}`) })),
          ]}
          onChange={(value) => choose("kind", value, "")}
        />
        <Segmented
          label={t("home.sort")}
          value={sort}
          options={SORTS.map((each) => ({ value: each, label: t(`sort.${each}`) }))}
          onChange={(value) => choose("sort", value, "popular")}
        />
      </div>
      {shows.isPending && <GridSkeleton />}
      {shows.isError && items.length === 0 && (
        <Failure
          error={shows.error}
          onRetry={() => void shows.refetch()}
          busy={shows.isFetching}
        />
      )}
      {shows.isSuccess && items.length === 0 && (
        <Blank
          icon="ticket"
          title={t("home.empty_title")}
          actions={
            kind && (
              <Button look="secondary" onClick={() => choose("kind", "", "")}>
                {t("home.show_all")}
              </Button>
            )
          }
        >
          {t("home.empty_text")}
        </Blank>
      )}
      {items.length > 0 && (
        <ul className={`${grid} ${shows.isPlaceholderData ? "opacity-60" : ""}`}>
          {items.map((show, index) => (
            <li key={show.id}>
              <ShowCard show={show} eager={index < 4} />
            </li>
          ))}
        </ul>
      )}
      {shows.hasNextPage && (
        <Button
          look="secondary"
          className="self-center"
          busy={shows.isFetchingNextPage}
          onClick={() => void shows.fetchNextPage()}
        >
          {t("common.more")}
        </Button>
      )}
    </div>
  );
}
