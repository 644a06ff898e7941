using System.ComponentModel.DataAnnotations;

namespace RpcGen.Tests.Fuzzing;

/// <summary>The contract that is called while messages are tried. Its service never throws: every other failure is the runtime's.</summary>
[AmqpRpc]
[RpcBatching(true)]
public partial interface IFuzzed
{
    Task<int> AddAsync(int a, [Range(0, 1000)] int b = 1, CancellationToken cancellationToken = default);

    [RpcFault<FuzzedException>("fuzzed")]
    Task<FuzzedTree?> EchoAsync(FuzzedTree? tree, CancellationToken cancellationToken = default);

    [RpcOneWay]
    Task SendAsync(FuzzedTree tree, CancellationToken cancellationToken = default);

    [RpcBroadcast]
    Task NoteAsync([StringLength(10)] string text, CancellationToken cancellationToken = default);
}

public sealed record FuzzedTree(
    [property: StringLength(10)] string Name,
    List<FuzzedTree?>? Children = null,
    Dictionary<int, FuzzedTree>? ByNumber = null,
    HashSet<Guid>? Ids = null,
    DateTimeOffset? At = null,
    byte[]? Bytes = null,
    decimal Amount = 0,
    DayOfWeek Day = DayOfWeek.Monday);

public sealed class FuzzedException(string message, int number) : Exception(message)
{
    public int Number { get; } = number;
}

/// <summary>Does as the contract says.</summary>
public sealed class Fuzzed : IFuzzed
{
    public Task<int> AddAsync(int a, int b, CancellationToken cancellationToken) => Task.FromResult(unchecked(a + b));

    public Task<FuzzedTree?> EchoAsync(FuzzedTree? tree, CancellationToken cancellationToken) => Task.FromResult(tree);

    public Task SendAsync(FuzzedTree tree, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task NoteAsync(string text, CancellationToken cancellationToken) => Task.CompletedTask;
}
