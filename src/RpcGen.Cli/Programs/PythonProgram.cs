using System.Globalization;

namespace RpcGen.Cli.Programs;

/// <summary>Writes a call as a Python program, as the page on the protocol does.</summary>
internal static class PythonProgram
{
    public static string Write(CallProgram call)
    {
        string metadata = call.Metadata is { } entries ? string.Join(", ", entries.Select(entry => $"{Literals.OfPython(entry.Key)}: {Literals.OfPython(entry.Value)}")) : "";
        string common = $"content_type=\"application/json\", delivery_mode={(call.Method.IsDurable ? 2 : 1)}, priority={Priority(call)}, type=method, correlation_id=call_id,\n        timestamp=int(time.time()), headers={{{metadata}}}";
        return call.Method.IsOneWay ? Start(call, "os, secrets, sys, time") + OneWay(common) : Start(call, "json, math, os, secrets, sys, time") + TwoWay(call, common);
    }

    private static string Priority(CallProgram call) => call.Method.Priority > 0 ? call.Method.Priority.ToString(CultureInfo.InvariantCulture) : "None";

    private static string Start(CallProgram call, string modules) => $$"""
        # Made by rpcgen call --as python. It needs pika: pip install pika
        # The address of the broker comes from the environment variable {{CallProgram.Variable}}.
        import {{modules}}
        import pika

        broker = os.environ.get("{{CallProgram.Variable}}", "{{CallProgram.LocalBroker}}")
        queue = {{Literals.OfPython(call.Queue)}}
        method = {{Literals.OfPython(call.Method.Name)}}
        arguments = {{Literals.OfJson(call.Arguments)}}

        connection = pika.BlockingConnection(pika.URLParameters(broker))
        channel = connection.channel()
        channel.confirm_delivery()
        call_id = secrets.token_hex(8)

        """.ReplaceLineEndings("\n");

    private static string OneWay(string common) => $$"""
        try:
            channel.basic_publish("", queue, arguments.encode(), mandatory=True, properties=pika.BasicProperties(
                {{common}}))
        except pika.exceptions.UnroutableError:
            sys.exit("There is no such queue.")
        except pika.exceptions.NackError:
            sys.exit("The queue refuses the request.")
        print("The broker has the request.", file=sys.stderr)
        connection.close()

        """.ReplaceLineEndings("\n");

    private static string TwoWay(CallProgram call, string common)
    {
        string seconds = call.Milliseconds is { } milliseconds ? Literals.Of(milliseconds / 1000.0) : "None";
        string limit = call.Milliseconds is null ? "" : ", expiration=str(math.ceil(seconds * 1000))";
        return $$"""
            seconds = {{seconds}}
            answers = []


            def on_reply(channel, delivery, properties, body):
                if properties.correlation_id == call_id:
                    answers.append((properties, body))


            replies = "rpc.cb." + secrets.token_hex(8)
            channel.queue_declare(replies, exclusive=True, auto_delete=True)
            channel.basic_consume(replies, on_reply, auto_ack=True)
            try:
                channel.basic_publish("", queue, arguments.encode(), mandatory=True, properties=pika.BasicProperties(
                    {{common}},
                    reply_to=replies{{limit}}))
            except pika.exceptions.UnroutableError:
                sys.exit("There is no such queue.")
            except pika.exceptions.NackError:
                sys.exit("The queue refuses the request.")

            deadline = math.inf if seconds is None else time.monotonic() + seconds
            while not answers and time.monotonic() < deadline:
                connection.process_data_events(time_limit=min(deadline - time.monotonic(), 60))
            connection.close()
            if not answers:
                sys.exit("No answer came in time.")
            properties, body = answers[0]
            if properties.type == "fault":
                problem = json.loads(body)
                sys.exit(problem["type"].removeprefix("urn:rpcgen:fault:") + ": " + problem.get("detail", problem["title"]))
            if properties.type:
                sys.exit("The reply is of an unknown type.")
            print(body.decode())

            """.ReplaceLineEndings("\n");
    }
}
