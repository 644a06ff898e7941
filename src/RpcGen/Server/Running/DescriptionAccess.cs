using System.Text.Json;
using RpcGen.Generated;
using RpcGen.Protocol;

namespace RpcGen.Server.Running;

/// <summary>Decides who gets the description of a server whose <see cref="RpcServerOptions.DescriptionPolicy"/> is set. Thread-safe.</summary>
internal abstract class DescriptionAccess(RpcMethod question)
{
    /// <summary>The question as a method, for the checks and for messages.</summary>
    public RpcMethod Question { get; } = question;

    /// <summary>Completes if the caller can have the description.</summary>
    /// <exception cref="RpcAccessDeniedException">The caller cannot.</exception>
    public abstract ValueTask AdmitAsync(ServerCall call);
}

/// <summary>Decides with the server's checks, in a scope of the service.</summary>
internal sealed class DescriptionAccess<TService>(ServiceSource<TService> services, CallerChecks checks, string contract, string policy)
    : DescriptionAccess(new DescribeQuestion(contract, policy))
    where TService : class
{
    public override async ValueTask AdmitAsync(ServerCall call)
    {
        if (policy.Length == 0)
        {
            throw new RpcAccessDeniedException("This server does not describe itself (RpcServerOptions.DescriptionPolicy).");
        }

        RpcCallContext context = call.BeginAdmission(Question);
        if (!services.TryRent(out ServiceLease<TService> lease))
        {
            throw new ServiceGoneException();
        }

        try
        {
            context.Scope = lease.Scope;
            await CallAdmission.For(Question, checks)!.AdmitAsync(context).ConfigureAwait(false);
        }
        finally
        {
            await lease.EndAsync().ConfigureAwait(false);
        }
    }

    private sealed class DescribeQuestion(string contract, string policy)
        : RpcMethod<object, ValueTuple, JsonElement>(new RpcJson(IntrospectionJsonContext.Default.Options, contract), WireNames.Describe)
    {
        public override IReadOnlyList<string> Policies { get; } = [policy];

        public override ValueTask<JsonElement> InvokeAsync(object service, ValueTuple arguments, CancellationToken cancellationToken) =>
            throw new NotSupportedException("Questions are answered by the server's runtime.");
    }
}
