// The call of a form in other forms.
import { print } from './json.js';

const quote = text => `'${text.replaceAll("'", `'\\''`)}'`;

const literal = text => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;

/** The ways to copy a call, by name. Each gets the queue, the method, its arguments without streams, and the names of its streams. */
export const ways = {
  JSON: (_, __, value) => print(value),
  rpcgen: (queue, method, value, streams) =>
    [`rpcgen call ${quote(queue)} ${quote(method.name)} -d ${quote(print(value, 0))}`, ...streams.map(name => `--${name} @FILE`)].join(' '),
  'C#': (queue, method, value) => {
    const json = print(value, 0);
    const call = method.oneWay ? 'await client.SendAsync' : method.items?.format === 'binary' ? 'await using Stream bytes = await client.DownloadAsync'
      : method.items ? 'await foreach (ReadOnlyMemory<byte> item in client.StreamAsync' : 'ReadOnlyMemory<byte> result = await client.CallAsync';
    const delivery = method.delivery ?? 'AtLeastOnce';
    return [
      `RpcDynamicClient client = connection.CreateDynamicClient(${literal(queue)});`,
      `var options = new RpcDynamicCallOptions { Delivery = RpcDelivery.${delivery} };`,
      `${call}(${literal(method.name)}, ${fence(json)}u8.ToArray(), options)${method.items && method.items.format !== 'binary' ? ')' : ';'}`,
    ].join('\n');
  },
};

/** A raw literal, with more quotes around it than in it. */
function fence(json) {
  const longest = Math.max(2, ...(json.match(/"+/g) ?? []).map(run => run.length));
  const quotes = '"'.repeat(longest + 1);
  return `${quotes}${json}${quotes}`;
}
