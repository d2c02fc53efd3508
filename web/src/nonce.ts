/** Style elements that libraries add are taken for ours by the nonce of the answer that brought the page. */
const given = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';

export const nonce = () => given;

// Where the library that keeps the page from scrolling behind a dialog looks for it.
(globalThis as { __webpack_nonce__?: string }).__webpack_nonce__ = given;
