import { useCallback, useEffect, useRef, type RefObject } from "react";
import type { Box } from "./seatGeometry";

const ZOOM_MAX = 8;
const DRAG_FROM_PX = 6;

type Point = { x: number; y: number };

// Zoom and pan of an SVG by its viewBox, written straight to the DOM once a frame: no React render
// while a finger moves. `onScale` hears the number of CSS pixels of one map unit when it changes.
export function useZoom(
  svg: RefObject<SVGSVGElement | null>,
  home: Box,
  onScale: (pixelsPerUnit: number) => void,
) {
  const view = useRef<Box>(home);
  const frame = useRef(0);
  const dragged = useRef(false);

  const draw = useCallback(() => {
    frame.current = 0;
    const element = svg.current;
    if (!element) return;
    const { x, y, width, height } = view.current;
    element.setAttribute("viewBox", `${x} ${y} ${width} ${height}`);
    element.toggleAttribute("data-fit", width >= home.width * 0.999);
    const { clientWidth, clientHeight } = element;
    if (clientWidth > 0) onScale(Math.min(clientWidth / width, clientHeight / height));
  }, [svg, home, onScale]);

  const place = useCallback(
    (next: Box) => {
      const width = Math.min(home.width, Math.max(home.width / ZOOM_MAX, next.width));
      const height = (width / home.width) * home.height;
      const clamp = (value: number, low: number, high: number) =>
        Math.min(Math.max(value, low), high);
      view.current = {
        width,
        height,
        x: clamp(next.x, home.x, home.x + home.width - width),
        y: clamp(next.y, home.y, home.y + home.height - height),
      };
      frame.current ||= requestAnimationFrame(draw);
    },
    [home, draw],
  );

  const toMap = useCallback(
    (clientX: number, clientY: number): Point => {
      const matrix = svg.current?.getScreenCTM();
      if (!matrix) return { x: 0, y: 0 };
      const point = new DOMPoint(clientX, clientY).matrixTransform(matrix.inverse());
      return { x: point.x, y: point.y };
    },
    [svg],
  );

  const zoomAt = useCallback(
    (factor: number, at?: Point) => {
      const now = view.current;
      const centre = at ?? { x: now.x + now.width / 2, y: now.y + now.height / 2 };
      const width = Math.min(home.width, Math.max(home.width / ZOOM_MAX, now.width / factor));
      const ratio = width / now.width;
      place({
        width,
        height: now.height * ratio,
        x: centre.x - (centre.x - now.x) * ratio,
        y: centre.y - (centre.y - now.y) * ratio,
      });
    },
    [home, place],
  );

  const fit = useCallback(() => place(home), [home, place]);

  // Brings a point into view, with a margin, when the keyboard moves there.
  const reveal = useCallback(
    (point: Point, margin: number) => {
      const now = view.current;
      const shift = (value: number, low: number, size: number) =>
        value - margin < low
          ? value - margin
          : value + margin > low + size
            ? value + margin - size
            : low;
      place({ ...now, x: shift(point.x, now.x, now.width), y: shift(point.y, now.y, now.height) });
    },
    [place],
  );

  useEffect(() => {
    view.current = home;
    draw();
    const element = svg.current;
    if (!element || typeof ResizeObserver === "undefined") return undefined;
    const observer = new ResizeObserver(() => draw());
    observer.observe(element);
    return () => {
      observer.disconnect();
      cancelAnimationFrame(frame.current);
      frame.current = 0;
    };
  }, [svg, home, draw]);

  useEffect(() => {
    const element = svg.current;
    if (!element) return undefined;
    const fingers = new Map<number, Point>();
    let from: Point | undefined;
    let spread = 0;

    const distance = () => {
      const [a, b] = [...fingers.values()];
      return a && b ? Math.hypot(a.x - b.x, a.y - b.y) : 0;
    };
    const wheel = (event: WheelEvent) => {
      // All is in sight: away from the map there is only the page to move.
      const whole = view.current.width >= home.width * 0.999;
      if (whole && event.deltaY > 0) return;
      event.preventDefault();
      zoomAt(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.002)), toMap(event.clientX, event.clientY));
    };
    const down = (event: PointerEvent) => {
      if (event.pointerType === "mouse" && event.button !== 0) return;
      fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
      from = { x: event.clientX, y: event.clientY };
      spread = distance();
      if (fingers.size === 1) dragged.current = false;
    };
    const move = (event: PointerEvent) => {
      const last = fingers.get(event.pointerId);
      if (!last || !from) return;
      const here = { x: event.clientX, y: event.clientY };
      if (!dragged.current) {
        if (Math.hypot(here.x - from.x, here.y - from.y) < DRAG_FROM_PX) return;
        dragged.current = true;
        element.setPointerCapture(event.pointerId);
        element.toggleAttribute("data-dragging", true);
      }
      fingers.set(event.pointerId, here);
      if (fingers.size === 2) {
        const next = distance();
        const [a, b] = [...fingers.values()];
        if (a && b && spread > 0) {
          zoomAt(next / spread, toMap((a.x + b.x) / 2, (a.y + b.y) / 2));
        }
        spread = next;
        return;
      }
      const [before, after] = [toMap(last.x, last.y), toMap(here.x, here.y)];
      const now = view.current;
      place({ ...now, x: now.x + before.x - after.x, y: now.y + before.y - after.y });
    };
    const up = (event: PointerEvent) => {
      fingers.delete(event.pointerId);
      spread = distance();
      element.toggleAttribute("data-dragging", false);
    };
    element.addEventListener("wheel", wheel, { passive: false });
    element.addEventListener("pointerdown", down);
    element.addEventListener("pointermove", move);
    element.addEventListener("pointerup", up);
    element.addEventListener("pointercancel", up);
    return () => {
      element.removeEventListener("wheel", wheel);
      element.removeEventListener("pointerdown", down);
      element.removeEventListener("pointermove", move);
      element.removeEventListener("pointerup", up);
      element.removeEventListener("pointercancel", up);
    };
  }, [svg, home, place, zoomAt, toMap]);

  const wasDrag = useCallback(() => dragged.current, []);
  return { zoomAt, fit, reveal, toMap, wasDrag };
}
