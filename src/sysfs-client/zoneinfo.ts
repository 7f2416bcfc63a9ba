/**
 * /proc/zoneinfo as figures. Counts are pages.
 */
export interface ZoneFigures {
  readonly node: number;
  readonly zone: string;
  readonly startPfn: number;
  readonly spanned: number;
  readonly present: number;
  readonly managed: number;
  readonly free: number;
}

const SECTION = /^Node (\d+), zone\s+(\w+)$/gm;

function figure(section: string, pattern: RegExp): number {
  return Number(pattern.exec(section)?.[1] ?? 0);
}

/** The zones that have pages. */
export function parseZoneinfo(text: string): ZoneFigures[] {
  const heads = [...text.matchAll(SECTION)];
  const zones = heads.map((head, index): ZoneFigures => {
    const section = text.slice(head.index, heads[index + 1]?.index);
    return {
      node: Number(head[1]),
      zone: head[2] ?? '',
      startPfn: figure(section, /^ {2}start_pfn:\s+(\d+)/m),
      spanned: figure(section, /^\s+spanned\s+(\d+)/m),
      present: figure(section, /^\s+present\s+(\d+)/m),
      managed: figure(section, /^\s+managed\s+(\d+)/m),
      free: figure(section, /^\s+pages free\s+(\d+)/m),
    };
  });
  return zones.filter(({ present }) => present > 0);
}
