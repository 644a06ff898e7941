using RpcGen.Generated;
using RpcGen.Serialization;

namespace RpcGen.Tests.Server;

/// <summary>A service of one method whose behaviour a test gives.</summary>
public sealed class TestService(Func<string, CancellationToken, ValueTask<string>> run)
{
    public ValueTask<string> RunAsync(string text, CancellationToken cancellationToken) => run(text, cancellationToken);
}

/// <summary>A method of the shape that the generator writes, whose promises a test chooses.</summary>
public sealed class TestMethod(RpcJson json, string name) : RpcFunction<TestService, string, string>(json, name, new RpcProperty<string>(json, "text") { RefusesNull = true })
{
    private static readonly RpcJson Json = RpcJsonFactory.Create([], new RpcContract("q"));

    public TimeSpan? Limit { get; init; }

    public bool Idempotent { get; init; }

    public bool AtMostOnce { get; init; }

    public bool Durable { get; init; }

    public bool OneWay { get; init; }

    public bool Broadcast { get; init; }

    public bool Cancellable { get; init; } = true;

    public IReadOnlyList<RpcFault> DeclaredFaults { get; init; } = [];

    public IReadOnlyList<string> RequiredPolicies { get; init; } = [];

    public bool KnownCallersOnly { get; init; }

    public Action<RpcValidation>? OnValidate { get; init; }

    public override TimeSpan? DeclaredTimeout => Limit;

    public override bool IsIdempotent => Idempotent;

    public override bool IsAtMostOnce => AtMostOnce;

    public override bool IsDurable => Durable;

    public override bool IsOneWay => OneWay;

    public override bool IsBroadcast => Broadcast;

    public override bool IsCancellable => Cancellable;

    public override IReadOnlyList<RpcFault> Faults => DeclaredFaults;

    public override bool RequiresAuthentication => KnownCallersOnly;

    public override IReadOnlyList<string> Policies => RequiredPolicies;

    public static TestMethod Create(string name) => new(Json, name);

    public static TestMethod Create(string name, Func<RpcJson, TestMethod> create) => create(Json);

    protected override ValueTask<string> InvokeAsync(TestService service, string first, CancellationToken cancellationToken) => service.RunAsync(first, cancellationToken);

    protected override void Validate(string first, RpcValidation validation) => OnValidate?.Invoke(validation);
}
