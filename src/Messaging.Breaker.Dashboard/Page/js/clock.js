// The server's clock, according to the last state: the visitor's clock may be wrong, and a countdown must not be.

let offset = 0;

export function follow(serverTime) {
  const seen = Date.parse(serverTime) - Date.now();
  // A state that was delayed makes the server seem to be behind; a sudden jump is accepted.
  offset = Math.abs(seen - offset) > 2000 ? seen : Math.max(offset - 5, seen);
}

export const now = () => Date.now() + offset;

export const since = at => (now() - Date.parse(at)) / 1000;

export const until = at => (Date.parse(at) - now()) / 1000;
