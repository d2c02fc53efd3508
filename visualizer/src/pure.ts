// Everything that decides without a page.
export { parseChain } from "./chain";
export { couldMatch, matches } from "./selector/match";
export { parseSelector } from "./selector/parse";
export { firstChoices, nameFor, patternOf, predicateOf, selectorOf, wholeSelector } from "./choices";
export { evaluate } from "./evaluate";
export { ident, isLasting, isUtility, partsOf } from "./names";
