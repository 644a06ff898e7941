using System.Globalization;

namespace RpcGen.Cli.Programs;

/// <summary>Writes a call as a program for Node. It is TypeScript and JavaScript at the same time.</summary>
internal static class NodeProgram
{
    public static string Write(CallProgram call)
    {
        string metadata = call.Metadata is { } entries ? string.Join(", ", entries.Select(entry => $"{Literals.Of(entry.Key)}: {Literals.Of(entry.Value)}")) : "";
        string priority = call.Method.Priority > 0 ? $" priority: {call.Method.Priority.ToString(CultureInfo.InvariantCulture)}," : "";
        string properties = $"mandatory: true, contentType: \"application/json\", persistent: {(call.Method.IsDurable ? "true" : "false")},{priority} type: method, correlationId: callId,\n      timestamp: Math.floor(Date.now() / 1000), headers: {{{metadata}}},";
        return Start(call) + (call.Method.IsOneWay ? OneWay(properties) : TwoWay(call, properties));
    }

    private static string Start(CallProgram call) => $$"""
        // Made by rpcgen call --as typescript. It needs amqplib: npm install amqplib
        // Save it as .mts, or as .mjs for a Node that reads no TypeScript. The address of the broker comes from the environment variable {{CallProgram.Variable}}.
        import { randomBytes } from "node:crypto";
        import amqp from "amqplib";

        const broker = process.env.{{CallProgram.Variable}} ?? "{{CallProgram.LocalBroker}}";
        const queue = {{Literals.Of(call.Queue)}};
        const method = {{Literals.Of(call.Method.Name)}};
        const args = {{Literals.OfJson(call.Arguments)}};

        const connection = await amqp.connect(broker);
        const channel = await connection.createConfirmChannel();
        const callId = randomBytes(8).toString("hex");

        """.ReplaceLineEndings("\n");

    private static string OneWay(string properties) => $$"""
        try {
          await new Promise((done, fail) => {
            channel.on("return", () => fail(new Error("There is no such queue.")));
            channel.publish("", queue, Buffer.from(args), {
              {{properties}}
            }, (refused) => refused ? fail(new Error("The queue refuses the request.")) : done(undefined));
          });
          console.error("The broker has the request.");
        } catch (problem) {
          console.error(problem instanceof Error ? problem.message : problem);
          process.exitCode = 1;
        } finally {
          await connection.close();
        }

        """.ReplaceLineEndings("\n");

    private static string TwoWay(CallProgram call, string properties)
    {
        string limit = call.Milliseconds is { } milliseconds ? milliseconds.ToString(CultureInfo.InvariantCulture) : "";
        string timer = limit.Length == 0 ? "" : $"\n    timer = setTimeout(() => fail(new Error(\"No answer came in time.\")), {limit});";
        string expiration = limit.Length == 0 ? "" : $" expiration: {limit},";
        return $$"""
            const replies = "rpc.cb." + randomBytes(8).toString("hex");
            await channel.assertQueue(replies, { exclusive: true, autoDelete: true, durable: false });
            let timer = setTimeout(() => undefined, 0);
            try {
              await new Promise((done, fail) => {{{timer}}
                channel.on("return", () => fail(new Error("There is no such queue.")));
                channel.consume(replies, (reply) => {
                  if (reply?.properties.correlationId !== callId) return;
                  const body = reply.content.toString();
                  if (reply.properties.type === "fault") {
                    const problem = JSON.parse(body);
                    fail(new Error(problem.type.replace("urn:rpcgen:fault:", "") + ": " + (problem.detail ?? problem.title)));
                  } else if (reply.properties.type) {
                    fail(new Error("The reply is of an unknown type."));
                  } else {
                    console.log(body); // the text: JavaScript would round large numbers
                    done(undefined);
                  }
                }, { noAck: true }).catch(fail);
                channel.publish("", queue, Buffer.from(args), {
                  {{properties}}
                  replyTo: replies,{{expiration}}
                }, (refused) => { if (refused) fail(new Error("The queue refuses the request.")); });
              });
            } catch (problem) {
              console.error(problem instanceof Error ? problem.message : problem);
              process.exitCode = 1;
            } finally {
              clearTimeout(timer);
              await connection.close();
            }

            """.ReplaceLineEndings("\n");
    }
}
