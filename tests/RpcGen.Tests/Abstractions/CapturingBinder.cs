using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using RpcGen.Generated;
using RpcGen.Tests.Hosting;

namespace RpcGen.Tests.Abstractions;

/// <summary>Creates generated clients whose calls go nowhere; keeps the settings of each call.</summary>
internal sealed class CapturingBinder : RpcClientBinder
{
    public List<RpcCallOptions> Settings { get; } = [];

    public List<RpcMethod> Methods { get; } = [];

    public static RpcJson CreateJson() =>
        new(new JsonSerializerOptions(JsonSerializerDefaults.Web) { TypeInfoResolver = new DefaultJsonTypeInfoResolver() }, "Shop.IOrders");

    public override RpcJson Json { get; } = CreateJson();

    public IOrders CreateClient() => Create<IOrders>();

    public override RpcCaller<TArguments, TResult> Bind<TService, TArguments, TResult>(RpcMethod<TService, TArguments, TResult> method)
    {
        Methods.Add(method);
        return new Caller<TArguments, TResult>(Settings);
    }

    public override RpcStreamCaller<TArguments, TItem> BindStream<TService, TArguments, TItem>(RpcMethod<TService, TArguments, IAsyncEnumerable<TItem>> method)
    {
        Methods.Add(method);
        return null!;
    }

    private T Create<T>()
        where T : class, IRpcContract<T> => T.CreateClient(this);

    private sealed class Caller<TArguments, TResult>(List<RpcCallOptions> settings) : RpcCaller<TArguments, TResult>
        where TArguments : struct
    {
        public override ValueTask<TResult> CallAsync(RpcCallOptions options, in TArguments arguments, CancellationToken cancellationToken)
        {
            settings.Add(options);
            return default;
        }

        public override ValueTask CallVoidAsync(RpcCallOptions options, in TArguments arguments, CancellationToken cancellationToken) => default;
    }
}
