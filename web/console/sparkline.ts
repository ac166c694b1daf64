import { make } from '../make';

const SVG = 'http://www.w3.org/2000/svg';
const WIDTH = 600;
const HEIGHT = 80;

/** A value and its time, in milliseconds. */
export interface ChartPoint {
  readonly at: number;
  readonly value: number;
}

/** The points as the corners of a line in a box of 600 by 80, the time from left to right; '' for none. */
export function lineOf(points: readonly ChartPoint[]): string {
  const first = points.at(0);
  const last = points.at(-1);
  if (first === undefined || last === undefined) return '';
  const most = Math.max(1, ...points.map(({ value }) => value));
  const span = Math.max(1, last.at - first.at);
  const corners = points.map(({ at, value }) => [
    ((at - first.at) / span) * WIDTH,
    HEIGHT - (value / most) * (HEIGHT - 4) - 2,
  ]);
  return corners.map((corner) => corner.map((place) => place.toFixed(1)).join(',')).join(' ');
}

/** Makes a chart of one figure with its caption, which a screen reader says in its place. */
export function chart(caption: string, points: readonly ChartPoint[]): HTMLElement {
  const figure = make('figure', { class: 'chart' }, make('figcaption', { class: 'soft' }, caption));
  figure.append(sparkline(caption, points));
  return figure;
}

function sparkline(name: string, points: readonly ChartPoint[]): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  const line = document.createElementNS(SVG, 'polyline');
  line.setAttribute('points', lineOf(points));
  line.setAttribute('vector-effect', 'non-scaling-stroke');
  svg.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`);
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.setAttribute('role', 'img');
  svg.setAttribute('class', 'sparkline');
  svg.setAttribute('aria-label', name);
  svg.append(line);
  return svg;
}
