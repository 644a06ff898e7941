using System.ComponentModel.DataAnnotations;
using RpcGen;

namespace RpcGenApp._1.Contracts;

/// <summary>The contract between client and server. The generator implements both sides of it.</summary>
[AmqpRpc]
public partial interface IGreeter
{
    /// <summary>Greets a person.</summary>
    [RpcIdempotent]
    [RpcFault<NotWelcomeException>("not-welcome")]
    Task<Greeting> GreetAsync([Required, StringLength(40)] string name, CancellationToken cancellationToken = default);
}

/// <summary>A greeting. Data types are sent as JSON.</summary>
public sealed record Greeting(string Text, DateTimeOffset At);

/// <summary>A fault that the contract declares. The client catches the same exception.</summary>
public sealed class NotWelcomeException(string message, string name) : Exception(message)
{
    /// <summary>The name of the person.</summary>
    public string Name { get; } = name;
}
