// Texts come from queues' names, operators, exceptions and other processes. Characters that are invisible, change the text direction or stack up
// over other lines are shown as their codes, or left out: names that differ look different, and a text stays in its own place.

const longest = 1000;
const longestCharacter = 12; // A family emoji of four is eleven code points, and a character is never broken across lines.
const plain = /^[\n -~]*$/;
const gaps = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;
const joiners = /(?<=[^\0-\x7F])[\u200C\u200D]/u; // Emoji and many scripts need them.
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

// A name on the screen. A long one is shown by its beginning and end, so that names that differ look different. Blanks at its ends are visible.
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
