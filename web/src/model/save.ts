/** Hands a file to the browser, to be saved. */
export function saveFile(name: string, content: Blob) {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  // The browser has begun to read by then.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** A name that every system takes: letters, digits and dashes of what it is about. */
export function fileName(...parts: string[]): string {
  const plain = parts.map((part) => part.normalize('NFKD').replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[-.]+|[-.]+$/g, ''));
  return plain.filter((part) => part !== '').join('-').slice(0, 100);
}
