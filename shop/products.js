// The goods, and a drawing of each.

/** Drawings share a scene: sky, far hills, ground; `thing` stands in front. */
function scene(sky, far, near, thing) {
  return `<svg viewBox="0 0 240 180" aria-hidden="true" preserveAspectRatio="xMidYMid slice">
    <rect width="240" height="180" fill="${sky}"/><circle cx="186" cy="44" r="17" fill="#fff" opacity=".55"/>
    <path d="M-5 128 44 76l30 30 42-54 48 58 26-24 60 46v60H-5z" fill="${far}"/>
    <path d="M-5 142q64-22 124-8t126-8v60H-5z" fill="${near}"/><ellipse cx="120" cy="153" rx="74" ry="7" fill="#000" opacity=".13"/>${thing}</svg>`;
}

const tent = `<path d="M120 62 48 152h144z" fill="#e8743b"/><path d="M120 62 48 152h50z" fill="#c95a26"/><path d="m120 62-22 90h44z" fill="#7c3413"/><path d="m120 62 8 90h14z" fill="#f6a878"/><path d="M120 54v10M48 152l-16 4M192 152l16 4" stroke="#5b3a22" stroke-width="3" stroke-linecap="round"/>`;
const pack = `<path d="M98 46q22-22 44 0" fill="none" stroke="#23423a" stroke-width="7"/><rect x="78" y="44" width="84" height="110" rx="24" fill="#2f7a64"/><path d="M78 70q42 22 84 0V62q0-18-24-18h-36q-24 0-24 18z" fill="#25614f"/><rect x="92" y="100" width="56" height="42" rx="11" fill="#3f957b"/><path d="M92 114h56" stroke="#25614f" stroke-width="3"/><rect x="112" y="76" width="16" height="20" rx="4" fill="#f5b94a"/><rect x="66" y="96" width="13" height="46" rx="6" fill="#25614f"/><rect x="161" y="96" width="13" height="46" rx="6" fill="#25614f"/>`;
const bag = `<path d="M44 152q-14-26 12-36l118-26q26-4 30 22 3 24-16 30z" fill="#5a6bb8"/><path d="M174 90q26-4 30 22 3 24-16 30-18-8-14-52z" fill="#3d4c92"/><ellipse cx="190" cy="117" rx="9" ry="14" fill="#f3e4c8"/><path d="m74 112 6 39m22-45 6 43m22-50 6 46m20-51 4 48" stroke="#7f8ed4" stroke-width="4"/>`;
const stove = `<rect x="92" y="112" width="56" height="42" rx="10" fill="#c23f35"/><rect x="92" y="124" width="56" height="12" fill="#fff1d6"/><path d="M112 100h16v14h-16zM84 98h72" stroke="#3b4147" stroke-width="6" fill="#59626a"/><path d="M78 52h84v34q0 10-10 10H88q-10 0-10-10z" fill="#8b969e"/><path d="M78 52h84v10H78z" fill="#a9b3ba"/><path d="M162 62q22 0 20 18" fill="none" stroke="#59626a" stroke-width="6"/><path d="M104 42q-8-8 0-16m16 16q-8-8 0-16m16 16q-8-8 0-16" stroke="#fff" stroke-width="4" fill="none" stroke-linecap="round" opacity=".8"/>`;
const mug = `<path d="M74 70h82v70q0 14-14 14H88q-14 0-14-14z" fill="#f7f3e8"/><path d="M74 70h82v8H74z" fill="#2b5d8a"/><path d="M156 88q34-4 32 24t-34 20" fill="none" stroke="#f7f3e8" stroke-width="11"/><path d="m92 138 20-34 12 18 8-11 14 27z" fill="#2b5d8a"/><path d="M100 58q-8-9 0-18m16 18q-8-9 0-18m16 18q-8-9 0-18" stroke="#fff" stroke-width="4" fill="none" stroke-linecap="round" opacity=".8"/>`;
const lamp = `<path d="m160 84 96-34v110l-96-36z" fill="#ffe9a3" opacity=".5"/><path d="M40 104q0-44 80-44t80 44q-80-26-160 0z" fill="#394048"/><path d="M40 104q80-26 160 0v14q-80-26-160 0z" fill="#e8743b"/><rect x="92" y="76" width="62" height="52" rx="14" fill="#23282d"/><circle cx="123" cy="102" r="18" fill="#ffd65a"/><circle cx="123" cy="102" r="9" fill="#fffbe6"/>`;
const boot = `<path d="M122 50h10q6 26 24 48l-18 4z" fill="#b07c4f"/><path d="M78 50h50q4 36 18 44 40 10 46 26 5 14 3 22H76q-8-40 2-92z" fill="#8a5a34"/><path d="M78 50h50l2 16H76z" fill="#5f3b1f"/><path d="M70 140h128q4 14-6 14H78q-10 0-8-14z" fill="#2e2a27"/><path d="m118 76 18-6m-14 18 20-8m-12 20 20-9" stroke="#f5b94a" stroke-width="5" stroke-linecap="round"/><path d="M160 104q26 8 34 22h-30q-8-10-4-22z" fill="#734725"/>`;
const poles = `<path d="m88 40 46 112M152 40l-46 112" stroke="#d7dde1" stroke-width="6" stroke-linecap="round"/><path d="m88 40 18 44M152 40l-18 44" stroke="#d14b3a" stroke-width="7" stroke-linecap="round"/><path d="m80 22 12 28M160 22l-12 28" stroke="#26292c" stroke-width="13" stroke-linecap="round"/><ellipse cx="130" cy="142" rx="12" ry="4" fill="#26292c" transform="rotate(-20 130 142)"/><ellipse cx="110" cy="142" rx="12" ry="4" fill="#26292c" transform="rotate(20 110 142)"/><path d="M82 30q-20 8-10 26M158 30q20 8 10 26" fill="none" stroke="#26292c" stroke-width="3"/>`;
const bottle = `<rect x="106" y="30" width="28" height="20" rx="5" fill="#26343b"/><path d="M104 50h32q4 14 12 20v70q0 14-14 14h-28q-14 0-14-14V70q8-6 12-20z" fill="#3fa3b5"/><path d="M92 92h56v34H92z" fill="#fff6e0"/><path d="m100 120 12-18 8 10 6-7 12 15z" fill="#2f7a64"/><path d="M102 76v60" stroke="#7cc6d3" stroke-width="5" stroke-linecap="round"/><path d="M134 38q14 0 14 16" fill="none" stroke="#26343b" stroke-width="5"/>`;
const jacket = `<path d="M98 40q22 14 44 0l34 18 18 74-22 8-14-46v60H82V94l-14 46-22-8 18-74z" fill="#e2b13c"/><path d="M98 40q22 14 44 0 2 20-22 26-24-6-22-26z" fill="#a87c17"/><path d="M120 66v88" stroke="#8a6410" stroke-width="4"/><path d="M90 112h18v22H90zM132 112h18v22h-18z" fill="#c99828"/><path d="m82 94-4-20m80 20 4-20" stroke="#c99828" stroke-width="3"/>`;
const socks = `<path d="M84 38h40v62q0 12 12 16l26 8q12 5 12 16t-14 12h-48q-28 0-28-30z" fill="#b8402a"/><path d="M84 38h40v14H84z" fill="#f5e6c8"/><path d="M84 62h40v8H84zM84 78h40v8H84z" fill="#f5b94a"/><path d="M162 124q12 5 12 16t-14 12h-14q-2-20 16-28z" fill="#f5e6c8"/><path d="M84 122q16-4 24 8t-2 22q-22-4-22-30z" fill="#f5e6c8"/>`;
const dryBag = `<path d="M80 62h80v80q0 12-12 12H92q-12 0-12-12z" fill="#e8743b"/><path d="M80 62h80v14H80z" fill="#c95a26"/><path d="M74 46h92v16H74z" fill="#26343b"/><path d="M74 46q-12-16 46-16t46 16" fill="none" stroke="#26343b" stroke-width="6"/><rect x="110" y="34" width="20" height="12" rx="3" fill="#f5b94a"/><path d="M98 90h44v34H98z" fill="#fff6e0"/><path d="m104 118 12-18 8 10 6-7 8 15z" fill="#2f7a64"/>`;

