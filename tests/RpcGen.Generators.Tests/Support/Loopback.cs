using System.Reflection;
using System.Runtime.Loader;
using System.Text.Json;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Emit;

namespace RpcGen.Generators.Tests.Support;

/// <summary>
/// Loads generated code and calls it. Client and server code are connected directly, without the runtime; arguments and results are
/// converted to JSON and back. The snippet calls <c>Loopback.Client</c> and <c>Loopback.Errors</c> from its <c>Test.Run</c>.
/// </summary>
internal static class Loopback
{
    /// <summary>The result of the snippet's <c>Test.Run</c>, as JSON.</summary>
    public static string Run(string source)
    {
        // This name gives the snippet access to internals that the abstractions share with the runtime.
        GeneratorRun run = GeneratorTest.Generate(Compile.Of(source, Face).WithAssemblyName("RpcGen"));
        GeneratorTest.AssertNone(run.Output.Complaints());
        using var stream = new MemoryStream();
        EmitResult emitted = run.Output.WithOptions(run.Output.Options.WithGeneralDiagnosticOption(ReportDiagnostic.Default)).Emit(stream);
        GeneratorTest.AssertNone(emitted.Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error));
        stream.Position = 0;
        Assembly assembly = new AssemblyLoadContext("snippet", isCollectible: true).LoadFromStream(stream);
        var task = (Task<object>)assembly.GetType("Test")!.GetMethod("Run")!.Invoke(null, null)!;
        return JsonSerializer.Serialize(task.GetAwaiter().GetResult(), Readable);
    }

    private static readonly JsonSerializerOptions Readable = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
    };

    private const string Face = """
        using System.Buffers;
        using RpcGen.Generated;

        public static class Loopback
        {
            private static readonly RpcJson Json = new(new JsonSerializerOptions(JsonSerializerDefaults.Web)
            {
                NumberHandling = JsonNumberHandling.Strict,
                RespectNullableAnnotations = true,
                AllowOutOfOrderMetadataProperties = true,
                TypeInfoResolver = new System.Text.Json.Serialization.Metadata.DefaultJsonTypeInfoResolver(),
            },
            contract: "ILoopback");

            /// <summary>A client whose calls go to the service.</summary>
            public static T Client<T>(T service) where T : class, IRpcContract<T> => T.CreateClient(new ClientBinder<T>(service));

            /// <summary>The validation errors of a request's body.</summary>
            public static IReadOnlyDictionary<string, string[]> Errors<T>(string method, string body) where T : class, IRpcContract<T>
            {
                var server = new ServerBinder<T>();
                T.BindServer(server);
                try
                {
                    server.Check[method](System.Text.Encoding.UTF8.GetBytes(body));
                    return new Dictionary<string, string[]>();
                }
                catch (RpcValidationException e)
                {
                    return e.Errors;
                }
            }

            /// <summary>A contract's methods as a server sees them.</summary>
            public static IReadOnlyList<RpcMethod> Methods<T>() where T : class, IRpcContract<T>
            {
                var server = new ServerBinder<T>();
                T.BindServer(server);
                return server.Methods;
            }

            private static TArguments Read<T, TArguments, TResult>(RpcMethod<T, TArguments, TResult> method, byte[] body)
                where T : class
                where TArguments : struct
            {
                var validation = new RpcValidation();
                var reader = new RpcArgumentReader(body, 64, validation);
                TArguments arguments = method.ReadArguments(ref reader);
                method.Validate(in arguments, validation);
                validation.ThrowIfInvalid();
                return arguments;
            }

            private sealed class ServerBinder<T> : RpcServerBinder<T> where T : class
            {
                public Dictionary<string, Action<byte[]>> Check { get; } = [];
                public override RpcJson Json => Loopback.Json;
                public List<RpcMethod> Methods { get; } = [];
                public override void Bind<TArguments, TResult>(RpcMethod<T, TArguments, TResult> method)
                {
                    Methods.Add(method);
                    Check.Add(method.Name, body => Read(method, body));
                }
                public override void BindStream<TArguments, TItem>(RpcMethod<T, TArguments, IAsyncEnumerable<TItem>> method) => Bind(method);
            }

            private sealed class ClientBinder<T>(T service) : RpcClientBinder
            {
                public override RpcJson Json => Loopback.Json;
                public override RpcCaller<TArguments, TResult> Bind<TService, TArguments, TResult>(RpcMethod<TService, TArguments, TResult> method) =>
                    new Caller<TService, TArguments, TResult>(method, (TService)(object)service!);
                public override RpcStreamCaller<TArguments, TItem> BindStream<TService, TArguments, TItem>(RpcMethod<TService, TArguments, IAsyncEnumerable<TItem>> method) =>
                    new StreamCaller<TService, TArguments, TItem>(method, (TService)(object)service!);
            }

            private sealed class StreamCaller<T, TArguments, TItem>(RpcMethod<T, TArguments, IAsyncEnumerable<TItem>> method, T service) : RpcStreamCaller<TArguments, TItem>
                where T : class
                where TArguments : struct
            {
                public override IAsyncEnumerable<TItem> Stream(RpcCallOptions settings, in TArguments arguments, CancellationToken cancellationToken)
                {
                    var body = new ArrayBufferWriter<byte>();
                    using (var writer = new Utf8JsonWriter(body))
                    {
                        method.WriteArguments(writer, in arguments);
                    }

                    return method.InvokeAsync(service, Read(method, body.WrittenSpan.ToArray()), cancellationToken).AsTask().GetAwaiter().GetResult();
                }
            }

            private sealed class Caller<T, TArguments, TResult>(RpcMethod<T, TArguments, TResult> method, T service) : RpcCaller<TArguments, TResult>
                where T : class
                where TArguments : struct
            {
                public override ValueTask CallVoidAsync(RpcCallOptions settings, in TArguments arguments, CancellationToken cancellationToken) =>
                    new(Call(arguments, cancellationToken));

                public override ValueTask<TResult> CallAsync(RpcCallOptions settings, in TArguments arguments, CancellationToken cancellationToken) =>
                    new(Call(arguments, cancellationToken));

                private async Task<TResult> Call(TArguments arguments, CancellationToken cancellationToken)
                {
                    var body = new ArrayBufferWriter<byte>();
                    using (var writer = new Utf8JsonWriter(body))
                    {
                        method.WriteArguments(writer, in arguments);
                    }

                    try
                    {
                        TResult result = await method.InvokeAsync(service, Read(method, body.WrittenSpan.ToArray()), cancellationToken);
                        return method.ResultType is { } type ? JsonSerializer.Deserialize(JsonSerializer.SerializeToUtf8Bytes(result, type), type)! : result;
                    }
                    catch (Exception e) when (method.Faults.FirstOrDefault(fault => fault.Matches(e)) is { } fault)
                    {
                        var data = new ArrayBufferWriter<byte>();
                        using (var writer = new Utf8JsonWriter(data))
                        {
                            writer.WriteStartObject();
                            fault.WriteData(writer, e);
                            writer.WriteEndObject();
                        }

                        throw fault.Rebuild(new RpcFaultData(e.Message, JsonDocument.Parse(data.WrittenMemory).RootElement));
                    }
                }
            }
        }
        """;
}
