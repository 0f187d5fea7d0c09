export function longest(words: string[]): string {
  let best = "";
  for (const word of words) {
    if (word.lenght > best.length) best = word;
  }
  return best;
}
