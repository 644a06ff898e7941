// Talks to the explorer's own server, and to no other.
const key = 'rpcgen-token';

// The token is behind the hash of the first address: browsers send it to nobody. It stays in this tab.
const given = /^#token=([\w-]+)/.exec(location.hash);
if (given) {
  sessionStorage.setItem(key, given[1]);
  history.replaceState(null, '', '#/');
}

const headers = { 'X-RpcGen': sessionStorage.getItem(key) ?? '1' };

const address = (name, query) => `api/${name}?${new URLSearchParams(query)}`;

async function request(url, options) {
  const response = await fetch(url, { ...options, headers: { ...headers, ...options.headers }, cache: 'no-store', redirect: 'error' });
  if (!response.ok) {
    const text = await response.text();
    throw new Error(response.status === 403 && text.includes('header') ? 'This address has no valid token any more. Open the one that rpcgen explore has written.'
      : text || `The server answered with status ${response.status}.`);
  }

  return response;
}

/** The lines of a response, as they come. */
async function* lines(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const parts = (rest + part.value).split('\n');
    rest = parts.pop();
    yield* parts;
  }
}

async function one(url, signal) {
  for await (const line of lines(await request(url, { signal }))) {
    return line;
  }

  throw new Error('The server has sent no answer.');
}

/** The running services. */
export const services = async () => JSON.parse(await one(address('services', {})));

/** The description of a service, as JSON. */
export const description = (queue, signal) => one(address('description', { queue }), signal);

/** What the instances of a service do, each second, until the signal. */
export async function* figures(queue, signal) {
  for await (const line of lines(await request(address('figures', { queue }), { signal }))) {
    yield JSON.parse(line);
  }
}

/** Calls a method, and returns what comes until the call ends. The signal cancels it. */
export async function* call(body, signal) {
  const response = await request('api/call', { method: 'POST', body, headers: { 'Content-Type': 'application/json' }, signal });
  for await (const line of lines(response)) {
    yield JSON.parse(line);
  }
}
