/** The picture of a report: whoever draws an answer says how it is painted, and the page's actions save it. */
import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';

/** Paints what is shown, at twice its size, on the ground of the colour scheme. */
export type Painter = () => HTMLCanvasElement;

interface Picture {
  painters: Painter[];
  /** Returns what takes it back. */
  offer: (painter: Painter) => () => void;
}

const PictureContext = createContext<Picture | null>(null);

export function PictureProvider({ children }: { children: ReactNode }) {
  const [painters, setPainters] = useState<Painter[]>([]);
  const offer = useCallback((painter: Painter) => {
    setPainters((before) => [...before, painter]);
    return () => setPainters((before) => before.filter((one) => one !== painter));
  }, []);
  const picture = useMemo(() => ({ painters, offer }), [painters, offer]);
  return <PictureContext.Provider value={picture}>{children}</PictureContext.Provider>;
}

/** In the order in which they stand on the page; none where nothing shown can be painted. */
export const usePainters = (): Painter[] => useContext(PictureContext)?.painters ?? [];

/** Offers a picture, or none, for as long as it is shown; outside of a report's page nobody asks for it. */
export function useOfferPicture(painter: Painter | null) {
  const offer = useContext(PictureContext)?.offer;
  const latest = useRef(painter);
  latest.current = painter;
  const offers = painter !== null;
  useEffect(() => (offers ? offer?.(() => latest.current?.() ?? document.createElement('canvas')) : undefined), [offers, offer]);
}

const SCALE = 2;
const EDGE = 24 * SCALE;
const TITLE = 18 * SCALE;
const TITLE_FONT = `600 ${TITLE}px system-ui, sans-serif`;
/** A longer one is squeezed, where nothing painted is as wide. */
const TITLE_MAX = 1000 * SCALE;

/** What was painted, below each other, with its sentence above it, as PNG. */
export function pictureFile(painters: Painter[], title: string): Promise<Blob> {
  const drawn = painters.map((paint) => paint());
  const style = getComputedStyle(document.documentElement);
  const canvas = document.createElement('canvas');
  const pen = canvas.getContext('2d');
  if (pen === null) return Promise.reject(new Error('no canvas'));
  pen.font = TITLE_FONT;
  canvas.width = Math.max(Math.min(TITLE_MAX, pen.measureText(title).width), ...drawn.map(({ width }) => width)) + 2 * EDGE;
  canvas.height = drawn.reduce((sum, { height }) => sum + height, 2 * EDGE + 2 * TITLE + EDGE * (drawn.length - 1));
  pen.fillStyle = style.getPropertyValue('--cairn-card') || '#ffffff';
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = style.getPropertyValue('--mantine-color-text') || '#000000';
  pen.font = TITLE_FONT;
  pen.textBaseline = 'top';
  pen.fillText(title, EDGE, EDGE, canvas.width - 2 * EDGE);
  let top = EDGE + 2 * TITLE;
  for (const one of drawn) {
    pen.drawImage(one, EDGE, top);
    top += one.height + EDGE;
  }
  return new Promise((resolve, reject) => canvas.toBlob((blob) => (blob === null ? reject(new Error('no picture')) : resolve(blob)), 'image/png'));
}
