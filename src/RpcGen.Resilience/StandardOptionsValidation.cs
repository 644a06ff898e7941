using Microsoft.Extensions.Options;

namespace RpcGen.Resilience;

/// <summary>Refuses options that cannot work, each with its limits.</summary>
internal sealed class StandardOptionsValidation : IValidateOptions<RpcStandardResilienceOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, RpcStandardResilienceOptions options)
    {
        var problems = new ValidateOptionsResultBuilder();
        Check(options.MaxRetryAttempts >= 0, nameof(options.MaxRetryAttempts), "must be 0 or more", options.MaxRetryAttempts);
        Check(options.Delay >= TimeSpan.Zero && options.Delay <= TimeSpan.FromDays(1), nameof(options.Delay), "must be zero to one day", options.Delay);
        Check(options.AttemptTimeout is null || options.AttemptTimeout > TimeSpan.Zero, nameof(options.AttemptTimeout), "must be positive", options.AttemptTimeout);
        Check(options.MaxPendingCalls >= 1, nameof(options.MaxPendingCalls), "must be 1 or more", options.MaxPendingCalls);
        Check(options.FailureRatio is > 0 and <= 1, nameof(options.FailureRatio), "must be above 0 and at most 1", options.FailureRatio);
        return problems.Build();

        void Check(bool isValid, string setting, string rule, object? value)
        {
            if (!isValid)
            {
                problems.AddError(FormattableString.Invariant($"The standard resilience of {name}: {setting} {rule}, and is {value}."));
            }
        }
    }
}
