// 63-bit ids, as decimal strings: JavaScript's numbers are too short for them.

/** 62 random bits below a 1, so ids are from 2^62 to 2^63 - 1. */
export function newUserId(): string {
  const random = crypto.getRandomValues(new BigUint64Array(1))[0]!;
  return String(BigInt.asUintN(62, random) | (1n << 62n));
}

let lastMs = 0;
let sequence = 0;

/** 42 bits of milliseconds, 7 of sequence, 14 random: ids grow with creation, and two tabs hardly ever make the same one. */
export function newEventId(nowMs: number): string {
  if (nowMs > lastMs) {
    lastMs = nowMs;
    sequence = 0;
  } else if (++sequence > 127) {
    lastMs++;
    sequence = 0;
  }
  const random = crypto.getRandomValues(new Uint16Array(1))[0]! & 16383;
  return String((BigInt(lastMs) << 21n) | BigInt((sequence << 14) | random));
}

/** 64-bit FNV-1a, to tell two handles apart without keeping either. */
export function fingerprint(text: string): string {
  let hash = 14695981039346656037n;
  for (const char of text) hash = BigInt.asUintN(64, (hash ^ BigInt(char.codePointAt(0)!)) * 1099511628211n);
  return hash.toString(36);
}
