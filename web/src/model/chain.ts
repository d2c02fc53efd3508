/** A selector that finds the target of an element chain again, chosen as the visualizer chooses. */
import { parseChain } from '../../../visualizer/src/chain';
import { firstChoices, selectorOf } from '../../../visualizer/src/choices';

/** Only these tags say anything when an element and those around it have no name. */
const TELLING = new Set(['button', 'a', 'input', 'select', 'textarea', 'form', 'label', 'summary']);

/** By the target's most lasting name, with the nearest named ancestor when the target's own is weak; null if nothing tells it apart. */
export function selectorFor(text: string): string | null {
  const chain = parseChain(text).filter((element) => element.tag !== '');
  const target = chain.at(-1);
  if (!target) return null;
  const picked = { chain, text: undefined, hasInner: false, path: '/', place: null };
  const selector = selectorOf(picked, firstChoices(picked));
  return selector === target.tag && !TELLING.has(selector) ? null : selector;
}
