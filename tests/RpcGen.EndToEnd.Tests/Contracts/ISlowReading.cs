using System.ComponentModel.DataAnnotations;

namespace RpcGen.EndToEnd.Tests.Contracts;

/// <summary>A contract whose arguments take their time to be checked.</summary>
[AmqpRpc]
public partial interface ISlowReading
{
    Task ReadAsync(SlowArgument argument, CancellationToken cancellationToken = default);
}

/// <summary>Its validation keeps a thread busy for so long.</summary>
public sealed record SlowArgument(int Milliseconds) : IValidatableObject
{
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        SpinWait.SpinUntil(static () => false, Milliseconds);
        return [];
    }
}

public sealed class SlowReading : ISlowReading
{
    public Task ReadAsync(SlowArgument argument, CancellationToken cancellationToken) => throw new InvalidOperationException("must not run");
}
