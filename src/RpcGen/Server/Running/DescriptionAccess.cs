using System.Text.Json;
using RpcGen.Generated;
using RpcGen.Protocol;

namespace RpcGen.Server.Running;

/// <summary>Decides who gets the description and the statistics of a server, and who can watch its calls, if its <see cref="RpcServerOptions.DescriptionPolicy"/> is set. Thread-safe.</summary>
internal abstract class DescriptionAccess(RpcMethod describe, RpcMethod stats, RpcMethod watch)
{
    /// <summary>A question as a method, for the checks and for messages.</summary>
    public RpcMethod QuestionOf(MessageKind kind) => kind switch
    {
        MessageKind.Describe => describe,
        MessageKind.Stats => stats,
        _ => watch,
    };

    /// <summary>Completes if the caller can have the answer.</summary>
    /// <exception cref="RpcAccessDeniedException">The caller cannot.</exception>
    public abstract ValueTask AdmitAsync(ServerCall call);
}

/// <summary>Decides with the server's checks, in a scope of the service.</summary>
internal sealed class DescriptionAccess<TService>(ServiceSource<TService> services, CallerChecks checks, string contract, string policy)
    : DescriptionAccess(new Question(contract, WireNames.Describe, policy), new Question(contract, WireNames.Stats, policy), new Question(contract, WireNames.Watch, policy))
    where TService : class
{
    public override async ValueTask AdmitAsync(ServerCall call)
    {
        if (policy.Length == 0)
        {
            throw new RpcAccessDeniedException("This server does not describe itself (RpcServerOptions.DescriptionPolicy).");
        }

        RpcMethod question = QuestionOf(call.Kind);
        RpcCallContext context = call.BeginAdmission(question);
        if (!services.TryRent(out ServiceLease<TService> lease))
        {
            throw new ServiceGoneException();
        }

        try
        {
            context.Scope = lease.Scope;
            await CallAdmission.For(question, checks)!.AdmitAsync(context).ConfigureAwait(false);
        }
        finally
        {
            await lease.EndAsync().ConfigureAwait(false);
        }
    }

    private sealed class Question(string contract, string type, string policy) : RpcMethod<object, ValueTuple, JsonElement>(new RpcJson(IntrospectionJsonContext.Default.Options, contract), type)
    {
        public override IReadOnlyList<string> Policies { get; } = [policy];

        public override ValueTask<JsonElement> InvokeAsync(object service, ValueTuple arguments, CancellationToken cancellationToken) =>
            throw new NotSupportedException("Questions are answered by the server's runtime.");
    }
}