export const products = [
  { slug: "ridgeline-2-tent", name: "Ridgeline 2 Tent", kind: "Camp", price: 289, was: 340, badge: "Sale", art: scene("#bfe0ea", "#7ea9a0", "#4c7a5c", tent),
    line: "Two people, two doors, one long storm.", facts: ["1.68 kg packed", "Freestanding, 7 minutes up", "3,000 mm floor"] },
  { slug: "basecamp-45-pack", name: "Basecamp 45 Pack", kind: "Packs", price: 164, badge: "New", art: scene("#f6e2bd", "#d3a96b", "#9a7440", pack),
    line: "Carries a week and keeps its shape.", facts: ["45 litres", "Sizes S to L by one strap", "Rain cover in the base"] },
  { slug: "nightfall-sleeping-bag", name: "Nightfall −7 Bag", kind: "Camp", price: 219, art: scene("#2f3a63", "#47568c", "#28304f", bag),
    line: "Warm to minus seven, small as a loaf.", facts: ["Traceable 750 down", "890 g", "Zips left or right"] },
  { slug: "ember-stove", name: "Ember Stove Set", kind: "Kitchen", price: 74, art: scene("#f7cfb6", "#d98f6c", "#8d5340", stove),
    line: "A litre of tea in three minutes, in wind.", facts: ["Piezo spark", "0.9 l pot nests inside", "412 g"] },
  { slug: "enamel-mug", name: "Hut Enamel Mug", kind: "Kitchen", price: 16, badge: "Loved", art: scene("#cfe3d2", "#8fb59b", "#55806a", mug),
    line: "Chips with you, never leaks on you.", facts: ["350 ml", "Fired twice", "Goes on the stove"] },
  { slug: "lumen-400-headlamp", name: "Lumen 400 Headlamp", kind: "Camp", price: 48, art: scene("#26324a", "#3b4b69", "#1d2738", lamp),
    line: "Four hundred lumens and a kind red.", facts: ["40 h on low", "Charges by USB-C", "86 g with strap"] },
  { slug: "scree-mid-boots", name: "Scree Mid Boots", kind: "Footwear", price: 198, art: scene("#dbe7f0", "#a3b8c6", "#6d8494", boot),
    line: "Leather that learns your feet.", facts: ["Resoleable", "Wide and regular lasts", "1.1 kg a pair"] },
  { slug: "switchback-poles", name: "Switchback Poles", kind: "Footwear", price: 89, was: 105, badge: "Sale", art: scene("#d8ecd0", "#95bd84", "#5d8a51", poles),
    line: "Two fewer knees to worry about.", facts: ["Aluminium, 3 parts", "Cork grips", "105–135 cm"] },
  { slug: "spring-bottle", name: "Spring Filter Bottle", kind: "Kitchen", price: 42, art: scene("#c9ecec", "#86bfc0", "#4a8a8c", bottle),
    line: "Drinks from the beck, not from the shop.", facts: ["1 litre steel", "0.1 µm filter", "1,000 l a cartridge"] },
  { slug: "drizzle-shell", name: "Drizzle Shell", kind: "Packs", price: 176, art: scene("#d5d9e4", "#9aa3b8", "#68728a", jacket),
    line: "A proper hood for improper weather.", facts: ["3 layers, PFC-free", "Pit zips", "368 g"] },
  { slug: "keld-wool-socks", name: "Keld Wool Socks", kind: "Footwear", price: 24, badge: "New", art: scene("#f0dccb", "#c9a58b", "#8c6a54", socks),
    line: "From the sheep you walk past.", facts: ["74 % Swaledale wool", "Flat toe seam", "Darned free"] },
  { slug: "beck-dry-bag", name: "Beck Dry Bag 20", kind: "Packs", price: 32, art: scene("#c8dcf0", "#8aa9c9", "#50708f", dryBag),
    line: "Outside soaked, inside Sunday.", facts: ["20 litres", "Taped seams", "126 g"] },
];

