import { useState } from "react";
import { useFormat } from "../app/format";

type Props = { url?: string | null; title: string; className?: string; eager?: boolean };

// Decorative: the title always stands beside it. Without a picture it shows the title instead.
export function Poster({ url, title, className = "", eager = false }: Props) {
  const { foreign } = useFormat();
  const [broken, setBroken] = useState(false);
  return (
    <div className={`aspect-[2/3] overflow-hidden rounded-xl bg-sunken ${className}`}>
      {url && !broken ? (
        <img
          src={url}
          alt=""
          width={400}
          height={600}
          loading={eager ? "eager" : "lazy"}
          decoding="async"
          className="size-full object-cover"
          onError={() => setBroken(true)}
        />
      ) : (
        <div aria-hidden="true" lang={foreign(title)} className="grid size-full place-items-center p-4 text-center text-lg font-bold text-ink-3">
          {title}
        </div>
      )}
    </div>
  );
}
