import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { ApiError } from "../api/client";
import { useFormat } from "../app/format";
import { useTitle } from "../app/hooks";
import { Button } from "../app/ui/Button";
import { Failure, Loading, Skeleton } from "../app/ui/states";
import { useShows } from "../catalogue/queries";
import { SaleBadge } from "../catalogue/SaleBadge";
import { JobCard } from "./JobCard";
import { useJobs } from "./office";
import { Forbidden, Operators } from "./Operators";

function Jobs() {
  const { t } = useTranslation();
  const jobs = useJobs();
  const items = jobs.data?.pages.flatMap((page) => page.items);
  if (items?.length === 0) return null;
  return (
    <section aria-labelledby="jobs" className="flex flex-col gap-4">
      <h2 id="jobs" className="text-lg font-bold">
        {t("jobs.title")}
      </h2>
      {jobs.isPending && (
        <Loading>
          <Skeleton className="h-40 w-full rounded-2xl" />
        </Loading>
      )}
      {jobs.isError && !items && (
        <Failure error={jobs.error} onRetry={() => void jobs.refetch()} busy={jobs.isFetching} />
      )}
      <ul className="grid items-start gap-4 lg:grid-cols-2">
        {items?.map((job) => (
          <li key={job.id}>
            <JobCard job={job} />
          </li>
        ))}
      </ul>
      {jobs.hasNextPage && (
        <Button
          look="secondary"
          className="self-center"
          busy={jobs.isFetchingNextPage}
          onClick={() => void jobs.fetchNextPage()}
        >
          {t("common.more")}
        </Button>
      )}
    </section>
  );
}

function List() {
  const { t } = useTranslation();
  const { shortDays, foreign } = useFormat();
  const shows = useShows("", "newest");
  const jobs = useJobs();
  if (jobs.error instanceof ApiError && jobs.error.status === 403) return <Forbidden />;
  const items = shows.data?.pages.flatMap((page) => page.items);
  return (
    <div className="container-page flex flex-col gap-8 py-6 md:py-10">
      <div className="flex flex-col gap-1">
        <h1 className="text-2xl font-bold">{t("shows_page.title")}</h1>
        <p className="max-w-prose text-ink-2">{t("shows_page.lead")}</p>
      </div>
      <Jobs />
      <section aria-labelledby="shows" className="flex flex-col gap-3">
        <h2 id="shows" className="text-lg font-bold">
          {t("shows_page.shows")}
        </h2>
        {shows.isPending && (
          <Loading>
            <Skeleton className="h-48 w-full rounded-2xl" />
          </Loading>
        )}
        {shows.isError && !items && (
          <Failure error={shows.error} onRetry={() => void shows.refetch()} busy={shows.isFetching} />
        )}
        <ul className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
          {items?.map((show) => (
            <li key={show.id} className="card relative flex flex-col gap-1.5 p-4 hover:bg-sunken">
              <div className="flex flex-wrap items-center gap-2">
                <SaleBadge
                  state={show.sale_state}
                  available={show.seats_available}
                  total={show.seats_total}
                  calledOff={show.called_off}
                />
                <span className="text-xs text-ink-3">{t(`kind.${show.kind}`, show.kind)}</span>
              </div>
              <Link
                to={`/admin/shows/${show.id}`}
                lang={foreign(show.title)}
                className="font-bold after:absolute after:inset-0 after:rounded-2xl"
              >
                {show.title}
              </Link>
              {show.starts_on && (
                <p className="number text-sm text-ink-3">{shortDays(show.starts_on, show.ends_on)}</p>
              )}
            </li>
          ))}
        </ul>
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
      </section>
    </div>
  );
}

export default function ShowsPage() {
  const { t } = useTranslation();
  useTitle(t("shows_page.title"));
  return (
    <Operators>
      <List />
    </Operators>
  );
}
