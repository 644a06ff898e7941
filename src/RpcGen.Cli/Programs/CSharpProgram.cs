using System.Globalization;
using System.Reflection;

namespace RpcGen.Cli.Programs;

/// <summary>Writes a call as a C# program in one file.</summary>
internal static class CSharpProgram
{
    public static string Write(CallProgram call)
    {
        string limit = call.Milliseconds is { } milliseconds ? $"TimeSpan.FromMilliseconds({milliseconds.ToString(CultureInfo.InvariantCulture)})" : "Timeout.InfiniteTimeSpan";
        string priority = call.Method.Priority > 0 ? $", Priority = {call.Method.Priority.ToString(CultureInfo.InvariantCulture)}" : "";
        string metadata = call.Metadata is { } entries ? $", Metadata = new RpcMetadata([{string.Join(", ", entries.Select(entry => $"new({Literals.Of(entry.Key)}, {Literals.Of(entry.Value)})"))}])" : "";
        string run = call.Method.IsOneWay
            ? """
                  await client.SendAsync(method, arguments, options);
                  Console.Error.WriteLine("The broker has the request.");
              """
            : """
                  ReadOnlyMemory<byte> result = await client.CallAsync(method, arguments, options);
                  Console.WriteLine(Encoding.UTF8.GetString(result.Span));
              """;
        return $$"""
            // Made by rpcgen call --as csharp. Run it with: dotnet run FILE.cs
            // The address of the broker comes from the environment variable {{CallProgram.Variable}}.
            #:package RpcGen@{{Version}}
            using System.Text;
            using RpcGen;

            string broker = Environment.GetEnvironmentVariable("{{CallProgram.Variable}}") ?? "{{CallProgram.LocalBroker}}";
            string queue = {{Literals.Of(call.Queue)}};
            string method = {{Literals.Of(call.Method.Name)}};
            byte[] arguments = Encoding.UTF8.GetBytes({{Literals.Of(call.Arguments)}});
            var options = new RpcDynamicCallOptions
            {
                Delivery = RpcDelivery.{{call.Method.Delivery}},
                IsDurable = {{(call.Method.IsDurable ? "true" : "false")}},
                Call = new RpcCallOptions { Timeout = {{limit}}{{priority}}{{metadata}} },
            };

            await using RpcConnection connection = await RpcConnection.ConnectAsync(broker);
            RpcDynamicClient client = connection.CreateDynamicClient(queue);
            try
            {
            {{run}}
                return 0;
            }
            catch (RpcException e)
            {
                Console.Error.WriteLine(e is RpcRemoteException fault ? $"{fault.Code}: {fault.Message}" : e.Message);
                return 1;
            }

            """.ReplaceLineEndings("\n");
    }

    /// <summary>The version of the runtime that the tool was built with.</summary>
    private static string Version => typeof(RpcConnection).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
