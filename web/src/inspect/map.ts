/** The part of the globe that a map of some places shows, and the lines of its net. */

import type { Point } from "../engine/types.ts";

/** In degrees. */
export interface MapFrame {
  west: number;
  east: number;
  south: number;
  north: number;
}

/** The least that is shown, in degrees from north to south: about a street. */
const SPAN_MIN = 0.002;

/** All the places with some room around them, in the picture's own shape. */
export function frameOf(points: readonly Point[], aspect: number): MapFrame {
  const longitudes = points.map(({ longitude }) => longitude);
  const latitudes = points.map(({ latitude }) => latitude);
  const [west, east] = [Math.min(...longitudes), Math.max(...longitudes)];
  const [south, north] = [Math.min(...latitudes), Math.max(...latitudes)];
  const middle = { longitude: (west + east) / 2, latitude: (south + north) / 2 };
  const height = Math.max(SPAN_MIN, 1.4 * (north - south), (1.4 * (east - west)) / aspect);
  const width = height * aspect;
  return { west: middle.longitude - width / 2, east: middle.longitude + width / 2, south: middle.latitude - height / 2, north: middle.latitude + height / 2 };
}

/** Lines at round numbers of degrees, about four each way. */
export function netOf(frame: MapFrame): { longitudes: number[]; latitudes: number[] } {
  const step = roundStep((frame.north - frame.south) / 4);
  const within = (from: number, to: number, bound: number) => {
    const lines: number[] = [];
    for (let at = Math.ceil(from / step); at * step <= to; at++) if (Math.abs(at * step) <= bound) lines.push(Number((at * step).toFixed(6)));
    return lines;
  };
  return { longitudes: within(frame.west, frame.east, 180), latitudes: within(frame.south, frame.north, 90) };
}

/** The next of 1, 2, 5, 10, 20, ... */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * ([1, 2, 5, 10].find((digit) => digit * power >= least) ?? 10);
}
