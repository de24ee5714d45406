/** The drawings of the page, each one stroke on a field of 24 by 24. */
export const ICONS = {
  home: "M4 11.500 12 5l8 6.500M6.500 10v9h11v-9",
  pay: "M5 12h13M13 6.500 18.500 12 13 17.500",
  waiting: "M12 4v10M7.500 10 12 14.500 16.500 10M5 19.500h14",
  activity: "M5 7h14M5 12h14M5 17h9",
  ask: "M19 12H6M11 6.500 5.500 12 11 17.500",
  code: "M5 5h5v5H5ZM14 5h5v5h-5ZM5 14h5v5H5ZM14 14h2v2M19 14v5h-5",
  till: "M4 10h16v9H4ZM7 10V5h10v5M8 14.500h8",
  check: "m5.500 12.500 4.200 4.200L18.500 8",
  clock: "M12 7.500V12l3 2M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16Z",
  back: "M9 6 4.500 10.500 9 15M5 10.500h9a5 5 0 0 1 0 10h-2.500",
  alert: "M12 9v4.500M12 16.800v.1M12 4 3.500 19.500h17L12 4Z",
  sync: "M5 12a7 7 0 0 1 12-4.900L19 9M19 4.500V9h-4.500M19 12a7 7 0 0 1-12 4.900L5 15M5 19.500V15h4.500",
  offline: "M4 4l16 16M8.500 8.600A9 9 0 0 0 5 10.800M12 8c2.700 0 5.100 1 7 2.800M8.300 14.300a5.300 5.300 0 0 1 5-1.200M12 18.500v.1",
  link: "M5 12a11 11 0 0 1 14 0M8 15.200a6.500 6.500 0 0 1 8 0M12 18.500v.1M2.500 8.800a15 15 0 0 1 19 0",
  in: "M18 6 7 17M7 9v8h8",
  out: "M6 18 17 7M9 7h8v8",
  start: "M12 5v14M5 12h14",
} as const;

export type IconName = keyof typeof ICONS;
