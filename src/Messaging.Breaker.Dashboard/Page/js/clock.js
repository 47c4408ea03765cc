// The server's clock, as far as the last state tells: a visitor's may be wrong, and a countdown must not be.

let offset = 0;

export function follow(serverTime) {
  const seen = Date.parse(serverTime) - Date.now();
  // What came late on the way makes the server seem to be behind; a sudden jump is believed.
  offset = Math.abs(seen - offset) > 2000 ? seen : Math.max(offset - 5, seen);
}

export const now = () => Date.now() + offset;

export const since = at => (now() - Date.parse(at)) / 1000;

export const until = at => (Date.parse(at) - now()) / 1000;
