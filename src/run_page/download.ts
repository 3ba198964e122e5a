/** Files that are made in the browser, handed to its user. */

/** Save the content under this name, where the browser keeps what is downloaded. */
export function download(content: Blob, filename: string): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = address;
  link.download = filename;
  link.click();
  // The browser has begun to read by then; at once would be too early for some.
  window.setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
