/** Hands a file to the person, as a link with `download` does. */
export function download(name: string, content: string | Uint8Array): void {
  const url = URL.createObjectURL(new Blob([typeof content === "string" ? content : new Uint8Array(content)]));
  Object.assign(document.createElement("a"), { href: url, download: name }).click();
  URL.revokeObjectURL(url);
}
