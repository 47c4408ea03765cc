// The server sends a state every second. Silence means that the page shows old data, whatever the state of the connection.

const silenceLimit = 3500;
const patience = 10000;
const retryDelay = 2000;

export function listen(handlers) {
  let source;
  let heardAt = Date.now();
  let isLive = false;

  function connect() {
    source?.close();
    source = new EventSource('api/events');
    for (const name of ['history', 'state', 'entry'])
      source.addEventListener(name, event => {
        heardAt = Date.now();
        if (!isLive) handlers.live();
        isLive = true;
        handlers[name](JSON.parse(event.data));
      });
    source.addEventListener('error', () => lose());
  }

  function lose() {
    if (isLive) handlers.lost();
    isLive = false;
  }

  let triedAt = Date.now();
  setInterval(() => {
    const silence = Date.now() - heardAt;
    if (silence > silenceLimit) lose();
    const isDead = source.readyState === EventSource.CLOSED || silence > patience;
    if (!isLive && isDead && Date.now() - triedAt > retryDelay) {
      triedAt = Date.now();
      connect();
    }
    handlers.tick(silence / 1000);
  }, 250);
  connect();
}
