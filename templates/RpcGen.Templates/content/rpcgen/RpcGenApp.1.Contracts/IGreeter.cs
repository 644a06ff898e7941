using System.ComponentModel.DataAnnotations;
using RpcGen;

namespace RpcGenApp._1.Contracts;

/// <summary>What server and client have in common. The generator writes the client and the server's side of it.</summary>
[AmqpRpc]
public partial interface IGreeter
{
    /// <summary>Greets somebody.</summary>
    [RpcIdempotent]
    [RpcFault<NotWelcomeException>("not-welcome")]
    Task<Greeting> GreetAsync([Required, StringLength(40)] string name, CancellationToken cancellationToken = default);
}

/// <summary>Data travel as JSON.</summary>
public sealed record Greeting(string Text, DateTimeOffset At);

/// <summary>A fault that the contract declares reaches the client as this very exception.</summary>
public sealed class NotWelcomeException(string message, string name) : Exception(message)
{
    /// <summary>Who is meant.</summary>
    public string Name { get; } = name;
}
