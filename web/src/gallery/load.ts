/** Fetches the scenarios when somebody asks for them. */

import { parseTales, type Tale } from "./tale.ts";

let tales: Promise<readonly Tale[]> | null = null;

export function loadTales(): Promise<readonly Tale[]> {
  tales ??= fetch(new URL("./scenarios.txt", import.meta.url)).then(async (answer) => {
    if (!answer.ok) throw new Error(`the server answers ${answer.status}`);
    return parseTales(await answer.text());
  });
  tales.catch(() => (tales = null));
  return tales;
}
