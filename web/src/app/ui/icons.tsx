import type { SVGProps } from "react";

const paths = {
  check: "m5 12.5 4.5 4.5L19 7.5",
  close: "M6 6l12 12M18 6 6 18",
  left: "m14.5 5-7 7 7 7",
  right: "m9.5 5 7 7-7 7",
  down: "m5 9 7 7 7-7",
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
  fit: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
  clock: "M12 7v5.2l3.2 2M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0",
  pin: "M12 21s7-6.1 7-11.5A7 7 0 0 0 5 9.5C5 14.9 12 21 12 21M12 12a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5",
  calendar: "M4 6.5h16V20H4zM4 11h16M8 3.5v5M16 3.5v5",
  user: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8M4.5 20.5c.6-4 3.6-6 7.5-6s6.9 2 7.5 6",
  people:
    "M9 11.500a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7M2.5 19.500c.4-3.5 3-5.5 6.5-5.500s6.1 2 6.5 5.500M16 4.800a3.5 3.5 0 0 1 0 6.400M18 14.400c2 .7 3.2 2.5 3.5 5.1",
  ticket:
    "M4 7.500A1.5 1.5 0 0 1 5.5 6h13A1.5 1.5 0 0 1 20 7.500V10a2 2 0 0 0 0 4v2.500a1.5 1.5 0 0 1-1.5 1.500h-13A1.5 1.5 0 0 1 4 16.500V14a2 2 0 0 0 0-4zM14 6v12",
  printer: "M7 9V4h10v5M7 17H4.500V9h15v8H17M7 14h10v6H7z",
  alert: "M12 8.500v4.500M12 16.500v.1M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0",
  info: "M12 11.500V16M12 8v.1M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0",
  wifiOff: "M4 4l16 16M8.5 15.500a5 5 0 0 1 6.5-.4M5 12a10 10 0 0 1 4.5-2.600M13.5 9.100A10 10 0 0 1 19 12M12 19v.1",
  sun: "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8M12 2.500v2M12 19.500v2M2.5 12h2M19.5 12h2M5.3 5.300l1.4 1.400M17.3 17.300l1.4 1.400M18.7 5.300l-1.4 1.400M6.7 17.300l-1.4 1.4",
  moon: "M20 14.500A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5",
  auto: "M4 5h16v11H4zM9 20h6M12 16v4",
  accessible:
    "M11 5.500v.1M11 9v5h4.500l2.5 5M11 11.500h4M8 12.500a5 5 0 1 0 6.5 5.5",
  map: "M4 5h16v14H4zM8 9h2M14 9h2M8 14h2M14 14h2",
  list: "M9 6h11M9 12h11M9 18h11M4.5 6v.1M4.5 12v.1M4.5 18v.1",
  external: "M9 5H5v14h14v-4M13 5h6v6M19 5l-8.5 8.5",
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, ...rest }: { name: IconName } & SVGProps<SVGSVGElement>) {
  return (
    <svg
      viewBox="0 0 24 24"
      width="1.25em"
      height="1.25em"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.8}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      className="shrink-0"
      {...rest}
    >
      <path d={paths[name]} />
    </svg>
  );
}
