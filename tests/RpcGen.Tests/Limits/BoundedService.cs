using System.Text;
using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Serialization;
using RpcGen.Server;
using RpcGen.Server.Running;
using RpcGen.Tests.Server;

namespace RpcGen.Tests.Limits;

/// <summary>Serves <see cref="IBounded"/>, without a broker.</summary>
internal sealed class BoundedService : IBounded
{
    private readonly TestServer _server = new() { Settings = TestServer.CreateSettings() with { MaxMessageBytes = JsonLimits.MaxMessageBytes } };
    private readonly MethodHandler[] _handlers;

    public BoundedService(int maxKeyedElements = RpcJson.DefaultMaxKeyedElements)
    {
        RpcJson json = RpcJsonFactory.Create([], new RpcContract("q")).WithMaxKeyedElements(maxKeyedElements);
        var binder = new ServiceBinder<IBounded>(new SharedService<IBounded>(this), [], new CallerChecks(null, null), "q", json);
        Bind(binder);
        _handlers = [.. binder.Handlers];
    }

    /// <summary>Handles a request. Its reply is in the call.</summary>
    public async Task<(CallOutcome Outcome, ServerCall Call)> HandleAsync(string method, string body)
    {
        ServerCall call = Begin(method, body);
        var dispatcher = new ServiceDispatcher(_server.Settings, _handlers, _server.Environment);
        return (await dispatcher.HandleAsync(call, _ => default).Soon(), call);
    }

    /// <summary>The violations by which a request is refused; empty if it runs.</summary>
    public async Task<IReadOnlyDictionary<string, string[]>> ViolationsAsync(string method, string body)
    {
        (CallOutcome outcome, ServerCall call) = await HandleAsync(method, body);
        if (outcome == CallOutcome.Replied)
        {
            return new Dictionary<string, string[]>();
        }

        return Assert.IsType<RpcValidationException>(FaultReader.Read(call.Reply.Written, TestMethod.Create("x"), "q", "1", hasEarlierAttempts: false, out _)).Errors;
    }

    /// <summary>The bytes that are allocated to refuse a request, and the size of the fault.</summary>
    public (long Allocated, int Reply) CostOfRefusal(string method, string body)
    {
        ServerCall call = Begin(method, body);
        MethodHandler handler = _handlers.Single(handler => handler.Method.Name == method);
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            handler.RunAsync(call).AsTask().GetAwaiter().GetResult();
        }
        catch (RpcValidationException e)
        {
            FaultWriter.WriteValidation(call.Reply, e);
            return (GC.GetAllocatedBytesForCurrentThread() - before, call.Reply.Length);
        }

        throw new InvalidOperationException("The request was not refused.");
    }

    public Task<int> StoreAsync(Stock stock, CancellationToken cancellationToken) => Task.FromResult(1);

    public Task<HashSet<long>> ListAsync(CancellationToken cancellationToken) => Task.FromResult(new HashSet<long>());

    public Task<int> CodeAsync(string code, CancellationToken cancellationToken) => Task.FromResult(1);

    public Task<int> CodesAsync(Code[] codes, CancellationToken cancellationToken) => Task.FromResult(1);

    private ServerCall Begin(string method, string body) => _server.Begin(TestServer.Request(type: method, body: body));

    private static void Bind<T>(RpcServerBinder<T> binder)
        where T : class, IRpcContract<T> => T.BindServer(binder);
}
