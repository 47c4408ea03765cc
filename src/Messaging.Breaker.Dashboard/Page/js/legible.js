// Texts come from queues' names, operators, exceptions and other processes. What is invisible, turns the direction of what follows or piles up
// over the lines around it is shown as its code, or left out: two names that differ look different, and nothing but a text's own place is written on.

const longest = 1000;
const longestCharacter = 12; // A family of four is eleven code points, and a character is never broken into lines.
const plain = /^[\n -~]*$/;
const gaps = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;
const joiners = /(?<=[^\0-\x7F])[\u200C\u200D]/u; // They belong to emoji and to the scripts of half the world.
const odd = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\u115F\u1160\u3164\uFFA0]/gu;
const piles = /(\p{M}{3})\p{M}+/gu;

const characters = new Intl.Segmenter('en', { granularity: 'grapheme' });
const known = new Map();

export function legible(text) {
  if (text.length <= longest && plain.test(text)) return text.replaceAll('\n', ' ');
  let shown = known.get(text);
  if (shown === undefined) {
    if (known.size > 1000) known.clear();
    known.set(text, shown = clean(text));
  }
  return shown;
}

// A name on the screen: of a long one the beginning and the end, so that two which differ look different. Blanks at its ends are seen.
const longestName = 60;
const end = 14;

export function shorten(name) {
  const letters = [...characters.segment(legible(name.replace(/^\s+|\s+$/g, blanks => '␣'.repeat(blanks.length))))].map(({ segment }) => segment);
  return letters.length <= longestName ? letters.join('') : `${letters.slice(0, longestName - end - 1).join('')}…${letters.slice(-end).join('')}`;
}

function clean(text) {
  const line = text.slice(0, longest).replace(gaps, ' ').replace(piles, '$1')
    .replace(odd, (letter, at, all) => joiners.test(all.slice(Math.max(0, at - 1), at + 1)) ? letter : `[U+${letter.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')}]`);
  const short = [...characters.segment(line)].map(({ segment }) => segment.length <= longestCharacter ? segment : `${[...segment].slice(0, longestCharacter).join('')}…`).join('');
  return text.length > longest ? `${short}…` : short;
}
