// Steering: each request has the anti-forgery token, which is fetched again if the server no longer accepts it.

const tokenProblem = 'urn:messaging-breaker:anti-forgery-token';
let token;

// Null if this visitor may steer; otherwise the reason why not.
export async function whyLocked() {
  const response = await fetch('api/token', { headers: { accept: 'application/json' }, redirect: 'manual' });
  if (response.ok) token = await response.json();
  return response.ok ? null : (await readProblem(response)).detail ?? 'You are not authorized to steer.';
}

// A key is in the query, because "." and ".." in the path would be path steps.
export const steer = async (kind, name, action, order, key) => post(
  key === undefined ? `${kind}/${encodeURIComponent(name)}/${action}` : `${kind}/${encodeURIComponent(name)}/keys/${action}?key=${encodeURIComponent(key)}`, order);

export async function findKeys(breaker, search) {
  const response = await fetch(`api/breakers/${encodeURIComponent(breaker)}/keys?search=${encodeURIComponent(search)}`, { headers: { accept: 'application/json' } });
  return response.ok ? { view: await response.json() } : { problem: (await readProblem(response)).detail ?? `The server answered ${response.status}.` };
}

export async function readLetters() {
  const response = await fetch('api/dead-letters', { headers: { accept: 'application/json' } });
  return response.ok ? await response.json() : null;
}

export async function look(queue) {
  const response = await fetch(`api/dead-letters/${encodeURIComponent(queue)}/groups`, { headers: { accept: 'application/json' }, redirect: 'manual' });
  return response.ok ? { report: await response.json() } : { problem: (await readProblem(response)).detail ?? `The server answered ${response.status}.` };
}

export async function post(address, order) {
  const send = () => fetch(`api/${address}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', [token.header]: token.token },
    body: JSON.stringify(order),
  });
  let response = await send();
  let problem = response.ok ? null : await readProblem(response);
  if (problem?.type === tokenProblem && !await whyLocked()) {
    response = await send();
    problem = response.ok ? null : await readProblem(response);
  }
  return response.ok ? { state: await response.json(), outcome: response.headers.get('hold-outcome') } : { problem: problem.detail ?? problem.title ?? `The server answered ${response.status}.` };
}

async function readProblem(response) {
  return response.headers.get('content-type')?.includes('json') ? await response.json() : {};
}
