// Every text of the overlay that a person reads.

const number = (n: number): string => n.toLocaleString("en");
const count = (n: number, one: string, many: string): string => `${number(n)} ${n === 1 ? one : many}`;

export const texts = {
  label: "Cairn visualizer",
  select: "Select",
  browse: "Use the site",
  mode: "What a click does",
  selectHelp: "Point at anything, click it to define an event",
  browseHelp: "Clicks go to the site. Nothing you do is recorded",
  badges: "Events on this page",
  badgesShown: (n: number) => `Events on this page: ${number(n)} shown`,
  exit: "Leave",
  exitHelp: "Leave the visualizer (Escape)",
  project: (name: string) => `in ${name}`,
  close: "Close",
  card: "New event",
  users: (n: number) => (n === 1 ? "user" : "users"),
  times: (n: number) => count(n, "time", "times"),
  share: (percent: string) => `${percent} of this page’s visitors`,
  noVisitors: "No views of this page in that time",
  period: "Past two weeks",
  spark: (total: number, peak: number) => `${count(total, "event", "events")} in the past two weeks, at most ${number(peak)} on a day`,
  nobody: "Nobody did this in the past two weeks. Loosen a condition below.",
  counting: "Counting…",
  name: "Name",
  nameMissing: "Give the event a name.",
  nameTaken: "There is an event of this name already.",
  element: "Element",
  elementHelp: "What counts. Choose one around it if you mean that.",
  limitPage: "Limit to current page",
  ignore: "Ignore containers",
  containers: "Only inside of",
  containersHelp: "Tick each container that must be around it.",
  text: "Text",
  anyText: "any text",
  textIs: (text: string) => `is “${text}”`,
  attributes: "Attributes",
  attributesHelp: "Each one that is pressed must be there.",
  passing: "Likely to change with the next release",
  tag: "Tag",
  position: (i: number, n: number, tag: string) => `Only number ${i} of ${n} (${tag})`,
  more: "More options",
  type: "What is done",
  types: { click: "Click", change: "Change of a field", submit: "Submit of a form" },
  inside: "Also what is inside of it",
  pattern: "Pages that fit a pattern",
  patternHelp: "* is anything, ? is one character",
  patternLabel: "Pattern of paths",
  selector: "Selector",
  selectorHelp: "Changed by hand, it takes the place of the conditions above.",
  selectorReset: "Use the conditions again",
  selectorWrong: "This is not a selector that Cairn can answer.",
  outlined: (n: number, most: boolean) => `${most ? "More than " : ""}${count(n, "element", "elements")} on this page ${n === 1 ? "matches" : "match"}`,
  latest: "Latest matches",
  overlap: "Also counted as",
  overlapNone: "No other event counts these.",
  overlapSome: (compared: number, all: number) => `Compared with ${number(compared)} of ${number(all)} events.`,
  overlapSame: "the same events",
  overlapPart: (n: number, all: number) => `${number(n)} of its ${number(all)}`,
  define: "Define event",
  defining: "Defining…",
  defined: (name: string) => `“${name}” is defined`,
  definedText: "It reaches back over everything that was captured.",
  graph: "See its graph",
  another: "Define another",
  hover: (users: number, percent: string | null) => `${count(users, "user", "users")}${percent === null ? "" : ` · ${percent} of visitors`}`,
  ignored: "The site has this left out of what is captured.",
  ended: "The visualizer is over",
  endedText: "It lasts an hour, and a link opens it once. Open the site again from Cairn.",
  otherSite: "The visualizer was opened for another site. Open this one from Cairn.",
  unreachable: "Cairn cannot be reached from this page",
  unreachableText: (origin: string) =>
    `Its content security policy may not allow it: connect-src needs ${origin}. Else look whether Cairn runs, and whether this page uses https where Cairn does not.`,
  failed: "This did not work",
  retry: "Try again",
  ago: { now: "now", minutes: (n: number) => `${n} min ago`, hours: (n: number) => `${n} h ago`, days: (n: number) => `${n} d ago` },
};

export function percent(part: number, whole: number): string | null {
  if (whole === 0) return null;
  const share = (100 * part) / whole;
  return share > 0 && share < 1 ? "<1%" : `${Math.round(share)}%`;
}

export function ago(time: number, now: number): string {
  const minutes = Math.floor((now - time) / 60_000);
  if (minutes < 1) return texts.ago.now;
  if (minutes < 60) return texts.ago.minutes(minutes);
  return minutes < 48 * 60 ? texts.ago.hours(Math.floor(minutes / 60)) : texts.ago.days(Math.floor(minutes / 1440));
}

export { number };