// The jacket is clothing; packs and clothing share a shelf.
export const kinds = ["All", "Camp", "Kitchen", "Packs", "Footwear"];
export const kindNames = { Packs: "Packs & shells", Footwear: "On foot" };
export const find = (slug) => products.find((product) => product.slug === slug);

export const landscape = `<svg class="landscape" viewBox="0 0 1200 420" preserveAspectRatio="xMidYMax slice" aria-hidden="true">
  <linearGradient id="haze"><stop offset="0" stop-color="#fbe7c0" stop-opacity=".94"/><stop offset=".34" stop-color="#fbe7c0" stop-opacity=".72"/><stop offset=".56" stop-color="#fbe7c0" stop-opacity="0"/></linearGradient>
  <rect width="1200" height="420" fill="#f3c77d"/><rect width="1200" height="230" fill="#f7dba6"/><circle cx="905" cy="128" r="56" fill="#fff4d6"/>
  <path d="M0 290 150 168l92 74 138-146 128 132 92-66 150 122 118-94 162 118 170-88v260H0z" fill="#cf9a62"/>
  <path d="m380 96-58 62 30 12 26-22 22 28 42-8z" fill="#fff1d8" opacity=".8"/>
  <path d="M0 330 190 236l130 70 170-104 160 96 140-70 180 92 230-112v240H0z" fill="#6f8a62"/>
  <rect width="1200" height="420" fill="url(#haze)"/>
  <path d="M0 372q230-84 470-26t430-22 300 4v110H0z" fill="#2f5d49"/><path d="M0 402q300-52 640-16t560-30v90H0z" fill="#1d4033"/>
  <path d="m770 262-74 92h148z" fill="#e8743b"/><path d="m770 262-74 92h52z" fill="#c95a26"/><path d="m770 262-22 92h44z" fill="#7c3413"/>
  <path d="m1010 354 26-86 26 86zm60 8 20-64 20 64zM1110 352l30-96 30 96zM60 372l24-78 24 78zm62 4 16-54 16 54z" fill="#173428"/></svg>`;
