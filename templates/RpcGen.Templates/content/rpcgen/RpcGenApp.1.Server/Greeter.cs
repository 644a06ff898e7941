using RpcGenApp._1.Contracts;

namespace RpcGenApp._1.Server;

/// <summary>Implements the contract. Many calls run at the same time.</summary>
internal sealed class Greeter(TimeProvider time) : IGreeter
{
    public Task<Greeting> GreetAsync(string name, CancellationToken cancellationToken) =>
        name == "Mallory"
            ? throw new NotWelcomeException("Not again", name)
            : Task.FromResult(new Greeting($"Hello {name}!", time.GetUtcNow()));
}
