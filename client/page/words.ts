const STEPS: readonly [unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  ["year", 31_557_600],
  ["month", 2_629_800],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

const BYTE_UNITS: readonly [unit: string, bytes: number][] = [
  ["kB", 1e3],
  ["MB", 1e6],
  ["GB", 1e9],
];

const FORMAT = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** How long ago, in the largest unit that fits: "3 hours ago". */
export function age(time: string, now: number = Date.now()): string {
  const seconds = (now - Date.parse(time)) / 1000;
  const step = STEPS.find(([, size]) => seconds >= size);
  return step ? FORMAT.format(-Math.floor(seconds / step[1]), step[0]) : "just now";
}

/** How long until then, in the largest unit that fits: "in 3 days". */
export function until(time: string, now: number = Date.now()): string {
  const seconds = (Date.parse(time) - now) / 1000;
  const step = STEPS.find(([, size]) => seconds >= size);
  return step ? FORMAT.format(Math.round(seconds / step[1]), step[0]) : "in a moment";
}

/** A number of bytes as people read it: "1.4 MB". */
export function byteSize(bytes: number): string {
  const unit = BYTE_UNITS.findLast(([, size]) => bytes >= size);
  if (!unit) return bytes === 1 ? "1 byte" : `${bytes} bytes`;
  return `${(bytes / unit[1]).toLocaleString("en", { maximumFractionDigits: 1 })} ${unit[0]}`;
}

/** Up to two letters that stand for a name. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const letters = words.length > 1 ? [words[0]!, words.at(-1)!] : [words[0]!];
  return (
    letters
      .map((word) => [...word][0] ?? "")
      .join("")
      .toUpperCase() || "?"
  );
}
