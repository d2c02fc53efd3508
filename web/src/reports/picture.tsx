/** The picture of a report: whoever draws an answer says how it is painted, and the page's actions save it. */
import { createContext, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';

/** Paints what is shown, at twice its size, on the ground of the colour scheme. */
export type Painter = () => HTMLCanvasElement;

interface Picture {
  painter: Painter | null;
  setPainter: (painter: Painter | null) => void;
}

const PictureContext = createContext<Picture | null>(null);

export function PictureProvider({ children }: { children: ReactNode }) {
  const [painter, setPainter] = useState<Painter | null>(null);
  const picture = useMemo(() => ({ painter, setPainter: (next: Painter | null) => setPainter(() => next) }), [painter]);
  return <PictureContext.Provider value={picture}>{children}</PictureContext.Provider>;
}

/** Null where what is shown is no picture, as a table. */
export const usePainter = (): Painter | null => useContext(PictureContext)?.painter ?? null;

/** Offers a picture, or none, for as long as it is shown; outside of a report's page nobody asks for it. */
export function useOfferPicture(painter: Painter | null) {
  const set = useContext(PictureContext)?.setPainter;
  const latest = useRef({ painter, set });
  latest.current = { painter, set };
  const offers = painter !== null;
  useEffect(() => {
    if (!offers) return undefined;
    latest.current.set?.(() => latest.current.painter?.() ?? document.createElement('canvas'));
    return () => latest.current.set?.(null);
  }, [offers]);
}

const SCALE = 2;
const EDGE = 24 * SCALE;
const TITLE = 18 * SCALE;

/** The picture with its sentence above it, as PNG. */
export function pictureFile(paint: Painter, title: string): Promise<Blob> {
  const drawn = paint();
  const style = getComputedStyle(document.documentElement);
  const canvas = document.createElement('canvas');
  canvas.width = drawn.width + 2 * EDGE;
  canvas.height = drawn.height + 2 * EDGE + 2 * TITLE;
  const pen = canvas.getContext('2d');
  if (pen === null) return Promise.reject(new Error('no canvas'));
  pen.fillStyle = style.getPropertyValue('--cairn-card') || '#ffffff';
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = style.getPropertyValue('--mantine-color-text') || '#000000';
  pen.font = `600 ${TITLE}px system-ui, sans-serif`;
  pen.textBaseline = 'top';
  pen.fillText(title, EDGE, EDGE, canvas.width - 2 * EDGE);
  pen.drawImage(drawn, EDGE, EDGE + 2 * TITLE);
  return new Promise((resolve, reject) => canvas.toBlob((blob) => (blob === null ? reject(new Error('no picture')) : resolve(blob)), 'image/png'));
}
